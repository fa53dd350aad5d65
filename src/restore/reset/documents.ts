/** A documents folder put back to what was saved of it: only what differs is touched, each file whole or not at all. */

import { mkdirSync, rmSync } from "node:fs";
import { DrillError } from "../../base/errors.ts";
import { writeError, type WriteHints } from "../../base/files.ts";
import { PROGRAM } from "../../base/program_name.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { takingTurns } from "../../base/time.ts";
import { formatCount } from "../../base/numbers.ts";
import { copyProved } from "../../documents/copy/file.ts";
import { codeOf, Folder } from "../../documents/tree/folder.ts";
import { Reach } from "../../documents/tree/reach.ts";
import { openTree } from "../../documents/tree/walk.ts";
import { giveBack } from "../../documents/tree/write.ts";
import {
  contentFile,
  type ObservedFile,
  type SavedDocuments,
  type SavedEntry,
} from "../checkpoint/documents.ts";
import { findFileDifferences } from "./documents_differences.ts";
import { type DocumentsPlan, isEmptyPlan } from "./documents_plan.ts";

export interface FilesReset {
  /** Paths of what was removed. */
  removed: string[];
  /** Of what was missing, or had another content. */
  put: string[];
  /** Of what had other times, rights or another owner. */
  mended: string[];
}

/** What was found, and the files that are needed, copied and checked: nothing of the documents was touched. */
interface PreparedReset extends Disposable {
  found: FilesReset;
  /**
   * Does it, and compares the whole tree again.
   * @returns the state of each file now.
   * @throws DrillError `DOCUMENTS_NOT_WRITABLE`, `DISK_FULL`, `DOCUMENTS_DIFFER`: part of it may have been done.
   */
  apply(): Promise<Map<string, ObservedFile>>;
  /** Whether there is nothing to do. */
  isEmpty: boolean;
}

interface Places {
  /** The documents. */
  root: string;
  /** Where the saved contents are. */
  contents: string;
  /** For copies on their way; made and removed here. */
  prepared: string;
}

/**
 * Compares the documents with what was saved, and makes ready what is needed.
 * @throws DrillError `OBJECT_CORRUPT` when a saved content that is needed is not what it was.
 */
