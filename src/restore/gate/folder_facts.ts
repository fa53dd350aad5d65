/** What a documents folder is, whatever it is called. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { isReplaced } from "../../documents/tree/names.ts";
import { mountedInside, mountedPathOf, readMounts } from "../../documents/tree/mounts.ts";
import type { FolderFacts } from "./judge.ts";

/** @throws DrillError `DOCUMENTS_NOT_WRITABLE` where the folder does not exist or this user may not read it. */
export async function folderFacts(path: string): Promise<FolderFacts> {
  try {
    const realPath = await Deno.realPath(path);
    const mounts = await readMounts();
    return {
      realPath,
      chain: await Promise.all(
        upwards(realPath).map(async (folder) => {
          const { dev, ino } = await Deno.stat(folder);
          return { device: dev, inode: ino ?? 0 };
        }),
      ),
      place: mountedPathOf(realPath, mounts),
      mountedInside: mountedInside(realPath, mounts),
      isEmpty: await isEmptyFolder(realPath),
    };
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot read the documents folder ${path}: ${messageOf(error)}`,
      `After a crash: ${PROGRAM} rearm. Otherwise create the folder, or mount it. Without it the target cannot be told apart from production.`,
      { cause: error },
    );
  }
}

async function isEmptyFolder(path: string): Promise<boolean> {
  for await (const { name } of Deno.readDir(path)) {
    if (isReplaced(name)) return false;
  }
  return true;
}

/** `/a/b` -> `/a/b`, `/a`, `/` */
function upwards(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return [...parts.map((_, at) => `/${parts.slice(0, parts.length - at).join("/")}`), "/"];
}
