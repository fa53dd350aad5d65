import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { isBackupObject, isErasable } from "../../../src/retention/eraser.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { recordKey } from "../../../src/store/keys.ts";
import {
  findPruneOf,
  missingSets,
  partlyDeletedSets,
  type PruneRecord,
  putPrune,
  readNewestPrune,
} from "../../../src/store/records/prunes.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { rethrow } from "../../support/store/sets.ts";

const dropped = (set: string, kind: "scheduled" | "legacy", ...objects: string[]) => ({
  set,
  kind,
  reasons: ["older than 10y"],
  objects,
});
const record: PruneRecord = {
  environment: "prod",
  at: "20260630T120000Z",
  sets: ["20260630T020000Z", "20150102T020000Z", "20150101T020000Z", "20140101T020000Z"],
  legacy: ["20140101T020000Z"],
  dropped: [
    dropped("20150102T020000Z", "scheduled", "b", "shared"),
    dropped("20150101T020000Z", "scheduled", "a", "shared"),
    dropped("20140101T020000Z", "legacy", "old dump", "old documents"),
  ],
};
const remains = (manifested: string[], keys: string[]) => ({
  manifested: new Set(manifested),
  has: (key: string) => keys.includes(key),
});

describe("what an interrupted prune had begun with", () => {
  const objects = ["a", "b", "shared", "old dump", "old documents"];

  it("is nothing where all is there, and nothing where it had ended", () => {
    assertEquals(partlyDeletedSets(record, remains(["20150102T020000Z", "20150101T020000Z"], objects)), []);
    assertEquals(partlyDeletedSets({ ...record, endedAt: "2026-06-30T12:01:00Z" }, remains([], [])), []);
    assertEquals(partlyDeletedSets(undefined, remains([], [])), []);
  });

  it("is a set without its manifest, save the objects that the next one needs", () => {
    assertEquals(partlyDeletedSets(record, remains(["20150101T020000Z"], objects)), [
      dropped("20150102T020000Z", "scheduled", "b"),
    ]);
  });

  it("is a set of the script that lacks an object", () => {
    const manifested = ["20150102T020000Z", "20150101T020000Z"];
    assertEquals(partlyDeletedSets(record, remains(manifested, objects.slice(0, -1))), [record.dropped[2]!]);
  });
});

describe("a set that is gone", () => {
  const now = (names: string[], manifested = names) => ({ names, manifested });

  it("is explained by the prune that dropped it, and by nothing else", () => {
    assertEquals(missingSets(record, now(["20260630T020000Z"])), []);
    assertEquals(missingSets(record, now(["20260701T020000Z"])), ["20260630T020000Z"]);
    assertEquals(missingSets({ ...record, dropped: [] }, now(["20260630T020000Z"])), record.sets.slice(1));
    assertEquals(missingSets(undefined, now([])), []);
  });

  it("is gone, too, when its manifest is and its objects pass for the script's", () => {
    assertEquals(missingSets(record, now(["20260630T020000Z"], [])), ["20260630T020000Z"]);
    const kept = { ...record, dropped: record.dropped.slice(0, 2) };
    assertEquals(missingSets(kept, now(["20260630T020000Z", "20140101T020000Z"], ["20260630T020000Z"])), []);
  });
});

describe("the record of a prune", () => {
  it("is read as it was written, the newest of them", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    assertEquals(await readNewestPrune(store, "prod", rethrow), undefined);
    const later = { ...record, at: "20260701T120000Z", dropped: [], endedAt: "2026-07-01T12:00:01Z" };
    await putPrune(store, later);
    await putPrune(store, record);
    await store.put("prod/prunes/zzz.json", bytesOf("not ours"));
    assertEquals(await readNewestPrune(store, "prod", rethrow), later);
    assertEquals((await findPruneOf(store, "prod", "20150102T020000Z"))?.at, record.at);
    assertEquals(await findPruneOf(store, "prod", "20260630T020000Z"), undefined);
  });

  it("is refused where it is not whole, of a newer format, or another's", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    const whole = { ...record, format: 1 };
    const wrong: [body: unknown, code: string][] = [
      [{ ...whole, format: 3 }, "STORE_NEWER"],
      [{ ...whole, format: 3, minReader: 3 }, "STORE_NEWER"],
      [{ ...whole, sets: ["latest"] }, "STORE_FORMAT"],
      [{ ...whole, environment: "other" }, "STORE_FORMAT"],
      [{ ...whole, format: undefined }, "STORE_FORMAT"],
      [[], "STORE_FORMAT"],
    ];
    for (const [body, code] of wrong) {
      await store.put(recordKey("prod", "prunes", record.at), bytesOf(JSON.stringify(body)));
      const error = await assertRejects(() => readNewestPrune(store, "prod", rethrow), DrillError);
      assertEquals(error.code, code);
      assertStringIncludes(error.message, "prod/prunes/20260630T120000Z.json");
    }
  });
});

describe("a key that may be deleted", () => {
  const ours = [
    "db/20260630T020000Z.dump",
    "docs/20260630T020000Z.tar.gz",
    "docs/20260630T020000Z.index.json.gz",
    "manifests/20260630T020000Z.json",
    "verified/20260630T020000Z.20260701T030000Z-verify-pass-0123abcd.json",
    "holds/20260630T020000Z.json",
    "accepted/20260630T020000Z.json",
    "drills/20260630T020000Z.html",
  ];
  const others = [
    "db/20260630T020000Z.dump.bak",
    "db/20261330T020000Z.dump",
    "db/deep/20260630T020000Z.dump",
    "docs/20260630T020000Z.zip",
    "lease/20260630T020000Z.json",
    "prunes/20260630T020000Z.json",
    "runs/20260630T020000Z.json",
    "RESTORE.txt",
    "constructor/20260630T020000Z.json",
    "20260630T020000Z.dump",
  ];
  it("has exactly the form of one of ours", () => {
    assertEquals(ours.filter((key) => !isErasable("prod", `prod/${key}`)), []);
    assertEquals(others.filter((key) => isErasable("prod", `prod/${key}`)), []);
    assertEquals(
      ours.filter((key) => isErasable("prod", `other/${key}`) || isErasable("prod", `x/prod/${key}`)),
      [],
    );
    assertEquals(ours.filter((key) => isBackupObject("prod", `prod/${key}`)), ours.slice(0, 3));
  });
});
