/** The drill: the newest set into the sandbox, checks on the data, checks in the browser, one result. */

import { createDrillAccount, refuseUnsuitableAccount } from "../dolibarr/sandbox/drill_account.ts";
import { writeMarks } from "../dolibarr/sandbox/marks.ts";
import { identify, versionText } from "../postgres/connection/identity.ts";
import { connectAsOwner, type Session } from "../postgres/connection/session.ts";
import { contentOf } from "../postgres/connection/snapshot.ts";
import { restore, type RestoreProof } from "../restore/restore.ts";
import { restorableSetOf } from "../store/sets/restorable_set.ts";
import { type Lease, takeLease } from "../store/lease/lease.ts";
import { readInventory } from "../store/sets/inventory.ts";
import { type ProofBody, putProof } from "../store/records/proofs.ts";
import type { AnySet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { browse } from "./browser/browse.ts";
import { readBrowserFacts } from "../checks/browser/context.ts";
import { type DataContext, readDataContext } from "../checks/data/context.ts";
import { allChecks, dataChecksFor } from "../checks/all_checks.ts";
import { durationChecks, durationOf } from "../checks/duration.ts";
import { newNightControl, type NightControl } from "./control/nightly.ts";
import { type EarlyBrowser, noBrowser, startEarly } from "./browser/early.ts";
import { proveOldSet, type Turn, turnsOfTonight } from "./rota/old_sets.ts";
import { proofOf } from "./record/proof.ts";
import { type DrillRecord, newRecord } from "./record/record.ts";
import { type DrillResult, OLD_SETS_PHASE } from "../checks/result.ts";
import type { DrillOptions } from "./options.ts";
import { chooseSet, type SkippedSet, skippedSets } from "../store/sets/latest.ts";

/**
 * Runs a whole drill. What is found wrong, and what could not be done, is in the result; only an interruption throws.
 * The sandbox runs afterwards on the restored state, or on its old one where the restore was refused.
 */
export async function drill(store: Store, options: DrillOptions): Promise<DrillResult> {
  const record = newRecord({ ...options, into: options.sandbox.name, checks: allChecks });
  const timeUntilNow = () =>
    durationOf({
      elapsed: record.elapsed(),
      phases: record.phases(),
      whole: record.reachedAllBut(durationChecks),
    }, options.maxDurationMs);
  let drilled: AnySet | undefined;
  let begun = false;
  try {
    await using lease = await takeLease(store, options.sandbox.name, "drill", { signal: options.signal });
    const inventory = await readInventory(store, options.from);
    for (const { error } of inventory.unreadable) options.reporter.warn(error.message);
    const set = chooseSet(inventory, options.set, store.url);
    drilled = set;
    const newer = skippedSets(inventory, set);
    record.describeSet(restorableSetOf(set));
    await proveTurns(turnsOfTonight(inventory, set, options), lease, store, record, options);
    const { certificateAuthority } = options.sandbox.web;
    await using browser = options.look === false
      ? noBrowser()
      : startEarly({ signal: options.signal, certificateAuthority });
    begun = true;
    const proof = await record.phase(
      "Restore into the sandbox",
      () => restore(set, options.sandbox, store, { ...options, lease }),
    );
    await using _workload = proof.workload;
    record.describeProof(proof);
    await using control = await newNightControl(record, { ...options, store, lease });
    await using session = await connectAsOwner(options.sandbox.database);
    const data = await checkAll({ proof, newer, session }, browser, control, record, options);
    const time = timeUntilNow();
    await record.run(durationChecks, time, options.signal);
    await control.atTheEnd(data, time);
  } catch (error) {
    options.signal.throwIfAborted();
    // a drill that was slow and then broke was slow all the same: that is told too, after what broke it
    const toJudge = begun ? durationChecks.filter(({ id }) => record.isWaiting(id)) : [];
    const time = timeUntilNow();
    record.fail(error, toJudge);
    await record.run(toJudge, time, options.signal);
  }
  const result = record.finish();
  if (!drilled) return result;
  await keepProof(store, proofOf(result, drilled), record);
  return record.finish();
}

/** The older sets first, so that the sandbox ends on the newest. */
async function proveTurns(
  turns: readonly Turn[],
  lease: Lease,
  store: Store,
  record: DrillRecord,
  options: DrillOptions,
): Promise<void> {
  if (turns.length === 0) return;
  await record.phase(OLD_SETS_PHASE, async () => {
    for (const turn of turns) {
      const { proved, check, proof } = await proveOldSet(turn, store, { ...options, lease });
      record.addOld(proved, check);
      await keepProof(store, proof, record);
    }
  });
}

/** What was proved stands in the store from now on. A store that takes no proof may have lost the backup too: that is no pass. */
async function keepProof(store: Store, proof: ProofBody | undefined, record: DrillRecord): Promise<void> {
  if (!proof) return;
  try {
    await putProof(store, proof);
  } catch (error) {
    record.notKept(error);
  }
}

/** Data first, while the workload is still down; then the browser. */
async function checkAll(
  restored: { proof: RestoreProof; newer: readonly SkippedSet[]; session: Session },
  starting: EarlyBrowser,
  control: NightControl,
  record: DrillRecord,
  options: DrillOptions,
): Promise<DataContext> {
  const { sandbox, signal } = options;
  const { proof, session } = restored;
  record.versions.PostgreSQL = versionText((await identify(session)).serverVersion);
  const data = await record.phase("Checks on the data", async () => {
    const context = await readDataContext(
      {
        ...restored,
        sandbox,
        maxAgeMs: options.maxAgeMs,
        level: options.level,
        choice: choiceOf(options),
      },
      () => contentOf(session),
    );
    await record.run(dataChecksFor(proof.source.tables !== undefined), context, signal);
    return context;
  });
  record.company = data.company.name || record.company;
  await control.prepare(data);
  record.versions.Dolibarr = data.company.version || "unknown";
  if (sandbox.web.account) await refuseUnsuitableAccount(session, sandbox.web.account.login);
  await using account = sandbox.web.account
    ? ownAccount(sandbox.web.account)
    : await createDrillAccount(session);
  await using marks = await writeMarks(session, sandbox.documents);
  const served = await readBrowserFacts(data, account, marks, options.harmless);
  const signsOut = sandbox.web.account !== undefined;
  await record.phase("Start of the sandbox", () => proof.workload.start());
  await record.phase("Checks in the browser", async () => {
    const browser = await starting.ready;
    record.versions.Chromium = browser.version();
    await browse(browser, served, record, { ...options, signsOut });
    record.looked(data.samples.length);
  });
  await control.afterPages(await starting.ready, served, data);
  return data;
}

const choiceOf = ({ level, samples, seed }: DrillOptions) => ({
  count: level === "fast" ? 1 : samples,
  seed,
});

const ownAccount = (account: { login: string; password: string }) => ({
  ...account,
  [Symbol.asyncDispose]: () => Promise.resolve(),
});
