import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { nearest, suggestion } from "../../../src/base/nearest.ts";

describe("the nearest name", () => {
  const names = ["prod", "sandbox", "access_key", "secret_key"];
  it("is found where a letter is missing, wrong or swapped", () => {
    for (const word of ["sandobx", "sndbox", "Sandbox", "sandboxx"]) {
      assertEquals(nearest(word, names), "sandbox");
    }
    assertEquals(nearest("accessKey", names), "access_key");
    assertEquals(nearest("acces-key", names), "access_key");
  });
  it("is none where nothing is near", () => {
    for (const word of ["staging", "x", ""]) assertEquals(nearest(word, names), undefined);
    assertEquals(nearest("cp", ["up"]), undefined); // half of it differs
    assertEquals(nearest("--foo", ["--for", "--xyz"]), "--for");
    assertEquals(nearest("--abc", ["--xyz"]), undefined); // dashes are no letters that they have in common
    assertEquals(suggestion("staging", ["prod"]), "use one of prod");
    assertEquals(suggestion("staging", []), "there is none");
    assertEquals(suggestion("prdo", ["prod"]), 'did you mean "prod"?');
  });
});
