import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { coloursFor, makeColours } from "../../../src/base/terminal/colours.ts";

describe("colours", () => {
  const on = (isTerminal: boolean, variables: Record<string, string>) =>
    coloursFor({ isTerminal: () => isTerminal }, (name) => variables[name]).on;

  it("follow NO_COLOR, then FORCE_COLOR, then the terminal", () => {
    assertEquals(on(true, {}), true);
    assertEquals(on(false, {}), false);
    assertEquals(on(true, { NO_COLOR: "1" }), false);
    assertEquals(on(true, { NO_COLOR: "" }), true);
    assertEquals(on(false, { FORCE_COLOR: "1" }), true);
    assertEquals(on(true, { FORCE_COLOR: "0" }), false);
    assertEquals(on(true, { NO_COLOR: "1", FORCE_COLOR: "1" }), false);
    assertEquals(on(true, { TERM: "dumb" }), false);
  });

  it("end after the text, and are nothing when off", () => {
    assertEquals(makeColours(true).red("x"), "\x1b[31mx\x1b[39m");
    assertEquals(makeColours(false).red("x"), "x");
  });
});
