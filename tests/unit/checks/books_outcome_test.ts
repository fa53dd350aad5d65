import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  type BooksCheck,
  checkFailed,
  nothingToCheck,
  type RestoreOutcome,
} from "../../../src/checks/check.ts";
import { type BooksOutcome, notRestored, outcomeOfFaults } from "../../../src/checks/findings/outcome.ts";
import { runCheck } from "../../../src/checks/run.ts";
import { type Fault, FAULTS_AT_MOST } from "../../../src/dolibarr/fault.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import { partsOfId } from "../../../src/checks/findings/ledger.ts";

const about = { check: "data.payments", checked: 48, with: "payments against their parts" };
const fault = (subject: string, amount: string, kind = "parts"): Fault => ({
  subject,
  kind,
  sentence: `${subject} is of ${amount}`,
  facts: { amount },
});
const signal = new AbortController().signal;
const checkThat = (run: BooksCheck<null>["run"]): BooksCheck<null> => ({
  ...{ id: "data.payments", part: "data", judges: "books", level: "fast", given: "x", title: "x" },
  ...{ required: true, run, twin: { by: "x", apply: (context) => Promise.resolve(context) } },
});

describe("the outcome of a check of the books", () => {
  it("is one finding for each fault, with the check, the subject and the kind in its id", () => {
    const { equal, message, compared, findings } = outcomeOfFaults(
      [fault("payment PAY1", "10"), fault("2/FA2511-0003", "11", "overpaid")],
      about,
    );
    assertEquals([equal, message], [false, "payment PAY1 is of 10, and 1 more finding"]);
    assertEquals(compared, { expected: 48, found: 46, with: about.with });
    assertEquals(
      findings.map(({ id, subject, facts }) => [id, subject, facts]),
      [
        ["data.payments/payment PAY1/parts", "payment PAY1", { amount: "10" }],
        ["data.payments/2/FA2511-0003/overpaid", "2/FA2511-0003", { amount: "11" }],
      ],
    );
    assertEquals(findings.map(({ id }) => partsOfId(id)), [
      { check: "data.payments", kind: "parts" },
      { check: "data.payments", kind: "overpaid" },
    ]);
  });

  it("passes where there is none, and then lists its notes and no hint", () => {
    const { equal, message, details, hint } = outcomeOfFaults([], {
      ...about,
      hint: "Mend it.",
      notes: ["x"],
    });
    assertEquals([equal, message, details, hint], [true, undefined, ["x"], undefined]);
    assertEquals(outcomeOfFaults([fault("a", "1")], { ...about, hint: "Mend it." }).hint, "Mend it.");
  });

  it("is a finding too where there was nothing to compare", () => {
    const { equal, compared, findings } = outcomeOfFaults([], { ...about, checked: 0 });
    assertEquals([equal, compared.found], [false, 0]);
    assertEquals(findings.map(({ id }) => id), ["data.payments/all/nothing-to-compare"]);
  });

  it("lists all up to a limit, and tells how many more there are", () => {
    const faults = Array.from({ length: FAULTS_AT_MOST + 7 }, (_, at) => fault(`payment ${at}`, "1"));
    const whole = outcomeOfFaults(faults.slice(0, FAULTS_AT_MOST), { ...about, checked: 20_000 });
    assertEquals([whole.findings.length, whole.findings.at(-1)!.subject], [FAULTS_AT_MOST, "payment 9999"]);
    for (
      const cut of [
        outcomeOfFaults(faults, { ...about, checked: 20_000 }),
        outcomeOfFaults(faults.slice(0, FAULTS_AT_MOST), { ...about, checked: 20_000, total: faults.length }),
      ]
    ) {
      assertEquals([cut.findings.length, cut.compared.found], [FAULTS_AT_MOST + 1, 20_000 - faults.length]);
      const { id, sentence, facts } = cut.findings.at(-1)!;
      assertEquals([id, facts], ["data.payments/others/not-listed", { count: 7 }]);
      assertEquals(sentence, "7 more are not listed, because 10,000 are");
    }
  });

  it("has no id twice, and is the same for the same faults", () =>
    fc.assert(fc.property(
      fc.array(fc.record({
        subject: fc.constantFrom("FA1", "FA1 (2)", "FA1 (3)", "FA2", "a/b", "password=x"),
        kind: fc.constantFrom("totals", "missing"),
        amount: fc.constantFrom("1", "2"),
      })),
      (drawn) => {
        const faults = drawn.map(({ subject, kind, amount }) => fault(subject, amount, kind));
        const { equal, findings } = outcomeOfFaults(faults, about);
        assertEquals([equal, findings.length], [faults.length === 0, faults.length]);
        assertEquals(new Set(findings.map(({ id }) => id)).size, findings.length);
        assertEquals(new Set(findings.map(findingHash)).size, findings.length);
        assertEquals(outcomeOfFaults(faults, about).findings, findings);
        for (const [at, { id, subject, facts }] of findings.entries()) {
          assertEquals(id, `data.payments/${subject}/${faults[at]!.kind}`);
          assertEquals(facts, faults[at]!.facts);
          assert(!id.includes("password=x"), "what a record stores is what is accepted");
        }
      },
    )));

  it("is another finding where an amount is another", () => {
    const [one, same, other] = ["10", "10", "11"].map((amount) =>
      findingHash(outcomeOfFaults([fault("payment PAY1", amount)], about).findings[0]!)
    );
    assertEquals(same, one);
    assertNotEquals(other, one);
  });
});

