/** The drill: the newest set into the sandbox, checks on the data, checks in the browser, one result. */

import { DrillError, messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { createDrillAccount } from "../dolibarr/drill_account.ts";
import { writeMarks } from "../dolibarr/marks.ts";
import { openBrowser, openErp } from "../dolibarr/pages/browser.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { identify, versionText } from "../postgres/identity.ts";
import { connect } from "../postgres/session.ts";
import { contentOf } from "../postgres/snapshot.ts";
import { restore, type RestoreProof } from "../restore/restore.ts";
import { sourceOf } from "../restore/source.ts";
import type { ProtectedEnvironment } from "../restore/target.ts";
import { type Lease, takeLease } from "../store/lease.ts";
import { findInCatalogue, type PassedOver, passedOver, readCatalogue } from "../store/catalogue.ts";
import { type ProofBody, putProof } from "../store/proofs.ts";
import type { AnySet } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { browserChecks, type BrowserContext } from "./checks/browser.ts";
import { readDataContext } from "./checks/context.ts";
import { dataChecks, dataChecksFor } from "./checks/restored.ts";
import { timeChecks } from "./checks/time.ts";
import type { CheckText, Level } from "./check.ts";
import { OLD_SETS_PHASE } from "./history.ts";
import { proveOldSet, type Turn, turnsOfTonight } from "./old_sets.ts";
import { proofOf } from "./proof.ts";
import { type DrillRecord, newRecord } from "./record.ts";
import type { CheckResult, DrillResult } from "./result.ts";

/** In the order in which they run. */
export const ALL_CHECKS: readonly CheckText[] = [...dataChecks, ...browserChecks, ...timeChecks];

export interface DrillOptions {
  /** The environment whose sets are drilled. */
  from: string;
  /** `latest`, or a set's name. */
  set: string;
  sandbox: OpenEnvironment;
  protectedOnes: readonly ProtectedEnvironment[];
  samples: number;
  seed: string;
  /** How deep it looks; `fast` opens one invoice. */
  level: Level;
  /** How old the set may be (RPO), and how long the drill may take (RTO), both in ms. */
  maxAgeMs: number;
  maxDurationMs: number;
  /** Within that time every kept set is restored once, the older ones before the newest; 0 or none: the newest alone. */
  rotaMs?: number;
  /** False: no page is opened. The browser's checks are then NOT RUN, so such a drill is never a pass. */
  look?: boolean;
  lab: { erp: "real" | "stand-in"; reason?: string } | undefined;
  reporter: Reporter;
  signal: AbortSignal;
  /** Called with each check as it is done. */
  onCheck: (check: CheckResult) => void;
}

/**
 * Runs a whole drill. What is found wrong, and what could not be done, is in the result; only an interruption throws.
 * The sandbox runs afterwards on the restored state, or on its old one where the restore was refused.
 */
export async function drill(store: Store, options: DrillOptions): Promise<DrillResult> {
  const record = newRecord({ ...options, into: options.sandbox.name, checks: ALL_CHECKS });
  let drilled: AnySet | undefined;
  try {
    await using lease = await takeLease(store, options.sandbox.name, "drill", { signal: options.signal });
    const catalogue = await readCatalogue(store, options.from);
    const set = findInCatalogue(catalogue, options.set, store.url);
    drilled = set;
    const newer = passedOver(catalogue, set);
    record.describeSet(sourceOf(set));
    const oldMs = await proveTurns(turnsOfTonight(catalogue, set, options), lease, store, record, options);
    await using browser = options.look === false ? noBrowser() : startEarly(options.signal);
    const proof = await record.phase(
      "Restore into the sandbox",
      () => restore(set, options.sandbox, store, { ...options, lease }),
    );
    await using _workload = proof.workload;
    record.describeProof(proof);
    await checkAll(proof, newer, browser, record, options);
    await record.run(
      timeChecks,
      { ms: record.elapsed() - oldMs, maxDurationMs: options.maxDurationMs },
      options.signal,
    );
  } catch (error) {
    options.signal.throwIfAborted();
    record.fail(error);
  }
  const result = record.finish();
  if (drilled) await keepProof(store, proofOf(result, drilled), options.reporter);
  return result;
}

/** The older sets first, so that the sandbox ends on the newest. @returns how long they took, in ms. */
async function proveTurns(
  turns: readonly Turn[],
  lease: Lease,
  store: Store,
  record: DrillRecord,
  options: DrillOptions,
): Promise<number> {
  if (turns.length === 0) return 0;
  const before = record.elapsed();
  await record.phase(OLD_SETS_PHASE, async () => {
    for (const turn of turns) {
      const { proved, check, proof } = await proveOldSet(turn, store, { ...options, lease });
      record.addOld(proved, check);
      await keepProof(store, proof, options.reporter);
    }
  });
  return record.elapsed() - before;
}

/** What was proved stands in the store from now on; where it cannot be written, the drill's own report still says it. */
async function keepProof(
  store: Store,
  proof: ProofBody | undefined,
  reporter: Reporter,
): Promise<void> {
  if (!proof) return;
  try {
    await putProof(store, proof);
  } catch (error) {
    reporter.warn(`What this drill proved could not be written into the store: ${messageOf(error)}`);
  }
}

/** Data first, while the workload is still down; then the browser. */
async function checkAll(
  proof: RestoreProof,
  newer: readonly PassedOver[],
  starting: EarlyBrowser,
  record: DrillRecord,
  options: DrillOptions,
): Promise<void> {
  const { sandbox, signal } = options;
  await using session = await connect(sandbox.database);
  record.versions.PostgreSQL = versionText((await identify(session)).serverVersion);
  const data = await record.phase("Checks on the data", async () => {
    const context = await readDataContext(
      {
        proof,
        newer,
        sandbox,
        session,
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
  record.versions.Dolibarr = data.company.version || "unknown";
  await using account = sandbox.web.account
    ? ownAccount(sandbox.web.account)
    : await createDrillAccount(session);
  await using marks = await writeMarks(session, sandbox.documents);
  await record.phase("Start of the sandbox", () => proof.workload.start());
  await record.phase("Checks in the browser", async () => {
    const browser = await starting.ready;
    record.versions.Chromium = browser.version();
    await using erp = await openErp(browser, sandbox.web.url);
    const { samples } = data;
    const context: BrowserContext = {
      erp,
      session,
      documents: sandbox.documents,
      company: data.company,
      invoices: data.invoices,
      samples,
      account,
      marks,
    };
    await record.run(browserChecks, context, signal);
    record.looked(samples.length);
  });
}

const choiceOf = ({ level, samples, seed }: DrillOptions) => ({
  count: level === "fast" ? 1 : samples,
  seed,
});

interface EarlyBrowser extends AsyncDisposable {
  ready: ReturnType<typeof openBrowser>;
}

/** Starts the browser beside the restore, which does not wait for it; what it fails with is told when it is needed. */
function startEarly(signal: AbortSignal): EarlyBrowser {
  const ready = openBrowser({ signal });
  ready.catch(() => undefined); // told by whoever awaits `ready`
  return { ready, [Symbol.asyncDispose]: () => ready.then((browser) => browser.close(), () => undefined) };
}

function noBrowser(): EarlyBrowser {
  const refused = Promise.reject(
    new DrillError(
      "CHECK_NOT_RUN",
      "No page was opened: this drill was told not to look",
      "Run it with the browser.",
    ),
  );
  refused.catch(() => undefined); // told by whoever awaits `ready`
  return { ready: refused, [Symbol.asyncDispose]: () => Promise.resolve() };
}

const ownAccount = (account: { login: string; password: string }) => ({
  ...account,
  [Symbol.asyncDispose]: () => Promise.resolve(),
});
