/**
 * The swap of a restore's documents settled before, during and after it: the database says which documents belong to it, for
 * the restore's id is committed with its data.
 */

import { DrillError, messageOf } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { waitUntil } from "../base/time.ts";
import type { SwapPlace } from "../documents/swap/journal.ts";
import { settleDocuments, unfinishedRestore } from "../documents/swap/swap.ts";
import { commitTogether } from "../documents/swap/together.ts";
import { readRestoreId } from "../dolibarr/sandbox/restore_id.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoppedWorkload } from "../platform/workload.ts";
import type { Database } from "../postgres/connection/database.ts";
import { connect, type Session } from "../postgres/connection/session.ts";
import { waitForRestore } from "./load/advisory_lock.ts";

/** Settles what a killed restore left, before a new one starts. */
export async function settleEarlier(
  session: Session,
  target: OpenEnvironment,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<void> {
  const { state } = target;
  const left = await unfinishedRestore(state);
  if (left !== undefined) await waitForRestore(session, target.name, signal); // its COMMIT may still run
  const committed = left === undefined ? undefined : await readRestoreId(session.ask);
  const done = await settleDocuments(state, committed);
  if (done !== "nothing") {
    reporter.note(`An earlier restore into ${target.name} was interrupted: its documents were ${done}`);
  }
}

/** After the database's commit the restore is done: old documents that cannot be removed are a warning, and left to the next one. */
export async function commitDocuments(places: readonly SwapPlace[], reporter: Reporter): Promise<void> {
  try {
    await commitTogether(places);
  } catch (error) {
    reporter.warn(
      `The old documents could not all be removed (${messageOf(error)}); the next restore removes them`,
    );
  }
}

/**
 * After a failure: commits or reverts the swap as the database says once the transaction is over there. When it cannot be
 * asked, the journal stays, and the workload stays down on a state that was not checked.
 */
export async function settleAfterFailure(
  target: OpenEnvironment,
  workload: StoppedWorkload,
  reporter: Reporter,
): Promise<void> {
  if (await unfinishedRestore(target.state) === undefined) return;
  try {
    await using session = await connectAgain(target.database);
    await waitForRestore(session, target.name); // the transaction of a client that is gone goes on for a while
    await settleDocuments(target.state, await readRestoreId(session.ask));
  } catch (error) {
    workload.stayDown(
      `its database cannot be asked which documents belong to it (${
        messageOf(error)
      }); the next restore settles it`,
    );
    reporter.warn(`Until then the documents of ${target.name} may be those of the interrupted restore`);
  }
}

/** A server that was restarted, or recovers from a crash, answers after a while. */
async function connectAgain(database: Database): Promise<Session> {
  let [session, failure]: [Session | undefined, unknown] = [undefined, undefined];
  await waitUntil(
    async () => {
      try {
        session = await connect(database);
      } catch (error) {
        if (!(error instanceof DrillError) || error.code !== "DATABASE_UNREACHABLE") throw error;
        failure = error;
      }
      return session !== undefined;
    },
    limits.serverComesBack,
  );
  if (session) return session;
  throw failure;
}
