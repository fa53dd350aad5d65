/** The lock of a lab: the process that builds, starts or stops it holds it. The kernel releases it when the process ends. */

import { DrillError } from "../base/errors.ts";
import { type Holder, holderName, isGone, thisProcess } from "../base/process/holder.ts";
import { PROGRAM } from "../base/program_name.ts";
import type { LabPaths } from "./paths.ts";
import { readJson } from "./files.ts";

/**
 * Takes the lab's lock; disposing releases it.
 * @throws DrillError `LEASE_HELD` where another process holds it; the message names it.
 */
export function takeLock(paths: LabPaths): Disposable {
  const file = Deno.openSync(paths.lock, { read: true, write: true, create: true, mode: 0o644 });
  if (!file.tryLockSync(true)) {
    file.close();
    throw lockHeld(paths);
  }
  if (lstatInode(paths.lock) !== file.statSync().ino) {
    file.close(); // the lab was removed, with its lock, since the file was opened
    throw lockHeld(paths);
  }
  file.truncateSync();
  file.writeSync(new TextEncoder().encode(JSON.stringify(thisProcess()) + "\n"));
  return {
    [Symbol.dispose]() {
      file.truncateSync();
      file.close();
    },
  };
}

/** The process that holds the lock, `process 4711 on anna`; undefined where none does. */
export function lockHolder(paths: LabPaths): string | undefined {
  const holder = readJson<Holder>(paths.lock);
  return holder && !isGone(holder) ? holderName(holder) : undefined;
}

function lockHeld(paths: LabPaths): DrillError {
  const who = lockHolder(paths) ?? "another process";
  return new DrillError(
    "LEASE_HELD",
    `Cannot use the lab in ${paths.asked}: ${who} uses it`,
    `Wait until that process has finished. To share a lab between several runs, start it first: ${PROGRAM} lab up`,
  );
}

function lstatInode(path: string): number | null {
  try {
    return Deno.lstatSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
