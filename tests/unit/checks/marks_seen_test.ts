import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import type { BrowserContext } from "../../../src/checks/browser/context.ts";
import { afterMarks, lookingFor, withAccount } from "../../../src/checks/browser/marks_seen.ts";
import { expectEqual, type RestoreCheck, type RestoreOutcome } from "../../../src/checks/check.ts";
import { runCheck } from "../../../src/checks/run.ts";
import { PageFault } from "../../../src/dolibarr/pages/visit/page_fault.ts";

const signal = new AbortController().signal;
const URL = "https://erp-sandbox.example.org";
/** What of a visitor these checks touch: which marks were seen, and that no page of the ERP is open. */
const visitor = (configured = false) =>
  ({
    seen: { message: false, file: false },
    account: { login: "anna", password: "x", configured },
    erp: { base: URL, page: { url: () => "about:blank" } },
  }) as unknown as BrowserContext;
const checkOf = (run: () => Promise<RestoreOutcome>): RestoreCheck<BrowserContext> => ({
  ...{ id: "browser.one", part: "browser", judges: "restore", level: "fast", given: "a page" },
  ...{ title: "It is the page", required: true, run },
  twin: { by: "nothing", apply: (context) => Promise.resolve(context) },
});
const seen = () => Promise.resolve(expectEqual("mark", "mark", "a mark"));
const other = () => Promise.resolve(expectEqual("mark", "none", "a mark", "it has no mark"));
const fault = (kind: "server_error" | "access_forbidden" | "wrong_password") => () =>
  Promise.reject(new PageFault(`${URL}/index.php`, { kind, sentence: `it is a ${kind}` }));

describe("a check that looks for a mark", () => {
  it("passes where it is seen, and lets what comes after it be judged", async () => {
    const context = visitor();
    assertEquals((await runCheck(lookingFor("message", checkOf(seen)), context, signal)).verdict, "pass");
    assertEquals(context.seen, { message: true, file: false });
    assertEquals((await runCheck(afterMarks(["message"], checkOf(other)), context, signal)).verdict, "fail");
    assertEquals((await runCheck(afterMarks(["message"], checkOf(seen)), context, signal)).verdict, "pass");
  });

  it("is NOT RUN where another page answers, an error in disguise too; so is all that comes after it", async () => {
    for (const run of [other, fault("server_error")]) {
      const context = visitor();
      const { verdict, code, required, compared, message, hint } = await runCheck(
        lookingFor("message", checkOf(run)),
        context,
        signal,
      );
      assertEquals([verdict, code, required, compared !== undefined], [
        "not_run",
        "MARK_NOT_SEEN",
        true,
        true,
      ]);
      assertMatch(
        hint ?? "",
        /^The backup is not at fault\. Check web\.url of the sandbox, https:\/\/erp-sandbox/,
      );
      const after = await runCheck(afterMarks(["message", "file"], checkOf(other)), context, signal);
      assertEquals([after.verdict, after.code, after.hint], ["not_run", "MARK_NOT_SEEN", hint]);
      assertEquals(after.message, `not looked at: ${message}`);
    }
  });

  it("keeps the reason where nothing answers, for all that comes after it", async () => {
    const context = visitor();
    const gone = () => Promise.reject(new DrillError("WEB_UNREACHABLE", "Cannot reach it", "curl -sv"));
    const first = await runCheck(lookingFor("message", checkOf(gone)), context, signal);
    const after = await runCheck(afterMarks(["message"], checkOf(seen)), context, signal);
    assertEquals([first, after].map(({ verdict, code, hint }) => [verdict, code, hint]), [
      ["not_run", "WEB_UNREACHABLE", "curl -sv"],
      ["not_run", "WEB_UNREACHABLE", "curl -sv"],
    ]);
  });

  it("is needed: a page that only the first mark vouches for is not judged where it needs both", async () => {
    const context = visitor();
    context.seen.message = true;
    let opened = 0;
    const open = () => {
      opened++;
      return seen();
    };
    const error = await assertRejects(
      () => afterMarks(["message", "file"], checkOf(open)).run(context),
      DrillError,
    );
    assertEquals([error.code, opened], ["MARK_NOT_SEEN", 0]);
  });
});

describe("an account of the ERP's own that may not see a page", () => {
  it("is NOT RUN, for a missing right or another password, and says nothing against the backup", async () => {
    for (const kind of ["access_forbidden", "wrong_password"] as const) {
      const { verdict, code, hint } = await runCheck(
        withAccount(checkOf(fault(kind))),
        visitor(true),
        signal,
      );
      assertEquals([verdict, code], ["not_run", "ACCOUNT_REFUSED"]);
      assertMatch(hint ?? "", /^The backup is not at fault\. .*Or remove web\.user/);
    }
  });

  it("is a FAIL of the restored ERP where the drill gave the account its rights, or the page is broken", async () => {
    const own = await runCheck(withAccount(checkOf(fault("access_forbidden"))), visitor(), signal);
    assertEquals([own.verdict, own.code], ["fail", "CHECK_FAILED"]);
    const broken = await runCheck(withAccount(checkOf(fault("server_error"))), visitor(true), signal);
    assertEquals(broken.verdict, "fail");
    assert((await runCheck(withAccount(checkOf(seen)), visitor(true), signal)).verdict === "pass");
  });
});

describe("documents that may not be read", () => {
  it("are NOT RUN for want of a right, and no defect of this tool; another error is one", async () => {
    const denied = [
      new Deno.errors.PermissionDenied("Permission denied (os error 13): x"),
      Object.assign(new Error("EACCES: permission denied, open 'x'"), { code: "EACCES" }),
    ];
    for (const error of denied) {
      const { verdict, code, required } = await runCheck(
        checkOf(() => Promise.reject(error)),
        visitor(),
        signal,
      );
      assertEquals([verdict, code, required], ["not_run", "DOCUMENTS_UNREADABLE", true]);
    }
    const other = await runCheck(checkOf(() => Promise.reject(new TypeError("x"))), visitor(), signal);
    assertEquals([other.verdict, other.code], ["not_run", "INTERNAL"]);
  });
});
