/** `pg_dump` as a stream, of the very instant that was counted and hashed. */

import { DrillError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { findTool, startTool } from "../base/processes.ts";
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
  const { path, args } = writingBlocks(programs.pgDump, [
    "--format=custom",
    "--no-password",
    `--snapshot=${snapshot}`,
    `--lock-wait-timeout=${limits.dumpWaitsForLock}`,
  ]);
  await using dump = startTool(path, { args, env: connectionEnvironment(database), signal });
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

/**
 * The C library hands pg_dump's output on in pieces of 4 KiB, each with a turn of the kernel, of us and of pg_dump;
 * coreutils' stdbuf makes it 1 MiB, which saves a tenth of the time that the processors spend on a dump.
 */
function writingBlocks(program: string, args: string[]): { path: string; args: string[] } {
  const stdbuf = findTool("stdbuf");
  return stdbuf ? { path: stdbuf, args: ["--output=1M", program, ...args] } : { path: program, args };
}
