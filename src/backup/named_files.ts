/**
 * Files that rows of the database name and that the excludes would keep out of a backup. The defaults keep out none of them;
 * a person's own excludes do, and that is told.
 */

import { formatCount } from "../base/numbers.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { type DocumentFolders, OpenFolders } from "../documents/folders.ts";
import { type DocumentsIndex, whyLeftOut } from "../documents/index.ts";
import { globToPattern } from "../documents/tree/globs.ts";
import { DEFAULT_EXCLUDES, keptWithFolders } from "../documents/tree/walk.ts";
import { readNamedPathsAmong } from "../dolibarr/papers/named_papers.ts";
import type { Snapshot } from "../postgres/connection/snapshot.ts";

/** Those that the excludes fit; undefined where the database could not say it. */
export type ExcludedFiles = ReadonlySet<string> | undefined;

/** Reads which of the files that rows name the excludes of `source` fit, in the snapshot. What fails is a note. */
export async function readExcludedFiles(
  source: DocumentFolders,
  instant: Snapshot,
  reporter: Reporter,
): Promise<ExcludedFiles> {
  const patterns = (source.excludes ?? DEFAULT_EXCLUDES).map(globToPattern);
  const answer = await instant.attempt((session) => readNamedPathsAmong(session, patterns));
  if ("found" in answer) return answer.found;
  reporter.note(
    `Which files rows name is not known, so the excludes hold for all of them: ${answer.error.message}`,
  );
  return undefined;
}

/** `source` as it is archived: where its excludes are the defaults, what rows name is taken whatever they say. */
export const keepingNamed = <Source extends DocumentFolders>(
  source: Source,
  excluded: ExcludedFiles,
): Source => source.excludes || !excluded ? source : { ...source, kept: keptWithFolders(excluded) };

/** The same where the database is not read: what the set before took of them is taken again. Pure. */
export function keepingAsBefore<Source extends DocumentFolders>(
  source: Source,
  { files, keepsNamed }: DocumentsIndex,
): Source {
  if (source.excludes || !keepsNamed) return source;
  const patterns = DEFAULT_EXCLUDES.map(globToPattern);
  const paths = files.map(({ path }) => path).filter((path) =>
    patterns.some((pattern) => pattern.test(path))
  );
  return { ...source, kept: keptWithFolders(paths) };
}

/** A sentence about each exclude of a person's that keeps files out which are there and which rows name. */
export function excludedWarnings(
  source: DocumentFolders,
  index: DocumentsIndex,
  excluded: ExcludedFiles = new Set(),
): string[] {
  using folders = new OpenFolders(source);
  const out = [...excluded].toSorted().flatMap((path) => {
    const why = whyLeftOut({ excludes: index.excludes, keepsNamed: index.keepsNamed }, path);
    return why !== undefined && folders.find(path)?.isFile ? [{ path, why }] : [];
  });
  return [...Map.groupBy(out, ({ why }) => why)].map(([why, files]) =>
    `${formatCount(files.length, "file")} that ${
      files.length === 1 ? "a row names is" : "rows name are"
    } in no backup, first ${files[0]!.path}: ${why}`
  );
}
