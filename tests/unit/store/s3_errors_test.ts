import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ErrorCode } from "../../../src/base/errors.ts";
import { type Failure, failureOf, isPassing, storeErrorOf } from "../../../src/store/drivers/s3/errors.ts";

const ATTEMPT = {
  action: "read prod/db/a.dump",
  url: "s3://company-backup/erp",
  endpoint: "https://storage.example.org",
  bucket: "company-backup",
  triedFor: 0,
};
const SECRET = "wJalrXUtnFEMIK7MDENG";

describe("what an S3 service answers", () => {
  // deno-fmt-ignore: a line each
  const table: [name: string, status: number, passing: boolean, code: ErrorCode, message: RegExp][] = [
    ["SignatureDoesNotMatch", 403, false, "STORE_LOGIN", /refuses the secret key/],
    ["InvalidAccessKeyId", 403, false, "STORE_LOGIN", /does not know the access key/],
    ["RequestTimeTooSkewed", 403, false, "STORE_LOGIN", /clocks .* differ/],
    ["ExpiredToken", 400, false, "STORE_LOGIN", /have expired/],
    ["AccessDenied", 403, false, "STORE_FORBIDDEN", /may not do that in the bucket company-backup/],
    ["Unknown", 403, false, "STORE_FORBIDDEN", /may not/],
    ["QuotaExceeded", 403, false, "DISK_FULL", /is full/],
    ["XMinioStorageFull", 507, false, "DISK_FULL", /is full/],
    ["NoSuchBucket", 404, false, "STORE_UNREACHABLE", /there is no bucket company-backup at https/],
    ["NoSuchKey", 404, false, "OBJECT_MISSING", /no such object/],
    ["NotFound", 404, false, "OBJECT_MISSING", /no such object/],
    ["NoSuchUpload", 404, false, "STORE_FAILED", /its upload was removed/],
    ["PermanentRedirect", 301, false, "STORE_FAILED", /another region/],
    ["SlowDown", 503, true, "STORE_UNREACHABLE", /too busy \(HTTP 503\)/],
    ["TooManyRequests", 429, true, "STORE_UNREACHABLE", /too busy \(HTTP 429\)/],
    ["InternalError", 500, true, "STORE_FAILED", /answered InternalError \(HTTP 500\)/],
    ["NotImplemented", 501, false, "STORE_FAILED", /answered NotImplemented/],
    ["XAmzContentSHA256Mismatch", 400, true, "STORE_FAILED", /other bytes arrived/],
    ["TimeoutError", 0, true, "STORE_UNREACHABLE", /did not answer in time/],
    ["InvalidPart", 400, false, "STORE_FAILED", /answered InvalidPart \(HTTP 400\)/],
  ];
  for (const [name, status, passing, code, message] of table) {
    it(`${name} (${status}) is ${code}, ${passing ? "after some tries" : "at once"}`, () => {
      const failure: Failure = { name, status, message: `signed with ${SECRET}` };
      assertEquals(isPassing(failure), passing);
      const error = storeErrorOf(failure, ATTEMPT);
      assertEquals(error.code, code);
      assertMatch(error.message, message);
      assertMatch(error.message, /^Cannot read prod\/db\/a\.dump: /);
      assert(error.hint.length > 20);
      assertEquals((error.message + error.hint).includes(SECRET), false);
      if (status === 403) assertEquals(String(error.cause).includes(SECRET), false);
    });
  }

  it("is read from what the library throws: a broken connection is not a slow one", () => {
    const thrown = Object.assign(new Error("write EPIPE"), { name: "TimeoutError", code: "EPIPE" });
    assertEquals(failureOf(thrown), { name: "Error", status: 0, message: "write EPIPE", system: "EPIPE" });
    const answered = Object.assign(new Error("x"), {
      name: "S3Exception",
      Code: "SlowDown",
      $metadata: { httpStatusCode: 503 },
    });
    assertEquals([failureOf(answered).name, failureOf(answered).status], ["SlowDown", 503]);
  });

  it("is tried again where a connection broke, and not where the name is unknown or a program is wrong", () => {
    const broken = (system?: string, name = "Error") => isPassing({ name, status: 0, message: "", system });
    assertEquals(["ECONNRESET", "ECONNREFUSED", "EPIPE"].map((code) => broken(code)), [true, true, true]);
    assertEquals([broken("ENOTFOUND"), broken("CERTIFICATE"), broken(undefined, "TypeError")], [
      false,
      false,
      false,
    ]);
  });

  it("says at once that an address with https leads to a service without TLS", () => {
    const plain = { name: "Error", status: 0, message: "x", system: "ERR_SSL_WRONG_VERSION_NUMBER" };
    const error = storeErrorOf(plain, ATTEMPT);
    assertMatch(error.message, /answers without TLS, and the address says https/);
    assertMatch(error.hint, /http:\/\/ in store\.endpoint/);
    assertEquals(isPassing(plain), false);
  });

  it("says for how long it was tried", () => {
    const error = storeErrorOf({ name: "SlowDown", status: 503, message: "" }, {
      ...ATTEMPT,
      triedFor: 90_000,
    });
    assertMatch(error.message, /also after 1 min 30 s of trying again$/);
  });
});
