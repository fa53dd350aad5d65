import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { allChecks } from "../../../src/checks/all_checks.ts";
import { conclusionOf, culpritOf, faultsOfErp, type Meaning } from "../../../src/checks/culprit.ts";
import type { CheckResult, Culprit } from "../../../src/checks/result.ts";

const result = (
  id: string,
  verdict: CheckResult["verdict"],
  more: Partial<CheckResult> = {},
): CheckResult => {
  const known = allChecks.find((check) => check.id === id);
  return {
    id,
    title: known?.title ?? id,
    part: known?.part ?? "browser",
    judges: known?.judges ?? "restore",
    required: true,
    verdict,
    details: [],
    ms: 1,
    screenshots: [],
    ...more,
  };
};
const fail = (id: string, message = "it is wrong") => result(id, "fail", { message });
const pass = (id: string) => result(id, "pass");

describe("the culprit of a drill that did not pass", () => {
  // deno-fmt-ignore: a line each
  const cases: [title: string, checks: CheckResult[], culprit: Culprit | undefined, error?: string][] = [
    ["is none where all passed", [pass("data.rows"), pass("browser.logo")], undefined],
    ["is none where only an optional check is NOT RUN", [pass("data.rows"), result("data.index_contents", "not_run", { required: false })], undefined],
    ["is the backup where its bytes differ", [fail("backup.objects")], "backup"],
    ["is the backup where a restored table differs", [pass("backup.objects"), fail("data.rows")], "backup"],
    ["is the backup where a document is lost between the backup and the sandbox", [fail("documents.files"), fail("documents.invoices")], "backup"],
    ["is the backup where none is young enough", [fail("backup.age"), pass("data.rows")], "backup"],
    ["is the ERP where an invoice has no PDF, and every file of the backup is there", [pass("data.rows"), pass("documents.files"), fail("documents.invoices")], "erp"],
    ["is the ERP where a total is no sum of its lines", [pass("data.rows"), fail("data.invoice_totals")], "erp"],
    ["is the ERP also where a page fails over the same fault", [fail("documents.invoices"), fail("browser.pdfs")], "erp"],
    ["is the sandbox where it took too long", [pass("data.rows"), fail("drill.duration")], "sandbox"],
    ["is the backup where only an older set is bad", [pass("data.rows"), result("rota.20250101T020000Z", "fail", { part: "backup" })], "backup"],
    ["is the backup where it left the document out", [result("documents.invoices", "fail", { judges: "restore" })], "backup"],
    ["is the sandbox where only pages fail", [pass("data.rows"), fail("browser.invoices")], "sandbox"],
    ["is the sandbox where its pages are those of another ERP", [pass("data.rows"), result("browser.sandbox", "not_run", { code: "MARK_NOT_SEEN" })], "sandbox"],
    ["is the sandbox where an account may not see a page", [pass("data.rows"), result("browser.company", "not_run", { code: "ACCOUNT_REFUSED" })], "sandbox"],
    ["is the sandbox where it is no target", [], "sandbox", "TARGET_REFUSED"],
    ["is the backup where the store cannot be read", [], "backup", "STORE_UNREACHABLE"],
    ["is the backup where there is none", [], "backup", "NO_SET"],
    ["is the tool where it has no browser", [pass("data.rows"), result("browser.sandbox", "not_run", { code: "BROWSER_MISSING" })], "tool"],
    ["is the tool where its control could not be judged", [pass("data.rows"), result("drill.negative_control", "not_run", { code: "CHECK_NOT_RUN" })], "tool"],
    ["is the sandbox where its pages could not be opened", [pass("data.rows"), result("browser.sandbox", "not_run")], "sandbox"],
    ["is the sandbox where its workload did not start", [pass("data.rows")], "sandbox", "WORKLOAD_FAILED"],
    ["is the tool where a check did not see what it must", [pass("data.rows"), fail("drill.negative_control")], "tool"],
    ["is the tool where the sandbox can act on the world", [pass("data.rows"), fail("data.neutralised")], "tool"],
    ["is the tool where what was restored is not the sandbox's owner's", [pass("data.rows"), fail("data.owners")], "tool"],
    ["is the tool where it has a defect", [pass("data.rows")], "tool", "INTERNAL"],
  ];
  for (const [title, checks, culprit, code] of cases) {
    it(title, () => assertEquals(culpritOf(checks, code ? { code } : undefined), culprit));
  }

  it("is known of every check: what it judges", () => {
    assertEquals(
      allChecks.filter(({ judges }) => judges === "books").map(({ id }) => id).sort(),
      [
        "backup.in_use",
        "data.bookkeeping",
        "data.foreign_keys",
        "data.invoice_totals",
        "data.logged_invoices",
        "data.numbering",
        "data.payments",
        "data.register",
        "data.supplier_invoice_totals",
        "data.unalterable_log",
        "documents.invoice_texts",
        "documents.invoices",
        "documents.links",
        "documents.papers",
      ],
    );
  });
});

