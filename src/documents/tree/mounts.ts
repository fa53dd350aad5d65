/** What is mounted where: the kernel's view, which no path can hide from. */

/** One line of /proc/self/mountinfo (proc(5)), as far as it says where a folder really is. */
interface Mount {
  /** `major:minor` */
  filesystem: string;
  /** Which folder of that filesystem is mounted; `/` unless a part of it was bound elsewhere. */
  root: string;
  mountPoint: string;
}

/** The mounts in the order in which they were made. Empty where it is not Linux, or there is no /proc. */
export async function readMounts(): Promise<Mount[]> {
  try {
    return parseMounts(await Deno.readTextFile("/proc/self/mountinfo"));
  } catch {
    return []; // devices and inodes are compared all the same
  }
}

/** A line that is none is passed over. */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [, , filesystem, root, mountPoint] = line.split(" ");
    return filesystem && root && mountPoint
      ? [{ filesystem, root: unescaped(root), mountPoint: unescaped(mountPoint) }]
      : [];
  });
}

/** The mount points strictly below `path`. */
export const mountedInside = (path: string, mounts: readonly Mount[]): string[] =>
  mounts.map(({ mountPoint }) => mountPoint).filter((point) => isBelow(point, path));

/** Where a folder lies in its own filesystem, whichever way it is bound elsewhere. */
export interface MountedPath {
  /** `major:minor` */
  filesystem: string;
  path: string;
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

const isBelow = (path: string, folder: string): boolean =>
  path !== folder && path.startsWith(folder === "/" ? "/" : `${folder}/`);

/** The kernel writes a space, a tab, a newline and a backslash as three octal digits. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

const joined = (root: string, rest: string): string => `${root === "/" ? "" : root}${rest}` || "/";
