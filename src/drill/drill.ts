/** The drill: the newest set into the sandbox, checks on the data, checks in the browser, one result. */

import { allChecks, codeChecks, dataChecksFor } from "../checks/all_checks.ts";
import { readBrowserFacts } from "../checks/browser/context.ts";
import { type DataContext, readDataContext } from "../checks/data/context.ts";
import { readProvedPapers } from "../checks/documents/proved_papers.ts";
import { durationChecks } from "../checks/duration.ts";
import { type DrillResult, OLD_SETS_PHASE } from "../checks/result.ts";
import { createDrillAccount, refuseUnsuitableAccount } from "../dolibarr/sandbox/drill_account.ts";
import { writeMarks } from "../dolibarr/sandbox/marks.ts";
import { reachedState } from "../documents/swap/reached_state.ts";
import { identify, versionText } from "../postgres/connection/identity.ts";
import { encryptionText } from "../postgres/connection/tls.ts";
import { TRUSTED_SESSION_SQL } from "../postgres/rows/settings.ts";
import { connectAsOwner } from "../postgres/connection/session.ts";
import { contentOf } from "../postgres/connection/snapshot.ts";
import { restore, type RestoreProof } from "../restore/restore.ts";
import { type Lease, takeLease } from "../store/lease/lease.ts";
import { readAcceptances } from "../store/records/acceptances.ts";
import { type ProofBody, putProof } from "../store/records/proofs.ts";
import { chooseSet, isLatest, latestNotNewest, skippedSets } from "../store/sets/latest.ts";
import { type Inventory, readInventory, vanishedIn } from "../store/sets/inventory.ts";
import { registeredOf } from "../store/sets/register.ts";
import { restorableSetOf } from "../store/sets/restorable_set.ts";
import type { AnySet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { browse, noBrowser, startBrowser, type StartingBrowser } from "./browser/browse.ts";
import { NegativeControl } from "./negative_control/negative_control.ts";
import type { DrillOptions } from "./options.ts";
import { addHistories, readLookedBefore } from "./record/histories.ts";
import { proofOf } from "./record/proof.ts";
import { DrillRecord, RESTORE_PHASE } from "./record/record.ts";
import { proveOldSet, type Turn, turnsOfTonight } from "./rota/old_sets.ts";

/**
 * Runs a whole drill. What is found wrong, and what could not be done, is in the result; only an interruption throws.
 * The sandbox runs afterwards on the restored state, or on its old one where the restore was refused.
 */
export async function drill(store: Store, options: DrillOptions): Promise<DrillResult> {
  const { from, sandbox, reporter, signal } = options;
  const record = new DrillRecord({
    ...options,
    into: sandbox.name,
    checks: [...allChecks, ...codeChecksFor(sandbox)],
  });
  const reached = options.lab ? undefined : reachedState(sandbox); // on the lab everything is one user's
  if (reached !== undefined) record.stateIsReached(reached);
  let set: AnySet | undefined;
  let inventory: Inventory | undefined;
  let begun = false;
  try {
    await using lease = await takeLease(store, sandbox.name, "drill", { signal });
    inventory = await readInventory(store, from);
    for (const { error } of inventory.unreadable) reporter.warn(error.message);
    record.checks.acceptances = await readAcceptances(
      store,
      from,
      ({ error }) => reporter.warn(error.message),
    );
    set = chooseSet(inventory, options.set, store.url);
    const notNewest = isLatest(from, options.set) ? latestNotNewest(inventory, set) : undefined;
    if (notNewest) reporter.warn(notNewest.sentence);
    record.setChosen(restorableSetOf(set));
    record.checks.lookedBefore = await readLookedBefore(set, store, reporter);
    await proveOldSets(turnsOfTonight(inventory, set, options), lease, store, record, options);
    begun = true;
    const about = { newer: skippedSets(inventory, set), vanished: vanishedIn(inventory) };
    const provedPapers = await readProvedPapers(set, inventory, store, options);
    await drillSet(
      set,
      { ...about, ...(provedPapers ? { provedPapers } : {}) },
      lease,
      store,
      record,
      options,
    );
  } catch (error) {
    signal.throwIfAborted();
    await endEarly(error, begun, record, options);
  }
  if (!set || !inventory) return record.finish();
  await addHistories(record, { set, store, inventory }, options);
  await storeProof(store, proofOf(record.finish(), set), record);
  return record.finish();
}

/** The older sets first, so that the sandbox ends on the newest. */
async function proveOldSets(
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
      record.olderSetDone(proved, check);
      await storeProof(store, proof, record);
    }
  });
}

