import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pictureFault } from "../../../src/dolibarr/papers/picture.ts";

describe("a picture's bytes", () => {
  it("are whole, or cut off", async () => {
    const logo = await Deno.readFile(new URL("../../../fixtures/logo.png", import.meta.url));
    assertEquals(pictureFault(logo), undefined);
    assertEquals(pictureFault(new Uint8Array([...logo, 1, 2, 3])), undefined);
    assertEquals(pictureFault(logo.subarray(0, 500)), "is cut off: a picture of its kind ends otherwise");
    assertEquals(pictureFault(new Uint8Array()), "is empty");
    assertEquals(pictureFault(new TextEncoder().encode("<svg/>")), undefined);
    const jpeg = [0xff, 0xd8, 0xff, 0xe0, 1, 2];
    assertEquals(pictureFault(new Uint8Array([...jpeg, 0xff, 0xd9])), undefined);
    assertEquals(pictureFault(new Uint8Array(jpeg))?.startsWith("is cut off"), true);
  });
});
