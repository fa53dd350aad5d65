/** What a documents folder is, and what is mounted around it: the kernel's view, which no path can hide from. */

import { DrillError, messageOf } from "../base/errors.ts";
import type { FolderFacts, Place } from "./target_gate.ts";

/** One line of /proc/self/mountinfo (proc(5)), as far as it says where a folder really is. */
export interface Mount {
  /** `major:minor` */
  filesystem: string;
  /** Which folder of that filesystem is mounted; `/` unless a part of it was bound elsewhere. */
  root: string;
  mountPoint: string;
}

/** @throws DrillError `DOCUMENTS_NOT_WRITABLE` where the folder is not there or not ours to look at. */
export async function folderFacts(path: string): Promise<FolderFacts> {
  try {
    const realPath = await Deno.realPath(path);
    const mounts = parseMounts(await readMounts());
    return {
      realPath,
      chain: await Promise.all(
        upwards(realPath).map(async (folder) => {
          const { dev, ino } = await Deno.stat(folder);
          return { device: dev, inode: ino ?? 0 };
        }),
      ),
      place: placeOf(realPath, mounts),
      mountedInside: mountedInside(realPath, mounts),
    };
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot look at the documents folder ${path}: ${messageOf(error)}`,
      "Make the folder, or mount it. A target without one cannot be told from production.",
      { cause: error },
    );
  }
}

/** The mounts in the order in which they were made; a line that is none is passed over. */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [, , filesystem, root, mountPoint] = line.split(" ");
    return filesystem && root && mountPoint
      ? [{ filesystem, root: unescaped(root), mountPoint: unescaped(mountPoint) }]
      : [];
  });
}

/** Where `path` lies in its own filesystem, whichever way it is bound; undefined where no mount holds it. */
export function placeOf(path: string, mounts: readonly Mount[]): Place | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const holds = mount.mountPoint === path || below(path, mount.mountPoint);
    if (holds && mount.mountPoint.length >= (best?.mountPoint.length ?? 0)) best = mount; // the last one lies on top
  }
  if (!best) return undefined;
  const rest = path.slice(best.mountPoint === "/" ? 0 : best.mountPoint.length);
  return { filesystem: best.filesystem, path: joined(best.root, rest) };
}

/** The mount points strictly below `path`. */
export const mountedInside = (path: string, mounts: readonly Mount[]): string[] =>
  mounts.map(({ mountPoint }) => mountPoint).filter((point) => below(point, path));

async function readMounts(): Promise<string> {
  try {
    return await Deno.readTextFile("/proc/self/mountinfo");
  } catch {
    return ""; // not Linux, or no /proc: nobody can tell what is mounted, and devices and inodes are compared all the same
  }
}

/** `/a/b` -> `/a/b`, `/a`, `/` */
function upwards(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return [...parts.map((_, at) => `/${parts.slice(0, parts.length - at).join("/")}`), "/"];
}

/** The kernel writes a space, a tab, a newline and a backslash as three octal digits. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

const below = (path: string, folder: string): boolean =>
  path !== folder && path.startsWith(folder === "/" ? "/" : `${folder}/`);
const joined = (root: string, rest: string): string => `${root === "/" ? "" : root}${rest}` || "/";
