/** `pg_dump` as a stream, of the very instant that was counted and hashed. */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { findTool, startTool, type ToolEnd, WIDENS_STDOUT } from "../../base/process/processes.ts";
import type { Bytes } from "../../base/streams.ts";
import { connectionEnvironment, type Database } from "../connection/database.ts";
import { connectionProblemIn, lastLine } from "./message_classes.ts";
import type { Programs } from "./programs.ts";
import { lockHolders, sessionEndReason } from "../connection/session_end.ts";
import { lockedError } from "../connection/session_errors.ts";
import type { Snapshot } from "../connection/snapshot.ts";

/**
 * The custom-format dump of `database` as of `snapshot`; not `compressed` where it is not stored. Reading it to its end proves only that pg_dump ended well.
 * @throws DrillError `DATABASE_LOCKED`, `DATABASE_LOGIN` (expired or revoked meanwhile), `DATABASE_UNREACHABLE` and
 *   `DATABASE_FAILED` (a server that went away or was restarted); else `TOOL_FAILED` with pg_dump's own reason.
 */
export async function* dumpDatabase(
  database: Database,
  snapshot: Pick<Snapshot, "id" | "since">,
  programs: Programs,
  signal: AbortSignal,
  { compressed = true } = {},
): AsyncGenerator<Bytes, void, void> {
  const { path, args } = writingBlocks(programs.pgDump, [
    "--format=custom",
    ...(compressed ? [] : ["--compress=0"]),
    "--no-password",
    `--snapshot=${snapshot.id}`,
    `--lock-wait-timeout=${limits.dumpWaitsForLock}`,
  ]);
  await using dump = startTool(path, { args, env: connectionEnvironment(database), signal });
  yield* dump.stdout;
  const end = await dump.ended;
  signal.throwIfAborted();
  if (end.code !== 0) throw await dumpError(database, end, snapshot.since);
}

async function dumpError(database: Database, { code, stderr }: ToolEnd, since: number): Promise<DrillError> {
  const problem = connectionProblemIn(stderr);
  if (problem === "locked") return lockedError(database, "dump", await lockHolders(database));
  // the snapshot is a session of the same login: a refusal now means that the login was valid a moment ago
  if (problem !== undefined) {
    return await sessionEndReason(database, "dump", {
      since,
      message: reasonIn(stderr) ?? `pg_dump exited with status ${code}`,
    });
  }
  return new DrillError(
    "TOOL_FAILED",
    `Cannot dump ${database.name}: ${reasonIn(stderr) ?? `pg_dump exited with status ${code}`}`,
    "This dump was discarded. The last lines of pg_dump's output are above; the server's log may say more.",
    { details: stderr.trim().split("\n").slice(-5) },
  );
}

/** pg_dump's reason is its first error; the lines behind it say in which query. */
const reasonIn = (stderr: string): string | undefined =>
  stderr.split("\n").find((line) => line.includes("error:"))?.trim() ?? lastLine(stderr);

/**
 * The C library hands pg_dump's output on in pieces of 4 KiB, each with a turn of the kernel, of us and of pg_dump;
 * coreutils' stdbuf makes it 1 MiB, and a pipe as wide takes such a piece at once. Without either it is slower, no worse.
 */
function writingBlocks(program: string, args: string[]): { path: string; args: string[] } {
  const [stdbuf, perl] = [findTool("stdbuf"), findTool("perl")];
  const buffered = stdbuf ? [stdbuf, "--output=1M", program, ...args] : [program, ...args];
  const [path = program, ...rest] = perl ? [perl, "-e", WIDENS_STDOUT, ...buffered] : buffered;
  return { path, args: rest };
}
