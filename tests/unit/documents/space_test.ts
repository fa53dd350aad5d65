import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OwnFolder } from "../../../src/base/own_folder.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { bytesOf, readSmall, sha256Of } from "../../../src/base/streams.ts";
import { openArchive } from "../../../src/documents/archive/compressor.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import type { DocumentsIndex } from "../../../src/documents/index.ts";
import { Folder } from "../../../src/documents/tree/folder.ts";
import { judgeSpace, requireSpace, spaceNeeded } from "../../../src/documents/tree/space.ts";
import { revertSwap } from "../../../src/documents/swap/swap.ts";
import { copyTo, prepareAt, unpackTo } from "../../support/documents/by_path.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { mountSmallDisk, whyNoDisk } from "../../support/platform/small_disk.ts";
import { makeTree, OLD, placeOf, readTree, under } from "../../support/documents/swap_trees.ts";

const signal = new AbortController().signal;
const NAME = "prod/docs/20260630T155313Z.tar.gz";
const MB = 1024 * 1024;

describe("the room that new documents take", () => {
  it("is counted in blocks, with folders and a little for each entry", () => {
    const files = [{ path: "a/b/c", bytes: 1 }, { path: "a/b/d", bytes: 4096 }, { path: "e", bytes: 0 }];
    const links = [{ path: "a/l/m" }];
    // 2 blocks of files, 1 of a link, 3 of the folders a, a/b, a/l, and 512 bytes for each of 7
    assertEquals(spaceNeeded({ files, links }, 4096), { bytes: 6 * 4096 + 7 * 512, entries: 7 });
  });

  // deno-fmt-ignore: a line each
  const cases: [what: string, needed: [number, number], free: [number, number?], short: string | undefined][] = [
    ["plenty", [100 * MB, 10], [1000 * MB, 1e6], undefined],
    ["just the margin more", [100 * MB, 10], [104 * MB, 1e6], undefined],
    ["a byte less than that", [100 * MB, 10], [104 * MB - 1, 1e6], "bytes"],
    ["two in a hundred of much", [1000 * MB, 10], [1019 * MB, 1e6], "bytes"],
    ["two in a hundred of much, there", [1000 * MB, 10], [1020 * MB, 1e6], undefined],
    ["too few inodes", [1 * MB, 1000], [1000 * MB, 1063], "entries"],
    ["just enough of them", [1 * MB, 1000], [1000 * MB, 1064], undefined],
    ["a disk that has no limit on them", [1 * MB, 1e9], [1000 * MB], undefined],
    ["neither", [9 * MB, 100], [MB, 1], "bytes"],
  ];
  for (const [what, [bytes, entries], [freeBytes, freeEntries], short] of cases) {
    it(`${what}: ${short ? `too few ${short}` : "enough"}`, () => {
      const verdict = judgeSpace({ bytes, entries }, { bytes: freeBytes, entries: freeEntries });
      assertEquals([verdict.enough, verdict.short], [short === undefined, short]);
    });
  }
});

const noDisk = await whyNoDisk();
describe("documents that do not fit", { skip: noDisk }, () => {
  const large: DocumentsIndex = {
    excludes: [],
    files: [{
      path: "large",
      bytes: 20 * MB,
      mtimeMs: 0,
      ctimeMs: 0,
      sha256: sha256Of(""),
    }],
    links: [],
  };

  it("are refused before a byte of them is read, with both numbers", async () => {
    await using disk = await mountSmallDisk("8m");
    makeTree(disk.path, OLD);
    const staged = await prepareAt(placeOf(disk.path), "id");
    let read = false;
    const tar = (async function* () {
      read = true;
      yield* bytesOf("");
    })();
    const error = await assertRejects(
      () => unpackTo({ name: NAME, tar }, staged, large, undefined),
      DrillError,
    );
    assertEquals([error.code, read], ["DISK_FULL", false]);
    assertMatch(
      error.message,
      /they need 25\.\d MB, and 8\.\d+ MB are free/,
    );
    assertMatch(error.hint, /Nothing was changed\. .*df -h/);
    await revertSwap(placeOf(disk.path));
    assertEquals(readTree(disk.path), OLD);
  });

  it("are refused where there are too few inodes", async () => {
    await using disk = await mountSmallDisk("8m", "nr_inodes=40");
    const files = Array.from({ length: 30 }, (_, at) => ({ path: `f${at}`, bytes: 1 }));
    using folder = Folder.open(disk.path);
    assertThrows(
      () => requireSpace(folder, { files, links: [] }),
      DrillError,
      "files and folders, and the disk has room for",
    );
  });

  it("because somebody else fills the disk meanwhile leave all as it was", async () => {
    await using disk = await mountSmallDisk("24m");
    await using folder = await temporaryFolder();
    const source = `${folder.path}/source`;
    makeTree(
      source,
      Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`f${at}`, `${at}`.repeat(MB)])),
    );
    makeTree(disk.path, OLD);
    using archive = packDocuments({ documents: source }, { signal });
    const packed = await readSmall(archive.stream);
    const { index } = archive.describe();
    const fill = (root: string) => {
      try {
        Deno.writeFileSync(`${root}/filler`, new Uint8Array(24 * MB), { createNew: true });
      } catch {
        return; // it is full, as it should be, or was filled before
      }
    };
    const staged = await prepareAt(placeOf(disk.path), "id");
    const error = await assertRejects(
      () =>
        unpackTo(openArchive(NAME, bytesOf(packed), signal), staged, index, undefined, {
          onBytes: () => fill(disk.path),
        }),
      DrillError,
    );
    assertEquals(error.code, "DISK_FULL");
    await revertSwap(placeOf(disk.path));
    await Deno.remove(`${disk.path}/filler`);
    assertEquals(readTree(disk.path), OLD);

    const again = await prepareAt(placeOf(disk.path), "id");
    const copying = copyTo({ documents: source }, again, { signal });
    fill(disk.path);
    assertEquals((await assertRejects(() => copying, DrillError)).code, "DISK_FULL");
    await revertSwap(placeOf(disk.path));
    await Deno.remove(`${disk.path}/filler`);
    assertEquals(readTree(disk.path), OLD);
  });

  it("leave all as it was where there is not even room for the journal", async () => {
    await using disk = await mountSmallDisk("1m");
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    makeTree(root, OLD);
    const state = new OwnFolder(`${disk.path}/states/sandbox`);
    const write = () => Deno.writeFileSync(`${disk.path}/filler`, new Uint8Array(MB + 1));
    await assertRejects(() => Promise.resolve().then(write));
    const error = await assertRejects(() => prepareAt({ root, state }, "id"), DrillError);
    assertEquals(error.code, "DISK_FULL");
    await revertSwap({ root, state });
    assertEquals(readTree(folder.path), under("documents", OLD));
  });
});
