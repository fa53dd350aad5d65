/** `pg_dump` as a stream, of the very instant that was counted and hashed. */

import { DrillError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { startTool } from "../base/processes.ts";
import type { Bytes } from "../base/streams.ts";
import { connectionEnvironment, type Database } from "./database.ts";
import { lastLine } from "./messages.ts";
import type { Programs } from "./programs.ts";

/**
 * The custom-format dump of `database` as of `snapshot`. Reading it to its end proves only that pg_dump ended well.
 * @throws DrillError `TOOL_FAILED` with pg_dump's own reason: a lock, a login that expired, a server that went away.
 */
export async function* dumpDatabase(
  database: Database,
  snapshot: string,
  programs: Programs,
  signal: AbortSignal,
): AsyncGenerator<Bytes, void, void> {
  await using dump = startTool(programs.pgDump, {
    args: [
      "--format=custom",
      "--no-password",
      `--snapshot=${snapshot}`,
      `--lock-wait-timeout=${limits.dumpWaitsForLock}`,
    ],
    env: connectionEnvironment(database),
    signal,
  });
  yield* dump.stdout;
  const end = await dump.ended;
  signal.throwIfAborted();
  if (end.code !== 0) {
    throw new DrillError(
      "TOOL_FAILED",
      `Cannot dump ${database.name}: ${lastLine(end.stderr) ?? `pg_dump ended with ${end.code}`}`,
      "Nothing was kept of this dump. If a lock was in the way, run it when no upgrade or import is running.",
      { details: end.stderr.trim().split("\n").slice(-5) },
    );
  }
}
