import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pictureDamage } from "../../../src/dolibarr/papers/file_integrity.ts";

describe("a picture's bytes", () => {
  it("are complete, or truncated", async () => {
    const logo = await Deno.readFile(new URL("../../../fixtures/logo.png", import.meta.url));
    assertEquals(pictureDamage(logo), undefined);
    assertEquals(pictureDamage(new Uint8Array([...logo, 1, 2, 3])), undefined);
    assertEquals(pictureDamage(logo.subarray(0, 500)), "is truncated: the end of the picture is missing");
    assertEquals(pictureDamage(new Uint8Array()), "is empty");
    assertEquals(pictureDamage(new TextEncoder().encode("<svg/>")), undefined);
    const jpeg = [0xff, 0xd8, 0xff, 0xe0, 1, 2];
    assertEquals(pictureDamage(new Uint8Array([...jpeg, 0xff, 0xd9])), undefined);
    assertEquals(pictureDamage(new Uint8Array(jpeg))?.startsWith("is truncated"), true);
  });
});
