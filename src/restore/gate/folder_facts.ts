/** What a documents folder is, and what is mounted around it: by the kernel's view, whatever its path says. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { isBelow, type Mount, mountedInside, parseMounts, readMounts } from "../../documents/tree/mounts.ts";
import type { FolderFacts, MountedPath } from "./judge.ts";

export { mountedInside, parseMounts };

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
    };
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot read the documents folder ${path}: ${messageOf(error)}`,
      "After a crash: dolibarr-drill rearm. Otherwise create the folder, or mount it. Without it the target cannot be told apart from production.",
      { cause: error },
    );
  }
}

/** Where `path` lies in its own filesystem, however that is bound; undefined where no mount holds it. */
export function mountedPathOf(path: string, mounts: readonly Mount[]): MountedPath | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const holds = mount.mountPoint === path || isBelow(path, mount.mountPoint);
    if (holds && mount.mountPoint.length >= (best?.mountPoint.length ?? 0)) best = mount; // the last one lies on top
  }
  if (!best) return undefined;
  const rest = path.slice(best.mountPoint === "/" ? 0 : best.mountPoint.length);
  return { filesystem: best.filesystem, path: joined(best.root, rest) };
}

/** `/a/b` -> `/a/b`, `/a`, `/` */
function upwards(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return [...parts.map((_, at) => `/${parts.slice(0, parts.length - at).join("/")}`), "/"];
}

const joined = (root: string, rest: string): string => `${root === "/" ? "" : root}${rest}` || "/";
