import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { type Bytes, readSmall } from "../../../src/base/streams.ts";
import { openArchive } from "../../../src/documents/archive/compressor.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { readIndex, writeIndex } from "../../../src/documents/index.ts";
import {
  commitSwap,
  revertSwap,
  settleDocuments,
  swapIn,
  unfinishedRestore,
} from "../../../src/documents/swap/swap.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import { prepareAt, unpackTo } from "../../support/documents/by_path.ts";
import { placeOf, stateOf } from "../../support/documents/swap_trees.ts";
import { temporaryFolder } from "../../support/folder.ts";

const signal = new AbortController().signal;
const NAME = "prod/docs/20260630T155313Z.tar.gz";
const tree = (root: string) =>
  walkTree(root, []).map(({ path, type, bytes, target }) => [path, type, bytes, target ?? ""].join(" "));

async function fill(root: string): Promise<void> {
  for (const folder of ["mycompany/logos", "facture/FA2606-0001", "facture/temp", "admin/backup", "empty"]) {
    await Deno.mkdir(`${root}/${folder}`, { recursive: true });
  }
  const files: Record<string, string> = {
    "install.lock": "",
    "dolibarr.log": "noise",
    "mycompany/logos/logo été.png": "picture",
    "facture/FA2606-0001/FA2606-0001.pdf": "%PDF-1.4 a paper",
    "facture/FA2606-0001/FA2606-0001.pdf_preview-0.png": "made again at will",
    "facture/temp/x.tmp": "noise",
    "admin/backup/old.sql": "an old dump",
    [`facture/${"long-".repeat(30)}name.pdf`]: "x".repeat(3_000_000),
  };
  for (const [path, text] of Object.entries(files)) await Deno.writeTextFile(`${root}/${path}`, text);
  await Deno.symlink("FA2606-0001/FA2606-0001.pdf", `${root}/facture/newest.pdf`);
  await Deno.utime(`${root}/facture/FA2606-0001/FA2606-0001.pdf`, 1_700_000_000, 1_700_000_000);
}

describe("a documents archive", () => {
  it("comes back as the same tree: names, bytes, times and links", async () => {
    await using folder = await temporaryFolder();
    const [source, target] = [`${folder.path}/source`, `${folder.path}/target`];
    await fill(source);
    await Deno.mkdir(target);
    using archive = packDocuments({ documents: source }, { signal });
    const packed = await readSmall(archive.stream);
    const described = archive.describe();
    const index = readIndex(writeIndex(described.index), "index");
    const proof = await unpackTo(
      openArchive(NAME, streamOf(packed), signal),
      target,
      index,
      undefined,
    );
    assertEquals(proof, { files: 4, bytes: index.files.reduce((sum, { bytes }) => sum + bytes, 0) });
    const left = /dolibarr\.log|temp\/x|preview|backup\/old/;
    assertEquals(tree(target), tree(source).filter((line) => !left.test(line)));
    assertEquals(
      (await Deno.stat(`${target}/facture/FA2606-0001/FA2606-0001.pdf`)).mtime?.getTime(),
      1_700_000_000_000,
    );
  });
});

describe("putting new documents in the place of the old", () => {
  /** The tree as it is after so many steps of a restore that is then killed. */
  async function killedAfter(steps: number, root: string): Promise<void> {
    await Deno.mkdir(root);
    await Deno.writeTextFile(`${root}/old`, "old");
    if (steps >= 1) await Deno.writeTextFile(`${await prepareAt(placeOf(root), "id-1")}/new`, "new");
    if (steps >= 2) await swapIn(placeOf(root), "id-1");
  }
  const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

  for (
    const [steps, committed, kept] of [[0, undefined, "old"], [1, undefined, "old"], [2, undefined, "old"], [
      2,
      "another",
      "old",
    ], [2, "id-1", "new"]] as const
  ) {
    it(`leaves the ${kept} ones, and nothing beside them, after ${steps} steps and ${committed === "id-1" ? "a" : "no"} commit`, async () => {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      await killedAfter(steps, root);
      await settleDocuments(stateOf(root), committed);
      assertEquals([names(root), names(folder.path)], [[kept], ["documents"]]);
      assertEquals(await unfinishedRestore(stateOf(root)), undefined);
      await settleDocuments(stateOf(root), committed); // again, and nothing happens
      assertEquals(names(root), [kept]);
    });
  }

  it("goes back when it is killed between the two renames", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    await killedAfter(1, root);
    await Deno.rename(root, `${folder.path}/.documents.drill-old`);
    await settleDocuments(stateOf(root), undefined);
    assertEquals([names(root), names(folder.path)], [["old"], ["documents"]]);
  });

  it("keeps the folder's own rights", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    await killedAfter(1, root);
    await Deno.chmod(root, 0o750);
    await swapIn(placeOf(root), "id-1");
    await commitSwap(placeOf(root));
    assertEquals((await Deno.stat(root)).mode! & 0o777, 0o750);
    await revertSwap(placeOf(root)); // after the end it changes nothing
    assertEquals(names(root), ["new"]);
  });

  it("says what to do when the folder above cannot be written", async () => {
    const error = await assertRejects(() => prepareAt(placeOf("/proc/documents"), "id"), DrillError);
    assertEquals([error.code, error.hint.includes("Nothing was changed")], ["DOCUMENTS_NOT_WRITABLE", true]);
  });
});

async function* streamOf(bytes: Bytes): AsyncGenerator<Bytes> {
  yield await Promise.resolve(bytes);
}
