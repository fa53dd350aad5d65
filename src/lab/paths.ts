/** Where a lab is: its folder, and the paths of everything in it. */

import { DrillError } from "../base/errors.ts";

/** The folders and files of one lab. All paths are absolute. */
export interface LabPaths {
  /** The folder that was named: `/home/anne/dolibarr-drill/.lab`. */
  asked: string;
  /** The folder with its data: the same one, or a folder under /var/tmp to which `asked` is a link. */
  root: string;
  /** The name of this lab among others on this machine, which PostgreSQL's processes have in their titles. */
  tag: string;
  state: string;
  filled: string;
  running: string;
  lock: string;
  /** Where the data is under /var/tmp: a file with the path of the link to it. */
  link: string;
  config: string;
  erpScript: string;
  secrets: string;
  store: string;
  /** What runs in the lab leave for the next one. */
  states: string;
  postgres: string;
  pgbouncer: string;
  run: string;
  log: string;
  tmp: string;
  cache: string;
}

/** The rights of a folder above the lab. */
export interface FolderMode {
  path: string;
  mode: number;
  uid: number;
  gid: number;
}

/** Where the data of a lab is stored, and why it is not in its folder. */
type LabLocation = { at: "folder"; root: string } | { at: "aside"; root: string; reason: string };

/** Where the data is stored that cannot be in the lab's folder: on a disk, kept over a restart, open to every system user. */
const ASIDE = "/var/tmp";
const ASIDE_NAME = /^dolibarr-drill-[0-9a-f]{12}$/;

/** The paths of the lab whose data is in `root`. */
function labPathsOf(asked: string, root: string, tag: string): LabPaths {
  const at = (name: string) => `${root}/${name}`;
  return {
    asked,
    root,
    tag,
    state: at("lab.json"),
    filled: at("filled"),
    running: at("running.json"),
    lock: at("lock"),
    link: at("link"),
    config: at("dolibarr-drill.yaml"),
    erpScript: at("bin/erp"),
    secrets: at("secrets"),
    store: at("store"),
    states: at("states"),
    postgres: at("postgres"),
    pgbouncer: at("pgbouncer"),
    run: at("run"),
    log: at("log"),
    tmp: at("tmp"),
    cache: at("cache"),
  };
}

/** `dolibarr-drill-` and 12 hex digits that follow from the folder's real path. */
export async function labTag(folder: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(folder));
  return `dolibarr-drill-${new Uint8Array(digest).toHex().slice(0, 12)}`;
}

/**
 * Decides where the data of the lab `folder` is stored: in it, unless PostgreSQL's system user (`server`; undefined where
 * everything runs as one user) cannot enter one of the `parents`, or the path contains a character that Dolibarr's
 * installer, a PHP setting or pgbouncer's configuration would misread. Pure.
 */
export function decideLocation(
  folder: string,
  tag: string,
  parents: FolderMode[],
  server?: { uid: number; gid: number },
): LabLocation {
  const aside = (reason: string): LabLocation => ({ at: "aside", root: `${ASIDE}/${tag}`, reason });
  if (!/^[A-Za-z0-9._/-]+$/.test(folder) || folder.includes("--") || folder.includes("..")) {
    return aside("its path contains characters that PHP or Dolibarr would change");
  }
  const closed = server && parents.find((parent) => !canEnter(parent, server));
  return closed
    ? aside(`PostgreSQL's system user cannot enter ${closed.path}`)
    : { at: "folder", root: folder };
}

