/** What a run that did not come to its end left in an environment: looked for, and finished or undone. Safe to repeat. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { holderName } from "../../base/process/holder.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { removeDrillAccounts } from "../../dolibarr/sandbox/drill_account.ts";
import { removeMarks } from "../../dolibarr/sandbox/marks.ts";
import { readRestoreId } from "../../dolibarr/sandbox/restore_id.ts";
import { settleDocuments, unfinishedRestore } from "../../documents/swap/swap.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { realRoot } from "../../documents/swap/hidden_places.ts";
import { connect, type Session } from "../../postgres/connection/session.ts";
import { readControlNote, removeControl } from "../checkpoint/control_note.ts";
import { waitForRestore } from "../load/advisory_lock.ts";
import { finishStaged, type StagedEnd } from "../load/staged_rollback.ts";
import { leftoverStages } from "../../documents/swap/unfinished_restore.ts";

/**
 * `nothing`: there was nothing to do. `done`: it was finished or undone. `left`: it is not ours to change. `failed`: it
 * could not be undone, and still is as it was found.
 */
export type Done = "nothing" | "done" | "left" | "failed";

export interface RearmOutcome {
  done: Done;
  /** A sentence without its full stop. */
  what: string;
}

export interface RearmResult extends RearmOutcome {
  /** `documents`, `workload`, ... */
  step: string;
  title: string;
}

