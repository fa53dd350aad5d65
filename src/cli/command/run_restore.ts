/** What the verbs share that bring something into an environment: the lease, what is printed, the ERP's start. */

import { DrillError } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import type { StoppedWorkload } from "../../platform/workload.ts";
import type { Incoming } from "../../restore/incoming.ts";
import { type RestoredParts, restoreIncoming } from "../../restore/restore.ts";
import type { Lease } from "../../store/lease/lease.ts";
import type { Store } from "../../store/store.ts";
import { type Context, warnOfReachedState } from "./context.ts";
import type { RestoreOptions } from "../../restore/options.ts";

interface RunRestoreOptions
  extends Pick<RestoreOptions, "protectedOnes" | "production" | "replaceForeign" | "terminate" | "staged"> {
  /** What is true then: `prod/20260630T155313Z is restored into sandbox`. */
  done: string;
  /** Called when no session is left in the target, before anything of it is changed. */
  before?: (lease: Lease) => Promise<void>;
}

/**
 * Brings it in while the target's lease is held, prints what was compared, and starts the target on it where it ran before.
 * Production is started in any case: that it does not run may be why it is restored.
 */
export async function runRestore(
  incoming: Incoming,
  target: OpenEnvironment,
  store: Store,
  { done, before, ...options }: RunRestoreOptions,
  context: Context,
): Promise<RestoredParts> {
  const { reporter, signal } = context;
  await warnOfReachedState(target, context);
  await using lease = await context.takeLease(store, target.name);
  const beforeLoad = before && (() => before(lease));
  const restored = await restoreIncoming(incoming, target, store, {
    ...options,
    beforeLoad,
    lease,
    reporter,
    signal,
  });
  print(done, restored, context);
  await startOn(restored.workload, options.production !== undefined);
  return restored;
}

/** An ERP that does not start takes nothing away from what was restored: the error says so. */
async function startOn(workload: StoppedWorkload, always: boolean): Promise<void> {
  try {
    await (always ? workload.start() : workload[Symbol.asyncDispose]());
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    const { code, message, hint, details } = error;
    throw new DrillError(code, message, `${hint} The restore itself is complete and committed.`, {
      details,
      cause: error,
    });
  }
}

/** The same for a program. */
export const restoredFields = ({ database, leftOut }: RestoredParts) => ({
  leftOut,
  neutralised: database?.neutralised ?? [],
  toBeEnteredAgain: database?.encrypted ?? [],
});

/** What did not come over, what was changed of it, and what was compared. */
function print(done: string, { database, unpacked, leftOut }: RestoredParts, context: Context): void {
  for (const { what, why } of leftOut) context.out(`left out: ${what} (${why})`);
  for (const { what, rows, why } of database?.neutralised ?? []) {
    context.out(`neutralised: ${what} (${formatCount(rows, "row")}; ${why})`);
  }
  for (const what of database?.encrypted ?? []) {
    context.out(`to be entered again, because it is encrypted with the key of another instance: ${what}`);
  }
  const equal = [
    ...(database ? [formatCount(database.expected.length, "table")] : []),
    ...(unpacked ? [formatCount(unpacked.proof.files, "file")] : []),
  ];
  context.out(`${done}: ${equal.join(" and ")} are equal`);
}
