import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { sha256Of } from "../../../src/base/streams.ts";
import {
  followTrail,
  type Known,
  knownOf,
  type SetSources,
  trailFrom,
} from "../../../src/checks/findings/history.ts";
import type { Finding } from "../../../src/checks/result.ts";
import {
  booksCheck,
  drillOf,
  fileOf,
  lost,
  nightOf,
  PDF,
  unbalanced,
} from "../../support/findings/nights.ts";

describe("the trail of a finding, from the newest set back", () => {
  /** The history of a finding of the 9th, from what is known of the 8th, the 7th, ... */
  const history = (known: readonly Known[], gone: readonly string[] = []) =>
    known.reduce(
      (trail, one, at) => followTrail(trail, nightOf(8 - at), one, (set) => !gone.includes(set)),
      trailFrom(nightOf(9)),
    ).history;
  const since = (day: number, stillRight?: number) => ({
    since: nightOf(day),
    ...(stillRight === undefined ? {} : { stillRightIn: nightOf(stillRight) }),
  });

  // deno-fmt-ignore: a line each
  const cases: [title: string, known: Known[], expected: ReturnType<typeof since>][] = [
    ["begins in the set that has it, where nothing is known of others", [], since(9)],
    ["ends at the newest set in which it is right", ["wrong", "wrong", "right", "wrong"], since(7, 6)],
    ["passes over sets that say nothing", ["unknown", "wrong", "unknown", "right"], since(7, 5)],
    ["does not count a set that says nothing as one that has it", ["unknown", "right"], since(9, 7)],
    ["takes for it what looks the same, where it was right before", ["maybe", "maybe", "right"], since(7, 6)],
    ["does not where it never was right", ["wrong", "maybe", "maybe"], since(8)],
    ["takes for it what looks the same between two that have it", ["maybe", "wrong", "maybe"], since(7)],
    ["goes past a set in which something else is wrong with it", ["wrong", "otherwise", "right"], since(8, 6)],
    ["believes a drill that found it out before", [{ since: nightOf(3), stillRightIn: nightOf(2) }, "right"], since(3, 2)],
    ["believes a drill that found it right nowhere, and looks no further", [{ since: nightOf(3) }, "right"], since(3)],
    ["does not let an earlier time of it count for this one", ["wrong", "right", { since: nightOf(2), stillRightIn: nightOf(1) }], since(8, 7)],
  ];
  for (const [title, known, expected] of cases) it(title, () => assertEquals(history(known), expected));

  it("goes on past a set that is gone, which still says since when", () => {
    assertEquals(history(["wrong", "right", "wrong", "right"], [nightOf(7)]), since(8, 5));
    assertEquals(
      history(["right", { since: nightOf(3), stillRightIn: nightOf(2) }], [nightOf(8)]),
      since(9, 2),
    );
  });

  it("looks for another set where the one that a drill named is gone", () => {
    const known: Known[] = [
      { since: nightOf(5), stillRightIn: nightOf(4) },
      "wrong",
      "wrong",
      "unknown",
      "right",
    ];
    assertEquals(history(known, [nightOf(4)]), since(5));
    assertEquals(history([...known, "right"], [nightOf(4)]), since(5, 3));
  });
});

