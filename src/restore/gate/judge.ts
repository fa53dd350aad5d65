/** The gate: may this environment be restored into? One pure function of facts; everything else asks it. */

import { sameDatabase } from "../../postgres/connection/same_database.ts";
import type { MountedPath } from "../../documents/tree/mounts.ts";
import type { TreeMatch } from "./documents_tree.ts";

/** What a database is, whatever it is called. */
export interface DatabaseFacts {
  systemIdentifier: string;
  databaseOid: string;
}

/** What a documents folder is, whatever it is called: after links were followed. */
export interface FolderFacts {
  realPath: string;
  /** Its own device and inode, then those of each folder above it, up to the root of the tree. */
  chain: readonly FileIdentity[];
  /** Undefined where the mounts are not known. */
  place: MountedPath | undefined;
  /** The mount points strictly below it. */
  mountedInside: readonly string[];
  /** Nothing is in it that a restore would replace. */
  isEmpty: boolean;
}

interface FileIdentity {
  device: number;
  inode: number;
}

export interface TargetFacts {
  name: string;
  disposable: boolean;
  database: DatabaseFacts;
  /** As the server says. */
  databaseName: string;
  owner: string;
  /** The protected owner roles that the target's login or its owner role is a member of; a superuser is one of all. */
  memberOf: readonly string[];
  documents: FolderFacts;
  /** Its further folders, by the paths as configured. */
  furtherFolders?: readonly { path: string; facts: FolderFacts }[];
  /** Of each folder that is replaced though nothing says that its files are an earlier restore's, a sentence. */
  foreign: readonly string[];
  /** Scheme, host and port. */
  webOrigin: string;
}

export interface ProtectedFacts {
  name: string;
  /** From the server now, and from its newest manifest; empty where its identity is not known. */
  databases: readonly DatabaseFacts[];
  owner: string;
  /** Undefined where its folder is not on this machine. */
  documents: FolderFacts | undefined;
  /** What of its documents, as they were at its last backup, is in the target's; undefined where nothing recorded that. */
  tree: RecordedTree | undefined;
  /** The path as configured, for a folder that cannot be read from here. */
  documentsPath: string;
  /** Folders elsewhere that belong to its documents: likewise. */
  furtherFolders?: readonly { path: string; facts: FolderFacts | undefined }[];
  webOrigin: string;
}

/** The files of a protected environment's documents in the target's. */
interface RecordedTree {
  match: TreeMatch;
  /** The record names no inodes: an index of a version that recorded none. */
  byPath: boolean;
  /** When it was recorded: `20260630T155313Z`. */
  at: string;
}

/** The database that the set to be restored was taken from, as its manifest recorded it. */
export interface SetOrigin {
  set: string;
  database: DatabaseFacts;
}

/** Every way in which the gate says no; `restore --help` lists them. */
export const REFUSALS = {
  not_disposable:
    "the target is not marked `disposable: true`, and no one asked to overwrite it by the name of its database",
  other_name: "--restore-production names another database than the target's",
  nothing_protected: "no environment is protected, so there is nothing to compare the target with",
  unknown_identity:
    "the identity of a protected environment's database or documents is not known, so the target cannot be told apart from it",
  same_database: "the target's database is a protected environment's, or the one that the set was taken from",
  same_owner: "the target's owner role is a protected environment's owner role",
  member: "the target's login or owner is a member of a protected environment's owner role",
  same_documents:
    "the target's documents are a protected environment's, or one lies inside the other, by any mount",
  foreign_documents:
    "the target's documents hold files that no restore put there, and --replace-foreign does not say that they may go",
  mounted_inside: "something is mounted inside the target's documents, which a restore would empty",
  same_web: "the target's web address is a protected environment's",
} as const;

export type Refusal = keyof typeof REFUSALS;

declare const passed: unique symbol;
/** The name of a target that has passed; only `judgeTarget` makes one. */
export type DisposableTarget = string & { readonly [passed]: true };

type Judgement =
  | { allowed: true; target: DisposableTarget }
  | { allowed: false; reasons: { refusal: Refusal; sentence: string }[] };

/**
 * Judges `target` against every protected environment and the set's origin, and gives every reason, not only the first.
 *
 * @param requested the database that a person asked to overwrite by its name, though its environment is protected. Of the
 *   reasons it takes away those alone that are about the target itself: it may be protected, and the set may be its own.
 */
