import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { allChecks } from "../../../src/checks/all_checks.ts";
import { culpritOf, faultHeadline, faultsOfErp } from "../../../src/checks/culprit.ts";
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
    ["is not the backup where only an older set is bad", [pass("data.rows"), fail("rota.20250101T020000Z")], "sandbox"],
    ["is the backup where it left the document out", [result("documents.invoices", "fail", { judges: "restore" })], "backup"],
    ["is the sandbox where only pages fail", [pass("data.rows"), fail("browser.sandbox")], "sandbox"],
    ["is the sandbox where its pages could not be opened", [pass("data.rows"), result("browser.sandbox", "not_run")], "sandbox"],
    ["is the sandbox where its workload did not start", [pass("data.rows")], "sandbox", "WORKLOAD_FAILED"],
    ["is the tool where a check did not see what it must", [pass("data.rows"), fail("drill.negative_control")], "tool"],
    ["is the tool where it has a defect", [pass("data.rows")], "tool", "INTERNAL"],
  ];
  for (const [title, checks, culprit, code] of cases) {
    it(title, () => assertEquals(culpritOf(checks, code ? { code } : undefined), culprit));
  }

  it("is known of every check: what it judges", () => {
    assertEquals(
      allChecks.filter(({ judges }) => judges === "books").map(({ id }) => id).sort(),
      [
        "data.bookkeeping",
        "data.foreign_keys",
        "data.invoice_totals",
        "data.logged_invoices",
        "data.numbering",
        "data.payments",
        "data.supplier_invoice_totals",
        "data.unalterable_log",
        "documents.invoice_texts",
        "documents.invoices",
        "documents.papers",
      ],
    );
  });
});

describe("the faults of an ERP", () => {
  const faulty = [pass("documents.files"), fail("documents.invoices", "FA2610-0004: it has no PDF")];

  it("are said first, with the backup's innocence", () => {
    assertEquals(
      faultHeadline(faulty, "prod/20261102T030000Z", "prod"),
      "prod/20261102T030000Z can be brought back. prod had a fault when it was backed up: FA2610-0004: it has no PDF",
    );
    assertEquals(
      faultHeadline([...faulty, fail("data.payments")], "prod/20261102T030000Z", "prod"),
      "prod/20261102T030000Z can be brought back. prod had a fault when it was backed up: FA2610-0004: it has no PDF (1 more check of the books failed)",
    );
    assertEquals(faultHeadline([pass("data.rows")], "prod/20261102T030000Z", "prod"), undefined);
  });

  it("are none where the restore itself is wrong", () => {
    assertEquals(faultsOfErp([...faulty, fail("data.rows")]), []);
    assertEquals(faultsOfErp(faulty).map(({ id }) => id), ["documents.invoices"]);
  });
});
