/** What a restore that did not succeed has left is finished or undone: the database says which. */

import { DrillError, messageOf } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { exists } from "../base/files.ts";
import { realRoots } from "../documents/swap/real_root.ts";
import { furtherRoots } from "../documents/swap/together.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoppedWorkload } from "../platform/workload.ts";
import type { Session } from "../postgres/connection/session.ts";
import { leftoverStages, removeStaged, stagedNoteFile } from "./load/staged_rollback.ts";
import { blocksRestore, leftInWords, takeOverNotes } from "./rearm/former_notes.ts";
import { settleAfterFailure, settleEarlier } from "./settle_documents.ts";
import type { Unpacked } from "./unpack_set.ts";

interface SettleOptions {
  reporter: Reporter;
  signal: AbortSignal;
}

/** The folders of a target by their real paths: where one is a link, the folder itself is swapped. */
export interface TargetFolders {
  documents: string;
  /** By their names in an archive. */
  further: ReadonlyMap<string, string>;
}

/** Finishes or undoes what an earlier restore left there. */
export async function settleTarget(
  target: OpenEnvironment,
  session: Session,
  options: SettleOptions,
): Promise<TargetFolders> {
  await refuseLeftovers(target, options.reporter);
  await refuseStagedLeft(target);
  await settleEarlier(session, target, options);
  return { documents: await Deno.realPath(target.documents), further: furtherRoots(target) };
}

/** What a restore in stages saved is the only copy of what was there: `rearm` puts it back, with the ERP stopped. */
async function refuseStagedLeft({ name, state }: OpenEnvironment): Promise<void> {
  const folder = await leftoverStages(state);
  if (folder === undefined) return;
  if (!await exists(stagedNoteFile(folder))) return await removeStaged(folder); // the target had not been touched yet
  throw new DrillError(
    "RESTORE_UNFINISHED",
    `Cannot restore into ${name}: an earlier restore in stages was interrupted there`,
    `Put back what it held before: ${PROGRAM} rearm --env ${name}. To give that up instead, remove ${folder} first.`,
  );
}

/**
 * Takes over what the version before left, and refuses what else looks like half a restore: the only copy of something may lie
 * there, and whoever can write documents may have made it up.
 */
async function refuseLeftovers(
  target: OpenEnvironment,
  reporter: Reporter,
): Promise<void> {
  const { name } = target;
  const { taken, left } = await takeOverNotes(target, realRoots(target));
  for (const path of taken) reporter.note(`Took over what an earlier version had left: ${path}`);
  const [first] = left.filter(blocksRestore);
  if (first === undefined) {
    for (const one of left) {
      reporter.warn(
        `Left unread: ${leftInWords(one)}. If it is yours: ${PROGRAM} rearm --env ${name} --adopt-notes`,
      );
    }
    return;
  }
  throw new DrillError(
    "RESTORE_UNFINISHED",
    `Cannot restore into ${name}: ${first.path} looks like half a restore, which this user did not begin on this machine`,
    `Nothing was changed. If another user or machine began it, finish it there: ${PROGRAM} rearm --env ${name}. If it is yours, from an earlier version: ${PROGRAM} rearm --env ${name} --adopt-notes. If it is neither, look at it and remove it.`,
    { details: left.map(leftInWords) },
  );
}

/** After a failure: the documents go with the database, and the workload runs again on the old state alone. */
export async function undo(
  error: unknown,
  { unpacked, workload }: { unpacked?: Unpacked; workload: StoppedWorkload },
  target: OpenEnvironment,
  reporter: Reporter,
): Promise<void> {
  if (error instanceof DrillError && error.code === "RESTORE_UNFINISHED") workload.stayDown(error.message);
  if (unpacked) await settleAfterFailure(target, workload, reporter);
  await startAgain(workload, target, reporter);
}

/** After a failure: that the workload cannot be started is a warning, and does not hide the failure's own reason. */
async function startAgain(
  workload: StoppedWorkload,
  target: OpenEnvironment,
  reporter: Reporter,
): Promise<void> {
  try {
    await workload[Symbol.asyncDispose]();
  } catch (error) {
    reporter.warn(`${target.name} is still down: ${messageOf(error)}`);
  }
}
