/** A company of ten years, night after night untouched, and broken in every way of the corpus. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { CORPUS } from "../../fixtures/broken/corpus.ts";
import type { DataContext } from "../../src/checks/data/context.ts";
import type { CheckResult, Level } from "../../src/checks/result.ts";
import { judgeCase, judgeSandbox } from "../support/lab/broken_cases.ts";
import { whyNoDolibarr } from "../support/lab/lab.ts";
import { assertNotRun, mayNotRun, type NotRun } from "../support/lab/not_run.ts";
import { type RestoredLab, restoredLabOf } from "../support/lab/restored_lab.ts";
import { startTenYears } from "../support/lab/ten_years/ten_years.ts";

const NIGHTS = 50;
const HOURS = 3_600_000;
const skip = await whyNoDolibarr();
/** As of the demo company; but this one has accounts. */
const mayNotRunAt = (level: Level): NotRun => {
  const { "data.bookkeeping": _, ...others } = mayNotRun("real", level);
  return others;
};
const MAY_NOT_RUN = mayNotRunAt("standard");

describe("a company of ten years, untouched", { skip }, () => {
  it(`passes ${NIGHTS} drills, and NOT RUN is only what no lab can run`, { timeout: 3 * HOURS }, async () => {
    await using lab = await startTenYears();
    const signal = AbortSignal.timeout(3 * HOURS);
    for (let night = 1; night <= NIGHTS; night++) {
      // another seed opens other invoices; each third night looks at everything
      const level = night % 3 === 0 ? "deep" : "standard";
      const { verdict, checks, headline } = await lab.drill({ seed: `night ${night}`, level, signal });
      const failed = checks.filter(({ verdict }) => verdict === "fail").map(({ id, message }) =>
        `${id}: ${message}`
      );
      assertEquals([verdict, failed], ["pass", []], `night ${night}: ${headline}`);
      assertNotRun(checks, mayNotRunAt(level));
    }
  });
});

describe("a company of ten years, broken", { skip }, () => {
  let restored: RestoredLab;
  let whole: DataContext;
  beforeAll(async () => {
    restored = await restoredLabOf(await startTenYears(), { level: "standard", samples: 1, maxAgeMs: HOURS });
    whole = await restored.context();
  });
  afterAll(() => restored[Symbol.asyncDispose]());

  const failed = (checks: readonly CheckResult[]) =>
    checks.filter(({ id, verdict, code }) => verdict !== "pass" && MAY_NOT_RUN[id] !== code);

  it("passes untouched", async () => assertEquals(failed(await judgeSandbox(whole)), []));

  for (const broken of CORPUS.filter(({ browser }) => !browser)) {
    it(`is found, ${broken.lost}: ${broken.what}`, async () => {
      const found = failed(await judgeCase(broken, whole, restored.provisioner));
      assertEquals(
        found.map(({ id, verdict, code }) => `${id} ${verdict} ${code}`).sort(),
        broken.failedBy.map(({ check, code }) => `${check} fail ${code}`).sort(),
      );
      for (const { check, says } of broken.failedBy) {
        assertMatch(found.find(({ id }) => id === check)!.message!, ofAnyName(says));
      }
    });
  }
});

/** The pattern where references are not the demo company's alone, and a transaction may have another name. */
const ofAnyName = ({ source }: RegExp): RegExp =>
  new RegExp(source.replaceAll(/\(FA\|AV\)\\S\+|SI\\S\+/g, "\\S+"));
