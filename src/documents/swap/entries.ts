/**
 * The swap of a documents folder that cannot be renamed itself, such as a volume's root: all parts lie in one hidden folder
 * inside it, and the entries are renamed one by one. The names are in the journal before the first of them moves, so that
 * where each one lies tells how far it came:
 *
 *     .dolibarr-drill/journal.json   what is to move
 *     .dolibarr-drill/new/           what has not come in yet
 *     .dolibarr-drill/old/           what has gone out; where it is missing, no entry moves any more in either direction
 *     .dolibarr-drill/gone/          the same once it must not come back
 */

import { join } from "node:path";
import {
  type Journal,
  type OnStep,
  readJournal,
  removeJournal,
  type Swap,
  sweepPartial,
  writeJournal,
} from "./journal.ts";
import { isOurs, OUR_FOLDER, STAYING, whyNotTaken } from "../tree/names.ts";
import { exists, namesIn, removeTree, syncFolder } from "../../base/files.ts";

export function swapEntries(root: string, onStep: OnStep): Swap {
  const ours = join(root, OUR_FOLDER);
  const at = {
    journal: join(ours, "journal.json"),
    staged: join(ours, "new"),
    old: join(ours, "old"),
    gone: join(ours, "gone"),
  };

  async function move(from: string, to: string, name: string): Promise<void> {
    await Deno.rename(join(from, name), join(to, name));
    onStep(`moved ${name}`);
  }

  /** Everything that is to move, or what is left of it. */
  async function finishMoves(moves: Moves): Promise<void> {
    const coming = new Set(moves.new);
    for (const name of moves.old) {
      const isIn = coming.has(name) && !await exists(join(at.staged, name)); // then the one in the root is the new one
      if (isIn || await exists(join(at.old, name)) || !await exists(join(root, name))) continue;
      await move(root, at.old, name);
    }
    for (const name of moves.new) {
      if (!await exists(join(at.staged, name))) continue;
      await removeTree(join(root, name)); // what somebody made there meanwhile is neither old nor new
      await move(at.staged, root, name);
    }
    await syncMoves();
  }

  async function undoMoves(moves: Moves): Promise<void> {
    for (const name of moves.new.toReversed()) {
      if (await exists(join(at.staged, name)) || !await exists(join(root, name))) continue;
      await move(root, at.staged, name);
    }
    for (const name of moves.old.toReversed()) {
      if (!await exists(join(at.old, name))) continue;
      await removeTree(join(root, name));
      await move(at.old, root, name);
    }
    await syncMoves();
    await Deno.remove(at.old); // empty: from here on nothing moves
    onStep("the old entries are back");
  }

  async function syncMoves(): Promise<void> {
    for (const folder of [at.old, at.staged, root]) if (await exists(folder)) await syncFolder(folder);
  }

  /** Writes down what is to move, of all that is there now. */
  async function plan(journal: Journal): Promise<Moves> {
    const there = namesIn(root);
    const moves = planMoves(there, namesIn(at.staged));
    await Deno.mkdir(at.old, { recursive: true, mode: 0o700 });
    await writeJournal(at.journal, { ...journal, moves });
    onStep("the moves are written down");
    return moves;
  }

  async function tidy(): Promise<void> {
    await removeTree(at.gone);
    onStep("the old entries are removed");
    await removeTree(at.staged);
    onStep("the staged folder is removed");
    await removeJournal(at.journal);
    onStep("the journal is removed");
    await removeIfEmpty(ours);
    await syncFolder(root);
  }

  const swap: Swap = {
    staged: at.staged,
    journal: () => readJournal(at.journal),
    async stage(entry) {
      await Deno.mkdir(ours, { recursive: true, mode: 0o700 });
      await Deno.mkdir(at.staged, { mode: 0o700 });
      onStep("the staged folder is made");
      await writeJournal(at.journal, entry);
      onStep("the journal is written");
    },
    async swapIn() {
      const journal = await readJournal(at.journal);
      if (!journal) throw new Error(`${at.journal} is gone`);
      await finishMoves(journal.moves ?? await plan(journal));
    },
    async hasBegun() {
      return (await readJournal(at.journal))?.moves !== undefined;
    },
    async finish() {
      const journal = await readJournal(at.journal);
      if (!journal) return;
      const moves = journal.moves ?? await plan(journal);
      if (await exists(at.old)) {
        await finishMoves(moves);
        await Deno.rename(at.old, at.gone);
        await syncFolder(ours);
        onStep("the old entries are given up");
      }
      await tidy();
    },
    async goBack() {
      const moves = (await readJournal(at.journal))?.moves;
      if (moves && await exists(at.old)) await undoMoves(moves);
      await tidy(); // where there are moves and no old ones, they have been given up, or are all back
    },
    async sweep() {
      for (const held of [at.old, at.gone]) {
        if (await exists(held) && namesIn(held).length > 0) {
          throw new Error(`${held} holds documents, and no journal says whose they are`);
        }
        await removeTree(held);
      }
      await removeTree(at.staged); // made before its journal was written
      await sweepPartial(at.journal);
      await removeIfEmpty(ours);
    },
  };
  return swap;
}

/** Others of ours may have notes in there. */
async function removeIfEmpty(folder: string): Promise<void> {
  if (await exists(folder) && namesIn(folder).length === 0) await Deno.remove(folder);
}

type Moves = NonNullable<Journal["moves"]>;

/**
 * Which entries of a documents folder go out and which come in; what stays is in neither list. Pure.
 * @param there the names in the folder
 * @param staged the names in the new one
 */
export function planMoves(there: readonly string[], staged: readonly string[]): Moves {
  const staying = new Set(STAYING.map(({ name }) => name));
  const has = new Set(there);
  return {
    old: there.filter((name) => !isOurs(name) && !staying.has(name)),
    new: staged.filter((name) => whyNotTaken(name, has.has(name)) === undefined),
  };
}
