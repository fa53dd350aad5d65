import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bytesOf, sha256Of } from "../../../src/base/streams.ts";
import { writeIndex } from "../../../src/documents/index.ts";
import {
  type DocumentSearch,
  findDocuments,
  historiesOf,
  matcherOf,
} from "../../../src/restore/extract/find.ts";
import { readSearchedSets } from "../../../src/restore/extract/searched_sets.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { manifestKey, objectKeysOf } from "../../../src/store/keys.ts";
import { writeManifest } from "../../../src/store/records/manifest.ts";
import { readSet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { sampleManifest } from "../../support/store/manifests.ts";

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
    ["caf\u00e9", "societe/cafe\u0301.pdf", true], // one letter, or a letter and its accent: they look the same
    ["cafe\u0301", "societe/caf\u00e9.pdf", true],
    ["CAF\u00c9*", "societe/cafe\u0301.pdf", true],
    ["caf?.pdf", "societe/cafe\u0301.pdf", true],
    ["cafe", "societe/caf\u00e9.pdf", false],
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
  const SETS = ["20260102T020000Z", "20260103T020000Z", "20260104T020000Z", "20260105T020000Z"] as const;
  const fileOf = (path: string, content: string) => ({
    path,
    bytes: content.length,
    sha256: sha256Of(content),
    mtimeMs: 0,
    ctimeMs: 0,
  });

  /** Puts a whole set into the store. @param files by their paths; or the name of the set whose index it shares */
  async function put(store: Store, name: string, files: Record<string, string> | string): Promise<void> {
    const manifest = sampleManifest(name);
    for (const { key } of [...manifest.db.objects, ...manifest.docs.objects]) {
      await store.put(key, bytesOf("xyz"));
    }
    if (typeof files === "string") {
      const shared = await readSet(store, "prod", files);
      manifest.docs.index = shared!.manifest.docs.index;
    } else {
      const index = writeIndex({
        excludes: [],
        files: Object.entries(files).map(([path, content]) => fileOf(path, content)),
        links: [],
      });
      const { key } = manifest.docs.index;
      await store.put(key, bytesOf(index));
      manifest.docs.index = { key, bytes: index.length, sha256: sha256Of(index) };
    }
    await store.put(manifestKey("prod", name), bytesOf(writeManifest(manifest)));
  }

  interface Place {
    path: string;
    store: Store;
    /** The keys that were read since it was emptied. */
    read: string[];
  }

  async function withStore(body: (place: Place) => Promise<void>): Promise<void> {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}/store`);
    const read: string[] = [];
    const counting: Store = {
      ...store,
      url: store.url,
      get: (key, range) => (read.push(key), store.get(key, range)),
    };
    await body({ path: folder.path, store: counting, read });
  }

  async function search(store: Store, pattern: string, folder?: string): Promise<DocumentSearch> {
    const cache = folder === undefined ? undefined : { folder };
    const { sets, unreadable } = await readSearchedSets(store, "prod", { cache });
    assertEquals(unreadable, []);
    return await findDocuments(store, sets, matcherOf(pattern), { cache, signal });
  }

  const indexesIn = (keys: readonly string[]) => keys.filter((key) => key.endsWith(".index.json.gz"));

  it("reads each index once, and from the cache neither an index nor a manifest", () =>
    withStore(async ({ path, store, read }) => {
      await put(store, SETS[0], { [PDF]: "whole", other: "x" });
      await put(store, SETS[1], { other: "x" });
      await put(store, SETS[2], SETS[0]);
      read.length = 0;
      const found = await search(store, "FA2610", `${path}/cache`);
      assertEquals(indexesIn(read).length, 2);
      assertEquals([found.searched, found.withoutIndex, found.unreadable], [3, [], []]);
      assertEquals(found.documents.map(({ path, versions }) => [path, versions.length]), [[PDF, 2]]);

      read.length = 0;
      assertEquals(await search(store, "FA2610", `${path}/cache`), found);
      assertEquals(read, []);
      assertEquals(await search(store, "FA2610"), found); // and without a cache it is the same
    }));

  it("reads only what is new, and forgets a set in the middle that was pruned", () =>
    withStore(async ({ path, store, read }) => {
      await put(store, SETS[0], { [PDF]: "one" });
      await put(store, SETS[1], { [PDF]: "two" });
      await put(store, SETS[2], { [PDF]: "one" });
      const versions = async (folder?: string) =>
        (await search(store, PDF, folder)).documents[0]?.versions.map(({ oldest, newest, sets }) =>
          `${oldest} ${newest} ${sets}`
        );
      assertEquals(
        await versions(`${path}/cache`),
        [SETS[2], SETS[1], SETS[0]].map((set) => `${set} ${set} 1`),
      );

      for (const key of [manifestKey("prod", SETS[1]), ...objectKeysOf("prod", SETS[1])]) {
        await store.delete(key);
      }
      await put(store, SETS[3], { [PDF]: "one", more: "x" });
      read.length = 0;
      assertEquals(await versions(`${path}/cache`), [`${SETS[0]} ${SETS[3]} 3`]);
      assertEquals(read, [manifestKey("prod", SETS[3]), objectKeysOf("prod", SETS[3])[2]]);
      assertEquals(await versions(), [`${SETS[0]} ${SETS[3]} 3`]);
      read.length = 0;
      assertEquals(await versions(`${path}/cache`), [`${SETS[0]} ${SETS[3]} 3`]);
      assertEquals(read, []);
    }));

  it("reads a manifest again that is another than it was", () =>
    withStore(async ({ path, store }) => {
      await put(store, SETS[0], { [PDF]: "one" });
      await search(store, PDF, `${path}/cache`);
      await put(store, SETS[0], { [PDF]: "other", more: "x" });
      const { documents: [document] } = await search(store, PDF, `${path}/cache`);
      assertEquals(document?.versions[0]?.bytes, 5);
    }));

  it("does not believe a cache that is damaged", () =>
    withStore(async ({ path, store }) => {
      await put(store, SETS[0], { [PDF]: "whole" });
      const found = await search(store, "*", `${path}/cache`);
      const names = [...Deno.readDirSync(`${path}/cache`)].map(({ name }) => name);
      assertEquals(names.length, 2);
      for (const damage of [(text: string) => text.replace(/.$/, "!"), () => "", () => "not a cache"]) {
        for (const name of names) {
          const text = await Deno.readTextFile(`${path}/cache/${name}`);
          await Deno.writeTextFile(`${path}/cache/${name}`, damage(text));
        }
        assertEquals(await search(store, "*", `${path}/cache`), found);
      }
    }));

  it("names a set whose index is another one than was recorded, or is gone, and searches the others", () =>
    withStore(async ({ path, store }) => {
      for (const set of SETS) await put(store, set, { [PDF]: "whole", [`only-${set}`]: "x" });
      const indexOf = (set: string) => objectKeysOf("prod", set)[2];
      await Deno.writeTextFile(`${path}/store/${indexOf(SETS[1])}`, "not an index");
      await store.delete(indexOf(SETS[2]));

      for (const _ of ["the first time", "from the cache"]) {
        const found = await search(store, PDF, `${path}/cache`);
        assertEquals(found.documents[0]?.versions.map(({ sets }) => sets), [2]);
        assertEquals([found.searched, found.unreadable.map(({ set }) => set)], [2, [SETS[1], SETS[2]]]);
        assertMatch(found.unreadable[0]!.error.message, /20260103T020000Z\.index\.json\.gz/);
        assertEquals(found.unreadable.map(({ error }) => error.code), ["OBJECT_CORRUPT", "OBJECT_MISSING"]);
      }
    }));

  it("works where no cache can be written", () =>
    withStore(async ({ path, store }) => {
      await put(store, SETS[0], { [PDF]: "whole" });
      await Deno.writeTextFile(`${path}/file`, "");
      assertEquals((await search(store, "*", `${path}/file/cache`)).documents.length, 1);
    }));

  it("counts the sets of the shell script, and takes what a backup has left for none", () =>
    withStore(async ({ path, store }) => {
      await put(store, SETS[1], { [PDF]: "whole" });
      await store.put(`prod/db/${SETS[0]}.dump`, bytesOf("dump"));
      await store.put(`prod/docs/${SETS[0]}.tar.gz`, bytesOf("archive"));
      assertEquals((await search(store, "*", `${path}/cache`)).withoutIndex, [SETS[0]]);

      for (const key of objectKeysOf("prod", SETS[3])) {
        await store.put(key, bytesOf("a set without a manifest"));
      }
      assertEquals((await search(store, "*", `${path}/cache`)).withoutIndex, [SETS[0]]);
    }));
});
