/** The drill: the newest set into the sandbox, checks on the data, checks in the browser, one result. */

import { DrillError, messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { createDrillAccount } from "../dolibarr/drill_account.ts";
import { chooseSamples, isValidated } from "../dolibarr/invoices.ts";
import { writeMarks } from "../dolibarr/marks.ts";
import { openBrowser, openErp } from "../dolibarr/pages/browser.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { identify, versionText } from "../postgres/identity.ts";
import { connect } from "../postgres/session.ts";
import { contentOf } from "../postgres/snapshot.ts";
import { restore, type RestoreProof } from "../restore/restore.ts";
import { sourceOf } from "../restore/source.ts";
import type { ProtectedEnvironment } from "../restore/target.ts";
import { takeLease } from "../store/lease.ts";
import { findInCatalogue, type PassedOver, passedOver, readCatalogue } from "../store/catalogue.ts";
import { putProof } from "../store/proofs.ts";
import type { AnySet } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { browserChecks, type BrowserContext } from "./checks/browser.ts";
import { readDataContext } from "./checks/context.ts";
import { dataChecks, dataChecksFor } from "./checks/restored.ts";
import { timeChecks } from "./checks/time.ts";
import type { Check } from "./check.ts";
import { proofOf } from "./proof.ts";
import { type DrillRecord, newRecord } from "./record.ts";
import type { CheckResult, DrillResult } from "./result.ts";

/** In the order in which they run. */
const ALL_CHECKS = [...dataChecks, ...browserChecks, ...timeChecks] as readonly Check<never>[];

export interface DrillOptions {
  /** The environment whose sets are drilled. */
  from: string;
  /** `latest`, or a set's name. */
  set: string;
  sandbox: OpenEnvironment;
  protectedOnes: readonly ProtectedEnvironment[];
  samples: number;
  seed: string;
  /** How old the set may be (RPO), and how long the drill may take (RTO), both in ms. */
  maxAgeMs: number;
  maxDurationMs: number;
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
      { ms: record.elapsed(), maxDurationMs: options.maxDurationMs },
      options.signal,
    );
  } catch (error) {
    options.signal.throwIfAborted();
    record.fail(error);
  }
  const result = record.finish();
  if (drilled) await keepProof(store, drilled, result, options.reporter);
  return result;
}

/** What was proved stands in the store from now on; where it cannot be written, the drill's own report still says it. */
async function keepProof(
  store: Store,
  set: AnySet,
  result: DrillResult,
  reporter: Reporter,
): Promise<void> {
  const proof = proofOf(result, set);
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
      { proof, newer, sandbox, session, maxAgeMs: options.maxAgeMs },
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
    const samples = chooseSamples(data.invoices.filter(isValidated), options.samples, options.seed);
    const context: BrowserContext = {
      erp,
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
