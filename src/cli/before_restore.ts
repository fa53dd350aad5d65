/** What is done before production is overwritten: it is said, and the present state is kept. */

import { backup } from "../backup/backup.ts";
import { DrillError } from "../base/errors.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { connect } from "../postgres/session.ts";
import type { RestoreOptions } from "../restore/restore.ts";
import { passGate } from "../restore/target.ts";
import { putHold } from "../store/holds.ts";
import type { Store } from "../store/store.ts";
import type { Context } from "./context.ts";
import type { Options } from "./options.ts";

/** How long the set of the state before is held. */
const HELD_DAYS = 30;

/**
 * Takes a set of what production is now and holds it for 30 days, once the gate has let the request pass.
 * @throws DrillError `TARGET_REFUSED`; what the backup failed with, and then nothing was changed.
 */
export async function backUpBeforehand(
  target: OpenEnvironment,
  store: Store,
  { protectedOnes, production: requested, reporter, signal }: Omit<RestoreOptions, "lease">,
  { withoutBackup }: Options,
  context: Context,
): Promise<void> {
  {
    await using session = await connect(target.database);
    await passGate(session, target, { protectedOnes, store, requested });
  }
  if (withoutBackup) return sayCapitals(`no backup is taken of what ${target.name} is now`, context);
  try {
    const { name } = await backup(target, store, { kind: "before-restore", reporter, signal });
    const until = new Date(Date.now() + HELD_DAYS * 86_400_000).toISOString().slice(0, 10);
    await putHold(store, {
      environment: target.name,
      set: name,
      until,
      reason: "the state before production was restored",
      since: new Date().toISOString(),
    });
    sayCapitals(`what ${target.name} is now is kept as ${target.name}/${name}, held until ${until}`, context);
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    const { code, message, hint, details } = error;
    throw new DrillError(
      code,
      message,
      `${hint} Production was not touched: its present state could not be kept. Where there is nothing left to keep: --without-backup`,
      { details, cause: error },
    );
  }
}

/** On stderr, where nobody can miss it; `line` is a sentence without its point. */
export const sayCapitals = (line: string, context: Context): void =>
  context.reporter.warn(line.toUpperCase());