describe("the two kinds of checks", () => {
  const compared = { expected: 1, found: 1, with: "x" };
  const books: BooksOutcome = outcomeOfFaults([], about);
  const restore: RestoreOutcome = { equal: true, compared };

  it("cannot return each other's outcomes: the type check would not pass", () => {
    // @ts-expect-error a check of the restore returns no findings
    const one: RestoreOutcome = books;
    // @ts-expect-error nor such that it made itself
    const two: RestoreOutcome = { ...restore, findings: [] };
    // @ts-expect-error a check of the books returns what `outcomeOfFaults` made
    const three: BooksOutcome = restore;
    // @ts-expect-error and not what only looks like it
    const four: BooksOutcome = { equal: true, compared, details: [], findings: [], notRestored: [] };
    // @ts-expect-error nothing but the check itself says what it judges
    const five: RestoreOutcome = { ...restore, judges: "books" };
    assertEquals([one, two, three, four, five].length, 5);
  });
});

describe("a check of the books", () => {
  it("fails with its findings, which judge the ERP", async () => {
    const found = await runCheck(
      checkThat(() => Promise.resolve(outcomeOfFaults([fault("a", "1")], about))),
      null,
      signal,
    );
    assertEquals([found.verdict, found.judges, found.code], ["fail", "books", "CHECK_FAILED"]);
    assertEquals(found.findings?.map(({ id }) => id), ["data.payments/a/parts"]);
    const none = await runCheck(checkThat(() => Promise.resolve(outcomeOfFaults([], about))), null, signal);
    assertEquals([none.verdict, none.judges, none.findings], ["pass", "books", undefined]);
  });

  it("judges the restore over what the backup does not hold, and keeps its findings", async () => {
    const outcome = outcomeOfFaults([fault("a", "1")], about);
    assertEquals(notRestored(outcome, []), outcome);
    for (const one of [outcome, outcomeOfFaults([], about)]) {
      const found = await runCheck(
        checkThat(() => Promise.resolve(notRestored(one, ["b is not in the backup", "c is not either"]))),
        null,
        signal,
      );
      assertEquals([found.verdict, found.judges], ["fail", "restore"]);
      assertEquals(found.message, "b is not in the backup, and 1 more");
      assertEquals(found.findings?.length, one.findings.length === 0 ? undefined : 1);
    }
  });

  it("blames no ERP for a failure without a finding, and is NOT RUN over nothing", async () => {
    const failed = await runCheck(checkThat(() => Promise.reject(checkFailed("it broke"))), null, signal);
    assertEquals([failed.verdict, failed.judges], ["fail", "restore"]);
    const none = await runCheck(checkThat(() => Promise.reject(nothingToCheck("no row"))), null, signal);
    assertEquals([none.verdict, none.judges, none.required], ["not_run", "books", false]);
  });
});
