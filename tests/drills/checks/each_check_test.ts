/** Every check is seen to fail: one way to break what it looks at, and only what it looks at. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { createDrillAccount } from "../../../src/dolibarr/sandbox/drill_account.ts";
import { writeMarks } from "../../../src/dolibarr/sandbox/marks.ts";
import { openBrowser } from "../../../src/dolibarr/pages/visit/browser.ts";
import { browserChecks } from "../../../src/checks/browser/browser_checks.ts";
import { readBrowserFacts } from "../../../src/checks/browser/context.ts";
import type { DataContext } from "../../../src/checks/data/context.ts";
import { allChecks, dataChecks } from "../../../src/checks/all_checks.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import { durationChecks } from "../../../src/checks/duration.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import type { DrillLab } from "../../support/lab/drill_lab.ts";
import { type RestoredLab, startRestoredLab } from "../../support/lab/restored_lab.ts";
import {
  failOnFaults,
  failOnTheirTwins,
  isLookedAtTwice,
  openVisitors,
  passOverLostPdfs,
} from "./browser_twins.ts";
import { BROWSER_MESSAGES, FURTHER_TWINS, MESSAGES, STAND_IN_FAULTS } from "./expected_messages.ts";
import { NOTHING_THERE as NOTHING_THERE_OF } from "../../support/lab/not_run.ts";
import { rolledBack, savedFolder } from "../../support/lab/put_back.ts";
import { runCheck } from "../../../src/checks/run.ts";

const signal = new AbortController().signal;
/** The checks whose own twin was run. */
const twinsRun = new Set<string>();
/** What must be found nowhere: none is what they expect. */
const MAY_BE_NONE = ["backup.suspect"];

/** They are NOT RUN until something is broken. */
const NOTHING_THERE = NOTHING_THERE_OF["stand-in"];

