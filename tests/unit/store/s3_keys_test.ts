import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { openStore } from "../../../src/cli/command/clients.ts";

describe("a key of an S3 service", () => {
  for (const value of ["AKIA EXAMPLE", "AKIAEXAMPLE ", "AKIA\nEXAMPLE"]) {
    it(`with a blank in it is told before it is sent: ${JSON.stringify(value)}`, async () => {
      const secret = (text: string) => ({ ref: "file:key", read: () => Promise.resolve(text) });
      const error = await assertRejects(async () => {
        const store = await openStore({
          url: "s3://bucket/erp",
          endpoint: "http://127.0.0.1:9",
          accessKey: secret(value),
          secretKey: secret("secret"),
        });
        await Array.fromAsync(store.list(""));
      }, DrillError);
      assertEquals(error.code, "SECRET_MISSING");
      assertMatch(error.message, /^Cannot use store\.access_key \(file:key\): its value has a blank/);
    });
  }
});
