/** What is mounted where: the kernel's view, which no path can hide from. */

/** One line of /proc/self/mountinfo (proc(5)), as far as it says where a folder really is. */
export interface Mount {
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

export const isBelow = (path: string, folder: string): boolean =>
  path !== folder && path.startsWith(folder === "/" ? "/" : `${folder}/`);

/** The kernel writes a space, a tab, a newline and a backslash as three octal digits. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
