/** Names in a documents folder that are no documents: ours, the volume's own, and what belongs to the installation. Pure. */

import { randomHex } from "../../base/random.ts";

/** Where the parts of a restore lay inside a documents folder that cannot be renamed itself, in the version before. */
export const OUR_FOLDER = ".dolibarr-drill";
/** The same of this version: nobody can have made a folder of that name before. */
const OUR_NEW_FOLDER = /^\.dolibarr-drill-[0-9a-f]{32}$/;

/** @param name of an entry right below a documents folder */
export const isOurFolder = (name: string): boolean => name === OUR_FOLDER || OUR_NEW_FOLDER.test(name);

/** A name for it that nobody can guess. */
export const newOurFolder = (): string => `${OUR_FOLDER}-${randomHex(16)}`;
/** The note of a stopped workload, where it cannot lie beside the documents folder (platform/local/stopped_note.ts). */
export const STOPPED_NOTE = ".drill-stopped.json";
/** The parts of a restore beside the folder that is restored, which for one of the documents' folders is among them. */
const BESIDE = /^\..+\.drill-(journal\.json~?|new|old|gone)$/;

interface StayingName {
  /** Of an entry right below the documents folder. */
  name: string;
  /** Whether a backup takes it. */
  backedUp: boolean;
  /** What a restore does where the archive has one. */
  ofArchive: "taken where the target has none" | "never taken";
  why: string;
}

/** What a restore leaves as the target has it. Anything else in the documents is replaced. */
export const STAYING: readonly StayingName[] = [
  {
    name: "install.lock",
    backedUp: true,
    ofArchive: "taken where the target has none",
    why: "it locks Dolibarr's installer: the target's own stays, and no restore takes it away",
  },
  {
    name: "lost+found",
    backedUp: false,
    ofArchive: "never taken",
    why: "it is the volume's own, and holds what fsck found there",
  },
];

/** Whether `path` (below a documents folder) is, or lies in, what a restore of ours left: no backup and no check sees it. */
export const isOurs = (path: string): boolean =>
  path.split("/").some((name) => isOurFolder(name) || name.startsWith(STOPPED_NOTE) || BESIDE.test(name));

/** Whether no backup takes `path`, whatever the excludes say. */
export const isNeverBackedUp = (path: string): boolean =>
  isOurs(path) || STAYING.some(({ name, backedUp }) => !backedUp && isAt(path, name));

/** Whether a restore takes the place of `path`: neither ours nor what each restore leaves as it is. */
export const isReplaced = (path: string): boolean =>
  !isOurs(path) && !STAYING.some(({ name }) => isAt(path, name));

/** Why `path` may be another in the target than in the archive; undefined where it must be the same. */
export const whyOfTarget = (path: string): string | undefined =>
  STAYING.find(({ name }) => isAt(path, name))?.why;

/** Why the entry `name` of the archive does not come over, to a target that has or has not one of that name. */
export function whyNotTaken(name: string, targetHasIt: boolean): string | undefined {
  const staying = STAYING.find((one) => one.name === name);
  return staying && (targetHasIt || staying.ofArchive === "never taken") ? staying.why : undefined;
}

/** The folder that a part of a restore beside it belongs to: `mycompany` of `.mycompany.drill-old`. */
export const besideWhat = (name: string): string | undefined =>
  BESIDE.test(name) ? name.slice(1, name.lastIndexOf(".drill-")) : undefined;

const isAt = (path: string, name: string): boolean => path === name || path.startsWith(`${name}/`);
