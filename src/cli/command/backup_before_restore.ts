/** Before production is overwritten, a set of its present state is taken and held. */

import { backup } from "../../backup/backup.ts";
import { DrillError } from "../../base/errors.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { putHold } from "../../store/records/holds.ts";
import type { Lease } from "../../store/lease/lease.ts";
import type { Store } from "../../store/store.ts";
import type { Context } from "./context.ts";

/** How long the set of the state before is held. */
const HELD_DAYS = 30;

/**
 * Takes a set of `target` and holds it for 30 days. Its ERP is stopped, and no session is left in its database.
 * @param restoring the set that is to take its place, `prod/20260630T155313Z`: the next backup continues that one.
 * @throws DrillError what the backup failed with; nothing was changed.
 */
export async function backUpBeforeRestore(
  target: OpenEnvironment,
  store: Store,
  lease: Lease,
  restoring: string,
  { reporter, signal }: Context,
): Promise<void> {
  try {
    const { name } = await backup(target, store, {
      kind: "before-restore",
      restoring,
      lease,
      reporter,
      signal,
    });
    const until = new Date(Date.now() + HELD_DAYS * 86_400_000).toISOString().slice(0, 10);
    await putHold(store, {
      environment: target.name,
      set: name,
      until,
      reason: "the state before production was restored",
      since: new Date().toISOString(),
    });
    reporter.warn(`BACKED UP BEFORE IT IS OVERWRITTEN: ${target.name}/${name}, HELD UNTIL ${until}`);
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    const { code, message, hint, details } = error;
    throw new DrillError(
      code,
      message,
      `${hint} Production was not touched, because its present state could not be backed up. If there is nothing left to back up: --without-backup`,
      { details, cause: error },
    );
  }
}