describe("the faults of an ERP", () => {
  const faulty = [pass("documents.files"), fail("documents.invoices", "FA2610-0004: it has no PDF")];

  it("are none where the restore itself is wrong", () => {
    assertEquals(faultsOfErp([...faulty, fail("data.rows")]), []);
    assertEquals(faultsOfErp(faulty).map(({ id }) => id), ["documents.invoices"]);
  });

  it("are such also where the backup is too old, or an older one is bad: neither contradicts them", () => {
    for (const other of ["backup.age", "backup.suspect", "rota.20250101T020000Z"]) {
      assertEquals(faultsOfErp([...faulty, result(other, "fail", { part: "backup" })]).length, 1, other);
    }
  });
});

describe("what a result means for the set", () => {
  const restored = [pass("backup.objects"), pass("data.rows"), pass("documents.files")];
  // deno-fmt-ignore: a line each
  const cases: [title: string, checks: CheckResult[], meaning: Meaning, error?: string][] = [
    ["it cannot be brought back", [fail("data.rows")], "damaged"],
    ["it is too old", [...restored, fail("backup.age")], "not_recent"],
    ["newer ones are bad", [...restored, fail("backup.suspect")], "not_recent"],
    ["another one is gone", [...restored, fail("backup.sets")], "others_changed"],
    ["another one is gone, and it is too old", [...restored, fail("backup.sets"), fail("backup.age")], "not_recent"],
    ["its register is damaged", [...restored, result("data.register", "fail", { judges: "restore" })], "register_lost"],
    ["its register is damaged, and so is it", [fail("data.rows"), result("data.register", "fail", { judges: "restore" })], "damaged"],
    ["it is damaged, and too old", [fail("data.rows"), fail("backup.age")], "damaged"],
    ["an older one is bad", [...restored, result("rota.20250101T020000Z", "fail", { part: "backup" })], "older_damaged"],
    ["it could not be read", [], "out_of_reach", "STORE_UNREACHABLE"],
    ["the ERP had a fault", [...restored, fail("documents.invoices")], "findings"],
    ["the ERP had a fault, and the sandbox did not start", [...restored, fail("documents.invoices")], "findings", "WORKLOAD_FAILED"],
    ["its pages were not seen", [...restored, result("browser.sandbox", "not_run", { code: "MARK_NOT_SEEN" })], "not_shown"],
    ["the sandbox did not start", [...restored, result("browser.sandbox", "not_run", { code: "WORKLOAD_FAILED" })], "not_shown", "WORKLOAD_FAILED"],
    ["the sandbox did not start, and it took too long", [...restored, result("browser.sandbox", "not_run"), fail("drill.duration")], "not_shown", "WORKLOAD_FAILED"],
    ["the sandbox took no set", [result("data.rows", "not_run")], "not_restored", "TARGET_REFUSED"],
    ["a page is wrong", [...restored, fail("browser.invoices")], "shown_wrongly"],
    ["it took too long", [...restored, fail("drill.duration")], "too_slow"],
    ["a check is blind", [...restored, fail("drill.negative_control")], "tool"],
    ["the tool has a defect", [...restored], "tool", "INTERNAL"],
  ];
  for (const [title, checks, meaning, code] of cases) {
    it(`is known where ${title}`, () => {
      const verdict = checks.some((one) => one.verdict === "fail") ? "fail" : "not_run";
      const error = code ? { code, message: "it is gone", hint: "", details: [] } : undefined;
      const exit = verdict === "fail" ? 1 : 2;
      assertEquals(conclusionOf({ verdict, exit, checks, error }).meaning, meaning);
    });
  }

  it("is that it is proved on a PASS, and that nothing is known where a person interrupted it", () => {
    assertEquals(conclusionOf({ verdict: "pass", exit: 0, checks: restored }), {
      meaning: "proved",
      restored: true,
    });
    assertEquals(conclusionOf({ verdict: "not_run", exit: 130, checks: [] }).meaning, "interrupted");
  });
});
