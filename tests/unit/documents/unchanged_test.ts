import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readSmall, sha256Of } from "../../../src/base/streams.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import type { DocumentsIndex } from "../../../src/documents/index.ts";
import { fingerprintOfIndex, unchangedSince } from "../../../src/documents/archive/unchanged.ts";
import type { DocumentFolders } from "../../../src/documents/folders.ts";
import { temporaryFolder } from "../../support/folder.ts";

const signal = new AbortController().signal;
/** Long enough after the files were made: their times tell all that came later. */
const LATE = new Date(Date.now() + 3_600_000);
const FILES = ["facture/FA1/FA1.pdf", "facture/FA2/FA2.pdf", "mycompany/logo.png", "custom.txt"];

interface Tree {
  root: string;
  more: string;
  source: DocumentFolders;
  index: DocumentsIndex;
}

async function indexOf(source: DocumentFolders): Promise<DocumentsIndex> {
  using archive = packDocuments(source, { signal });
  await readSmall(archive.stream);
  return archive.describe().index;
}

/** A tree as it was packed, and its index, with which `ask` is then asked. */
async function withTree<T>(ask: (tree: Tree) => T | Promise<T>): Promise<T> {
  await using folder = await temporaryFolder();
  const [root, more] = [`${folder.path}/documents`, `${folder.path}/more`];
  for (const path of FILES) {
    Deno.mkdirSync(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${root}/${path}`, `bytes of ${path}`);
    Deno.utimeSync(`${root}/${path}`, 1_700_000_000, 1_700_000_000);
  }
  Deno.mkdirSync(`${root}/facture/temp`);
  Deno.writeTextFileSync(`${root}/dolibarr.log`, "noise");
  Deno.symlinkSync("FA1/FA1.pdf", `${root}/facture/newest`);
  Deno.symlinkSync("/etc/passwd", `${root}/away`);
  Deno.mkdirSync(more);
  Deno.writeTextFileSync(`${more}/module.php`, "module");
  const source = { documents: root, moreFolders: { custom: more } };
  return await ask({ root, more, source, index: await indexOf(source) });
}

/** As if all had been done longer ago than times can tell apart: only what differs from the index is looked into. */
const ask = ({ source, index }: Tree, takenAt = LATE, paranoid = false) =>
  unchangedSince(source, { index, takenAt }, { signal, paranoid });

describe("documents against the index of the last archive", () => {
  const fa1 = ({ root }: Tree) => `${root}/facture/FA1/FA1.pdf`;
  /** What was written a day ago, in the eyes of the index: the runtime tells a change's time in seconds. */
  const older = ({ index }: Tree) => index.files.forEach((file) => file.ctimeMs -= 86_400_000);
  const write = (path: string, text: string) => Deno.writeTextFileSync(path, text);

  // deno-fmt-ignore: a line each
  const edits: [what: string, edit: (tree: Tree) => void, unchanged: boolean, why: string, read: number][] = [
    ["nothing", () => {}, true, "5 files are as before, 0 of them read", 0],
    ["touched", (tree) => Deno.utimeSync(fa1(tree), 1_800_000_000, 1_800_000_000), true, "5 files are as before, 1 of them read", 1],
    ["copied over itself", (tree) => write(fa1(tree), "bytes of facture/FA1/FA1.pdf"), true, "5 files are as before, 1 of them read", 1],
    ["replaced by an equal one", (tree) => { write(`${tree.root}/x`, "bytes of facture/FA1/FA1.pdf"); Deno.renameSync(`${tree.root}/x`, fa1(tree)); }, true, "5 files are as before, 1 of them read", 1],
    ["another mode", (tree) => { older(tree); Deno.chmodSync(fa1(tree), 0o600); }, true, "5 files are as before, 5 of them read", 5],
    ["the same size, other bytes", (tree) => write(fa1(tree), "bytes of facture/FA1/FA1.PDF"), false, "facture/FA1/FA1.pdf has other bytes", 1],
    ["the same size, other bytes, and the time set back", (tree) => { older(tree); write(fa1(tree), "bytes of facture/FA1/FA1.PDF"); Deno.utimeSync(fa1(tree), 1_700_000_000, 1_700_000_000); }, false, "facture/FA1/FA1.pdf has other bytes", 2],
    ["grown", (tree) => Deno.writeTextFileSync(fa1(tree), "!", { append: true }), false, "facture/FA1/FA1.pdf has 29 bytes, it had 28", 0],
    ["emptied", (tree) => Deno.truncateSync(fa1(tree)), false, "facture/FA1/FA1.pdf has 0 bytes, it had 28", 0],
    ["renamed", (tree) => Deno.renameSync(fa1(tree), `${tree.root}/facture/FA1/FA9.pdf`), false, "facture/FA1/FA9.pdf is new", 0],
    ["moved", (tree) => Deno.renameSync(fa1(tree), `${tree.root}/facture/FA2/FA1.pdf`), false, "facture/FA2/FA1.pdf is new", 0],
    ["swapped with another", ({ root }) => { Deno.renameSync(`${root}/facture/FA1`, `${root}/x`); Deno.renameSync(`${root}/facture/FA2`, `${root}/facture/FA1`); Deno.renameSync(`${root}/x`, `${root}/facture/FA2`); }, false, "facture/FA1/FA2.pdf is new", 0],
    ["added", ({ root }) => write(`${root}/facture/new.pdf`, ""), false, "facture/new.pdf is new", 0],
    ["removed", (tree) => Deno.removeSync(fa1(tree)), false, "facture/FA1/FA1.pdf is gone", 0],
    ["all removed", ({ root }) => Deno.removeSync(`${root}/facture`, { recursive: true }), false, "facture/FA1/FA1.pdf is gone", 0],
    ["a file is now a folder", (tree) => { Deno.removeSync(fa1(tree)); Deno.mkdirSync(fa1(tree)); }, false, "facture/FA1/FA1.pdf is gone", 0],
    ["a file is now a link to the same bytes", (tree) => { Deno.renameSync(fa1(tree), `${tree.root}/mycompany/temp.log`); Deno.symlinkSync("../../mycompany/temp.log", fa1(tree)); }, false, "facture/FA1/FA1.pdf is new", 0],
    ["a link leads elsewhere", ({ root }) => { Deno.removeSync(`${root}/facture/newest`); Deno.symlinkSync("FA2/FA2.pdf", `${root}/facture/newest`); }, false, "the link facture/newest leads elsewhere", 0],
    ["the same link made again", ({ root }) => { Deno.removeSync(`${root}/facture/newest`); Deno.symlinkSync("FA1/FA1.pdf", `${root}/facture/newest`); }, true, "5 files are as before, 0 of them read", 0],
    ["a link out of the documents leads elsewhere", ({ root }) => { Deno.removeSync(`${root}/away`); Deno.symlinkSync("/etc/group", `${root}/away`); }, false, "the link away leads elsewhere", 0],
    ["a link out of the documents now stays inside", ({ root }) => { Deno.removeSync(`${root}/away`); Deno.symlinkSync("facture", `${root}/away`); }, false, "away is new", 0],
    ["another link out of the documents came", ({ root }) => Deno.symlinkSync("../away", `${root}/out`), false, "out is new", 0],
    ["a link out of the documents is gone", ({ root }) => Deno.removeSync(`${root}/away`), false, "away is gone", 0],
    ["an archive that holds the link out of the documents", ({ index }) => { index.links.push(...index.leftOut!); delete index.leftOut; }, false, "away is new", 0],
    ["an excluded file changed, another came", ({ root }) => { write(`${root}/dolibarr.log`, "more noise"); write(`${root}/facture/temp/x`, "noise"); }, true, "5 files are as before, 0 of them read", 0],
    ["an empty folder came", ({ root }) => Deno.mkdirSync(`${root}/empty`), true, "5 files are as before, 0 of them read", 0],
    ["a file of a further folder changed", ({ more }) => write(`${more}/module.php`, "m0dule"), false, "custom/module.php has other bytes", 1],
    ["the excludes are others", (tree) => tree.source.excludes = [], false, "the excludes are others", 0],
    ["the same excludes in another order", (tree) => tree.source.excludes = tree.index.excludes.toReversed(), true, "5 files are as before, 0 of them read", 0],
    ["no further folder any more", (tree) => delete tree.source.moreFolders, false, "the further folders are others", 0],
    ["the further folder lies elsewhere", (tree) => tree.source.moreFolders = { custom: tree.root.replace(/documents$/, "more/.") }, false, "the further folders are others", 0],
    ["a file that changed while it was packed", ({ index }) => index.files[1]!.changed = true, true, "5 files are as before, 1 of them read", 1],
    ["it changed while it was packed, and holds other bytes", ({ index }) => Object.assign(index.files[1]!, { changed: true, sha256: sha256Of("before") }), false, "facture/FA1/FA1.pdf has other bytes", 1],
  ];
  for (const [what, edit, unchanged, why, read] of edits) {
    it(`${what}: ${unchanged ? "unchanged" : "changed"}`, async () => {
      const found = await withTree((tree) => {
        edit(tree);
        return ask(tree);
      });
      assertEquals(found, { unchanged, why, read });
    });
  }
});

describe("a change that leaves every time as it was", () => {
  /** Only an index that lies can make one: the file's own times cannot be set back. */
  const lie = (tree: Tree) => {
    tree.index.files[2]!.sha256 = sha256Of("what it was");
    return tree;
  };

  it("is found within two seconds of the last look", async () => {
    const found = await withTree((tree) => ask(lie(tree), new Date()));
    assertEquals([found.unchanged, found.why], [false, "facture/FA2/FA2.pdf has other bytes"]);
  });

  it("is not found later", async () => {
    assertEquals((await withTree((tree) => ask(lie(tree)))).unchanged, true);
  });

  it("is found by one who reads all", async () => {
    const found = await withTree((tree) => ask(lie(tree), LATE, true));
    assertEquals([found.unchanged, found.why], [false, "facture/FA2/FA2.pdf has other bytes"]);
    assertEquals((await withTree((tree) => ask(tree, LATE, true))).read, 5);
  });
});

it("a look at the documents can be interrupted", async () => {
  const stopped = AbortSignal.abort(new DOMException("Interrupted", "AbortError"));
  await withTree((tree) =>
    assertRejects(
      () =>
        unchangedSince(tree.source, { index: tree.index, takenAt: LATE }, {
          paranoid: true,
          signal: stopped,
        }),
      DOMException,
    )
  );
});

describe("the fingerprint of an index", () => {
  const index: DocumentsIndex = {
    excludes: ["*.log"],
    files: ["a", "b"].map((path) => ({
      path,
      bytes: 1,
      mtimeMs: 1,
      ctimeMs: 1,
      sha256: sha256Of(path),
    })),
    links: [{ path: "l", target: "a" }],
    roots: { custom: "/custom" },
  };
  const changed = (change: (copy: DocumentsIndex) => void) => {
    const copy = structuredClone(index);
    change(copy);
    return fingerprintOfIndex(copy).value;
  };
  const { value } = fingerprintOfIndex(index);

  const same: [string, (copy: DocumentsIndex) => void][] = [
    ["times", ({ files }) => Object.assign(files[0]!, { mtimeMs: 5, ctimeMs: 6, changed: true })],
    ["the order", ({ files }) => files.reverse()],
    ["the excludes", ({ excludes }) => excludes.push("x")],
  ];
  for (const [what, change] of same) {
    it(`has no part for ${what}`, () => assertEquals(changed(change), value));
  }

  const other: [string, (copy: DocumentsIndex) => void][] = [
    ["a path", ({ files }) => files[0]!.path = "c"],
    ["a size", ({ files }) => files[0]!.bytes = 2],
    ["bytes", ({ files }) => files[0]!.sha256 = sha256Of("c")],
    ["a link", ({ links }) => links[0]!.target = "b"],
    ["a file less", ({ files }) => files.pop()],
    ["a further folder", (copy) => delete copy.roots],
    ["a file that is called like a link", (copy) => copy.links = []],
  ];
  for (const [what, change] of other) {
    it(`has a part for ${what}`, () => assertNotEquals(changed(change), value));
  }
});
