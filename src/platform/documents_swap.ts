/**
 * A new documents folder in the place of the old one, with a journal beside it that says how to finish or go back.
 * The database's transaction commits between `swapIn` and `keepNew`, and carries the restore's id: it decides.
 */

import { basename, dirname, join } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";

interface Journal {
  format: 1;
  /** The restore's id; the database holds the same once that restore is committed. */
  id: string;
}

/** Where the parts of one restore lie, all beside `root`: on the same disk, so that a rename is enough. */
const places = (root: string) => {
  const beside = join(dirname(root), `.${basename(root)}.drill`);
  return { journal: `${beside}-journal.json`, staged: `${beside}-new`, old: `${beside}-old` };
};

/**
 * Makes the empty folder to unpack into, with the journal that names it.
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE`; `settleDocuments` must have been called before.
 */
export async function stageDocuments(root: string, id: string): Promise<string> {
  const { journal, staged } = places(root);
  try {
    await Deno.mkdir(staged, { mode: 0o700 });
    await writeJournal(journal, { format: 1, id });
    return staged;
  } catch (error) {
    throw notWritable(root, error);
  }
}

/**
 * Puts the staged folder in the place of `root`; the old one stays beside it until `keepNew`.
 * @param id the restore's own: what another one staged is not ours to swap in.
 */
export async function swapIn(root: string, id: string): Promise<void> {
  const { staged, old } = places(root);
  if (await unfinishedRestore(root) !== id) {
    throw new DrillError(
      "LEASE_HELD",
      `Cannot put the new documents in the place of ${root}: another restore has begun there`,
      "Nothing was changed. Wait for it to end, and run this one again.",
    );
  }
  try {
    await copyOwnership(root, staged);
    if (await exists(root)) await Deno.rename(root, old);
    await Deno.rename(staged, root);
    await syncFolder(dirname(root));
  } catch (error) {
    throw notWritable(root, error);
  }
}

/** After the commit: the old folder goes, then the journal. */
export async function keepNew(root: string): Promise<void> {
  const { journal, staged, old } = places(root);
  await removeTree(old);
  await removeTree(staged);
  await removeTree(journal);
}

/** Without a commit: everything as it was, however far it had come. Safe to repeat. */
export async function putBack(root: string): Promise<void> {
  const { journal, staged, old } = places(root);
  if (await exists(old)) {
    if (await exists(root)) await Deno.rename(root, staged).catch(async () => await removeTree(root)); // staged is there: root is the new one
    await Deno.rename(old, root);
    await syncFolder(dirname(root));
  }
  await removeTree(staged);
  await removeTree(journal);
}

/** The id of a restore that did not come to its end here, or undefined. */
export async function unfinishedRestore(root: string): Promise<string | undefined> {
  try {
    const journal = JSON.parse(await Deno.readTextFile(places(root).journal)) as Journal;
    return journal.id;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot read ${places(root).journal}: ${messageOf(error)}`,
      "An earlier restore left it. Look at the folders beside it, and remove the journal when the documents are right.",
      { cause: error },
    );
  }
}

/** Finishes what a killed restore left: forward when the database holds its id, else back. */
export async function settleDocuments(
  root: string,
  committedId: string | undefined,
): Promise<"nothing" | "finished" | "put back"> {
  const id = await unfinishedRestore(root);
  if (id === undefined) {
    await removeTree(places(root).staged); // made before its journal was written
    return "nothing";
  }
  if (id === committedId) {
    await keepNew(root);
    return "finished";
  }
  await putBack(root);
  return "put back";
}

async function writeJournal(path: string, journal: Journal): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const text = new TextEncoder().encode(JSON.stringify(journal) + "\n");
  for (let at = 0; at < text.length;) at += await file.write(text.subarray(at));
  await file.sync();
}

async function copyOwnership(from: string, to: string): Promise<void> {
  if (!await exists(from)) return;
  const { uid, gid, mode } = await Deno.stat(from);
  if (uid !== null && gid !== null) await Deno.chown(to, uid, gid);
  if (mode !== null) await Deno.chmod(to, mode & 0o7777);
}

async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

const notWritable = (root: string, error: unknown) =>
  new DrillError(
    "DOCUMENTS_NOT_WRITABLE",
    `Cannot put new documents beside ${root}: ${messageOf(error)}`,
    "The folder above it must be writable, and on the same disk. Nothing was changed.",
    { cause: error },
  );