export async function prepareReset(
  saved: SavedDocuments,
  seen: ReadonlyMap<string, ObservedFile>,
  places: Places,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<PreparedReset> {
  using step = reporter.step(`Comparing the documents in ${places.root}`, "files");
  const compare = (known: ReadonlyMap<string, ObservedFile>) =>
    findFileDifferences(saved, known, places.root, signal);
  const { plan, seen: before } = await compare(seen);
  rmSync(places.prepared, { recursive: true, force: true });
  const files = plan.put.filter(({ type }) => type === "file");
  try {
    if (files.length > 0) mkdirSync(places.prepared, { mode: 0o700 });
    if (files.length > 0) await stageFiles(files, places, signal);
  } catch (error) {
    rmSync(places.prepared, { recursive: true, force: true });
    signal.throwIfAborted();
    throw error instanceof DrillError ? error : notWritable(places.root, error);
  }
  let applied: Map<string, ObservedFile> | undefined;
  step.end(
    `${formatCount(saved.entries.length, "entry", "entries")}, ${
      plan.remove.length + plan.put.length + plan.mend.length
    } differ`,
  );
  return {
    found: {
      removed: plan.remove.map(({ path }) => path).reverse(),
      put: plan.put.map(({ path }) => path),
      mended: plan.mend.map(({ path }) => path),
    },
    isEmpty: isEmptyPlan(plan),
    async apply() {
      if (applied || isEmptyPlan(plan)) return applied ?? before;
      try {
        applyPlan(plan, places);
      } catch (error) {
        throw error instanceof DrillError ? error : notWritable(places.root, error);
      }
      const after = await compare(before);
      const left = different(after.plan);
      if (left.length > 0) throw notEqual(places.root, left);
      return applied = after.seen;
    },
    [Symbol.dispose]: () => rmSync(places.prepared, { recursive: true, force: true }),
  };
}

/** Copies with everything that the files shall have, so that a rename is all that is left. */
async function stageFiles(files: readonly SavedEntry[], places: Places, signal: AbortSignal): Promise<void> {
  using contents = Folder.open(places.contents);
  using prepared = Folder.open(places.prepared);
  using from = new Reach(contents);
  using to = new Reach(prepared);
  const turn = takingTurns(signal);
  for (const [at, entry] of files.entries()) {
    await turn();
    const content = contentFile("", entry.sha256 ?? "");
    const copied = copyProved({ reach: from, path: content }, { reach: to, path: String(at) }, {
      shares: true,
      hints: HINTS,
    });
    const file = contents.pathOf(content);
    if (copied === "gone") throw damaged(entry, file, "it is gone");
    if (copied.sha256 !== entry.sha256) {
      throw damaged(entry, file, "its bytes are not those that were saved");
    }
    dress(prepared, String(at), entry);
  }
}

function applyPlan(plan: DocumentsPlan, places: Places): void {
  using root = openTree(places.root);
  using reach = new Reach(root);
  const replaced = new Set(plan.put.map(({ path }) => path));
  for (const { path, type } of plan.remove) {
    const { folder, name } = reach.parent(path);
    if (type !== "directory") folder.removeFile(name);
    else if (replaced.has(path)) folder.removeTree(name);
    else removeIfEmpty(folder, name);
    reach.forget();
  }
  using prepared = plan.put.some(({ type }) => type === "file") ? Folder.open(places.prepared) : undefined;
  let at = 0;
  for (const entry of plan.put) {
    const { folder, name } = reach.parent(entry.path);
    if (entry.type === "file") putInPlace(prepared!, String(at++), folder, name, entry);
    else if (entry.type === "directory") {
      if (!folder.find(name)?.isDirectory) folder.makeFolder(name)[Symbol.dispose]();
    } else {
      folder.removeTree(name);
      folder.makeLink(name, entry.target ?? "");
    }
    if (entry.type !== "file") dress(folder, name, entry);
  }
  for (const entry of plan.mend) {
    const { folder, name } = reach.parent(entry.path);
    dress(folder, name, entry);
  }
}

/** A folder that came later goes, unless something excluded lies in it: that is not ours to touch. */
function removeIfEmpty(folder: Folder, name: string): void {
  using inner = folder.folder(name);
  if (inner.names().length === 0) folder.removeFolder(name);
}

/** By a rename, so that a reader has the one or the other whole; across file systems by a copy beside it first. */
function putInPlace(prepared: Folder, from: string, folder: Folder, name: string, entry: SavedEntry): void {
  try {
    prepared.rename(from, folder, name);
  } catch (error) {
    if (codeOf(error) !== "EXDEV") throw error;
    const beside = `.drill-reset-${crypto.randomUUID()}`;
    using source = new Reach(prepared);
    using target = new Reach(folder);
    copyProved({ reach: source, path: from }, { reach: target, path: beside }, {});
    dress(folder, beside, entry);
    folder.rename(beside, folder, name);
  }
}

/** Whose it is only where this process may say so. */
const dress = (folder: Folder, name: string, entry: SavedEntry): void =>
  giveBack(folder, name, entry, Deno.uid() === 0);

const different = ({ remove, put, mend }: DocumentsPlan): string[] =>
  [...remove, ...put, ...mend].map(({ path }) => path);

const damaged = (entry: SavedEntry, content: string, state: string) =>
  new DrillError(
    "OBJECT_CORRUPT",
    `Cannot put ${entry.path} back: ${content} cannot be trusted: ${state}`,
    `The disk damaged it, or it was changed. Nothing was changed. Make a new checkpoint: ${PROGRAM} checkpoint`,
  );

const notWritable = (root: string, error: unknown): DrillError =>
  writeError(`write into ${root}`, error, HINTS);

const HINTS: WriteHints = {
  room: "Make room there, and run reset again: it goes on where it ended.",
  hint: "This user must be able to write there. Run reset again then: it goes on where it ended.",
};

const notEqual = (root: string, left: readonly string[]) =>
  new DrillError(
    "DOCUMENTS_DIFFER",
    `Cannot make the documents in ${root} what they were: ${left[0]}${
      left.length > 1 ? ` and ${left.length - 1} more` : ""
    } changed again meanwhile`,
    "Something writes there. Stop it, and run reset again.",
    { details: left.slice(0, 20) },
  );
