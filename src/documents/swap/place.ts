/** Where the parts of a restore may lie: beside the documents folder, or inside it. Decided before anything is changed. */

import { dirname } from "node:path";
import { thisUser } from "../../base/denied.ts";
import { DrillError } from "../../base/errors.ts";
import { OwnFolder } from "../../base/own_folder.ts";
import { requireTool, runTool } from "../../base/process/processes.ts";
import { mountedInside, readMounts } from "../tree/mounts.ts";

/** What is known of a documents folder before it is swapped. */
export interface RootFacts {
  root: string;
  /** `other`: a link, a file, a device. */
  is: "folder" | "absent" | "other";
  isMountPoint: boolean;
  mountedInside: readonly string[];
  /** The folder above it is on the same device; true where the root is absent. */
  sameDevice: boolean;
  aboveWritable: boolean;
  /** How the owner of the documents could exchange a name beside them, as a clause; undefined where nothing shows that. */
  aboveReached?: string | undefined;
  rootWritable: boolean;
  /** We may give a new folder the owner that the root has. */
  ownerCanBeKept: boolean;
}

/**
 * `beside`: the new folder is made beside the root and renamed. `inside`: it is made inside the root, and the entries are
 * renamed one by one. `none`: neither can be done.
 */
interface Placement {
  method: "beside" | "inside" | "none";
  /** A sentence about the root, without its path: "it is a mount point". */
  why: string;
}

/** By which method the documents of a folder like this can be swapped. Pure. */
export function placeSwap(facts: RootFacts): Placement {
  const { is } = facts;
  if (is === "other") return { method: "none", why: "it is no folder" };
  const [mounted] = facts.mountedInside;
  if (mounted !== undefined) return { method: "none", why: `${mounted} is mounted inside it` };
  const notBeside = whyNotBeside(facts);
  if (notBeside === undefined) {
    return { method: "beside", why: "the folder above it is writable, on the same device" };
  }
  if (is === "absent") return { method: "none", why: `it is not there, and ${notBeside}` };
  return facts.rootWritable
    ? { method: "inside", why: notBeside }
    : { method: "none", why: `${notBeside}, and it is not writable itself` };
}

function whyNotBeside(facts: RootFacts): string | undefined {
  if (facts.isMountPoint) return "it is a mount point";
  if (!facts.sameDevice) return "the folder above it is on another device";
  if (!facts.aboveWritable) return "the folder above it is not writable";
  if (facts.aboveReached !== undefined) {
    return `the documents' owner could exchange what is made beside it: ${facts.aboveReached}`;
  }
  if (!facts.ownerCanBeKept) return "a new folder could not be given its owner";
  return undefined;
}

/** @param root absolute, without links in its path */
export async function rootFacts(root: string): Promise<RootFacts> {
  const [info, above, mounts] = [lstat(root), lstat(dirname(root)), await readMounts()];
  const uid = Deno.uid();
  const isOurs = info?.uid === uid && info?.gid === Deno.gid();
  return {
    root,
    is: info === undefined ? "absent" : info.isDirectory ? "folder" : "other",
    isMountPoint: root === "/" || mounts.some(({ mountPoint }) => mountPoint === root),
    mountedInside: mountedInside(root, mounts),
    sameDevice: info === undefined || info.dev === above?.dev,
    aboveWritable: above?.isDirectory === true && !keepsEntries(above, info, uid) &&
      await isWritable(dirname(root)),
    aboveReached: info && info.uid !== uid ? reachedBy(dirname(root), info) : undefined,
    rootWritable: info !== undefined && await isWritable(root),
    ownerCanBeKept: uid === 0 || info === undefined || isOurs,
  };
}

/** @throws DrillError `DOCUMENTS_NOT_WRITABLE` where the documents of `root` cannot be swapped. */
export async function placeOrRefuse(root: string): Promise<"beside" | "inside"> {
  const { method, why } = placeSwap(await rootFacts(root));
  if (method !== "none") return method;
  throw new DrillError(
    "DOCUMENTS_NOT_WRITABLE",
    `Cannot put new documents beside or into ${root}: ${why}`,
    `The ${thisUser()} must be able to write there, and nothing else may be mounted below. Nothing was changed.`,
  );
}

/** A folder with the sticky bit lets only an entry's owner, or its own, rename the entry. */
const keepsEntries = (above: Deno.FileInfo, entry: Deno.FileInfo | undefined, uid: number | null): boolean =>
  uid !== 0 && entry !== undefined && ((above.mode ?? 0) & 0o1000) !== 0 && entry.uid !== uid &&
  above.uid !== uid;

/** undefined where nothing is there, or it may not be read. */
function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined; // whatever the reason, nothing can be put there: placeSwap refuses it
  }
}

/** Where both are of one user, there is nothing to be kept from each other. */
const reachedBy = (folder: string, { uid, gid }: Deno.FileInfo): string | undefined =>
  uid === null || gid === null ? undefined : new OwnFolder(folder).reachedBy({ uid, gid });

/** By the kernel's own answer: mode bits alone say nothing of root, or of a read-only disk. */
async function isWritable(folder: string): Promise<boolean> {
  const { code } = await runTool(requireTool("test", "coreutils"), {
    args: ["-w", folder, "-a", "-x", folder],
  });
  return code === 0;
}