describe("what a set says of a finding", () => {
  const set = nightOf(3);
  const INVOICES = "documents.invoices";
  const PAYMENTS = "data.payments";
  const other = fileOf(PDF, "%PDF whole");
  const empty = fileOf(PDF, "");
  const now = "%PDF broken";
  const broken = lost({
    id: "documents.invoices/FA2610-0004/damaged",
    document: { path: PDF, sha256: sha256Of(now) },
  });
  const drilled = (...checks: ReturnType<typeof booksCheck>[]) => [drillOf(set, checks)];
  const without = drilled(booksCheck(INVOICES), booksCheck(PAYMENTS));
  const backup = (...findings: Finding[]) => ({ set, covers: ["documents.invoices/missing"], findings });

  // deno-fmt-ignore: a line each
  const cases: [title: string, finding: Finding, sources: SetSources, known: Known][] = [
    ["nothing, where nothing is known", lost(), {}, "unknown"],
    ["right, where the document lies there", lost(), { document: other }, "right"],
    ["maybe, where it does not", lost(), { document: null }, "maybe"],
    ["nothing, where an empty file lies there: that is another fault", lost(), { document: empty }, "unknown"],
    ["maybe, where the same bytes lie there", broken, { document: fileOf(PDF, now) }, "maybe"],
    ["right, where other bytes do", broken, { document: other }, "right"],
    ["nothing, where no file lies there: it was not made yet", broken, { document: null }, "unknown"],
    ["wrong, where a drill of it found it", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [unbalanced()])) }, "wrong"],
    ["wrong, where a drill found it with other amounts", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [unbalanced({ facts: { paid: "9" } })])) }, "wrong"],
    ["right, where the check passed", unbalanced(), { drills: without }, "right"],
    ["right, where the check found something else", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [unbalanced({ id: "data.payments/PAY2/parts" })])) }, "right"],
    ["nothing, where all of it was gone", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [unbalanced({ id: "data.payments/x/all-gone" })])) }, "unknown"],
    ["nothing, where there were more than are listed", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [unbalanced({ id: "data.payments/others/not-listed" })])) }, "unknown"],
    ["nothing, where there was nothing to compare", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [unbalanced({ id: "data.payments/all/nothing-to-compare" })])) }, "unknown"],
    ["nothing, where the check did not run", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [], { verdict: "not_run" })) }, "unknown"],
    ["nothing, where another check ran", unbalanced(), { drills: drilled(booksCheck(INVOICES)) }, "unknown"],
    ["nothing, where the check failed and names nothing", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [], { verdict: "fail" })) }, "unknown"],
    ["wrong, where an earlier version named it among others", unbalanced(), { drills: drilled(booksCheck(PAYMENTS, [], { verdict: "fail", judges: undefined, details: [unbalanced().sentence] })) }, "wrong"],
    ["what the newest drill of it says that looked", unbalanced(), { drills: [...drilled(booksCheck(PAYMENTS, [], { verdict: "not_run" })), ...without] }, "right"],
    ["wrong, where the drill found it, whatever lies there", lost(), { document: other, drills: drilled(booksCheck(INVOICES, [lost()])) }, "wrong"],
    ["that something else was wrong, though a document lies there", lost(), { document: other, drills: drilled(booksCheck(INVOICES, [lost({ id: "documents.invoices/FA2610-0004/damaged" })])) }, "otherwise"],
    ["that something else was wrong, as the backup saw it", broken, { document: other, backup: backup(lost()) }, "otherwise"],
    ["nothing, where the drill found it right under another path", lost(), { document: null, drills: without }, "unknown"],
    ["right, where the same bytes were right: they were compared with something else", broken, { document: fileOf(PDF, now), drills: without }, "right"],
    ["wrong, where the backup saw it", lost(), { document: null, backup: backup(lost()) }, "wrong"],
    ["nothing of what the backup did not look at", unbalanced(), { backup: backup() }, "unknown"],
    ["maybe, where a backup that looked is not known", lost(), { document: null, backup: undefined }, "maybe"],
  ];
  for (const [title, finding, sources, known] of cases) {
    it(title, () => assertEquals(knownOf(finding, sources), known));
  }

  it("is what an earlier drill found out, unless it was another finding", () => {
    const history = { since: nightOf(2), stillRightIn: nightOf(1) };
    const drills = drilled(booksCheck(PAYMENTS, [unbalanced({ history })]));
    assertEquals(knownOf(unbalanced(), { drills }), history);
    assertEquals(knownOf(unbalanced({ facts: { paid: "9" } }), { drills }), "wrong");
  });

  it("is nothing where the check looked at a sample, and did not find it", () => {
    const texts = unbalanced({ id: "documents.invoice_texts/FA2610-0004/total" });
    const passed = booksCheck("documents.invoice_texts");
    const known = (level: "standard" | "deep") =>
      knownOf(texts, { drills: [drillOf(set, [passed], { level })] });
    assertEquals([known("standard"), known("deep")], ["unknown", "right"]);
  });
});
