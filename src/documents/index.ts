/** The index beside a documents archive: every file with its size, times and hashes. Pure but for gzip of small text. */

import { z } from "zod";
import { gunzipSync, gzipSync } from "node:zlib";
import { DrillError } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import { damagedBy, readRecord, recordKind, versionOf } from "../base/versioned_record.ts";
import { INDEX_BYTES } from "./gunzip/limit.ts";
import { globToPattern } from "./tree/globs.ts";
import type { Bytes } from "../base/streams.ts";
import { type OddEntry, oddness } from "./tree/odd_entries.ts";

export const indexedFile = z.object({
  path: z.string().min(1),
  bytes: z.number().int().nonnegative(),
  mtimeMs: z.number(),
  ctimeMs: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** True where the file changed while it was read; size and hashes are those of what the archive holds. */
  changed: z.boolean().optional(),
});

const indexedLink = z.object({ path: z.string().min(1), target: z.string() });

const oddEntry = z.object({ path: z.string().min(1), is: z.enum(["pipe", "socket", "device", "name"]) });

const fields = z.object({
  excludes: z.array(z.string()),
  /** Set where the excludes keep out nothing that a row of the database named when the backup was taken. */
  keepsNamed: z.literal(true).optional(),
  /** The further folders of the archive: `{ custom: "/var/www/html/custom" }` for what lies under `custom/`. */
  roots: z.record(z.string().regex(/^[a-z0-9_-]{1,40}$/), z.string()).optional(),
  files: z.array(indexedFile),
  links: z.array(indexedLink),
  /** Links that lead out of the tree: they were there, and are not in the archive. */
  leftOut: z.array(indexedLink).optional(),
  /** What no archive can hold: it was there, and is not in the archive. Of a name that is not UTF-8 each odd byte is `\\xE9`. */
  odd: z.array(oddEntry).optional(),
});

/** Format 1 had an MD5 of each file too; it is read as well, without it. */
export const indexRecord = recordKind({
  name: "an index of ours",
  format: 2,
  minReader: 2,
  fields,
  damaged: {
    code: "OBJECT_CORRUPT",
    hint: `It was damaged or changed. Take another set: ${PROGRAM} list`,
  },
});

export type DocumentsIndex = z.infer<typeof fields>;
export type IndexedFile = z.infer<typeof indexedFile>;
export type IndexedLink = z.infer<typeof indexedLink>;

/** It is not checked: there may be a million files, and each was just read. */
export const writeIndex = (index: DocumentsIndex): Bytes =>
  new Uint8Array(gzipSync(JSON.stringify({ ...versionOf(indexRecord), ...index })));

/** @throws DrillError `OBJECT_CORRUPT` when it is no index, `STORE_NEWER` when a newer version wrote it. */
export const readIndex = (data: Uint8Array, key: string): DocumentsIndex =>
  readRecord(indexRecord, indexText(data, key), key);

/** The JSON of a stored index. @throws DrillError `OBJECT_CORRUPT` when it is no gzip, or far too long for an index. */
export function indexText(data: Uint8Array, key: string): string {
  try {
    return new TextDecoder().decode(gunzipSync(data, { maxOutputLength: INDEX_BYTES }));
  } catch (error) {
    throw damagedBy(indexRecord, key, error);
  }
}

/** The part of `index` that lies in the further folder `name`, by its paths there. */
export function furtherDocuments(index: DocumentsIndex, name: string): DocumentsIndex {
  const own = <Entry extends { path: string }>(entries: readonly Entry[]) =>
    entries.flatMap((entry) =>
      entry.path.startsWith(`${name}/`) ? [{ ...entry, path: entry.path.slice(name.length + 1) }] : []
    );
  const { excludes, files, links, leftOut } = index;
  return {
    excludes,
    files: own(files),
    links: own(links),
    ...(leftOut ? { leftOut: own(leftOut) } : {}),
  };
}

/** The part of `index` that is the documents folder's own: without what lies under the further folders. */
export function mainDocuments(index: DocumentsIndex): DocumentsIndex {
  const { roots = {}, ...main } = index;
  const isMain = ({ path }: { path: string }) => !Object.hasOwn(roots, path.split("/", 1)[0]!);
  return {
    ...main,
    files: index.files.filter(isMain),
    links: index.links.filter(isMain),
    ...(index.leftOut ? { leftOut: index.leftOut.filter(isMain) } : {}),
  };
}

/**
 * The part of `index` that lies below one folder of the documents, `mycompany`, by its paths in the archive.
 * @throws DrillError `DOCUMENTS_DIFFER` where not one file does: it would empty that folder.
 */
export function indexBelow(index: DocumentsIndex, folder: string): DocumentsIndex {
  const isBelow = ({ path }: { path: string }) => path.startsWith(`${folder}/`);
  const { roots: _, ...main } = index;
  const files = main.files.filter(isBelow);
  if (files.length === 0) {
    throw new DrillError(
      "DOCUMENTS_DIFFER",
      `Cannot restore ${folder}: the backup has not one file in it`,
      `Nothing was changed. Restore all documents, or take another set: ${PROGRAM} list`,
    );
  }
  return {
    ...main,
    files,
    links: main.links.filter(isBelow),
    ...(main.leftOut ? { leftOut: main.leftOut.filter(isBelow) } : {}),
  };
}

/**
 * Why the backup holds nothing of `path`, which a row of the database names, whatever there was: an exclude, or a link out of
 * the documents that stands for it or for a folder above it. Undefined where it would have been taken. Pure.
 */
export function whyLeftOut(
  { excludes, keepsNamed, leftOut = [] }: Pick<DocumentsIndex, "excludes" | "keepsNamed" | "leftOut">,
  path: string,
): string | undefined {
  const link = leftOut.find((one) => path === one.path || path.startsWith(`${one.path}/`));
  if (link) return `${link.path} is ${leadingOut(link.target)}`;
  if (keepsNamed) return undefined;
  const parts = path.split("/");
  const withFolders = parts.map((_, at) => parts.slice(0, at + 1).join("/"));
  const exclude = excludes.find((one) => withFolders.some((part) => globToPattern(one).test(part)));
  return exclude === undefined ? undefined : `the exclude "${exclude}" keeps it out of the backup`;
}

/** A sentence about each link and each odd entry that the archive does not hold. */
export const leftOutWarnings = ({ leftOut = [], odd = [] }: DocumentsIndex): string[] => [
  ...leftOut.map(({ path, target }) => `${path} is ${leadingOut(target)}`),
  ...odd.map((entry) => `${entry.path} ${oddity(entry)}`),
];

/** What an odd entry is, and that it is not in the backup: a clause about its path. */
export const oddity = (odd: Pick<OddEntry, "is">): string => `${oddness(odd)}: it is not in the backup`;

/** What such a link is, and that it is not in the backup. */
export const leadingOut = (target: string): string =>
  `a link out of the documents, to ${target}: it is not in the backup`;

export const totalBytes = (index: DocumentsIndex): number =>
  index.files.reduce((sum, file) => sum + file.bytes, 0);
