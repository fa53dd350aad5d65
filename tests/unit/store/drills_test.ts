import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DrillError } from "../../../src/base/errors.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { storeDrillResult } from "../../../src/drill/record/store_result.ts";
import { storedOf } from "../../../src/report/json.ts";
import { eraseSetRecords, readReports } from "../../../src/retention/set_records.ts";
import {
  listDrills,
  putDrill,
  putDrillPage,
  readDrill,
  readNewestDrills,
  type UnreadableDrill,
} from "../../../src/store/records/drills.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import type { Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { emptyStore } from "../../support/retention/prune_store.ts";
import { nightly, nightlyResult } from "../../support/samples/history.ts";
import { sampleFail, sampleNothing, sampleNotRun, samplePass } from "../../support/samples/results.ts";
import { keysOf, putSet } from "../../support/store/sets.ts";

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  (await assertRejects(() => promise) as DrillError).code;

describe("drills in the store", () => {
  it("come back as they were put, whatever the verdict", async () => {
    await using folder = await emptyStore();
    for (const result of [samplePass(), sampleFail(), sampleNotRun(), sampleNothing()]) {
      const { key } = await putDrill(folder.store, "prod", storedOf(result));
      assertEquals(await readDrill(folder.store, key), JSON.parse(JSON.stringify(storedOf(result))));
    }
  });

  it("never take each other's name", async () => {
    await using folder = await emptyStore();
    const put = () => putDrill(folder.store, "prod", nightly(0)).then(({ name }) => name);
    assertEquals([await put(), await put()], ["20261120T061500Z", "20261120T061501Z"]);
  });

  it("are listed newest first, with their pages, and without what is not ours", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    for (const before of [2, 0, 1]) await putDrill(store, "prod", nightly(before));
    await putDrillPage(store, "prod", "20261119T061500Z", "<p>");
    for (const key of ["x.json", "20261119T061500Z.pdf", "deep/20261119T061500Z.json"]) {
      await store.put(`prod/drills/${key}`, bytesOf(""));
    }
    assertEquals((await listDrills(store, "prod")).map(({ json, html }) => [json, html]), [
      ["prod/drills/20261120T061500Z.json", undefined],
      ["prod/drills/20261119T061500Z.json", "prod/drills/20261119T061500Z.html"],
      ["prod/drills/20261118T061500Z.json", undefined],
    ]);
  });

  it("are refused where a field is missing, damaged, or of a newer format", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    const put = async (body: unknown) => {
      await store.put("prod/drills/20260101T000000Z.json", bytesOf(JSON.stringify(body)));
      return "prod/drills/20260101T000000Z.json";
    };
    const { phases: _, ...half } = nightly(0);
    assertEquals(await codeOf(readDrill(store, await put({ format: 1, ...half }))), "STORE_FORMAT");
    assertEquals(await codeOf(readDrill(store, await put("half a rec"))), "STORE_FORMAT");
    assertEquals(await codeOf(readDrill(store, await put({ format: 3, all: "new" }))), "STORE_NEWER");
    const unreadable: UnreadableDrill[] = [];
    await putDrill(store, "prod", nightly(0));
    const read = await readNewestDrills(store, "prod", 9, (drill) => void unreadable.push(drill));
    assertEquals(
      [read.length, unreadable.map(({ at, key, error }) => [at.toISOString(), key, error.code])],
      [1, [["2026-01-01T00:00:00.000Z", "prod/drills/20260101T000000Z.json", "STORE_NEWER"]]],
    );
  });

  it("go with their sets, and stay while these do", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    for (let before = 0; before < 62; before++) await putDrill(store, "prod", nightly(before));
    await putSet(store, "20260919T021500Z"); // that of the drill 62 nights ago
    await putDrill(store, "prod", nightly(62));
    const inventory = await readInventory(store, "prod");
    const { reports } = await readReports(store, inventory);
    const erased = new Set<string>();
    const erase = (key: string) => Promise.resolve(void erased.add(key));
    const countedFrom = new Date("2026-11-20T02:00:00Z");
    await eraseSetRecords(store, { inventory, gone: [], reports, countedFrom }, { erased, erase });
    assertEquals([...erased], ["prod/drills/20260921T061500Z.json", "prod/drills/20260920T061500Z.json"]);
  });
});

describe("keeping what a drill found", () => {
  it("records it, and its page with the history, under the source's name", async () => {
    await using folder = await emptyStore();
    await using out = await temporaryFolder();
    const options = { folder: out.path, reporter: silentReporter };
    for (const before of [2, 1]) await storeDrillResult(folder.store, nightlyResult(before), options);
    const kept = await storeDrillResult(folder.store, nightlyResult(0), options);
    assertEquals([kept.record, kept.history.points.length], ["prod/drills/20261120T061500Z.json", 3]);
    assertEquals((await keysOf(folder.store, "prod/drills/")).length, 6);
    const page = await Deno.readTextFile(`${folder.path}/prod/drills/20261120T061500Z.html`);
    assertEquals(page, await Deno.readTextFile(kept.paths.html));
    assert(page.includes("The drills before this one"));
  });

  it("stands with a warning where the store cannot be written or read", async () => {
    await using folder = await emptyStore();
    await using out = await temporaryFolder();
    const broken = () => {
      throw new Error("no room");
    };
    const store: Store = { ...folder.store, put: broken, head: broken, list: broken };
    const warnings: string[] = [];
    const reporter = { ...silentReporter, warn: (line: string) => void warnings.push(line) };
    const kept = await storeDrillResult(store, samplePass(), { folder: out.path, reporter });
    assertEquals([kept.record, kept.history.points.length, warnings.length], [undefined, 1, 2]);
    assert((await Deno.readTextFile(kept.paths.json)).includes('"pass"'));
    warnings.length = 0; // a store that was tried for long enough is not tried again
    await storeDrillResult(store, sampleNothing(), { folder: out.path, reporter });
    assertEquals(warnings, [
      "What this drill found could not be written into the store: " + sampleNothing().error!.message,
    ]);
  });
});
