/**
 * The swap of a documents folder that cannot be renamed itself, such as a volume's root: all parts lie in one hidden folder
 * inside it, and the entries are renamed one by one. The names are in the journal before the first of them moves, so that
 * where each one lies shows how far it came:
 *
 *     .dolibarr-drill-HEX/new/    what has not come in yet
 *     .dolibarr-drill-HEX/old/    what has gone out; where it is missing, no entry moves any more in either direction
 *     .dolibarr-drill-HEX/gone/   the same once it must not come back
 *
 * Everything is reached by handles, from that of the documents on: whoever owns them may exchange any name meanwhile.
 */

import { codeOf, Folder } from "../tree/folder.ts";
import { isOurFolder, newOurFolder, OUR_FOLDER, STAYING, whyNotTaken } from "../tree/names.ts";
import { type Journal, JournalFile, type SwapPlace } from "./journal.ts";
import { goneFrom, makeOurs, openOurs } from "./our_folder.ts";
import type { Beginning, OnStep, Swap } from "./steps.ts";

type Moves = NonNullable<Journal["moves"]>;

const [NEW, OLD, GONE] = ["new", "old", "gone"] as const;

export class EntriesSwap implements Swap {
  readonly #path: string;
  readonly #journal: JournalFile;
  readonly #onStep: OnStep;

  constructor(place: SwapPlace, onStep: OnStep) {
    this.#path = place.root;
    this.#journal = new JournalFile(place);
    this.#onStep = onStep;
  }

  readJournal(): Promise<Journal | undefined> {
    return this.#journal.read();
  }

  async prepare(beginning: Beginning): Promise<void> {
    using root = Folder.openReal(this.#path);
    refuseLeftOver(root);
    const name = newOurFolder();
    const journal = { ...beginning, method: "inside" as const };
    await this.#journal.write({ ...journal, ours: { name }, making: true });
    this.#onStep("the journal is written");
    using ours = makeOurs(root, name);
    this.#onStep("our folder is made");
    ours.makeFolder(NEW)[Symbol.dispose]();
    this.#onStep("the staged folder is made");
    await this.#journal.write({ ...journal, ours: { name, inode: ours.info().ino } });
    this.#onStep("the journal says so");
  }

  async openStaged(): Promise<Folder> {
    using tree = await this.#open();
    if (!tree?.ours) throw new Error(`nothing is staged in ${this.#path}`);
    return tree.ours.folder(NEW);
  }

  async swapIn(): Promise<void> {
    using tree = await this.#open();
    if (!tree) throw new Error(`the journal of the restore into ${this.#path} is gone`);
    this.#move(tree, tree.journal.moves ?? await this.#writeMoves(tree));
  }

  async commit(): Promise<void> {
    using tree = await this.#open();
    if (!tree) return await this.#journal.remove();
    const moves = tree.journal.moves ?? await this.#writeMoves(tree);
    if (tree.ours?.has(OLD)) {
      this.#move(tree, moves);
      this.#giveUpOld(tree.ours);
    }
    await this.#removeAll(tree);
  }

  async revert(): Promise<void> {
    using tree = await this.#open();
    if (!tree) return await this.#journal.remove();
    // where there are moves and no old entries, these have been given up, or are all back
    if (tree.journal.moves && tree.ours?.has(OLD)) this.#moveBack(tree, tree.journal.moves);
    await this.#removeAll(tree);
  }

  async hasBegun(): Promise<boolean> {
    return (await this.readJournal())?.moves !== undefined;
  }

  /** The documents and our folder in them; undefined where there is no journal, or no documents folder any more. */
  async #open(): Promise<OpenTree | undefined> {
    const journal = await this.readJournal();
    if (!journal) return undefined;
    using opened = new DisposableStack();
    let root: Folder;
    try {
      root = opened.use(Folder.openReal(this.#path));
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
    const ours = openOurs(root, journal.ours ?? { name: OUR_FOLDER, isFormer: true });
    if (ours) opened.use(ours);
    else if (journal.ours && !journal.making && !journal.emptied) throw goneFrom(root, journal.ours);
    const all = opened.move();
    return { journal, root, ours, [Symbol.dispose]: () => all.dispose() };
  }

  /** Writes down what is to move, of all that is there now. */
  async #writeMoves({ journal, root, ours }: OpenTree): Promise<Moves> {
    const moves = planMoves(root.names(), ours ? namesIn(ours, NEW) : []);
    if (ours && !ours.has(OLD)) ours.makeFolder(OLD)[Symbol.dispose]();
    await this.#journal.write({ ...journal, moves });
    this.#onStep("the moves are written down");
    return moves;
  }

  /** Everything that is to move, or what is left of it. */
  #move(tree: OpenTree, moves: Moves): void {
    using parts = openParts(tree);
    this.#moveOldOut(parts, moves);
    this.#moveNewIn(parts, moves);
    syncMoves(parts);
  }

  #moveOldOut({ root, staged, old }: Parts, moves: Moves): void {
    const coming = new Set(moves.new);
    for (const name of moves.old) {
      const isIn = coming.has(name) && !staged?.has(name); // then the one in the root is the new one
      if (!old || isIn || old.has(name) || !root.has(name)) continue;
      this.#rename(root, old, name);
    }
  }

