/** Finds what a killed or interrupted run has left in an environment, and finishes or undoes it. Safe to repeat. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { holderName } from "../../base/process/holder.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { removeDrillAccounts } from "../../dolibarr/sandbox/drill_account.ts";
import { removeMarks } from "../../dolibarr/sandbox/marks.ts";
import { readRestoreId } from "../../dolibarr/sandbox/restore_id.ts";
import { settleDocuments, unfinishedRestore } from "../../documents/swap/swap.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { realRoots } from "../../documents/swap/real_root.ts";
import { connect, type Session } from "../../postgres/connection/session.ts";
import { readControlNote, removeControl } from "../checkpoint/control_note.ts";
import { waitForRestore } from "../load/advisory_lock.ts";
import { finishStaged, leftoverStages, type StagedEnd } from "../load/staged_rollback.ts";
import { blocksRestore, leftInWords, takeOverNotes } from "./former_notes.ts";

/**
 * `nothing`: there was nothing to do. `done`: it was finished or undone. `left`: `rearm` does not change it. `failed`: it
 * could not be undone, and is as it was found.
 */
export type Done = "nothing" | "done" | "left" | "failed";

interface RearmOutcome {
  done: Done;
  /** A sentence without its full stop. */
  what: string;
}

export interface RearmResult extends RearmOutcome {
  /** `documents`, `workload`, ... */
  step: string;
  title: string;
}

