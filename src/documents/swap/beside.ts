/**
 * The swap of a whole documents folder: the new one is made beside it, and two renames put it in its place. What lies there
 * shows how far it came:
 *
 *     prepared        root  staged
 *     swapping in           staged  old
 *     swapped in      root          old
 *     committing      root                gone
 *
 * Where there was no folder before (`fresh` in the journal), there is no root while it is prepared, and never an old one.
 * It is done only where nobody but this user can exchange a name in the folder above the root (place.ts).
 */

import { basename, dirname } from "node:path";
import { copyTree } from "../copy/tree.ts";
import { codeOf, Folder } from "../tree/folder.ts";
import { STAYING, whyNotTaken } from "../tree/names.ts";
import { readEntry } from "../tree/walk.ts";
import { giveBack } from "../tree/write.ts";
import { type Journal, JournalFile, type SwapPlace } from "./journal.ts";
import type { Beginning, OnStep, Swap } from "./steps.ts";

export class BesideSwap implements Swap {
  /** The folder in which all parts lie, and their names there. */
  readonly #above: string;
  readonly #root: string;
  readonly #staged: string;
  readonly #old: string;
  /** The old one once it must not come back. */
  readonly #gone: string;
  readonly #journal: JournalFile;
  readonly #onStep: OnStep;

  /** All parts lie beside its root, on the same disk, so that a rename is enough. */
  constructor(place: SwapPlace, onStep: OnStep) {
    const { root } = place;
    this.#above = dirname(root);
    this.#root = basename(root);
    const beside = `.${this.#root}.drill`;
    this.#staged = `${beside}-new`;
    this.#old = `${beside}-old`;
    this.#gone = `${beside}-gone`;
    this.#journal = new JournalFile(place);
    this.#onStep = onStep;
  }

  readJournal(): Promise<Journal | undefined> {
    return this.#journal.read();
  }

  async prepare(beginning: Beginning): Promise<void> {
    using above = Folder.openReal(this.#above);
    this.#refuseLeftOver(above);
    const journal = { ...beginning, method: "beside" as const };
    await this.#journal.write({ ...journal, making: true });
    this.#onStep("the journal is written");
    above.makeFolder(this.#staged)[Symbol.dispose]();
    this.#onStep("the staged folder is made");
    const fresh = !above.has(this.#root);
    await this.#journal.write({ ...journal, ...(fresh ? { fresh } : {}) });
    this.#onStep("the journal says so");
  }

  openStaged(): Promise<Folder> {
    return Promise.try(() => {
      using above = Folder.openReal(this.#above);
      return above.folder(this.#staged);
    });
  }

  swapIn(): Promise<void> {
    return Promise.try(() => {
      using above = Folder.openReal(this.#above);
      this.#swapIn(above);
    });
  }

  async commit(): Promise<void> {
    if (await this.readJournal() === undefined) return;
    using above = this.#open();
    if (above && !above.has(this.#gone)) {
      this.#swapIn(above);
      this.#giveUpOld(above);
    }
    if (above) this.#removeOld(above);
    await this.#removeStagedAndJournal(above);
  }

  async revert(): Promise<void> {
    using above = this.#open();
    if (above?.has(this.#gone)) return await this.commit();
    if (above) {
      this.#moveNewAside(above, (await this.readJournal())?.fresh === true);
      this.#moveOldBack(above);
    }
    await this.#removeStagedAndJournal(above);
  }

  hasBegun(): Promise<boolean> {
    return Promise.try(() => {
      using above = this.#open();
      return !above?.has(this.#staged) || above.has(this.#old) || above.has(this.#gone);
    });
  }

  /** Undefined where not even the folder above is there any more. */
  #open(): Folder | undefined {
    try {
      return Folder.openReal(this.#above);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** What no journal of ours knows is not ours to remove, and a rename onto it would fail in the middle. */
  #refuseLeftOver(above: Folder): void {
    for (const part of [this.#staged, this.#old, this.#gone]) {
      if (!above.has(part)) continue;
      throw new Error(`${above.pathOf(part)} exists, and there is no journal of the restore that made it`);
    }
  }

  #swapIn(above: Folder): void {
    this.#copyStaying(above);
    this.#moveOldAside(above);
    this.#moveNewIn(above);
  }

  /** Before the old folder is moved: what the root keeps is copied into the staged folder, with the root's owner and rights. */
  #copyStaying(above: Folder): void {
    if (!above.has(this.#staged) || above.has(this.#old)) return;
    const entry = readEntry(above, this.#root, this.#root);
    if (entry === undefined) return;
    using root = above.folder(this.#root);
    using staged = above.folder(this.#staged);
    const there = root.names();
    const staying = STAYING.map(({ name }) => name).filter((name) =>
      whyNotTaken(name, there.includes(name)) !== undefined
    );
    for (const name of staying) {
      staged.removeTree(name);
      if (there.includes(name)) copyTree(root, staged, name);
    }
    giveBack(above, this.#staged, entry, true);
    this.#onStep("what stays is in the staged folder");
  }

  #moveOldAside(above: Folder): void {
    if (!above.has(this.#staged)) return;
    if (above.has(this.#old)) above.removeTree(this.#root); // what somebody made there meanwhile is neither
    else if (above.has(this.#root)) {
      this.#rename(above, this.#root, this.#old, "the old folder is aside");
    }
  }

  #moveNewIn(above: Folder): void {
    if (!above.has(this.#staged)) return;
    this.#rename(above, this.#staged, this.#root, "the new folder is in its place");
  }

  /** From here on there is no way back. */
  #giveUpOld(above: Folder): void {
    if (above.has(this.#old)) this.#rename(above, this.#old, this.#gone, "the old folder is given up");
  }

  #removeOld(above: Folder): void {
    above.removeTree(this.#gone);
    this.#onStep("the old folder is removed");
  }

  /** Only a root that was swapped in is the new one: then the old one is aside, or there was none. */
  #moveNewAside(above: Folder, fresh: boolean): void {
    if (above.has(this.#staged) || !above.has(this.#root)) return;
    if (!above.has(this.#old) && !fresh) return;
    this.#rename(above, this.#root, this.#staged, "the new folder is aside");
  }

  #moveOldBack(above: Folder): void {
    if (!above.has(this.#old)) return;
    above.removeTree(this.#root); // nothing, or what somebody made meanwhile
    this.#rename(above, this.#old, this.#root, "the old folder is back");
  }

  async #removeStagedAndJournal(above: Folder | undefined): Promise<void> {
    above?.removeTree(this.#staged);
    this.#onStep("the staged folder is removed");
    await this.#journal.remove();
    this.#onStep("the journal is removed");
  }

  #rename(above: Folder, from: string, to: string, step: string): void {
    above.rename(from, above, to);
    above.sync();
    this.#onStep(step);
  }
}