  #moveNewIn({ root, staged }: Parts, moves: Moves): void {
    for (const name of moves.new) {
      if (!staged?.has(name)) continue;
      root.removeTree(name); // what somebody made there meanwhile is neither old nor new
      this.#rename(staged, root, name);
    }
  }

  /** From here on there is no way back. */
  #giveUpOld(ours: Folder): void {
    ours.rename(OLD, ours, GONE);
    ours.sync();
    this.#onStep("the old entries are given up");
  }

  /** Everything that moved, in the other order. */
  #moveBack(tree: OpenTree, moves: Moves): void {
    using parts = openParts(tree);
    this.#moveNewOut(parts, moves);
    this.#moveOldBack(parts, moves);
    syncMoves(parts);
    tree.ours?.removeFolder(OLD); // empty: from here on nothing moves
    this.#onStep("the old entries are back");
  }

  #moveNewOut({ root, staged }: Parts, moves: Moves): void {
    for (const name of moves.new.toReversed()) {
      if (!staged || staged.has(name) || !root.has(name)) continue;
      this.#rename(root, staged, name);
    }
  }

  #moveOldBack({ root, old }: Parts, moves: Moves): void {
    for (const name of moves.old.toReversed()) {
      if (!old?.has(name)) continue;
      root.removeTree(name);
      this.#rename(old, root, name);
    }
  }

  /** What no entry lies in any more that is needed, then the journal. */
  async #removeAll({ journal, root, ours }: OpenTree): Promise<void> {
    ours?.removeTree(GONE);
    this.#onStep("the old entries are removed");
    ours?.removeTree(NEW);
    this.#onStep("the staged folder is removed");
    await this.#journal.write({ ...journal, emptied: true });
    this.#onStep("the journal says that our folder is empty");
    // an earlier version may have left notes in there
    if (ours?.names().length === 0) root.removeFolder(nameOf(ours));
    root.sync();
    this.#onStep("our folder is removed");
    await this.#journal.remove();
    this.#onStep("the journal is removed");
  }

  /** On the disk once `syncMoves` has returned: one sync for all. */
  #rename(from: Folder, to: Folder, name: string): void {
    from.rename(name, to);
    this.#onStep(`moved ${name}`);
  }
}

interface OpenTree extends Disposable {
  journal: Journal;
  root: Folder;
  /** Undefined where it is gone. */
  ours: Folder | undefined;
}

interface Parts extends Disposable {
  root: Folder;
  staged: Folder | undefined;
  old: Folder | undefined;
}

function openParts({ root, ours }: OpenTree): Parts {
  const opened = new DisposableStack();
  const part = (name: string) => ours?.has(name) ? opened.use(ours.folder(name)) : undefined;
  return { root, staged: part(NEW), old: part(OLD), [Symbol.dispose]: () => opened.dispose() };
}

function syncMoves({ root, staged, old }: Parts): void {
  for (const folder of [old, staged, root]) folder?.sync();
}

function namesIn(ours: Folder, name: string): string[] {
  if (!ours.has(name)) return [];
  using folder = ours.folder(name);
  return folder.names();
}

const nameOf = (folder: Folder): string => folder.path.slice(folder.path.lastIndexOf("/") + 1);

/** What no journal of ours knows may hold documents, or lead elsewhere. */
function refuseLeftOver(root: Folder): void {
  for (const name of root.names().filter(isOurFolder)) {
    const found = root.find(name);
    if (!found) continue;
    const is = found.isSymlink ? "is a link" : found.isDirectory ? "is there" : "is no folder";
    throw new Error(`${root.pathOf(name)} ${is}, and there is no journal of a restore that made it`);
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
    old: there.filter((name) => !isOurFolder(name) && !staying.has(name)),
    new: staged.filter((name) => whyNotTaken(name, has.has(name)) === undefined),
  };
}