interface RearmOptions {
  /** Resets the target to what a drill saved before it broke it; without it a broken target is only reported. */
  resetControl?: () => Promise<unknown>;
  /** Takes also notes at the documents that this user may not have written. */
  adoptsNotes?: boolean;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What the steps share. */
interface Context extends RearmOptions {
  target: OpenEnvironment;
  /** A session in the target's database, in which no restore runs any more. Rejects where there is none. */
  database(): Promise<Session>;
  /** Stops the ERP where it runs: it may have been started on half a restore. The last step starts it again. */
  stopErp(): Promise<void>;
  /** Of the steps before. */
  results: readonly RearmResult[];
}

interface Step {
  step: string;
  title: string;
  run(context: Context): Promise<RearmOutcome>;
}

/** In this order: what the database holds decides which documents belong to it, and both decide whether the ERP may run. */
const STEPS: readonly Step[] = [
  { step: "notes", title: "Notes of an earlier version", run: takeNotes },
  { step: "staged", title: "Database of a restore in stages", run: finishStages },
  { step: "documents", title: "Documents of an unfinished restore", run: settleSwap },
  { step: "control", title: "Sandbox that a drill broke on purpose", run: undoControl },
  { step: "account", title: "Accounts that a drill made", run: removeAccounts },
  { step: "marks", title: "Marks that a drill wrote", run: removeLeftMarks },
  { step: "workload", title: "The ERP", run: startErp },
];

/** Steps that must be right before the ERP may run. */
const STATE_STEPS: readonly string[] = ["notes", "staged", "documents"];

/**
 * Finishes or undoes everything that a killed or interrupted run has left in `target`, whose lease the caller holds. Each
 * step is tried, also after one that failed.
 */
export async function rearm(target: OpenEnvironment, options: RearmOptions): Promise<RearmResult[]> {
  const results: RearmResult[] = [];
  await using open = new AsyncDisposableStack();
  let opening: Promise<Session> | undefined;
  const database = () => opening ??= quietSession(target, open, options.signal);
  const stopErp = async () => {
    if (await target.workload.state() === "up") await target.workload.stop(options.signal);
  };
  for (const { step, title, run } of STEPS) {
    options.signal.throwIfAborted();
    using progress = options.reporter.step(title);
    const outcome = await tried(
      () => run({ ...options, target, database, stopErp, results }),
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

async function takeNotes({ target, adoptsNotes }: Context): Promise<RearmOutcome> {
  const roots = realRoots(target);
  if (roots.length === 0) throw new Error(`the folder of the documents ${target.documents} is gone`);
  const { taken, left } = await takeOverNotes(target, roots, { adopts: adoptsNotes });
  const words = [
    ...(taken.length > 0 ? [`took over ${taken.join(", ")}`] : []),
    ...(left.length > 0
      ? [
        `not believed: ${
          left.map(leftInWords).join("; ")
        }. --adopt-notes takes what this user may not have written`,
      ]
      : []),
  ];
  if (left.some(blocksRestore)) return { done: "failed", what: words.join("; ") };
  if (left.length > 0) return { done: "left", what: words.join("; ") };
  return taken.length > 0
    ? { done: "done", what: words.join("; ") }
    : { done: "nothing", what: "there is none at the documents" };
}

async function finishStages({ target, database, stopErp, reporter, signal }: Context): Promise<RearmOutcome> {
  if (await leftoverStages(target.state) === undefined) {
    return { done: "nothing", what: "there is no unfinished restore in stages" };
  }
  const session = await database(); // no restore runs any more
  await stopErp();
  return { done: "done", what: STAGED_ENDS[await finishStaged(target, session, { reporter, signal })] };
}

async function settleSwap({ target, database, stopErp }: Context): Promise<RearmOutcome> {
  const { state } = target;
  const left = await unfinishedRestore(state);
  const committed = left === undefined ? undefined : await readRestoreId((await database()).ask);
  if (left !== undefined) await stopErp();
  const settled = await settleDocuments(state, committed);
  if (settled === "nothing") return { done: "nothing", what: "there is no unfinished restore" };
  return {
    done: "done",
    what: settled === "finished"
      ? "the restore had been committed: its new documents are in place"
      : "the restore had not been committed: the old documents are in place",
  };
}

async function undoControl({ target, database, resetControl }: Context): Promise<RearmOutcome> {
  const { state } = target;
  const note = await readControlNote(state);
  if (!note) {
    return { done: "nothing", what: "there is no unfinished negative control" };
  }
  const restored = await readRestoreId((await database()).ask) ?? null;
  if (restored !== note.restore) {
    await removeControl(state);
    return {
      done: "done",
      what: "it has been restored since then: what the drill had saved of it is removed",
    };
  }
  const how = `${note.by}, for the check ${note.check}`;
  if (!resetControl) {
    return {
      done: "left",
      what: `it was broken on purpose (${how}) and is not reset: restore or drill again`,
    };
  }
  await resetControl();
  await removeControl(state);
  return { done: "done", what: `it was reset; a drill had broken it on purpose: ${how}` };
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
  what: `not checked: ${name} is protected, and no drill writes there`,
});

/**
 * The ERP runs again where this tool stopped it: on the old state, or on one that was checked and neutralised, which it is
 * when its documents are settled (docs/design.md, rule 2). One that was stopped otherwise stays down.
 */
async function startErp({ target: { name, workload }, results }: Context): Promise<RearmOutcome> {
  const note = await workload.left();
  if (!note) return { done: "nothing", what: await stateWithoutNote(workload) };
  const by = `${holderName(note.holder)} stopped it at ${note.since}`;
  const unsettled = results.find(({ step, done }) => STATE_STEPS.includes(step) && done === "failed");
  if (unsettled) {
    return { done: "failed", what: `${by}; it stays down, because the state of ${name} is not known` };
  }
  if (await workload.state() === "up") {
    await workload.forget();
    return { done: "done", what: `${by}; it runs already, so the note is removed` };
  }
  if (!note.wasUp) {
    await workload.forget();
    return { done: "left", what: `${by}; it was down before that, and stays down` };
  }
  await workload.start();
  return { done: "done", what: `${by}; it runs again` };
}

async function stateWithoutNote(workload: OpenEnvironment["workload"]): Promise<string> {
  try {
    return await workload.state() === "up"
      ? "it runs"
      : "it is down, and was not stopped by this tool: left as it is";
  } catch (error) {
    return `it was not stopped by this tool (${messageOf(error)})`; // its state cannot be asked
  }
}
