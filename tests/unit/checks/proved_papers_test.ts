import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  changedSince,
  PAPERS_CHECK,
  provedPapersBefore,
} from "../../../src/checks/documents/proved_papers.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { booksCheck, drillOf, fileOf, lost, nightOf, PDF, putNight } from "../../support/findings/nights.ts";
import { type MemoryStore, memoryStore } from "../../support/store/memory_store.ts";

const RIGHT = [booksCheck(PAPERS_CHECK)];
const WRONG = [booksCheck(PAPERS_CHECK, [lost({ id: `${PAPERS_CHECK}/FA2610-0004/other-text` })])];
const NOT_RUN = [booksCheck(PAPERS_CHECK, [], { verdict: "not_run" })];

async function threeNights(): Promise<MemoryStore> {
  const store = memoryStore();
  for (const day of [1, 2, 3]) await putNight(store, nightOf(day), { [PDF]: `%PDF ${day}` });
  return store;
}

async function provedBefore(
  store: MemoryStore,
  day: number,
  drills: Parameters<typeof provedPapersBefore>[2],
) {
  const { sets } = await readInventory(store, "prod");
  return provedPapersBefore(sets.find(({ name }) => name === nightOf(day))!, sets, drills, store);
}

describe("the earlier set whose papers were found right", () => {
  it("is the newest one before, of which a drill said so", async () => {
    const store = await threeNights();
    const drills = [drillOf(nightOf(3), RIGHT), drillOf(nightOf(2), RIGHT), drillOf(nightOf(1), RIGHT)];
    assertEquals((await provedBefore(store, 3, drills))?.set, `prod/${nightOf(2)}`);
  });

  it("is an older one while the check fails or is not run, so that what was exchanged is read again", async () => {
    const store = await threeNights();
    for (const checks of [WRONG, NOT_RUN]) {
      const proved = await provedBefore(store, 3, [drillOf(nightOf(2), checks), drillOf(nightOf(1), RIGHT)]);
      assertEquals(proved?.set, `prod/${nightOf(1)}`);
    }
  });

  it("is none where no drill read any", async () => {
    assertEquals(await provedBefore(await threeNights(), 3, [drillOf(nightOf(2), WRONG)]), undefined);
  });

  it("says in words that its index is damaged", async () => {
    const store = await threeNights();
    const proved = await provedBefore(store, 3, [drillOf(nightOf(2), RIGHT)]);
    const { sets } = await readInventory(store, "prod");
    const { manifest } = sets.find(({ name }) => name === nightOf(2)) as {
      manifest: { docs: { index: { key: string } } };
    };
    await store.delete(manifest.docs.index.key);
    assertMatch(String(await proved!.read()), /^the index of prod\/\d+T\d+Z cannot be read: /);
  });
});

describe("a paper", () => {
  const set = `prod/${nightOf(1)}`;
  const index = (content: string, change: { mtimeMs?: number } = {}) => ({
    excludes: [],
    files: [{ ...fileOf(PDF, content), ...change }],
    links: [],
  });

  it("is another file where its bytes are others, and where it was not there", () => {
    assert(changedSince(index("%PDF 1"), set, index("%PDF 2"))(PDF));
    assert(changedSince({ ...index(""), files: [] }, set, index("%PDF 2"))(PDF));
    assert(!changedSince(index("%PDF 1"), set, index("%PDF 1"))(PDF));
  });

  it("counts as another one where it was written while that set was taken: its drill did not read it", () => {
    const written = index("%PDF 1", { mtimeMs: Date.UTC(2026, 10, 1, 2, 0, 1) });
    assert(changedSince(written, set, written)(PDF));
  });
});
