/** Whether a file with a secret can be read by other users of the machine. */

import { dirname } from "node:path";

/** What is known of such a file. */
export interface SecretFileFacts {
  /** Its permission bits. */
  mode: number;
  /** Those of the folders above it, up to the root. */
  above: readonly number[];
  /** The names of other people's accounts on this machine. */
  others: readonly string[];
  /** The mount that it lies on; undefined where the mounts are not known. */
  mount: { type: string; readOnly: boolean } | undefined;
}

/** Of memory: a Secret that is mounted into a pod, a credential that systemd passes. Its bits are not the administrator's. */
const OF_MEMORY = ["tmpfs", "ramfs"];

/** Who can read it, as the end of a sentence; undefined where nobody else can. Pure. */
export function readableBy({ mode, above, others, mount }: SecretFileFacts): string | undefined {
  const isReadable = (mode & 0o004) !== 0 && above.every((bits) => (bits & 0o001) !== 0);
  if (!isReadable || others.length === 0) return undefined;
  if (mount && (mount.readOnly || OF_MEMORY.includes(mount.type))) return undefined;
  const [first, ...more] = others;
  return more.length === 0 ? first : `${first} and ${more.length} other user${more.length === 1 ? "" : "s"}`;
}

/** The accounts in the text of `/etc/passwd` that people can log in with, but this user's own and the system's. Pure. */
export function peopleIn(passwd: string, self: number): string[] {
  return passwd.split("\n").flatMap((line) => {
    const [name, , uid, , , , shell = ""] = line.split(":");
    const isPerson = Number(uid) >= FIRST_PERSON && Number(uid) < NOBODY && Number(uid) !== self;
    return name && isPerson && !/\/(nologin|false)$/.test(shell) ? [name] : [];
  });
}

/** Debian's bounds, as login.defs has them. */
const FIRST_PERSON = 1000;
const NOBODY = 65534;

/** Of the mount that holds `path` in the text of `/proc/self/mountinfo` (proc(5)). Pure. */
export function mountIn(mountinfo: string, path: string): SecretFileFacts["mount"] {
  let best: { point: string; type: string; readOnly: boolean } | undefined;
  for (const line of mountinfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const fields = before.split(" ");
    const [type, , superOptions = ""] = after.split(" ");
    if (fields.length < 6 || !type) continue;
    const point = fields[4]!.replaceAll(
      /\\([0-7]{3})/g,
      (_, octal) => String.fromCharCode(parseInt(octal, 8)),
    );
    const holds = point === "/" || path === point || path.startsWith(`${point}/`);
    if (!holds || point.length < (best?.point.length ?? 0)) continue; // the last one lies on top
    const readOnly = [fields[5]!, superOptions].some((options) => options.split(",").includes("ro"));
    best = { point, type, readOnly };
  }
  return best && { type: best.type, readOnly: best.readOnly };
}

/** Who can read the file at `path` besides this user; undefined where nobody can. */
export async function whoCanRead(path: string): Promise<string | undefined> {
  const { mode, isFile } = await Deno.stat(path);
  if (!isFile || mode === null) return undefined; // a pipe of the shell is read once, and gone
  const real = await Deno.realPath(path);
  const above: number[] = [];
  for (let folder = dirname(real);; folder = dirname(folder)) {
    above.push((await Deno.stat(folder)).mode ?? 0);
    if (dirname(folder) === folder) break;
  }
  // not to be had: then nobody else is known here, and no mount excuses the file
  const text = (file: string) => Deno.readTextFile(file).catch(() => "");
  return readableBy({
    mode,
    above,
    others: peopleIn(await text("/etc/passwd"), Deno.uid() ?? 0),
    mount: mountIn(await text("/proc/self/mountinfo"), real),
  });
}