export function judgeTarget(
  target: TargetFacts,
  protectedOnes: readonly ProtectedFacts[],
  origin?: SetOrigin,
  requested?: string,
): Judgement {
  const reasons: { refusal: Refusal; sentence: string }[] = [];
  const refuse = (refusal: Refusal, sentence: string) => reasons.push({ refusal, sentence });
  const targetFolders = [
    { what: DOCUMENTS, facts: target.documents },
    ...(target.furtherFolders ?? []).map(({ path, facts }) => ({ what: `the folder ${path}`, facts })),
  ];
  if (requested !== undefined && requested !== target.databaseName) {
    refuse(
      "other_name",
      `the database of ${target.name} is ${target.databaseName}, but --restore-production names ${requested}`,
    );
  }
  if (requested === undefined && !target.disposable) {
    refuse("not_disposable", `${target.name} does not say \`disposable: true\``);
  }
  if (requested === undefined && protectedOnes.length === 0) {
    refuse(
      "nothing_protected",
      `there is nothing to compare ${target.name} with: no environment is protected`,
    );
  }
  if (requested === undefined && origin && sameDatabase(target.database, origin.database)) {
    refuse("same_database", `${target.name} is the database that ${origin.set} was taken from`);
  }
  for (const { what, facts } of targetFolders) {
    for (const mountPoint of facts.mountedInside) {
      refuse("mounted_inside", `${mountPoint} is mounted inside ${what} of ${target.name}`);
    }
  }
  if (requested === undefined) {
    for (const sentence of target.foreign) refuse("foreign_documents", sentence);
  }
  for (const other of protectedOnes) {
    if (other.databases.length === 0) {
      refuse("unknown_identity", `${other.name} cannot be reached, and no set of it records its identity`);
    } else if (other.databases.some((database) => sameDatabase(target.database, database))) {
      refuse("same_database", `${target.name} is the database of ${other.name}, whatever it is called`);
    }
    if (target.owner === other.owner) {
      refuse("same_owner", `both ${target.name} and ${other.name} are owned by ${other.owner}`);
    } else if (target.memberOf.includes(other.owner)) {
      refuse(
        "member",
        `the login or the owner of ${target.name} is a member of ${other.owner}, which owns ${other.name}`,
      );
    }
    for (const { what, facts } of targetFolders) {
      const shared = protectedFolders(other).find((theirs) => sharesFolder(facts, theirs));
      if (!shared) continue;
      const both = what === shared.what
        ? `${what} of ${target.name} and ${other.name}`
        : `${what} of ${target.name} and ${shared.what} of ${other.name}`;
      refuse("same_documents", `${both} are the same folder, or one lies inside the other`);
    }
    const files = reasons.some(({ refusal }) => refusal === "same_documents")
      ? undefined
      : judgeFiles(target, other);
    if (files) refuse(files.refusal, files.sentence);
    if (target.webOrigin === other.webOrigin) {
      refuse("same_web", `${target.name} and ${other.name} both answer at ${other.webOrigin}`);
    }
  }
  return reasons.length === 0
    ? { allowed: true, target: target.name as DisposableTarget }
    : { allowed: false, reasons };
}

/**
 * Whether files of the other one are in the target's documents. Without a record the folder of the other one has to be there,
 * and to hold something: an empty one may be a missing mount.
 */
function judgeFiles(
  { name, documents, furtherFolders = [] }: TargetFacts,
  { name: other, tree, documents: there, documentsPath }: ProtectedFacts,
): { refusal: Refusal; sentence: string } | undefined {
  if ([documents, ...furtherFolders.map(({ facts }) => facts)].every(({ isEmpty }) => isEmpty)) {
    return undefined;
  }
  const unknown = (why: string) => ({
    refusal: "unknown_identity" as const,
    sentence: `${why}, so the documents of ${name} may be those`,
  });
  if (!tree) {
    return there && !there.isEmpty ? undefined : unknown(
      `${documentsPath}, the documents of ${other}, cannot be looked at from here, and no backup recorded which files they are`,
    );
  }
  const { recorded, recurring, alike, lookedAt } = tree.match;
  if (recurring > 0) {
    const sentence =
      `the documents of ${name} hold ${recurring} of ${recorded} files of ${other} as its backup of ${tree.at} recorded them: they are those of ${other}, or a clone of their volume`;
    return { refusal: "same_documents", sentence };
  }
  if (tree.byPath && recorded > 0 && lookedAt === 0) {
    return unknown(
      `none of the files that the backup of ${other} of ${tree.at} recorded is there to be compared`,
    );
  }
  // half of them may be alike by chance: two fresh disks count their inodes alike, and a set has the times of its files
  return 2 * alike <= recorded
    ? undefined
    : unknown(`${alike} of ${recorded} files have the inode, the size and the time of those of ${other}`);
}

const DOCUMENTS = "the documents";

/** Each as it is configured, with its facts where it can be read from here. */
const protectedFolders = ({ documents, documentsPath, furtherFolders = [] }: ProtectedFacts) => [
  { what: DOCUMENTS, path: documentsPath, facts: documents },
  ...furtherFolders.map((one) => ({ ...one, what: `the folder ${one.path}` })),
];

function sharesFolder(
  target: FolderFacts,
  { path, facts: there }: { path: string; facts: FolderFacts | undefined },
): boolean {
  if (inside(target.realPath, path) || inside(path, target.realPath)) return true;
  if (!there) return false;
  return inside(target.realPath, there.realPath) || inside(there.realPath, target.realPath) ||
    isAbove(target, there) || isAbove(there, target) || overlap(target.place, there.place);
}

/** The folder itself is one of those that hold the other, or is the other, whatever their paths say. */
function isAbove(folder: FolderFacts, other: FolderFacts): boolean {
  const [itself] = folder.chain;
  return itself !== undefined &&
    other.chain.some(({ device, inode }) => device === itself.device && inode === itself.inode);
}

/** A part of a filesystem that is bound elsewhere does not show in the folders above it, only in the kernel's mounts. */
const overlap = (a: MountedPath | undefined, b: MountedPath | undefined): boolean =>
  a !== undefined && b !== undefined && a.filesystem === b.filesystem &&
  (inside(a.path, b.path) || inside(b.path, a.path));

/** True for the same path too. */
const inside = (path: string, folder: string): boolean =>
  `${trimmed(path)}/`.startsWith(`${trimmed(folder)}/`);
const trimmed = (path: string): string => path.replace(/\/+$/, "");
