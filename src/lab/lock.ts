/** One at a time: who builds, starts or stops a lab holds its lock. The kernel frees it when its process ends, however. */

import { DrillError } from "../base/errors.ts";
import { type Holder, holderName, isGone, thisProcess } from "../base/process/holder.ts";
import type { Places } from "./places.ts";
import { readJson } from "./state.ts";

/**
 * Takes the lab's lock, or says who has it.
 * @throws DrillError `LEASE_HELD`
 */
export function takeLock(places: Places): Disposable {
  const file = Deno.openSync(places.lock, { read: true, write: true, create: true, mode: 0o644 });
  if (!file.tryLockSync(true)) {
    file.close();
    throw lockHeld(places);
  }
  if (lstatInode(places.lock) !== file.statSync().ino) {
    file.close(); // it was removed with its lab between the two
    throw lockHeld(places);
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

/** Who holds the lab now, as `process 4711 on anna`, or undefined. */
export function lockHolder(places: Places): string | undefined {
  const holder = readJson<Holder>(places.lock);
  return holder && !isGone(holder) ? holderName(holder) : undefined;
}

function lockHeld(places: Places): DrillError {
  const who = lockHolder(places) ?? "another process";
  return new DrillError(
    "LEASE_HELD",
    `Cannot use the lab in ${places.asked}: ${who} uses it`,
    "Wait until it is through. To share one lab between several runs, start it first: dolibarr-drill lab up",
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
