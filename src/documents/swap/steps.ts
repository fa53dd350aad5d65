/** The steps of a swap, the same for each method. */

import type { Folder } from "../tree/folder.ts";
import type { Journal } from "./journal.ts";

/** What a swap begins with: the restore's id, and whether no database holds it. */
export type Beginning = Pick<Journal, "id" | "alone">;

/**
 * New documents in the place of the old ones of one root, by one method. The steps in their order:
 *
 * 1. `prepare` writes the journal, and makes the empty folder `staged`, which the caller fills.
 * 2. `swapIn` puts what is staged in the place of the old documents. Those stay in reach.
 * 3. `commit` removes the old documents, or `revert` puts them back; either removes the journal last.
 *
 * Each may be interrupted in its middle, or never be called. Then `commit` or `revert` goes on from whatever lies on the disk, in
 * another process too: each of their own steps does nothing where it was done before.
 */
export interface Swap {
  /** @returns the journal of the swap that was prepared here; undefined where none was, or where it is finished. */
  readJournal(): Promise<Journal | undefined>;
  /** @throws Error where something lies in the way that no journal of ours knows */
  prepare(beginning: Beginning): Promise<void>;
  /** Opens the folder to unpack into. */
  openStaged(): Promise<Folder>;
  swapIn(): Promise<void>;
  /** Afterwards there are the new documents, whole, and nothing else. */
  commit(): Promise<void>;
  /** Afterwards there are the old documents, whole, and nothing else; the new ones where a commit has begun to remove the old. */
  revert(): Promise<void>;
  /** Whether `swapIn` has moved anything of the old documents, or was about to. */
  hasBegun(): Promise<boolean>;
}

/** Called after each change on the disk with its name. Only tests give one: a process can be killed there. */
export type OnStep = (step: string) => void;
