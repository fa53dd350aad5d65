/** What a restore that did not succeed has left is finished or undone: the database says which. */

import { DrillError, messageOf } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { exists } from "../base/files.ts";
import { leftoverStages } from "../documents/swap/refuse_unfinished.ts";
import { furtherRoots } from "../documents/swap/together.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoppedWorkload } from "../platform/workload.ts";
import type { Session } from "../postgres/connection/session.ts";
import { removeStaged, stagedNoteFile } from "./load/staged_rollback.ts";
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
  const documents = await Deno.realPath(target.documents);
  const further = furtherRoots(target);
  await refuseStagedLeft(target, documents);
  await settleEarlier(session, target, [documents, ...further.values()], options);
  return { documents, further };
}

/** What a restore in stages saved is the only copy of what was there: `rearm` puts it back, with the ERP stopped. */
async function refuseStagedLeft({ name }: OpenEnvironment, documents: string): Promise<void> {
  for (const folder of await leftoverStages(documents)) {
    if (!await exists(stagedNoteFile(folder))) {
      await removeStaged(folder); // the target had not been touched yet
      continue;
    }
    throw new DrillError(
      "RESTORE_UNFINISHED",
      `Cannot restore into ${name}: an earlier restore in stages was interrupted there`,
      `Put back what it held before: ${PROGRAM} rearm --env ${name}. To give that up instead, remove ${folder} first.`,
    );
  }
}

/** After a failure: the documents go with the database, and the workload runs again on the old state alone. */
export async function undo(
  error: unknown,
  { unpacked, workload }: { unpacked?: Unpacked; workload: StoppedWorkload },
  target: OpenEnvironment,
  roots: readonly string[],
  reporter: Reporter,
): Promise<void> {
  if (error instanceof DrillError && error.code === "RESTORE_UNFINISHED") workload.stayDown(error.message);
  if (unpacked) await settleAfterFailure(target, roots, workload, reporter);
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
