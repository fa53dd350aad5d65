/** pg_restore straight into a database, with several connections at once: no transaction holds it together. */

import { DrillError } from "../../base/errors.ts";
import { startTool } from "../../base/process/processes.ts";
import { connectionEnvironment, type Database } from "../connection/database.ts";
import { classifyMessages, connectionProblemIn } from "./message_classes.ts";
import type { Programs } from "./programs.ts";
import { serverProblemOf } from "./server_problems.ts";

/** Two: more gain little on the machines that this was measured on (docs/facts.md, "Dumps and their programs"). */
const JOBS = 2;

/**
 * Runs a program that must not outlive this process: its standard input closes when this process is gone, however that
 * happened. A pg_restore that went on alone would load into what `rearm` is putting back.
 */
const ENDS_WITH_US = `exec 3<&0
"$@" 3<&- </dev/null & child=$!
trap 'kill "$child" 2>/dev/null' TERM
( cat <&3; kill "$child" ) >/dev/null 2>&1 & watcher=$!
exec 3<&-
wait "$child"; code=$?
kill "$watcher" 2>/dev/null
exit "$code"`;

/**
 * Loads `file` (a custom-format dump) as the owner role; the first statement that fails ends it.
 *
 * @param lines those of `listArchive` that are restored
 * @param options `acl`: with its rights, for a dump of this same database
 * @throws DrillError `RESTORE_FAILED` with the server's words, `DATABASE_UNREACHABLE`, `DATABASE_LOGIN`: what was loaded until then stays.
 */
export async function restoreParallel(
  file: string,
  lines: readonly string[],
  database: Database,
  programs: Programs,
  signal: AbortSignal,
  { acl = false } = {},
): Promise<void> {
  const list = await Deno.makeTempFile({ prefix: "dolibarr-drill-", suffix: ".list" });
  try {
    await Deno.writeTextFile(list, lines.join("\n") + "\n");
    await using tool = startTool("/bin/sh", {
      args: [
        "-c",
        ENDS_WITH_US,
        "sh",
        programs.pgRestore,
        `--jobs=${JOBS}`,
        "--no-password",
        "--exit-on-error",
        "--no-owner",
        ...(acl ? [] : ["--no-acl"]),
        "--no-tablespaces",
        `--role=${database.owner}`,
        `--use-list=${list}`,
        `--dbname=${database.name}`,
        file,
      ],
      env: connectionEnvironment(database),
      stdin: "piped",
      signal,
    });
    const { code, stderr } = await tool.ended;
    signal.throwIfAborted();
    const lost = classifyMessages(stderr).filter(({ meaning }) => meaning !== "harmless");
    if (code !== 0 || lost.length > 0) throw failed(database, code, lost.map(({ line }) => line), stderr);
  } finally {
    await Deno.remove(list);
  }
}

function failed(database: Database, code: number, lost: readonly string[], stderr: string): DrillError {
  const reason = lost[0]?.replace(/^pg_restore: (error: )?/, "") ?? `pg_restore exited with status ${code}`;
  const problem = connectionProblemIn(stderr);
  const ofServer = serverProblemOf(reason);
  return new DrillError(
    problem === "login"
      ? "DATABASE_LOGIN"
      : problem === "lost"
      ? "DATABASE_UNREACHABLE"
      : ofServer?.code ?? "RESTORE_FAILED",
    `Cannot load into ${database.name}: ${reason}`,
    `What was there before is put back. ${ofServer?.hint ?? "The server's log says more."}`,
    { details: lost.slice(1, 5) },
  );
}