/** The newest set: restored, then every check, then the negative control. The browser starts meanwhile. */
async function drillSet(
  set: AnySet,
  about: Pick<DataContext, "newer" | "vanished" | "provedPapers">,
  lease: Lease,
  store: Store,
  record: DrillRecord,
  options: DrillOptions,
): Promise<void> {
  const { sandbox, signal } = options;
  await using browser = options.opensPages === false
    ? noBrowser()
    : startBrowser({ signal, certificateAuthority: sandbox.web.certificateAuthority });
  const proof = await record.phase(RESTORE_PHASE, () => restore(set, sandbox, store, { ...options, lease }));
  await using _workload = proof.workload;
  record.setRestored(proof);
  await using control = await NegativeControl.open(record, { ...options, store, lease });
  await using session = await connectAsOwner(sandbox.database);
  await session.query(TRUSTED_SESSION_SQL);
  const registered = registeredOf(set, store);
  const data = await checkData({ proof, registered, ...about, session }, record, options);
  await control.chooseTurn(data);
  await checkPages(proof, data, browser, control, record, options);
  const duration = record.durationSoFar(options.maxDurationMs, durationChecks);
  await record.checks.run(durationChecks, duration, signal);
  await control.tryAtEnd(data, duration);
}

/** While the workload is still down: a visit writes. */
async function checkData(
  known: Pick<DataContext, "registered" | "newer" | "vanished" | "provedPapers" | "session"> & {
    proof: RestoreProof;
  },
  record: DrillRecord,
  options: DrillOptions,
): Promise<DataContext> {
  const { sandbox, maxAgeMs, level, samples, seed, signal } = options;
  const { proof, session } = known;
  record.versions.PostgreSQL = versionText((await identify(session)).serverVersion);
  record.versions.TLS = encryptionText(session.encryption, sandbox.database.tls);
  const choice = { count: level === "fast" ? 1 : samples, seed };
  const data = await record.phase("Checks on the data", async () => {
    const context = await readDataContext(
      { ...known, sandbox, maxAgeMs, level, choice },
      () => contentOf(session, proof.source.hash),
    );
    const checks = [...dataChecksFor(proof.source.tables !== undefined), ...codeChecksFor(sandbox)];
    await record.checks.run(checks, context, signal);
    return context;
  });
  record.company = data.company.name || record.company;
  record.dolibarrIs(data.company.version);
  return data;
}

const codeChecksFor = ({ htdocs }: DrillOptions["sandbox"]) => htdocs === undefined ? [] : codeChecks;

/** With an account and two marks in the sandbox, which go when all pages were opened. */
async function checkPages(
  { workload }: RestoreProof,
  data: DataContext,
  starting: StartingBrowser,
  control: NegativeControl,
  record: DrillRecord,
  options: DrillOptions,
): Promise<void> {
  const { session, sandbox } = data;
  const own = sandbox.web.account;
  if (own) await refuseUnsuitableAccount(session, own.login);
  await using account = own ? keptAccount(own) : await createDrillAccount(session);
  await using marks = await writeMarks(session, sandbox.documents);
  const facts = await readBrowserFacts(data, account, marks, options.harmless);
  await record.phase("Start of the sandbox", () => workload.start());
  await record.phase("Checks in the browser", async () => {
    const browser = await starting.ready;
    record.versions.Chromium = browser.version();
    await browse(browser, facts, record.checks, { ...options, signsOut: own !== undefined });
    record.pagesOpened(facts.seen.message && facts.seen.file ? data.samples.length : 0);
  });
  await control.tryOnPages(await starting.ready, facts, data);
}

/** An account of the ERP's own: nothing is removed at the end. */
const keptAccount = (account: { login: string; password: string }) => ({
  ...account,
  configured: true,
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

/** What ended the drill is recorded. One that had begun with its set and took too long by then is too slow as well. */
async function endEarly(
  error: unknown,
  begun: boolean,
  record: DrillRecord,
  { maxDurationMs, signal }: DrillOptions,
): Promise<void> {
  const pending = record.checks.pending();
  const judged = begun ? durationChecks.filter((check) => pending.some(({ id }) => id === check.id)) : [];
  const duration = record.durationSoFar(maxDurationMs, durationChecks);
  record.endedBy(error, judged);
  await record.checks.run(judged, duration, signal);
}

/** A store that does not take the proof may have lost the backup too, so the drill is then no pass. */
async function storeProof(store: Store, proof: ProofBody | undefined, record: DrillRecord): Promise<void> {
  if (!proof) return;
  try {
    await putProof(store, proof);
  } catch (error) {
    record.proofNotStored(error);
  }
}
