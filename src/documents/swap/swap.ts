/**
 * New documents in the place of the old ones, with a journal from which an interrupted swap is settled.
 * The database's transaction commits between `swapIn` and `commitSwap`, and carries the restore's id: it decides. Where there
 * is no database in it (`alone`), the swap itself decides: once it has begun it is committed, before that it is reverted.
 * All of it works for one folder of the documents too, which need not be there yet: its root is `.../mycompany`.
 */

import { DrillError } from "../../base/errors.ts";
import { writeError } from "../../base/files.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
import { BesideSwap } from "./beside.ts";
import { EntriesSwap } from "./entries.ts";
import { type Journal, JournalFile, journalsIn, type SwapPlace, sweepJournals } from "./journal.ts";
import type { Folder } from "../tree/folder.ts";
import { placeOrRefuse } from "./place.ts";
import type { OnStep, Swap } from "./steps.ts";

export interface SwapOptions {
  /** Only for tests. */
  onStep?: OnStep;
}

/**
 * Makes and opens the empty folder to unpack into, with the journal that names it.
 *
 * @param place the folder above its root must be there
 * @param options `alone`: no database holds the id, as when only the documents are restored
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE`, `STATE_REFUSED`; `settleDocuments` must have been called before.
 */
export async function prepareSwap(
  place: SwapPlace,
  id: string,
  { alone = false, onStep }: SwapOptions & { alone?: boolean } = {},
): Promise<Folder> {
  const { root } = place;
  const swap = newSwap(await placeOrRefuse(root), place, onStep);
  await writing(
    root,
    () => swap.prepare({ id, ...(alone ? { alone } : {}) }),
    "Nothing was changed.",
  );
  return await writing(root, () => swap.openStaged());
}

/**
 * Puts what was staged in the place of what is there; the old documents stay in reach until `commitSwap`.
 *
 * @param id the restore's own: what another one staged is not ours to swap in.
 * @throws DrillError `LEASE_HELD`; `DOCUMENTS_NOT_WRITABLE`, where it was `alone` with all as it was.
 */
export async function swapIn(place: SwapPlace, id: string, options: SwapOptions = {}): Promise<void> {
  const { root } = place;
  const open = await openSwap(place, options);
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
export async function commitSwap(place: SwapPlace, options: SwapOptions = {}): Promise<void> {
  const open = await openSwap(place, options);
  if (open) await writing(place.root, () => open.swap.commit());
}

/** Without a commit of the database: everything as it was, however far the swap had come. Safe to repeat. */
export async function revertSwap(place: SwapPlace, options: SwapOptions = {}): Promise<void> {
  const open = await openSwap(place, options);
  if (open) await writing(place.root, () => open.swap.revert());
}

/** The id of the unfinished restore of this very root; undefined where there is none. */
export const unfinishedSwap = async (place: SwapPlace): Promise<string | undefined> =>
  (await openSwap(place))?.journal.id;

/** The id of an unfinished restore of an environment's documents, or of one of its folders; undefined where there is none. */
export const unfinishedRestore = async (state: OwnFolder): Promise<string | undefined> =>
  (await journalsIn(state))[0]?.id;

/**
 * Settles what a killed restore left: commits it when the database holds its id, else reverts it. What was `alone` is committed
 * in every folder of the restore where its swap has begun in one.
 *
 * @param state what is kept of the environment: the journals there name the folders
 */
export async function settleDocuments(
  state: OwnFolder,
  committedId: string | undefined,
  options: SwapOptions = {},
): Promise<"nothing" | "finished" | "put back"> {
  await sweepJournals(state);
  const open = (await journalsIn(state)).map((journal) => {
    const place = { root: journal.root, state };
    return { ...place, journal, swap: newSwap(journal.method, place, options.onStep) };
  });
  const finished = new Set(committedId === undefined ? [] : [committedId]);
  for (const { journal, swap } of open) {
    if (journal.alone && !journal.making && await swap.hasBegun()) finished.add(journal.id);
  }
  let settled: "nothing" | "finished" | "put back" = "nothing";
  for (const { root, journal, swap } of open) {
    const isFinished = finished.has(journal.id);
    await writing(root, () => isFinished ? swap.commit() : swap.revert());
    if (settled === "nothing") settled = isFinished ? "finished" : "put back";
  }
  return settled;
}

const METHODS = { beside: BesideSwap, inside: EntriesSwap };

/** @param method as placeSwap decides it */
export const newSwap = (method: keyof typeof METHODS, place: SwapPlace, onStep: OnStep = () => {}): Swap =>
  new METHODS[method](place, onStep);

/** The swap whose journal is kept for this root. */
async function openSwap(
  place: SwapPlace,
  { onStep }: SwapOptions = {},
): Promise<{ swap: Swap; journal: Journal } | undefined> {
  const journal = await new JournalFile(place).read();
  return journal && { swap: newSwap(journal.method, place, onStep), journal };
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
