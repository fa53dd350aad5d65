/**
 * New documents in the place of the old ones, with a journal from which an interrupted swap is settled.
 * The database's transaction commits between `swapIn` and `commitSwap`, and carries the restore's id: it decides. Where there
 * is no database in it (`alone`), the swap itself decides: once it has begun it is committed, before that it is reverted.
 * All of it works for one folder of the documents too, which need not be there yet: `prepareSwap(".../mycompany", id)`.
 */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { exists, writeError } from "../../base/files.ts";
import { besideWhat, OUR_FOLDER } from "../tree/names.ts";
import { BesideSwap } from "./beside.ts";
import { EntriesSwap } from "./entries.ts";
import type { Journal } from "./journal.ts";
import { placeOrRefuse } from "./place.ts";
import type { OnStep, Swap } from "./steps.ts";

export interface SwapOptions {
  /** Only for tests. */
  onStep?: OnStep;
}

/**
 * Makes the empty folder to unpack into, with the journal that names it.
 *
 * @param root absolute, without links in its path; its folder must be there
 * @param options `alone`: no database holds the id, as when only the documents are restored
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE`; `settleDocuments` must have been called before.
 */
export async function prepareSwap(
  root: string,
  id: string,
  { alone = false, onStep }: SwapOptions & { alone?: boolean } = {},
): Promise<string> {
  const swap = newSwap(await placeOrRefuse(root), root, onStep);
  await writing(
    root,
    () => swap.prepare({ id, ...(alone ? { alone } : {}) }),
    "Nothing was changed.",
  );
  return swap.staged;
}

/**
 * Puts what was staged in the place of what is there; the old documents stay in reach until `commitSwap`.
 *
 * @param id the restore's own: what another one staged is not ours to swap in.
 * @throws DrillError `LEASE_HELD`; `DOCUMENTS_NOT_WRITABLE`, where it was `alone` with all as it was.
 */
export async function swapIn(root: string, id: string, options: SwapOptions = {}): Promise<void> {
  const open = await openSwap(root, options);
  if (open?.journal.id !== id) {
    throw new DrillError(
      "LEASE_HELD",
      `Cannot put the new documents in the place of ${root}: another restore has started there`,
      "Nothing was changed. Wait for it to end, and run this one again.",
    );
  }
  try {
    await writing(root, () => open.swap.swapIn());
  } catch (error) {
    if (open.journal.alone) await open.swap.revert(); // no database decides it
    throw error;
  }
}

/** After the database's commit: swaps in what was not, and removes the old documents, then the journal. Safe to repeat. */
export async function commitSwap(root: string, options: SwapOptions = {}): Promise<void> {
  const open = await openSwap(root, options);
  if (open) await writing(root, () => open.swap.commit());
}

/** Without a commit of the database: everything as it was, however far the swap had come. Safe to repeat. */
export async function revertSwap(root: string, options: SwapOptions = {}): Promise<void> {
  const open = await openSwap(root, options);
  if (open) await writing(root, () => open.swap.revert());
  else await sweep(root);
}

/** The id of an unfinished restore of `root`, or of one of its folders; undefined where there is none. */
export async function unfinishedRestore(root: string): Promise<string | undefined> {
  for (const one of [root, ...await unsettledFolders(root)]) {
    const open = await openSwap(one);
    if (open) return open.journal.id;
  }
  return undefined;
}

/** The id of a swap of `root` that no database decides, and that has begun: it is going to be finished. */
export async function begunAlone(root: string): Promise<string | undefined> {
  const open = await openSwap(root);
  return open?.journal.alone && await open.swap.hasBegun() ? open.journal.id : undefined;
}

/**
 * Settles what a killed restore left: commits it when the database holds its id, else reverts it; commits one that was
 * `alone` when its swap had begun. The same for every folder of `root` that was swapped by itself.
 */
export async function settleDocuments(
  root: string,
  committedId: string | undefined,
  options: SwapOptions = {},
): Promise<"nothing" | "finished" | "put back"> {
  const done = await settleOne(root, committedId, options);
  let within: typeof done = "nothing";
  for (const folder of await unsettledFolders(root)) {
    const one = await settleOne(folder, committedId, options);
    if (one !== "nothing") within = one;
  }
  return done === "nothing" ? within : done;
}

async function settleOne(root: string, committedId: string | undefined, options: SwapOptions) {
  const open = await openSwap(root, options);
  if (!open) {
    await sweep(root);
    return "nothing";
  }
  const { swap, journal } = open;
  if (journal.id === committedId || journal.alone && await swap.hasBegun()) {
    await writing(root, () => swap.commit());
    return "finished";
  }
  await writing(root, () => swap.revert());
  return "put back";
}

const METHODS = { beside: BesideSwap, inside: EntriesSwap };

/** @param method as placeSwap decides it */
export const newSwap = (method: keyof typeof METHODS, root: string, onStep: OnStep = () => {}): Swap =>
  new METHODS[method](root, onStep);

const everyMethod = (root: string, onStep?: OnStep): Swap[] => [
  newSwap("beside", root, onStep),
  newSwap("inside", root, onStep),
];

/** The swap whose journal lies at `root`, by whichever method it was prepared. */
async function openSwap(
  root: string,
  { onStep }: SwapOptions = {},
): Promise<{ swap: Swap; journal: Journal } | undefined> {
  for (const swap of everyMethod(root, onStep)) {
    const journal = await swap.readJournal();
    if (journal) return { swap, journal };
  }
  return undefined;
}

async function sweep(root: string): Promise<void> {
  for (const swap of everyMethod(root)) await writing(root, () => swap.sweep());
}

/** Folders right below `root` in or beside which a restore of one of them alone left something. */
async function unsettledFolders(root: string): Promise<string[]> {
  if (!await exists(root)) return [];
  const found = new Set<string>();
  for (const { name, isDirectory } of Deno.readDirSync(root)) {
    const folder = besideWhat(name);
    if (folder !== undefined) found.add(folder);
    else if (isDirectory && name !== OUR_FOLDER && await exists(join(root, name, OUR_FOLDER))) {
      found.add(name);
    }
  }
  return [...found].map((name) => join(root, name));
}

async function writing<T>(
  root: string,
  act: () => Promise<T>,
  left = "The swap is reverted now, or settled by the next restore.",
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DrillError) throw error;
    throw writeError(`put new documents in the place of ${root}`, error, {
      room: `Make room on the volume of the documents. ${left}`,
      hint: `This user must be able to write there. ${left}`,
    });
  }
}
