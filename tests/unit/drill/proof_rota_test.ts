import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { proofOf } from "../../../src/drill/record/proof.ts";
import { renderHtml } from "../../../src/report/html/page.ts";
import { storedOf } from "../../../src/report/json.ts";
import { verdictSentence } from "../../../src/report/words.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import { samplePass } from "../../support/samples/results.ts";

const set = { environment: "prod", name: "20261120T020007Z" };

/** A night on which an older set was bad, or could not be had. */
function night(verdict: "fail" | "not_run", exit: 0 | 1): DrillResult {
  const pass = samplePass();
  const old = {
    ...pass.checks[0]!,
    id: "rota.20250101T020000Z",
    required: false,
    verdict,
    code: "OBJECT_CORRUPT",
    message: "prod/db/20250101T020000Z.dump is damaged",
  };
  return { ...pass, verdict: exit === 0 ? "pass" : "fail", exit, checks: [old, ...pass.checks] };
}

/** A drill that found nothing but an invoice without its PDF, in production too. */
function nightWithFault(...more: Partial<DrillResult["checks"][number]>[]): DrillResult {
  const pass = samplePass();
  const fault = {
    ...pass.checks[0]!,
    id: "documents.invoices",
    title: "Every validated invoice has its PDF",
    part: "documents" as const,
    judges: "books" as const,
    verdict: "fail" as const,
    message: "FA2610-0004: its PDF is missing",
  };
  return {
    ...pass,
    verdict: "fail",
    exit: 1,
    checks: [...pass.checks, fault, ...more.map((one) => ({ ...pass.checks[0]!, ...one }))],
  };
}

describe("an ERP that had a fault when it was backed up", () => {
  it("takes no proof from the set: it can be brought back", () => {
    const proof = proofOf(nightWithFault(), set);
    assertEquals([proof?.verdict, proof?.problems], ["pass", []]);
    assertEquals(proof?.faults, ["Every validated invoice has its PDF: FA2610-0004: its PDF is missing"]);
    assertFalse(proof?.proved.includes("Every validated invoice has its PDF"));
  });

  it("takes none where its register is damaged either: no restore needs it, and an older set has less", () => {
    const registerLost = {
      ...{ id: "data.register", title: "The register", part: "data", judges: "restore" } as const,
      ...{ verdict: "fail", code: "CHECK_FAILED", message: "Cannot trust the register" } as const,
    };
    const proof = proofOf(nightWithFault(registerLost), set);
    assertEquals([proof?.verdict, proof?.problems], ["pass", []]);
    assertFalse(proof?.proved.includes("The register"));
    assertStringIncludes(proof!.notProved.join(), "Cannot trust the register");
  });

  it("records no hash of an object that had other bytes, so that a verify can clear it", () => {
    const key = samplePass().set!.objects[0]!.key;
    const corrupt = {
      id: "backup.objects",
      title: "Objects",
      part: "backup",
      judges: "restore",
      verdict: "fail",
      code: "OBJECT_CORRUPT",
      message: `Cannot trust ${key}: its SHA-256 is another`,
    } as const;
    const pass = samplePass();
    const proof = proofOf(
      { ...pass, verdict: "fail", exit: 1, checks: [{ ...pass.checks[0]!, ...corrupt }] },
      set,
    );
    assertEquals(proof?.objects.map(({ sha256, sound }) => [sha256 === null, sound]), [[true, false], [
      false,
      true,
    ]]);
  });

  it("does not hide what a restore check found", () => {
    const bad = { id: "data.rows", title: "Rows", part: "data", judges: "restore", verdict: "fail" } as const;
    const proof = proofOf(nightWithFault(bad), set);
    assertEquals([proof?.verdict, proof?.problems.length, proof?.faults], ["fail", 2, undefined]);
  });

  it("proves what the data and the documents showed, also where the same fault is on the pages", () => {
    for (const verdict of ["fail", "not_run"] as const) {
      const page = {
        id: "browser.pdfs",
        title: "PDFs",
        part: "browser",
        judges: "restore",
        verdict,
      } as const;
      const proof = proofOf(nightWithFault({ ...page, message: "it is missing" }), set);
      assertEquals([proof?.verdict, proof?.problems, proof?.faults?.length], ["pass", [], 1]);
      assertEquals(proof?.notProved.includes("PDFs: it is missing"), true);
    }
  });

  it("is what the report says, and never that the backup cannot be brought back", () => {
    assertEquals(
      verdictSentence(nightWithFault()),
      "This backup can be brought back; prod has 1 fault that is not accepted",
    );
    const page = renderHtml(nightWithFault());
    assertStringIncludes(
      page,
      "The backup is as prod was, and can be restored. Mend prod, or accept what stays as it is.",
    );
    assertFalse(page.includes("Do not rely on this backup"));
    assertFalse(page.includes("cannot be brought back"));
  });
});