export interface RearmOptions {
  /** Puts the target back to what a drill kept before it broke it; without it that is only told. */
  putBack?: () => Promise<unknown>;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What the steps share. */
interface Context extends RearmOptions {
  target: OpenEnvironment;
  /** A session in the target's database, where no restore is under way any more. Rejects with the reason why there is none. */
  database(): Promise<Session>;
  /** Stops the ERP where it runs: somebody may have started it on half a restore. The last step starts it again. */
  stopped(): Promise<void>;
  /** What went before. */
  results: readonly RearmResult[];
}

interface Step {
  step: string;
  title: string;
  run(context: Context): Promise<RearmOutcome>;
}

/** In this order: what the database holds decides which documents belong to it, and both decide whether the ERP may run. */
const STEPS: readonly Step[] = [
  // first: it decides what the database holds
  { step: "staged", title: "Database of a restore in stages", run: finish },
  { step: "documents", title: "Documents of a cut-off restore", run: settle },
  { step: "control", title: "A sandbox that a drill has broken on purpose", run: unbreak },
  { step: "account", title: "Accounts that a drill made", run: removeAccounts },
  { step: "marks", title: "Marks that a drill wrote", run: removeLeftMarks },
  { step: "workload", title: "The ERP", run: bringBack },
];

/** Steps that must be right before the ERP may run. */
const STATE_STEPS: readonly string[] = ["staged", "documents"];

/**
 * Looks for everything that a killed or interrupted run may have left in `target`, whose lease the caller holds, and puts
 * it right as far as it is ours. Each step is tried, whatever became of those before it.
 */
export async function rearm(target: OpenEnvironment, options: RearmOptions): Promise<RearmResult[]> {
  const results: RearmResult[] = [];
  await using open = new AsyncDisposableStack();
  let opening: Promise<Session> | undefined;
  const database = () => opening ??= quietSession(target, open, options.signal);
  const stopped = async () => {
    if (await target.workload.state() === "up") await target.workload.stop(options.signal);
  };
  for (const { step, title, run } of STEPS) {
    options.signal.throwIfAborted();
    using progress = options.reporter.step(title);
    const outcome = await tried(
      () => run({ ...options, target, database, stopped, results }),
      options.signal,
    );
    results.push({ step, title, ...outcome });
    if (outcome.done !== "failed") progress.end();
  }
  return results;
}

async function tried(run: () => Promise<RearmOutcome>, signal: AbortSignal): Promise<RearmOutcome> {
  try {
    return await run();
  } catch (error) {
    signal.throwIfAborted();
    const hint = error instanceof DrillError ? `. ${error.hint}` : "";
    return { done: "failed", what: `${messageOf(error)}${hint}` };
  }
}

async function quietSession(
  { name, database }: OpenEnvironment,
  open: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Session> {
  const session = open.use(await connect(database));
  await waitForRestore(session, name, signal);
  return session;
}

const STAGED_ENDS: Record<StagedEnd, string> = {
  "put back": "what it held before was put back",
  finished: "the restore had been committed: what it held before is removed",
  untouched: "the database had not been changed yet: what was saved of it is removed",
};

async function finish({ target, database, stopped, reporter, signal }: Context): Promise<RearmOutcome> {
  const root = realRoot(target.documents);
  if (root === undefined) throw new Error(`the folder of the documents ${target.documents} is gone`);
  if ((await leftoverStages(root)).length === 0) {
    return { done: "nothing", what: "no restore in stages was cut off" };
  }
  const session = await database(); // no restore runs any more
  await stopped();
  return { done: "done", what: STAGED_ENDS[await finishStaged(target, session, root, { reporter, signal })] };
}

async function settle({ target, database, stopped }: Context): Promise<RearmOutcome> {
  const root = realRoot(target.documents);
  if (root === undefined) throw new Error(`the folder of the documents ${target.documents} is gone`);
  const left = await unfinishedRestore(root);
  const committed = left === undefined ? undefined : await readRestoreId((await database()).ask);
  if (left !== undefined) await stopped();
  const settled = await settleDocuments(root, committed);
  if (settled === "nothing") return { done: "nothing", what: "no restore was cut off" };
  return {
    done: "done",
    what: settled === "finished"
      ? "the restore was through: its new documents are in place"
      : "the restore was not through: the old documents are in place",
  };
}

async function unbreak({ target, database, putBack }: Context): Promise<RearmOutcome> {
  const root = realRoot(target.documents);
  const mark = root === undefined ? undefined : await readControlNote(root);
  if (root === undefined || !mark) return { done: "nothing", what: "no negative control was cut off" };
  const restored = await readRestoreId((await database()).ask) ?? null;
  if (restored !== mark.restore) {
    await removeControl(root);
    return { done: "done", what: "it was restored anew since: what a drill had kept of it is removed" };
  }
  const how = `${mark.by}, for ${mark.check} to see`;
  if (!putBack) {
    return {
      done: "left",
      what: `it was broken on purpose (${how}), and not put back: restore or drill anew`,
    };
  }
  await putBack();
  await removeControl(root);
  return { done: "done", what: `what a drill had broken on purpose was put back: ${how}` };
}

async function removeAccounts({ target, database }: Context): Promise<RearmOutcome> {
  if (!target.disposable) return notOurs(target);
  const removed = await removeDrillAccounts(await database());
  return removed.length === 0
    ? { done: "nothing", what: "there is none" }
    : { done: "done", what: `removed ${removed.join(", ")}` };
}

async function removeLeftMarks({ target, database }: Context): Promise<RearmOutcome> {
  if (!target.disposable) return notOurs(target);
  const removed = await removeMarks(await database(), target.documents);
  return removed.length === 0
    ? { done: "nothing", what: "there is none" }
    : { done: "done", what: `removed ${removed.join(", ")}` };
}

const notOurs = ({ name }: OpenEnvironment): RearmOutcome => ({
  done: "left",
  what: `not looked for: ${name} is protected, and no drill writes there`,
});

/**
 * The ERP runs again where we stopped it: on the old state, or on one that was checked and neutralised, which it is when
 * its documents are settled (docs/design.md, rule 2). Whoever else stopped it had a reason.
 */
async function bringBack({ target: { name, workload }, results }: Context): Promise<RearmOutcome> {
  const note = await workload.left();
  if (!note) return { done: "nothing", what: await whoNeverStopped(workload) };
  const by = `${holderName(note.holder)} stopped it at ${note.since}`;
  const unsettled = results.find(({ step, done }) => STATE_STEPS.includes(step) && done === "failed");
  if (unsettled) {
    return { done: "failed", what: `${by}; it stays stopped, for nobody knows what state ${name} is in` };
  }
  if (await workload.state() === "up") {
    await workload.forget();
    return { done: "done", what: `${by}; it runs, and the note of that is gone` };
  }
  if (!note.wasUp) {
    await workload.forget();
    return { done: "left", what: `${by}; it was down before, and is left so` };
  }
  await workload.start();
  return { done: "done", what: `${by}; it runs again` };
}

async function whoNeverStopped(workload: OpenEnvironment["workload"]): Promise<string> {
  try {
    return await workload.state() === "up" ? "it runs" : "it is down, and was not stopped by us: left alone";
  } catch (error) {
    return `it was not stopped by us (${messageOf(error)})`; // one that we cannot even ask
  }
}
