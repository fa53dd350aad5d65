/** Whose a documents tree is, by its files: production's or a clone of it, that of an earlier restore, or a stranger's. Pure. */

import type { ListedFile } from "../../documents/tree/listing.ts";
import { isReplaced } from "../../documents/tree/names.ts";
import type { DocumentsIndex } from "../../documents/index.ts";
import type { TreeRecord } from "../../store/records/trees.ts";

/** What of a record was found again in a tree. */
export interface TreeMatch {
  /** How many files the record has. */
  recorded: number;
  /** How many of them are in the tree: the very same, untouched since. */
  recurring: number;
  /** How many are there with the same content by all that can be seen, but touched since: a new owner, another mode. */
  alike: number;
  /** How many have the recorded path and inode: the same file, whatever was written into it since. */
  inPlace: number;
  /** How many of the recorded paths are in the tree, whatever lies there. */
  lookedAt: number;
}

/** Takes one file of a tree after the other; then says what it found. */
export interface Matcher {
  see(file: ListedFile): void;
  match(): TreeMatch;
}

/** By inode and times, wherever in the tree a file lies. */
export function matcherOf({ folders }: Pick<TreeRecord, "folders">): Matcher {
  const sample = folders.flatMap(({ sample }) => sample);
  const same = new Set(sample.map(({ inode, ctimeNs }) => `${inode} ${ctimeNs}`));
  const like = new Set(sample.map(({ inode, bytes, mtimeNs }) => `${inode} ${bytes} ${mtimeNs}`));
  const paths = new Map(sample.map(({ path, inode }) => [path, inode]));
  const found = { recorded: sample.length, recurring: 0, alike: 0, inPlace: 0, lookedAt: 0 };
  return {
    see({ path, inode, bytes, mtimeNs, ctimeNs }) {
      if (same.has(`${inode} ${ctimeNs}`)) found.recurring++;
      else if (like.has(`${inode} ${bytes} ${mtimeNs}`)) found.alike++;
      if (paths.has(path)) found.lookedAt++;
      if (paths.get(path) === inode) found.inPlace++;
    },
    match: () => found,
  };
}

/** For an index of a version that recorded no tree: by path and times alone, which a restored file does not share. */
export function matcherOfIndex({ files }: Pick<DocumentsIndex, "files">): Matcher {
  const step = Math.max(1, Math.ceil(files.length / 1_000));
  const sample = new Map(files.filter((_, at) => at % step === 0).map((file) => [file.path, file]));
  const found = { recorded: sample.size, recurring: 0, alike: 0, inPlace: 0, lookedAt: 0 };
  return {
    see({ path, bytes, mtimeNs, ctimeNs }) {
      const known = sample.get(path);
      if (!known) return;
      found.lookedAt++;
      const isSame = known.bytes === bytes && Math.floor(known.mtimeMs) === milliseconds(mtimeNs) &&
        Math.floor(known.ctimeMs / 1_000) === Math.floor(milliseconds(ctimeNs) / 1_000);
      if (isSame) found.recurring++;
    },
    match: () => found,
  };
}

/** A folder of a target beside what our own restores recorded of its documents. */
export interface FilledFolder {
  /** How many files a restore would replace. */
  files: number;
  /** What each earlier restore left there, newest first. */
  records: readonly { at: string; match: TreeMatch }[];
  /** The database came by a restore that none of the records is of: by a version that wrote none, or from another store. */
  restoredOtherwise: boolean;
}

/** Why nothing says that the files are an earlier restore's, undefined where they may be replaced. */
export function whyForeign({ files, records, restoredOtherwise }: FilledFolder): string | undefined {
  if (files === 0 || restoredOtherwise) return undefined;
  if (records.length === 0) return "no restore of ours ever went into it";
  const isKnown = records.some(({ match: { recorded, recurring, alike, inPlace } }) =>
    recorded === 0 || recurring + alike + inPlace > 0
  );
  return isKnown ? undefined : `there is none of those that the restore of ${records[0]!.at} left`;
}

/** Whether a file came, or its content changed, after the moment. */
export const isNewerThan = ({ path, mtimeNs }: ListedFile, moment: Date): boolean =>
  isReplaced(path) && milliseconds(mtimeNs) > moment.getTime();

const milliseconds = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1_000_000n);
