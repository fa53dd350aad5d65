import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lookedBeforeIn, stillLookedAt } from "../../../src/checks/findings/looked_before.ts";
import { judgeFindings } from "../../../src/checks/findings/judge.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import type { StoredDrill } from "../../../src/store/records/drill_schema.ts";

const result = (id: string, more: Partial<CheckResult> = {}): CheckResult => ({
  id,
  title: "Every payment is the sum of its parts",
  part: "data",
  judges: "books",
  required: true,
  verdict: "pass",
  details: [],
  ms: 1,
  screenshots: [],
  ...more,
});
const looked = (id: string, expected: number | string, more: Partial<CheckResult> = {}) =>
  result(id, { compared: { expected, found: expected, with: "each" }, ...more });
const nothing = (id: string) =>
  result(id, {
    verdict: "not_run",
    required: false,
    code: "NOTHING_TO_CHECK",
    message: "there are no payments",
  });
const drill = (set: string, ...checks: CheckResult[]) =>
  ({ set: { name: set }, checks }) as unknown as StoredDrill;

const [FIRST, SECOND, NOW] = ["prod/20261101T020000Z", "prod/20261102T020000Z", "prod/20261103T020000Z"];
const PAYMENTS = "data.payments";
const after = (checks: CheckResult[], found: CheckResult) =>
  stillLookedAt(found, lookedBeforeIn([drill(FIRST, ...checks)], NOW));

describe("a check that has nothing to look at", () => {
  const lost = after([looked(PAYMENTS, 48)], nothing(PAYMENTS));

  it("is a finding where it had something in an earlier set", () => {
    assertEquals([lost.verdict, lost.required, lost.judges], ["fail", true, "books"]);
    assertEquals(lost.findings?.map(({ id, facts }) => [id, facts]), [
      ["data.payments/all/nothing-to-check", { before: 48, in: FIRST }],
    ]);
    assertStringIncludes(lost.message!, "(there are no payments); in prod/20261101T020000Z it was 48 things");
  });

  for (
    const [what, checks] of [
      ["it never looked", []],
      ["there was nothing then either", [nothing(PAYMENTS)]],
      ["there was hardly anything", [looked(PAYMENTS, 2)]],
    ] as const
  ) {
    it(`is none where ${what}`, () => assertEquals(after([...checks], nothing(PAYMENTS)), nothing(PAYMENTS)));
  }

  it("is none where it looks at something else each night, and where it could not be run", () => {
    assertEquals(after([looked("browser.tabs", 9)], nothing("browser.tabs")), nothing("browser.tabs"));
    const failed = { ...nothing(PAYMENTS), code: "CHECK_NOT_RUN" };
    assertEquals(after([looked(PAYMENTS, 48)], failed), failed);
  });

  it("is one of a check of the restore too: the logo that was there", () => {
    const logo = after([looked("documents.logo", "abc", { judges: "restore" })], {
      ...nothing("documents.logo"),
      judges: "restore",
    });
    assertEquals([logo.verdict, logo.judges, logo.findings?.length], ["fail", "books", 1]);
  });

  it("stays one with the same facts each night, so that it can be accepted, and ends with what was there", () => {
    const second = drill(SECOND, lost);
    const before = lookedBeforeIn([second, drill(FIRST, looked(PAYMENTS, 48))], NOW);
    const again = stillLookedAt(nothing(PAYMENTS), before);
    assertEquals(again.findings?.[0]?.facts, lost.findings?.[0]?.facts);
    const [finding] = again.findings!;
    const decision = { finding: finding!, until: "never", reason: "not used any more", by: "anne", at: NOW };
    const accepted = judgeFindings(
      again,
      new Map([[findingHash(finding!), decision]]) as unknown as Parameters<typeof judgeFindings>[1],
      new Date(),
    );
    assertEquals(accepted.verdict, "pass");
    assertEquals(stillLookedAt(looked(PAYMENTS, 50), before), looked(PAYMENTS, 50));
  });

  it("is not measured by a newer set, nor by one of another environment", () => {
    for (const set of ["prod/20261201T020000Z", "shop/20261101T020000Z"]) {
      const before = lookedBeforeIn([drill(set, looked(PAYMENTS, 48))], NOW);
      assertEquals(stillLookedAt(nothing(PAYMENTS), before), nothing(PAYMENTS));
    }
  });
});

describe("a check that looks at less", () => {
  const LOG = "data.unalterable_log";

  it("is a finding from fewer than half on, beside what it found", () => {
    const less = after([looked(LOG, 100)], looked(LOG, 49));
    assertEquals([less.verdict, less.compared?.expected], ["fail", 49]);
    assertEquals(less.findings?.map(({ id }) => id), [`${LOG}/all/fewer-checked`]);
    const next = stillLookedAt(looked(LOG, 49), lookedBeforeIn([drill(SECOND, less)], NOW));
    assertEquals(next.findings?.[0]?.facts, { before: 100, in: FIRST });
  });

  it("is none for half, for few things, and for what was restored wrongly", () => {
    assertEquals(after([looked(LOG, 100)], looked(LOG, 50)).verdict, "pass");
    assertEquals(after([looked(LOG, 19)], looked(LOG, 3)).verdict, "pass");
    const wrong = looked(LOG, 3, { judges: "restore", verdict: "fail" });
    assertEquals(after([looked(LOG, 100)], wrong), wrong);
  });
});
