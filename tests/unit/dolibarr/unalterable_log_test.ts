import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lineFitOf } from "../../../src/dolibarr/books/unalterable_log/chain.ts";
import type { LogLine } from "../../../src/dolibarr/books/unalterable_log/lines.ts";

describe("a line of the unalterable log", () => {
  const line: LogLine = {
    ...{
      id: 1,
      entity: 1,
      created: ["1762160400"],
      about: [],
      dates: "2025-11-03 09:00:00",
      action: "MODULE_SET",
      amount: "0",
      ref: "systemevent",
    },
    ...{ user: "SuperAdmin", data: "{}", version: "22.0.4" },
    signature: "8b2d",
    lineSignature: "77",
  };
  it("that fits neither signature was altered", () =>
    assertEquals(lineFitOf(line, "first", "salt"), "altered"));
});
