/**
 * Problems of the server itself, unlike a dump that it refuses: the exit status of the one is "could not", of the other "bad",
 * for what is wrong with the target says nothing against a set. Pure.
 */

import type { ErrorCode } from "../../base/errors.ts";
import { isFull } from "../../base/files.ts";

/** What the server's or a program's message `reason` says is wrong with the server; undefined where it says nothing of it. */
export function serverProblemOf(reason: string): { code: ErrorCode; hint: string } | undefined {
  const [, code, hint = ""] = SERVER_PROBLEMS.find(([pattern]) => pattern.test(reason)) ?? [];
  return code && { code, hint };
}

const SERVER_PROBLEMS: [{ test(reason: string): boolean }, ErrorCode, string][] = [
  [
    /server closed the connection|connection to server|terminating connection|could not (receive|send) data|the database system is/,
    "DATABASE_UNREACHABLE",
    "The server went away. It rolls the transaction back when it starts again.",
  ],
  [{ test: isFull }, "DISK_FULL", "Make room on the database server's disk."],
  [
    /could not extend file|could not write/,
    "DATABASE_FAILED",
    "The database server cannot write to its disk: see its log.",
  ],
  [/lock timeout/, "DATABASE_LOCKED", "Another session holds a lock there: see pg_locks."],
  [
    /out of memory|out of shared memory/,
    "DATABASE_FAILED",
    "Raise max_locks_per_transaction on the server (256 is enough for a Dolibarr).",
  ],
  [
    /permission denied/,
    "DATABASE_FAILED",
    "The login must be a member of the owner role, and that role must own everything in the schema.",
  ],
];
