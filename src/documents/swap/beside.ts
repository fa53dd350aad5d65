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
 */

import { basename, dirname, join } from "node:path";
import { exists, removeTree, renameOnDisk } from "../../base/files.ts";
import { copyTree } from "../copy/tree.ts";
import { Folder } from "../tree/folder.ts";
import { STAYING, whyNotTaken } from "../tree/names.ts";
import { readEntry } from "../tree/walk.ts";
import { giveBack } from "../tree/write.ts";
import { type Journal, JournalFile, type SwapPlace } from "./journal.ts";
import type { Beginning, OnStep, Swap } from "./steps.ts";

export class BesideSwap implements Swap {
  readonly staged: string;
  readonly #root: string;
  readonly #old: string;
  /** The old one once it must not come back. */
  readonly #gone: string;
  readonly #journal: JournalFile;
  readonly #onStep: OnStep;

  /** All parts lie beside its root, on the same disk, so that a rename is enough. */
  constructor(place: SwapPlace, onStep: OnStep) {
    const { root } = place;
    const beside = join(dirname(root), `.${basename(root)}.drill`);
    this.#root = root;
    this.staged = `${beside}-new`;
    this.#old = `${beside}-old`;
    this.#gone = `${beside}-gone`;
    this.#journal = new JournalFile(place);
    this.#onStep = onStep;
  }

  readJournal(): Promise<Journal | undefined> {
    return this.#journal.read();
  }

  async prepare(beginning: Beginning): Promise<void> {
    await this.#refuseLeftOver();
    const journal = { ...beginning, method: "beside" as const };
    await this.#journal.write({ ...journal, making: true });
    this.#onStep("the journal is written");
    await Deno.mkdir(this.staged, { mode: 0o700 });
    this.#onStep("the staged folder is made");
    const fresh = !await exists(this.#root);
    await this.#journal.write({ ...journal, ...(fresh ? { fresh } : {}) });
    this.#onStep("the journal says so");
  }

  async swapIn(): Promise<void> {
    await this.#copyStaying();
    await this.#moveOldAside();
    await this.#moveNewIn();
  }

  async commit(): Promise<void> {
    if (await this.readJournal() === undefined) return;
    if (!await exists(this.#gone)) {
      await this.swapIn();
      await this.#giveUpOld();
    }
    await this.#removeOld();
    await this.#removeStagedAndJournal();
  }

  async revert(): Promise<void> {
    if (await exists(this.#gone)) return await this.commit();
    await this.#moveNewAside();
    await this.#moveOldBack();
    await this.#removeStagedAndJournal();
  }

  async hasBegun(): Promise<boolean> {
    return !await exists(this.staged) || await exists(this.#old) || await exists(this.#gone);
  }

  /** What no journal of ours knows is not ours to remove, and a rename onto it would fail in the middle. */
  async #refuseLeftOver(): Promise<void> {
    for (const part of [this.staged, this.#old, this.#gone]) {
      if (!await exists(part)) continue;
      throw new Error(`${part} exists, and there is no journal of the restore that made it`);
    }
  }

  /** Before the old folder is moved: what the root keeps is copied into the staged folder, with the root's owner and rights. */
  async #copyStaying(): Promise<void> {
    if (!await exists(this.staged) || await exists(this.#old)) return;
    using above = Folder.open(dirname(this.#root));
    const entry = readEntry(above, basename(this.#root), this.#root);
    if (entry === undefined) return;
    using root = above.folder(basename(this.#root));
    using staged = above.folder(basename(this.staged));
    const there = root.names();
    const staying = STAYING.map(({ name }) => name).filter((name) =>
      whyNotTaken(name, there.includes(name)) !== undefined
    );
    for (const name of staying) {
      staged.removeTree(name);
      if (there.includes(name)) copyTree(root, staged, name);
    }
    giveBack(above, basename(this.staged), entry, true);
    this.#onStep("what stays is in the staged folder");
  }

  async #moveOldAside(): Promise<void> {
    if (!await exists(this.staged)) return;
    if (await exists(this.#old)) await removeTree(this.#root); // what somebody made there meanwhile is neither
    else if (await exists(this.#root)) {
      await this.#rename(this.#root, this.#old, "the old folder is aside");
    }
  }

  async #moveNewIn(): Promise<void> {
    if (!await exists(this.staged)) return;
    await this.#rename(this.staged, this.#root, "the new folder is in its place");
  }

  /** From here on there is no way back. */
  async #giveUpOld(): Promise<void> {
    if (await exists(this.#old)) await this.#rename(this.#old, this.#gone, "the old folder is given up");
  }

  async #removeOld(): Promise<void> {
    await removeTree(this.#gone);
    this.#onStep("the old folder is removed");
  }

  /** Only a root that was swapped in is the new one: then the old one is aside, or there was none. */
  async #moveNewAside(): Promise<void> {
    if (await exists(this.staged) || !await exists(this.#root)) return;
    if (!await exists(this.#old) && (await this.readJournal())?.fresh !== true) return;
    await this.#rename(this.#root, this.staged, "the new folder is aside");
  }

  async #moveOldBack(): Promise<void> {
    if (!await exists(this.#old)) return;
    await removeTree(this.#root); // nothing, or what somebody made meanwhile
    await this.#rename(this.#old, this.#root, "the old folder is back");
  }

  async #removeStagedAndJournal(): Promise<void> {
    await removeTree(this.staged);
    this.#onStep("the staged folder is removed");
    await this.#journal.remove();
    this.#onStep("the journal is removed");
  }

  async #rename(from: string, to: string, step: string): Promise<void> {
    await renameOnDisk(from, to);
    this.#onStep(step);
  }
}
