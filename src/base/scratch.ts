/** One folder for what a run puts aside, gone with it; what a killed run left is swept by the next one. */

import { join } from "node:path";
import { isGone, thisProcess } from "./holder.ts";

/** Short, like all of the name: the browser makes a socket in there, and its path may have 107 bytes. */
const MARK = "drill";
const BOOT_BYTES = 8;

/** Makes the folder below `folder`, the system's temporary one. Its name tells whose it is. */
export function makeScratch(folder: string): { path: string } & Disposable {
  const { boot, pid, start } = thisProcess();
  sweep(folder);
  const path = join(folder, [MARK, boot.slice(0, BOOT_BYTES), pid, start].join("~"));
  Deno.mkdirSync(path, { mode: 0o700 });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Removes the folders of runs on this machine whose process is gone. */
function sweep(folder: string): void {
  const { host, boot: thisBoot } = thisProcess();
  for (const { name } of Deno.readDirSync(folder)) {
    const [mark, bootStart, pid, start = ""] = name.split("~");
    const boot = bootStart === thisBoot.slice(0, BOOT_BYTES) ? thisBoot : "an earlier one";
    if (mark !== MARK || !isGone({ host, boot, pid: Number(pid), start })) continue;
    try {
      Deno.removeSync(join(folder, name), { recursive: true });
    } catch (error) {
      // another run swept it at the same time, or it is another user's
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
}
