import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bytesOf, sha256Of } from "../../../src/base/streams.ts";
import { writeIndex } from "../../../src/documents/index.ts";
import { findDocuments, historiesOf, matcherOf } from "../../../src/restore/extract/find.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { BackupSet, LegacySet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "../../support/folder.ts";

const PDF = "facture/FA2610-0004/FA2610-0004.pdf";
const signal = new AbortController().signal;

describe("a pattern of find", () => {
  const cases: [pattern: string, path: string, fits: boolean][] = [
    ["FA2610-0004", PDF, true],
    ["fa2610-0004.PDF", PDF, true],
    ["FA2610-0005", PDF, false],
    ["*.pdf", PDF, true],
    ["facture/*", PDF, true],
    ["FA2610-000?.pdf", PDF, true],
    ["FA2610-000?", PDF, false],
    ["*", PDF, true],
    ["**", PDF, true],
    ["facture/*.odt", PDF, false],
    ["a.b", "facture/aXb", false],
    ["[x]", "contrat/[x]/paper.pdf", true],
    ["*[x]*", "contrat/[x]/paper.pdf", true],
    ["ÉTÉ", "societe/été.pdf", true],
    ["*(1)*", "facture/FA (1).pdf", true],
  ];
  for (const [pattern, path, fits] of cases) {
    it(`${pattern} ${fits ? "means" : "does not mean"} ${path}`, () => {
      assertEquals(matcherOf(pattern)(path), fits);
    });
  }
});

describe("the history of a document", () => {
  const file = (path: string, content: string) => ({
    path,
    bytes: content.length,
    sha256: sha256Of(content),
    mtimeMs: 0,
    ctimeMs: 0,
  });
  const night = (set: string, ...files: ReturnType<typeof file>[]) => ({ set, files });

  it("joins the sets that hold the same content one after the other", () => {
    const [one] = historiesOf([
      night("1", file("a", "x")),
      night("2", file("a", "x")),
      night("3", file("a", "y")),
    ]);
    assertEquals(
      one?.versions.map(({ oldest, newest, sets, bytes }) => ({ oldest, newest, sets, bytes })),
      [{ oldest: "3", newest: "3", sets: 1, bytes: 1 }, { oldest: "1", newest: "2", sets: 2, bytes: 1 }],
    );
    assertEquals(one?.missingSince, undefined);
  });

  it("says since when it is missing, and begins anew where it came back", () => {
    const nights = [
      night("1", file("a", "x"), file("b", "x")),
      night("2", file("b", "x")),
      night("3", file("a", "x")),
      night("4"),
    ];
    assertEquals(
      historiesOf(nights).map(({ path, missingSince, versions }) => [
        path,
        missingSince,
        versions.map(({ oldest, newest }) => `${oldest}-${newest}`),
      ]),
      [["a", "4", ["3-3", "1-1"]], ["b", "3", ["1-2"]]],
    );
  });
});

describe("find", () => {
  /** A set whose index lists one file; nothing else of it is read. */
  async function put(store: Store, name: string, files: Record<string, string>): Promise<BackupSet> {
    const index = writeIndex({
      excludes: [],
      links: [],
      files: Object.entries(files).map(([path, content]) => ({
        path,
        bytes: content.length,
        sha256: sha256Of(content),
        mtimeMs: 0,
        ctimeMs: 0,
      })),
    });
    const key = `prod/docs/${name}.index.json.gz`;
    await store.put(key, bytesOf(index));
    const stored = { key, bytes: index.length, sha256: sha256Of(index) };
    return { name, environment: "prod", manifest: { docs: { index: stored } } } as unknown as BackupSet;
  }
  const legacy: LegacySet = { name: "20260101T020000Z", environment: "prod", legacy: {} };

  it("reads each index once, and none from the store the second time", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}/store`);
    const sets = [
      await put(store, "20260102T020000Z", { [PDF]: "whole" }),
      await put(store, "20260103T020000Z", { other: "x" }),
    ];
    const again = { ...sets[0]!, name: "20260104T020000Z" };
    const read: string[] = [];
    const counting: Store = { ...store, url: store.url, get: (key) => (read.push(key), store.get(key)) };
    const cache = { folder: `${folder.path}/cache` };
    const search = () =>
      findDocuments(counting, [again, ...sets, legacy], matcherOf("FA2610"), { cache, signal });

    const found = await search();
    assertEquals(read.length, 2);
    assertEquals([found.searched, found.withoutIndex, found.unreadable], [3, [legacy.name], []]);
    assertEquals(found.documents.map(({ path, versions }) => [path, versions.length]), [[PDF, 2]]);
    assertEquals(await search(), found);
    assertEquals(read.length, 2);
  });

  it("does not believe the cache, and names a set whose index is another one than was recorded", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}/store`);
    const good = await put(store, "20260102T020000Z", { [PDF]: "whole" });
    const bad = await put(store, "20260103T020000Z", { [PDF]: "other" });
    const cache = { folder: `${folder.path}/cache` };
    await Deno.mkdir(cache.folder);
    await Deno.writeTextFile(`${cache.folder}/${good.manifest.docs.index.sha256}`, "not an index");
    await Deno.writeTextFile(`${folder.path}/store/${bad.manifest.docs.index.key}`, "not an index either");

    const found = await findDocuments(store, [good, bad], matcherOf("*"), { cache, signal });
    assertEquals(found.documents.map(({ path }) => path), [PDF]);
    assertEquals(found.unreadable.map(({ set }) => set), [bad.name]);
    assertMatch(found.unreadable[0]!.error.message, /20260103T020000Z\.index\.json\.gz/);
  });

  it("works without a cache, and where none can be written", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}/store`);
    const set = await put(store, "20260102T020000Z", { [PDF]: "whole" });
    await Deno.writeTextFile(`${folder.path}/file`, "");
    for (const cache of [undefined, { folder: `${folder.path}/file/cache` }]) {
      const { documents } = await findDocuments(store, [set], matcherOf("*"), { cache, signal });
      assertEquals(documents.length, 1);
    }
  });
});