function canEnter({ mode, uid, gid }: FolderMode, user: { uid: number; gid: number }): boolean {
  if (user.uid === uid) return (mode & 0o100) !== 0;
  if (user.gid === gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/**
 * Finds the lab `folder` (an absolute path), and with `make` creates its folder, or the folder of its data and the link.
 * @returns undefined where there is no lab and `make` is not set.
 * @throws DrillError `LAB_FAILED` where the folder is something else, or belongs to another user.
 */
export async function findLabPaths(
  folder: string,
  options: { make?: { server?: { uid: number; gid: number } } } = {},
) {
  const parent = realPath(folder.slice(0, folder.lastIndexOf("/")) || "/");
  if (parent === undefined) {
    if (!options.make) return undefined;
    throw new DrillError(
      "LAB_FAILED",
      `Cannot make the lab ${folder}: its parent folder does not exist`,
      "Create that folder first.",
    );
  }
  const real = `${parent === "/" ? "" : parent}/${folder.slice(folder.lastIndexOf("/") + 1)}`;
  const tag = await labTag(real);
  const found = lstat(real);
  if (found?.isSymlink) return followLink(folder, real, tag, options.make !== undefined);
  if (found && !found.isDirectory) {
    throw new DrillError("LAB_FAILED", `Cannot use ${folder} as a lab: it is a file`, "Move the file away.");
  }
  if (found && !isEmpty(real)) {
    refuseForeign(real, found);
    return labPathsOf(folder, real, tag);
  }
  if (!options.make) return undefined;
  const { server } = options.make;
  const home = decideLocation(real, tag, modesAbove(real), server);
  if (home.at === "folder") {
    Deno.mkdirSync(real, { recursive: true });
  } else {
    makeAside(home.root);
    if (found) Deno.removeSync(real); // an empty folder, replaced by the link
    Deno.symlinkSync(home.root, real);
    Deno.writeTextFileSync(`${home.root}/link`, real);
  }
  Deno.chmodSync(home.root, 0o755);
  return labPathsOf(folder, home.root, tag);
}

/** Labs of this user whose data is under /var/tmp and whose link was removed. */
export function findOrphanedLabs(): LabPaths[] {
  const orphans: LabPaths[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(ASIDE)) {
    const root = `${ASIDE}/${name}`;
    if (!isDirectory || !ASIDE_NAME.test(name) || Deno.lstatSync(root).uid !== Deno.uid()) continue;
    const link = lstat(`${root}/link`) && Deno.readTextFileSync(`${root}/link`);
    if (link && !leadsTo(link, root)) orphans.push(labPathsOf(link, root, name));
  }
  return orphans;
}

function leadsTo(link: string, root: string): boolean {
  try {
    return Deno.readLinkSync(link) === root;
  } catch (error) {
    // it was removed or replaced; without the right to look, it may still be there
    return error instanceof Deno.errors.PermissionDenied;
  }
}

function followLink(folder: string, real: string, tag: string, make: boolean): LabPaths | undefined {
  const target = Deno.readLinkSync(real);
  const ours = target === `${ASIDE}/${tag}`;
  if (ours && make) { // /var/tmp may have been emptied
    makeAside(target);
    Deno.writeTextFileSync(`${target}/link`, real);
  }
  const root = realPath(real);
  if (root === undefined) {
    if (!make) return undefined;
    throw new DrillError(
      "LAB_FAILED",
      `Cannot use the lab ${folder}: it is a link to ${target}, which does not exist`,
      `Remove the link: rm ${folder}`,
    );
  }
  refuseForeign(root, Deno.statSync(root));
  return labPathsOf(folder, root, tag);
}

/** Makes the folder; one that another user made in /var/tmp is refused. */
function makeAside(root: string): void {
  try {
    Deno.mkdirSync(root, { mode: 0o755 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    refuseForeign(root, Deno.lstatSync(root));
  }
}

function refuseForeign(root: string, info: Deno.FileInfo): void {
  if (info.isDirectory && info.uid === Deno.uid()) return;
  throw new DrillError(
    "LAB_FAILED",
    `Cannot use the lab in ${root}: it belongs to the user with the id ${info.uid}, and this is ${Deno.uid()}`,
    `Run it as that user, or remove the folder: rm -r ${root}`,
  );
}

function modesAbove(folder: string): FolderMode[] {
  const modes: FolderMode[] = [];
  for (let at = folder.lastIndexOf("/"); at >= 0; at = at === 0 ? -1 : folder.lastIndexOf("/", at - 1)) {
    const path = folder.slice(0, at) || "/";
    const { mode, uid, gid } = Deno.statSync(path);
    modes.push({ path, mode: mode ?? 0, uid: uid ?? 0, gid: gid ?? 0 });
  }
  return modes;
}

const isEmpty = (folder: string): boolean => Deno.readDirSync(folder).next().done === true;

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
