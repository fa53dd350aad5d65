/** The corpus of broken backups: on each case exactly the expected checks fail, with their code and message. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { CORPUS } from "../../../fixtures/broken/corpus.ts";
import { HARMLESS } from "../../../fixtures/broken/harmless.ts";
import type { BrokenCase } from "../../../fixtures/broken/case.ts";
import { tableOfCorpus, withTable } from "../../../scripts/corpus.ts";
import { createDrillAccount } from "../../../src/dolibarr/sandbox/drill_account.ts";
import { writeMarks } from "../../../src/dolibarr/sandbox/marks.ts";
import { openBrowser } from "../../../src/dolibarr/pages/visit/browser.ts";
import { browserChecks } from "../../../src/checks/browser/browser_checks.ts";
import { openVisitor, readBrowserFacts } from "../../../src/checks/browser/context.ts";
import type { DataContext } from "../../../src/checks/data/context.ts";
import { allChecks } from "../../../src/checks/all_checks.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import {
  changeFile,
  CHECKS_OF_ONE_NIGHT,
  judgeCase,
  judgeSandbox,
  placeholdersOf,
  withPlaceholders,
} from "../../support/lab/broken_cases.ts";
import type { DrillLab } from "../../support/lab/drill_lab.ts";
import { type RestoredLab, startRestoredLab } from "../../support/lab/restored_lab.ts";
import { mayNotRun } from "../../support/lab/not_run.ts";
import { savedFolder, savedRows } from "../../support/lab/put_back.ts";
import { BROKEN_BACKUPS } from "./backups.ts";
import { runCheck } from "../../../src/checks/run.ts";

const signal = new AbortController().signal;
const MAY_NOT_RUN = mayNotRun("stand-in", "standard");

describe("the corpus of broken backups", () => {
  it("has twenty-five cases and more, each once", () => {
    assert(CORPUS.length >= 25, `${CORPUS.length} cases`);
    assertEquals(new Set(CORPUS.map(({ id }) => id)).size, CORPUS.length);
    assertEquals(CORPUS.filter(({ sql, files }) => sql === undefined && files === undefined), []);
  });

  it("names every required check on the data and the documents, and none that there is not", () => {
    const named = new Set([
      ...CORPUS.flatMap(({ failedBy }) => failedBy.map(({ check }) => check)),
      ...BROKEN_BACKUPS.map(({ failedBy }) => failedBy),
    ]);
    const required = CHECKS_OF_ONE_NIGHT.filter(({ required, part }) => required && part !== "backup");
    assertEquals(required.filter(({ id }) => !named.has(id)).map(({ id }) => id), []);
    const there = allChecks.map(({ id }) => id);
    assertEquals([...named].filter((id) => !there.includes(id)), []);
  });

  it("is listed in full in its README", async () => {
    const readme = await Deno.readTextFile(new URL("../../../fixtures/broken/README.md", import.meta.url));
    assertEquals(readme, withTable(readme), "run deno task corpus");
    for (const { what } of [...CORPUS, ...HARMLESS]) assert(tableOfCorpus().includes(what));
  });
});

describe("a backup of a damaged ERP, and one that comes back damaged", () => {
  let restored: RestoredLab;
  let lab: DrillLab;
  let session: Session;
  let provisioner: Session;
  let whole: DataContext;

  beforeAll(async () => {
    restored = await startRestoredLab("stand-in", { level: "standard", samples: 1, maxAgeMs: 3_600_000 });
    ({ lab, session, provisioner } = restored);
    whole = await restored.context();
  });
  afterAll(() => restored[Symbol.asyncDispose]());

  it("passes untouched", async () => assertEquals(failedOf(await judgeSandbox(whole)), []));

  for (const broken of CORPUS) {
    const what = `${broken.lost}: ${broken.what}`;
    it(broken.browser ? `passes without a browser, ${what}` : `is found, ${what}`, async () => {
      assertFailedBy(
        broken.browser ? { ...broken, failedBy: [] } : broken,
        await judgeCase(broken, whole, provisioner),
      );
    });
  }

  for (const broken of HARMLESS) {
    it(`passes what only looks broken: ${broken.what}`, async () => {
      assertFailedBy(broken, await judgeCase(broken, whole, provisioner));
    });
  }

  it("is what it was after all of them", async () => {
    const again = await restored.context();
    assertEquals(again.content, whole.content);
    assertEquals(failedOf(await judgeSandbox(again)), []);
  });

  it("fails in the browser, where no other check does", async () => {
    await restored.proof.workload.start();
    await using account = await createDrillAccount(session);
    await using marks = await writeMarks(session, lab.sandbox.documents);
    await using browser = await openBrowser();
    for (const broken of CORPUS.filter(({ browser }) => browser)) {
      await using _files = await savedFolder(lab.sandbox.documents);
      await using _rows = await savedRows(provisioner);
      for (const act of broken.files ?? []) {
        await changeFile(lab.sandbox.documents, act, placeholdersOf(whole));
      }
      if (broken.sql) await session.query(withPlaceholders(broken.sql, placeholdersOf(whole)));
      const now = await restored.context();
      await using visitor = await openVisitor(browser, await readBrowserFacts(now, account, marks));
      const results: CheckResult[] = [];
      for (const check of entryChecks) results.push(await runCheck(check, visitor, signal));
      assertFailedBy(broken, results);
    }
  });
});

/** Those before the first invoice is opened. */
const entryChecks = browserChecks.slice(0, browserChecks.findIndex(({ id }) => id === "browser.logo") + 1);

/** Whatever is no pass, but for what this company has nothing of. */
const failedOf = (results: readonly CheckResult[]): string[] =>
  notPassed(results).map(({ id, code, message }) => `${id} ${code}: ${message}`);

const notPassed = (results: readonly CheckResult[]): CheckResult[] =>
  results.filter(({ id, verdict, code }) => verdict !== "pass" && MAY_NOT_RUN[id] !== code);

function assertFailedBy({ id, failedBy }: BrokenCase, results: readonly CheckResult[]): void {
  const failed = notPassed(results);
  assertEquals(
    failed.map(({ id, verdict, code }) => `${id} ${verdict} ${code}`).sort(),
    failedBy.map(({ check, code }) => `${check} fail ${code}`).sort(),
    `${id}: ${failedOf(results).join("\n")}`,
  );
  for (const { check, says } of failedBy) {
    assertMatch(failed.find((one) => one.id === check)?.message ?? "", says, id);
  }
}
