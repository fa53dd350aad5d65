import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  currentFindings,
  partsOfId,
  standingFindings,
  wasSampled,
} from "../../../src/checks/findings/ledger.ts";
import type { Finding } from "../../../src/checks/result.ts";
import type { StoredDrill } from "../../../src/store/records/drill_schema.ts";
import { booksCheck, drillOf, lost, nightOf, unbalanced } from "../../support/findings/nights.ts";

const now = new Date("2026-11-10T00:00:00Z");
const acceptances = new Map();
const invoices = (...findings: Finding[]) => booksCheck("documents.invoices", findings);
const standing = (...drills: StoredDrill[]) =>
  currentFindings({ drills, acceptances, now }).map(({ id }) => id);

describe("a finding stands", () => {
  const found = drillOf(nightOf(3), [invoices(lost()), booksCheck("data.payments", [unbalanced()])]);
  const next = (...checks: StoredDrill["checks"]) => drillOf(nightOf(4), checks);

  // deno-fmt-ignore: a line each
  const cases: [title: string, drills: StoredDrill[], ids: Finding[]][] = [
    ["from the drill that found it", [found], [lost(), unbalanced()]],
    ["until its check looked again and did not find it", [next(invoices()), found], [unbalanced()]],
    ["where its check did not run", [next(booksCheck("documents.invoices", [], { verdict: "not_run" })), found], [lost(), unbalanced()]],
    ["where its check failed and named nothing: it had nothing to compare", [next(booksCheck("documents.invoices", [], { verdict: "fail" })), found], [lost(), unbalanced()]],
    ["where an earlier version passed the check: it said nothing of the books", [next(booksCheck("documents.invoices", [], { judges: undefined })), found], [lost(), unbalanced()]],
    ["where the newer set was drilled first", [found, next(invoices())], [unbalanced()]],
  ];
  for (const [title, drills, expected] of cases) {
    it(title, () => assertEquals(standing(...drills), expected.map(({ id }) => id)));
  }

  it("where the check that found it looks at a sample, and it is in none of the next ones", () => {
    const text = unbalanced({ id: "documents.invoice_texts/FA2610-0004/total" });
    const texts = (...findings: Finding[]) => booksCheck("documents.invoice_texts", findings);
    const first = drillOf(nightOf(3), [texts(text)]);
    assertEquals(standing(drillOf(nightOf(4), [texts()]), first), [text.id]);
    assertEquals(standing(drillOf(nightOf(4), [texts()], { level: "deep" }), first), []);
  });

  it("by the newest look, of whose set and time it tells", () => {
    const later = { ...next(invoices(lost())), endedAt: "2026-11-09T00:00:00.000Z" };
    const [one] = standingFindings({ drills: [found, next(invoices(lost())), later], acceptances, now });
    assertEquals([one?.set, one?.at, one?.finding.id], [nightOf(4), later.endedAt, lost().id]);
  });
});

describe("the id of a finding", () => {
  it("tells its check and what is wrong, whatever is between", () => {
    assertEquals(partsOfId("documents.papers/societe/1/a.pdf/missing"), {
      check: "documents.papers",
      kind: "missing",
    });
  });

  it("is of a check that looks at everything, but for the texts of invoices below the deepest level", () => {
    assertEquals(wasSampled("documents.invoices", "fast", []), false);
    assertEquals(wasSampled("documents.invoice_texts", "standard", []), true);
    assertEquals(wasSampled("documents.invoice_texts", "deep", []), false);
  });
});
