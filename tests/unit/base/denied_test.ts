import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { explainDenied } from "../../../src/base/denied.ts";
import { asDrillError, DrillError } from "../../../src/base/errors.ts";

const told = (thrown: unknown) => explainDenied(asDrillError(thrown));

describe("an error of the system's", () => {
  const WHO = new RegExp(`user \\S+.* \\(uid ${Deno.uid()}\\)`);

  it("is no defect where this user is denied something, in the words of Deno and of node", () => {
    const node = Object.assign(new Error("EACCES: permission denied, open '/nowhere/x'"), { code: "EACCES" });
    for (const thrown of [new Deno.errors.PermissionDenied("Permission denied (os error 13)"), node]) {
      const { code, message, hint } = told(thrown);
      assertEquals(code, "PERMISSION_DENIED");
      assertMatch(message, WHO);
      assertMatch(hint, /docs\/sandbox\.md/);
    }
  });

  it("keeps its own code, message and hint where it has them, and says who it was", () => {
    const cause = new Deno.errors.PermissionDenied("Permission denied (os error 13): open '/nowhere/x'");
    const error = new DrillError("STORE_FAILED", "Cannot write x", "Look.", { cause, details: ["a line"] });
    const { code, message, hint, details } = told(error);
    assertEquals([code, message, hint, details[0]], ["STORE_FAILED", "Cannot write x", "Look.", "a line"]);
    assertMatch(details[1]!, WHO);
    assertEquals(told(told(error)).details.length, 2, "it is said once");
  });

  it("is left as it is where it is another one, also PostgreSQL's about a role", () => {
    const role = new DrillError(
      "DATABASE_FAILED",
      "Cannot ask erp: permission denied for table llx_user",
      "Look.",
    );
    assertEquals(told(role), role);
    assertEquals(told(new TypeError("x")).code, "INTERNAL");
  });
});
