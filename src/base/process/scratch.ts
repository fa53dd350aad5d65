/** One folder for what a run puts aside, gone with it; what a killed run left is swept by a later one. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Holder, isGone, thisProcess } from "./holder.ts";
import { limits } from "../limits.ts";

/** Short, like all of the name: the browser makes a socket in there, and its path may have 107 bytes. */
const MARK = "drill";
const SHORT = 8;

/** Makes the folder below `folder`, the system's temporary one. Its name tells whose it is. */
export function makeScratch(folder: string): { path: string } & Disposable {
  const here = thisProcess();
  sweep(folder, here);
  const { boot, pid, start } = here;
  const path = join(folder, [MARK, boot.slice(0, SHORT), pid, start, placeOf(here)].join("~"));
  Deno.mkdirSync(path, { mode: 0o700 });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Host, machine and PID namespace in a few letters. */
const placeOf = ({ host, machine, namespace }: Required<Holder>): string =>
  createHash("sha256").update([host, machine, namespace].join("\n")).digest("hex").slice(0, SHORT);

/** Removes the folders of runs in this place whose process is gone; those of another place after a day. */
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
      // another run swept it at the same time, or it is another user's
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
}

const isForgotten = (path: string): boolean =>
  Date.now() - (Deno.lstatSync(path).mtime?.getTime() ?? Date.now()) > limits.leftoverIsForgotten;
