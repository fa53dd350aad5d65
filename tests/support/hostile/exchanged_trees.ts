/** A documents tree of the web user's in which names are exchanged while it is read and written, and what must not be touched. */

import { assert, assertEquals } from "@std/assert";
import { bytesOf, readSmall } from "../../../src/base/streams.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { unpackDocuments } from "../../../src/documents/archive/unpack.ts";
import { copyDocuments } from "../../../src/documents/copy/copy.ts";
import { Folder } from "../../../src/documents/tree/folder.ts";
import { newSwap, settleDocuments } from "../../../src/documents/swap/swap.ts";
import { temporaryFolder } from "../folder.ts";
import { makeTree, placeOf, readTree } from "../documents/swap_trees.ts";
import { exchanging, WEB_USER } from "./exchange.ts";
import { file, indexOfFiles, tarOf } from "./tars.ts";

const { signal } = new AbortController();
const SECRET = "a secret of root's";
/** What root has beside the documents: names that are in the documents too, and some that are not. */
const CANARY = {
  "in/paper": SECRET,
  "paper": SECRET,
  "new/paper": SECRET,
  "old/paper": SECRET,
  "other": SECRET,
};

/** Root's own folder, which nobody else may enter, and a tree of the web user's with a link to it. */
async function besideCanary() {
  const folder = await temporaryFolder();
  await Deno.chmod(folder.path, 0o755);
  const [canary, root] = [`${folder.path}/canary`, `${folder.path}/documents`];
  makeTree(canary, CANARY);
  await Deno.chmod(canary, 0o700);
  makeTree(root, { "a/in/paper": "paper", "a/paper": "paper", "to-canary": { link: canary } });
  await chownAll(root);
  const before = state(canary);
  return {
    root,
    /** Makes the link to root's folder again. */
    async link() {
      await Deno.symlink(canary, `${root}/to-canary`);
      await chownAll(`${root}/to-canary`);
    },
    /** Every entry with its owner, rights, times and content. */
    assertUntouched: () => assertEquals(state(canary), before),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function chownAll(path: string): Promise<void> {
  await new Deno.Command("chown", { args: ["-hR", `${WEB_USER}:${WEB_USER}`, path] }).output();
}

function state(folder: string): string[] {
  const { stdout } = new Deno.Command("find", {
    args: [folder, "-printf", "%P %y %u %g %m %n %T@ %s\\n"],
  }).outputSync();
  return [...new TextDecoder().decode(stdout).split("\n").sort(), JSON.stringify(readTree(folder))];
}

/** What may come of it: it is done, or refused. Nothing else, such as an error of ours. */
async function doneOrRefused(act: () => Promise<unknown>): Promise<"done" | "refused"> {
  try {
    await act();
    return "done";
  } catch (error) {
    if (error instanceof DrillError) return "refused";
    const { code } = error as { code?: string };
    if (code !== undefined && /^E[A-Z]+$/.test(code)) return "refused";
    throw error;
  }
}

export interface Rounds {
  done: number;
  refused: number;
}

async function rounds(count: number, act: () => Promise<unknown>): Promise<Rounds> {
  const seen: Rounds = { done: 0, refused: 0 };
  for (let round = 0; round < count; round++) seen[await doneOrRefused(act)]++;
  return seen;
}

/** Whether one who goes by a path comes to root's own folder: else none of this would show anything. */
export async function foolsPaths(): Promise<boolean> {
  await using there = await besideCanary();
  await using _attack = await exchanging(there.root, "a", "to-canary");
  while (true) {
    try {
      if (Deno.readTextFileSync(`${there.root}/a/paper`) === SECRET) return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Packs a tree whose folder is exchanged for a link to root's own. */
export async function packExchanged(count: number): Promise<Rounds> {
  await using there = await besideCanary();
  await using _attack = await exchanging(there.root, "a", "to-canary");
  return await rounds(count, async () => {
    using archive = packDocuments({ documents: there.root }, { signal });
    const packed = await readSmall(archive.stream);
    const { index } = archive.describe();
    const secret = indexOfFiles({ x: SECRET }).files[0]!.sha256;
    assertEquals(index.files.filter(({ sha256 }) => sha256 === secret), []);
    const tar = new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
    assertEquals((await tar.text()).includes(SECRET), false);
    there.assertUntouched();
  });
}

/** Copies such a tree. */
export async function copyExchanged(count: number): Promise<Rounds> {
  await using there = await besideCanary();
  await using copies = await temporaryFolder();
  await using _attack = await exchanging(there.root, "a", "to-canary");
  let round = 0;
  return await rounds(count, async () => {
    const path = `${copies.path}/${round++}`;
    Deno.mkdirSync(path);
    using staged = Folder.open(path);
    await doneOrRefused(() => copyDocuments({ documents: there.root }, staged, { signal }));
    assertEquals(Object.values(readTree(path)).filter((content) => content === SECRET), []);
    there.assertUntouched();
  });
}

/**
 * Unpacks into, swaps and settles a tree in which the folder of ours is exchanged for a link to root's own. When he stops, what
 * is left is settled: then there are the old documents or the new ones, whole.
 */
export async function swapExchanged(count: number): Promise<Rounds> {
  await using there = await besideCanary();
  const names = [
    "paper",
    "in/paper",
    "new/paper",
    "old/paper",
    ...Array.from({ length: 20 }, (_, at) => `p${at}`),
  ];
  const contents = Object.fromEntries(names.map((name) => [name, "of the archive"]));
  const tar = await tarOf(names.map((name) => file(name, "of the archive")));
  const owner = { uid: WEB_USER, gid: WEB_USER };
  const place = placeOf(there.root);
  const documents = () => {
    const { "to-canary": _, ...others } = readTree(there.root);
    return JSON.stringify(Object.entries(others).sort());
  };
  const [old, renewed] = [documents(), JSON.stringify(Object.entries(contents).sort())];
  await using attack = await exchanging(there.root, ".dolibarr-drill-", "to-canary");
  const seen: Rounds = { done: 0, refused: 0 };
  for (let round = 0; round < count; round++) {
    seen[
      await doneOrRefused(async () => {
        const swap = newSwap("inside", place);
        await swap.prepare({ id: "id" });
        using staged = await swap.openStaged();
        await unpackDocuments({ name: "archive", tar: bytesOf(tar) }, staged, indexOfFiles(contents), owner);
        await swap.swapIn();
        await (round % 2 === 0 ? swap.revert() : swap.commit());
      })
    ]++;
    await attack.pause();
    there.assertUntouched();
    await settleDocuments(place.state, undefined);
    assert([old, renewed].includes(documents()), documents());
    there.assertUntouched();
    if (!readTree(there.root)["to-canary"]) await there.link();
    attack.resume();
  }
  return seen;
}
