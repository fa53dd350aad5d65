/**
 * The swap of a documents folder that cannot be renamed itself, such as a volume's root: all parts lie in one hidden folder
 * inside it, and the entries are renamed one by one. The names are in the journal before the first of them moves, so that
 * where each one lies shows how far it came:
 *
 *     .dolibarr-drill/new/           what has not come in yet
 *     .dolibarr-drill/old/           what has gone out; where it is missing, no entry moves any more in either direction
 *     .dolibarr-drill/gone/          the same once it must not come back
 */

import { join } from "node:path";
import { exists, namesIn, removeTree, renameOnDisk, syncFolder } from "../../base/files.ts";
import { OUR_FOLDER, STAYING, whyNotTaken } from "../tree/names.ts";
import { type Journal, JournalFile, type SwapPlace } from "./journal.ts";
import type { Beginning, OnStep, Swap } from "./steps.ts";

type Moves = NonNullable<Journal["moves"]>;

export class EntriesSwap implements Swap {
  readonly staged: string;
  readonly #root: string;
  readonly #ours: string;
  readonly #old: string;
  readonly #gone: string;
  readonly #journal: JournalFile;
  readonly #onStep: OnStep;

  constructor(place: SwapPlace, onStep: OnStep) {
    const { root } = place;
    this.#root = root;
    this.#ours = join(root, OUR_FOLDER);
    this.staged = join(this.#ours, "new");
    this.#old = join(this.#ours, "old");
    this.#gone = join(this.#ours, "gone");
    this.#journal = new JournalFile(place);
    this.#onStep = onStep;
  }

  readJournal(): Promise<Journal | undefined> {
    return this.#journal.read();
  }

  async prepare(beginning: Beginning): Promise<void> {
    this.#refuseLeftOver();
    const journal = { ...beginning, method: "inside" as const };
    await this.#journal.write({ ...journal, making: true });
    this.#onStep("the journal is written");
    await Deno.mkdir(this.#ours, { mode: 0o700 });
    this.#onStep("our folder is made");
    await Deno.mkdir(this.staged, { mode: 0o700 });
    this.#onStep("the staged folder is made");
    await this.#journal.write(journal);
    this.#onStep("the journal says so");
  }

  async swapIn(): Promise<void> {
    const journal = await this.readJournal();
    if (!journal) throw new Error(`the journal of the restore into ${this.#root} is gone`);
    await this.#move(journal.moves ?? await this.#writeMoves(journal));
  }

  async commit(): Promise<void> {
    const journal = await this.readJournal();
    if (!journal) return;
    const moves = journal.moves ?? await this.#writeMoves(journal);
    if (await exists(this.#old)) {
      await this.#move(moves);
      await this.#giveUpOld();
    }
    await this.#removeAll();
  }

  async revert(): Promise<void> {
    const { moves } = await this.readJournal() ?? {};
    // where there are moves and no old entries, these have been given up, or are all back
    if (moves && await exists(this.#old)) await this.#moveBack(moves);
    await this.#removeAll();
  }

  async hasBegun(): Promise<boolean> {
    return (await this.readJournal())?.moves !== undefined;
  }

  /** What no journal of ours knows may hold documents, or lead elsewhere. */
  #refuseLeftOver(): void {
    const found = lstatOf(this.#ours);
    if (found === undefined) return;
    const is = found.isSymlink ? "is a link" : found.isDirectory ? "is there" : "is no folder";
    throw new Error(`${this.#ours} ${is}, and there is no journal of a restore that made it`);
  }

  /** Writes down what is to move, of all that is there now. */
  async #writeMoves(journal: Journal): Promise<Moves> {
    const moves = planMoves(namesIn(this.#root), namesIn(this.staged));
    await Deno.mkdir(this.#old, { recursive: true, mode: 0o700 });
    await this.#journal.write({ ...journal, moves });
    this.#onStep("the moves are written down");
    return moves;
  }

  /** Everything that is to move, or what is left of it. */
  async #move(moves: Moves): Promise<void> {
    await this.#moveOldOut(moves);
    await this.#moveNewIn(moves);
    await this.#syncMoves();
  }

  async #moveOldOut(moves: Moves): Promise<void> {
    const coming = new Set(moves.new);
    for (const name of moves.old) {
      const isIn = coming.has(name) && !await exists(join(this.staged, name)); // then the one in the root is the new one
      if (isIn || await exists(join(this.#old, name)) || !await exists(join(this.#root, name))) continue;
      await this.#rename(this.#root, this.#old, name);
    }
  }

  async #moveNewIn(moves: Moves): Promise<void> {
    for (const name of moves.new) {
      if (!await exists(join(this.staged, name))) continue;
      await removeTree(join(this.#root, name)); // what somebody made there meanwhile is neither old nor new
      await this.#rename(this.staged, this.#root, name);
    }
  }

  /** From here on there is no way back. */
  async #giveUpOld(): Promise<void> {
    await renameOnDisk(this.#old, this.#gone);
    this.#onStep("the old entries are given up");
  }

  /** Everything that moved, in the other order. */
  async #moveBack(moves: Moves): Promise<void> {
    await this.#moveNewOut(moves);
    await this.#moveOldBack(moves);
    await this.#syncMoves();
    await Deno.remove(this.#old); // empty: from here on nothing moves
    this.#onStep("the old entries are back");
  }

  async #moveNewOut(moves: Moves): Promise<void> {
    for (const name of moves.new.toReversed()) {
      if (await exists(join(this.staged, name)) || !await exists(join(this.#root, name))) continue;
      await this.#rename(this.#root, this.staged, name);
    }
  }

  async #moveOldBack(moves: Moves): Promise<void> {
    for (const name of moves.old.toReversed()) {
      if (!await exists(join(this.#old, name))) continue;
      await removeTree(join(this.#root, name));
      await this.#rename(this.#old, this.#root, name);
    }
  }

  /** What no entry lies in any more that is needed, then the journal. */
  async #removeAll(): Promise<void> {
    await removeTree(this.#gone);
    this.#onStep("the old entries are removed");
    await removeTree(this.staged);
    this.#onStep("the staged folder is removed");
    await this.#removeOursIfEmpty();
    await syncFolder(this.#root);
    this.#onStep("our folder is removed");
    await this.#journal.remove();
    this.#onStep("the journal is removed");
  }

  /** An earlier version may have left notes in there. */
  async #removeOursIfEmpty(): Promise<void> {
    if (await exists(this.#ours) && namesIn(this.#ours).length === 0) await Deno.remove(this.#ours);
  }

  /** On the disk once `#syncMoves` has returned: one sync for all. */
  async #rename(from: string, to: string, name: string): Promise<void> {
    await Deno.rename(join(from, name), join(to, name));
    this.#onStep(`moved ${name}`);
  }

  async #syncMoves(): Promise<void> {
    for (const folder of [this.#old, this.staged, this.#root]) {
      if (await exists(folder)) await syncFolder(folder);
    }
  }
}

/**
 * Which entries of a documents folder go out and which come in; what stays is in neither list. Pure.
 * @param there the names in the folder
 * @param staged the names in the new one
 */
export function planMoves(there: readonly string[], staged: readonly string[]): Moves {
  const staying = new Set(STAYING.map(({ name }) => name));
  const has = new Set(there);
  return {
    old: there.filter((name) => name !== OUR_FOLDER && !staying.has(name)),
    new: staged.filter((name) => whyNotTaken(name, has.has(name)) === undefined),
  };
}

function lstatOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
