/** The swap of a whole documents folder: the new one is made beside it, and two renames put it in its place. */

import { basename, dirname, join } from "node:path";
import { type OnStep, readJournal, removeJournal, type Swap, sweepPartial, writeJournal } from "./journal.ts";
import { OUR_FOLDER, STAYING, whyNotTaken } from "../tree/names.ts";
import { exists, namesIn, removeTree, syncFolder } from "../../base/files.ts";

/** Where the parts of one restore lie, all beside `root`: on the same disk, so that a rename is enough. */
const places = (root: string) => {
  const beside = join(dirname(root), `.${basename(root)}.drill`);
  return {
    journal: `${beside}-journal.json`,
    staged: `${beside}-new`,
    old: `${beside}-old`,
    /** The old one once it must not come back. */
    gone: `${beside}-gone`,
  };
};

export function swapBeside(root: string, onStep: OnStep): Swap {
  const { journal, staged, old, gone } = places(root);
  const above = dirname(root);

  async function rename(from: string, to: string, step: string): Promise<void> {
    await Deno.rename(from, to);
    await syncFolder(above);
    onStep(step);
  }

  /** Both renames, or what is left of them. With both folders aside, what stands in the root's place is neither. */
  async function finishRenames(): Promise<void> {
    if (!await exists(staged)) return;
    if (await exists(old)) await removeTree(root);
    else if (await exists(root)) await rename(root, old, "the old folder is aside");
    await rename(staged, root, "the new folder is in its place");
  }

  async function tidy(): Promise<void> {
    await removeTree(staged);
    onStep("the staged folder is removed");
    await removeJournal(journal);
    onStep("the journal is removed");
  }

  const swap: Swap = {
    staged,
    journal: () => readJournal(journal),
    async stage(entry) {
      await refuseLeftOver(old);
      await Deno.mkdir(staged, { mode: 0o700 });
      onStep("the staged folder is made");
      const fresh = !await exists(root);
      await writeJournal(journal, { ...entry, ...(fresh ? { fresh } : {}) });
      onStep("the journal is written");
    },
    async swapIn() {
      await keepOwn(root, staged);
      onStep("what stays is in the staged folder");
      await finishRenames();
    },
    async hasBegun() {
      return !await exists(staged) || await exists(old) || await exists(gone);
    },
    async finish() {
      if (await readJournal(journal) === undefined) return;
      if (!await exists(gone)) {
        if (await exists(staged) && !await exists(old)) await keepOwn(root, staged);
        await finishRenames();
        if (await exists(old)) await rename(old, gone, "the old folder is given up");
      }
      await removeTree(gone);
      onStep("the old folder is removed");
      await tidy();
    },
    async goBack() {
      if (await exists(gone)) return await swap.finish();
      const { fresh } = await readJournal(journal) ?? {};
      const swapped = !await exists(staged);
      if (await exists(old)) {
        if (swapped) await rename(root, staged, "the new folder is aside");
        else await removeTree(root); // nothing, or what somebody made meanwhile
        await rename(old, root, "the old folder is back");
      } else if (fresh && swapped && await exists(root)) {
        await rename(root, staged, "the new folder is aside");
      }
      await tidy();
    },
    async sweep() {
      await removeTree(staged); // made before its journal was written
      await sweepPartial(journal);
    },
  };
  return swap;
}

/** Before the renames: what the target's own folder keeps is copied into the staged one, and its owner and rights. */
async function keepOwn(root: string, staged: string): Promise<void> {
  if (!await exists(root)) return;
  const there = namesIn(root);
  const names = STAYING.map(({ name }) => name).filter((name) =>
    whyNotTaken(name, there.includes(name)) !== undefined
  );
  for (const name of [OUR_FOLDER, ...names]) { // in ours, others have written down what they need
    await removeTree(join(staged, name));
    if (there.includes(name)) await copy(join(root, name), join(staged, name));
  }
  await copyRights(root, staged);
}

/** A file, a link, or a folder with all that is in it. */
async function copy(from: string, to: string): Promise<void> {
  const { isSymlink, isDirectory, mtime } = await Deno.lstat(from);
  if (isSymlink) return await Deno.symlink(await Deno.readLink(from), to);
  if (isDirectory) {
    await Deno.mkdir(to, { mode: 0o700 });
    for (const name of namesIn(from)) await copy(join(from, name), join(to, name));
  } else await Deno.copyFile(from, to);
  await copyRights(from, to);
  if (mtime) await Deno.utime(to, mtime, mtime);
}

async function copyRights(from: string, to: string): Promise<void> {
  const { uid, gid, mode } = await Deno.stat(from);
  if (uid !== null && gid !== null) await Deno.chown(to, uid, gid);
  if (mode !== null) await Deno.chmod(to, mode & 0o7777);
}

/** An old folder without a journal is nobody's to remove, and a rename onto it would fail in the middle. */
async function refuseLeftOver(old: string): Promise<void> {
  if (await exists(old)) throw new Error(`${old} is there, and no journal says whose it is`);
}