describe("every check, broken", () => {
  let lab: DrillLab;
  let restored: RestoredLab;
  let session: Session;
  let provisioner: Session;
  let data: DataContext;

  beforeAll(async () => {
    restored = await startRestoredLab("stand-in", { level: "deep", samples: 3, maxAgeMs: 3_600_000 });
    ({ lab, session, provisioner } = restored);
    await provisioner.query("CREATE EXTENSION IF NOT EXISTS amcheck");
    await provisioner.query(
      `GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean) TO ${lab.sandbox.database.owner}`,
    );
    data = await restored.context();
  });
  afterAll(async () => {
    await provisioner.query("DROP EXTENSION amcheck");
    await restored[Symbol.asyncDispose]();
  });

  it("has a twin for each check that there is, and no check twice", () => {
    assertEquals(Object.keys(MESSAGES).sort(), dataChecks.map(({ id }) => id).sort());
    assertEquals(Object.keys(STAND_IN_FAULTS).sort(), browserChecks.map(({ id }) => id).sort());
    assertEquals(Object.keys(BROWSER_MESSAGES).sort(), browserChecks.map(({ id }) => id).sort());
    assertEquals(durationChecks.map(({ id }) => id), ["drill.duration"]);
    assertEquals(allChecks.length, dataChecks.length + browserChecks.length + 1);
  });

  for (const check of dataChecks) {
    it(`${check.id} passes on what was restored, and fails on ${check.twin.by}`, async () => {
      const whole = await runCheck(check, data, signal);
      if (NOTHING_THERE.includes(check.id)) {
        assertEquals([whole.verdict, whole.required, whole.code], ["not_run", false, "NOTHING_TO_CHECK"]);
      } else {
        assertEquals([check.id, whole.verdict], [check.id, "pass"], whole.message);
        assertComparedSomething(whole);
      }
      await using _files = await savedFolder(lab.sandbox.documents);
      const result = await rolledBack(
        session,
        async (session) => await runCheck(check, await check.twin.apply({ ...data, session }), signal),
      );
      assertEquals(result.verdict, "fail", result.message);
      assertMatch(result.message ?? "", MESSAGES[check.id]!);
      twinsRun.add(check.id);
    });
  }

  for (const { id, message, sql, file } of FURTHER_TWINS) {
    it(`${id} also fails with ${message.source}`, async () => {
      const check = dataChecks.find((check) => check.id === id)!;
      await using _files = await savedFolder(lab.sandbox.documents);
      await file?.(data);
      const result = await rolledBack(provisioner, async (session) => {
        if (sql) await session.query(`SET LOCAL session_replication_role = replica; ${sql}`);
        return await runCheck(check, { ...data, session }, signal);
      });
      assertEquals(result.verdict, "fail", result.message);
      assertMatch(result.message ?? "", message);
    });
  }

  it("data.payments says what to do with an excess, and only there: a part that is lost is no excess", async () => {
    const check = dataChecks.find(({ id }) => id === "data.payments")!;
    const hintAfter = (sql: string) =>
      rolledBack(provisioner, async (session) => {
        await session.query(`SET LOCAL session_replication_role = replica; ${sql}`);
        const { verdict, hint } = await runCheck(check, { ...data, session }, signal);
        assertEquals(verdict, "fail");
        return hint;
      });
    const part = "(SELECT min(rowid) FROM llx_paiement_facture)";
    const excess = await hintAfter(
      `UPDATE llx_paiement SET amount = amount + 500 WHERE rowid = (SELECT fk_paiement FROM llx_paiement_facture WHERE rowid = ${part});
       UPDATE llx_paiement_facture SET amount = amount + 500 WHERE rowid = ${part}`,
    );
    assertMatch(excess ?? "", /press "Convert excess received into available credit".* If data\.rows passed/);
    const overpaidBy1 =
      `UPDATE llx_facture SET type = 3 WHERE rowid = (SELECT fk_facture FROM llx_paiement_facture WHERE rowid = ${part});
       UPDATE llx_paiement_facture SET amount = 1 + (SELECT total_ttc FROM llx_facture f WHERE f.rowid = fk_facture) WHERE rowid = ${part}`;
    const deposit = await hintAfter(overpaidBy1);
    assertMatch(
      deposit ?? "",
      /^If the customer really paid too much on a deposit: .* the rest on the final invoice\./,
    );
    const replacement = await hintAfter(overpaidBy1.replace("type = 3", "type = 1"));
    assertMatch(replacement ?? "", /^If too much was really paid on a replacement invoice/);
    assertEquals(await hintAfter(`DELETE FROM llx_paiement_facture WHERE rowid = ${part}`), undefined);
  });

  it("is what it was after all of them", async () => {
    const again = await restored.context();
    assertEquals(again.content, data.content);
    for (const check of dataChecks.filter(({ id }) => !NOTHING_THERE.includes(id))) {
      const result = await runCheck(check, again, signal);
      assertEquals([check.id, result.verdict], [check.id, "pass"], result.message);
    }
  });

  it("backup.age fails on a set of the future: a clock is wrong, and its age is not known", async () => {
    const seenAt = new Date(Date.now() + 86_430_000); // a day and half a minute
    const future = {
      ...data,
      proof: { ...data.proof, source: { ...data.proof.source, seenAt } },
    };
    const result = await runCheck(dataChecks.find(({ id }) => id === "backup.age")!, future, signal);
    assertEquals(result.verdict, "fail");
    assertMatch(result.message ?? "", /24 h ahead of this machine's clock/);
  });

  it("drill.duration fails on a drill that took longer than it may", async () => {
    const time = { ms: 2000, maxDurationMs: 1000, phases: [], whole: true };
    const result = await runCheck(durationChecks[0]!, time, signal);
    assertEquals(result.verdict, "fail");
    assertMatch(result.message ?? "", /^the drill took 2 s, 1 s are allowed/);
    for (const check of durationChecks) {
      const broken = await check.twin.apply({ ...time, maxDurationMs: 3000 });
      assertEquals((await runCheck(check, broken, signal)).verdict, "fail");
      twinsRun.add(check.id);
    }
  });

  it("in the browser: each passes, and fails on what looks fine and is not", async () => {
    await restored.proof.workload.start();
    await using account = await createDrillAccount(session);
    await using marks = await writeMarks(session, lab.sandbox.documents);
    await using browser = await openBrowser();
    const faults = `${lab.folder}/sandbox/faults.json`;
    await using visitors = await openVisitors(browser, await readBrowserFacts(data, account, marks));
    const whole = await visitors.whole();
    assertEquals(whole.filter(({ verdict }) => verdict !== "pass"), []);
    whole.forEach(assertComparedSomething);
    for (const id of await failOnTheirTwins(visitors, provisioner, lab.sandbox.documents)) twinsRun.add(id);
    await passOverLostPdfs(visitors, data);
    await failOnFaults(visitors, faults);
    await isLookedAtTwice(visitors, faults);
  });

  it("has run the twin of every check that there is", () =>
    assertEquals(allChecks.filter(({ id }) => !twinsRun.has(id)), []));
});

/** A pass that compared nothing proves nothing. */
function assertComparedSomething({ id, compared }: CheckResult): void {
  const { expected, found, with: sides } = compared ?? { expected: "", found: "", with: "" };
  assertEquals([id, sides === "", expected === "", found === ""], [id, false, false, false]);
  if (!MAY_BE_NONE.includes(id)) assertEquals([id, expected === 0 || found === 0], [id, false]);
}