describe("a sandbox that the restore left as it must not be", () => {
  it("says nothing against the set: no set holds whether it can act on the world", () => {
    const pass = samplePass();
    const failing = (id: string): DrillResult => ({
      ...pass,
      verdict: "fail",
      exit: 1,
      checks: [...pass.checks, { ...pass.checks[0]!, id, part: "data", verdict: "fail", message: "it can" }],
    });
    for (const id of ["data.neutralised", "data.owners", "data.user_lookup"]) {
      assertEquals(proofOf(failing(id), set), undefined);
    }
    assertEquals(proofOf(failing("data.rows"), set)?.verdict, "fail");
  });
});

describe("a drill that an error ended", () => {
  const error = { code: "WORKLOAD_FAILED", message: "Cannot start sandbox", hint: "", details: [] };

  it("proves what it had reached, also where the ERP is at fault as well", () => {
    const proof = proofOf({ ...nightWithFault(), error }, set);
    assertEquals([proof?.verdict, proof?.problems, proof?.faults?.length], ["pass", [], 1]);
  });

  it("proves what was restored where the sandbox shows another ERP, and lists the pages as not proved", () => {
    const pass = samplePass();
    const checks = pass.checks.map((check) =>
      check.part === "browser"
        ? { ...check, verdict: "not_run" as const, code: "MARK_NOT_SEEN", message: "another ERP answers" }
        : check
    );
    const proof = proofOf({ ...pass, verdict: "not_run", exit: 2, checks }, set);
    assertEquals([proof?.verdict, proof?.problems], ["pass", []]);
    const pages = checks.filter(({ part }) => part === "browser");
    assertEquals(
      proof?.notProved.filter((text) => text.endsWith("another ERP answers")).length,
      pages.length,
    );
    assertFalse(pages.some(({ title }) => proof?.proved.includes(title)));
  });

  it("proves nothing where it ended before all was compared", () => {
    const pass = samplePass();
    const checks = pass.checks.map((check) =>
      check.id === "data.rows" ? { ...check, verdict: "not_run" as const, code: "WORKLOAD_FAILED" } : check
    );
    assertEquals(proofOf({ ...pass, verdict: "not_run", exit: 2, checks, error }, set), undefined);
  });

  it("proves the set also where it is too old and the ERP is at fault", () => {
    const old = {
      id: "backup.age",
      title: "Age",
      part: "backup",
      judges: "restore",
      verdict: "fail",
    } as const;
    const proof = proofOf(nightWithFault(old), set);
    assertEquals([proof?.verdict, proof?.problems], ["pass", []]);
  });

  it("says what a check of the restore found before it", () => {
    const bad = { id: "data.rows", title: "Rows", part: "data", judges: "restore", verdict: "fail" } as const;
    assertEquals(proofOf({ ...nightWithFault(bad), error }, set)?.verdict, "fail");
  });
});

describe("an older set that is bad", () => {
  it("takes no proof from the newest one, which passed", () => {
    const proof = proofOf(night("fail", 1), set);
    assertEquals([proof?.verdict, proof?.problems], ["pass", []]);
    assertEquals(proof?.proved.length, proofOf(samplePass(), set)?.proved.length);
  });

  it("is what the report says, and not that the newest cannot be brought back", () => {
    assertEquals(verdictSentence(night("fail", 1)), "An older backup cannot be brought back");
    assertEquals(verdictSentence(night("not_run", 0)), "This backup can be brought back");
  });

  it("stands in the record and on the page, as does who was told", () => {
    const rota = [{
      set: "prod/20250101T020000Z",
      verdict: "fail" as const,
      ms: 4,
      message: "it is damaged",
    }];
    const told = { webhook: "failed: chat.example.org answered 500 (3 tries)" };
    const stored = storedOf({ ...night("fail", 1), rota, told });
    assertEquals([stored.rota, stored.told?.webhook], [rota, told.webhook]);
    const page = renderHtml({ ...night("fail", 1), rota, told });
    assertStringIncludes(page, `<dt>Webhook</dt><dd>${told.webhook}</dd>`);
    assertStringIncludes(page, "prod/db/20250101T020000Z.dump is damaged");
    assertFalse(renderHtml(samplePass()).includes("<dt>Webhook</dt>"));
  });
});
