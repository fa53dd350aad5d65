import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isEnough, mendedFindings } from "../../../src/checks/findings/mended.ts";
import type { CheckResult, Finding } from "../../../src/checks/result.ts";
import type { Acceptance } from "../../../src/store/records/acceptances.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import { booksCheck, drillOf, lost, nightOf, unbalanced } from "../../support/findings/nights.ts";

const accepted = (...findings: Finding[]) =>
  new Map(findings.map((finding): [string, Acceptance] => [findingHash(finding), {
    environment: "prod",
    finding,
    until: "2027-01-31",
    reason: "archived on paper",
    by: "anne",
    at: "2026-11-01T09:00:00Z",
  }]));

const invoices = (...findings: Finding[]) => booksCheck("documents.invoices", findings);
/** A drill of the 5th. */
const tonight = (...checks: ReturnType<typeof booksCheck>[]) => ({
  set: `prod/${nightOf(5)}`,
  level: "standard" as const,
  checks: checks as unknown as CheckResult[],
  acceptances: accepted(lost()),
  now: new Date("2026-11-05T06:00:00Z"),
});
const ids = (findings: readonly Finding[]) => findings.map(({ id }) => id);

describe("an accepted finding that is gone", () => {
  it("is told by the drill that does not find it any more, and by no later one", () => {
    const before = [drillOf(nightOf(4), [invoices(lost())])];
    assertEquals(ids(mendedFindings(before, tonight(invoices()))), [lost().id]);
    const next = { ...tonight(invoices()), set: `prod/${nightOf(6)}` };
    assertEquals(mendedFindings([drillOf(nightOf(5), [invoices()]), ...before], next), []);
  });

  it("is told after nights on which nothing looked", () => {
    const before = [
      drillOf(nightOf(4), [booksCheck("documents.invoices", [], { verdict: "not_run" })]),
      drillOf(nightOf(3), [invoices(lost())]),
    ];
    assertEquals(ids(mendedFindings(before, tonight(invoices()))), [lost().id]);
    assertEquals(isEnough(before.slice(0, 1), tonight(invoices())), false);
    assertEquals(isEnough(before, tonight(invoices())), true);
  });

  // deno-fmt-ignore: a line each
  const not: [title: string, before: Finding[], tonight: ReturnType<typeof tonight>][] = [
    ["is not, while it is found", [lost()], tonight(invoices(lost({ accepted: { until: "never", reason: "", by: "", at: "" } })))],
    ["is not, where it is another finding now", [lost()], tonight(invoices(lost({ facts: { path: "elsewhere" } })))],
    ["is not, where its subject is wrong in another way now", [lost()], tonight(invoices(lost({ id: "documents.invoices/FA2610-0004/damaged" })))],
    ["is not, where there was nothing to compare", [lost()], tonight(invoices(lost({ id: "documents.invoices/all/nothing-to-compare" })))],
    ["is not, where the check did not run", [lost()], tonight(booksCheck("documents.invoices", [], { verdict: "not_run" }))],
    ["is not, where nobody had accepted it", [lost({ id: "documents.invoices/FA2610-0005/missing" })], tonight(invoices())],
    ["is not, where the acceptance has run out", [lost()], { ...tonight(invoices()), now: new Date("2027-02-01T06:00:00Z") }],
  ];
  for (const [title, before, drill] of not) {
    it(title, () => assertEquals(mendedFindings([drillOf(nightOf(4), [invoices(...before)])], drill), []));
  }

  it("is not, where an older set was drilled tonight than the one that has it", () => {
    assertEquals(mendedFindings([drillOf(nightOf(6), [invoices(lost())])], tonight(invoices())), []);
  });

  it("is not, where the drill looked at a sample", () => {
    const text = unbalanced({ id: "documents.invoice_texts/FA2610-0004/total" });
    const before = [drillOf(nightOf(4), [booksCheck("documents.invoice_texts", [text])])];
    const drill = { ...tonight(booksCheck("documents.invoice_texts")), acceptances: accepted(text) };
    assertEquals(mendedFindings(before, drill), []);
    assertEquals(ids(mendedFindings(before, { ...drill, level: "deep" })), [text.id]);
  });
});
