/** One temporary folder for a run, removed at its end; a later run removes what a killed one left. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Holder, isGone, thisProcess } from "./holder.ts";
import { limits } from "../limits.ts";

/** The name is short because the browser makes a socket in the folder, whose path may have 107 bytes. */
const MARK = "drill";
const SHORT = 8;

/** Makes the folder below `folder`, the system's temporary one. Its name says which process it belongs to. */
export function makeScratch(folder: string): { path: string } & Disposable {
  const here = thisProcess();
  sweep(folder, here);
  const { boot, pid, start } = here;
  const path = join(folder, [MARK, boot.slice(0, SHORT), pid, start, placeOf(here)].join("~"));
  Deno.mkdirSync(path, { mode: 0o700 });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Host, machine and PID namespace as a short hash. */
const placeOf = ({ host, machine, namespace }: Required<Holder>): string =>
  createHash("sha256").update([host, machine, namespace].join("\n")).digest("hex").slice(0, SHORT);

/** Removes the folders of runs here whose process is gone; those of another machine or namespace after a day. */
function sweep(folder: string, here: Required<Holder>): void {
  for (const { name } of Deno.readDirSync(folder)) {
    const [mark, bootStart, pid, start = "", place] = name.split("~");
    if (mark !== MARK) continue;
    const boot = bootStart === here.boot.slice(0, SHORT) ? here.boot : "an earlier one";
    const path = join(folder, name);
    try {
      const gone = place === placeOf(here) && isGone({ ...here, boot, pid: Number(pid), start }, here);
      if (!gone && !isForgotten(path)) continue;
      Deno.removeSync(path, { recursive: true });
    } catch (error) {
      // another run removed it at the same time, or it is another user's
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
}

const isForgotten = (path: string): boolean =>
  Date.now() - (Deno.lstatSync(path).mtime?.getTime() ?? Date.now()) > limits.leftoverIsForgotten;
