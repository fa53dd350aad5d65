import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { putHold, readHolds, releaseHold } from "../../../src/store/records/holds.ts";
import { type Manifest, writeManifest } from "../../../src/store/records/manifest.ts";
import { type ProofBody, putProof } from "../../../src/store/records/proofs.ts";
import { putPrune } from "../../../src/store/records/prunes.ts";
import { startRun, sweepRuns } from "../../../src/store/records/runs.ts";
import { latestIn, latestOf, skippedSets } from "../../../src/store/sets/latest.ts";
import { type Inventory, problemsOf, provedAt, readInventory } from "../../../src/store/sets/inventory.ts";
import { legacySets } from "../../../src/store/sets/legacy.ts";
import { isLegacy } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { sampleManifest } from "../../support/store/manifests.ts";

const NOW = "2026-06-30T15:53:13Z";
const DAYS = ["20260601T010000Z", "20260602T010000Z", "20260603T010000Z"] as const;

/** Runs `body` with an empty store. */
async function withStore<T>(body: (store: Store) => Promise<T>): Promise<T> {
  await using folder = await temporaryFolder();
  return await body(await openFileStore(`file://${folder.path}/store`));
}

const put = async (store: Store, ...keys: string[]) => {
  for (const key of keys) await store.put(key, bytesOf("12345"));
};

/** Writes a manifest of that moment, with tiny objects under its own names unless it says otherwise. */
async function putSet(store: Store, set: string, change: (manifest: Manifest) => void = () => {}) {
  const manifest = sampleManifest(set);
  change(manifest);
  for (const { key, bytes } of [...manifest.db.objects, ...manifest.docs.objects, manifest.docs.index]) {
    if (!await store.head(key)) await store.put(key, bytesOf("x".repeat(bytes)));
  }
  await store.put(manifestKey("prod", set), bytesOf(writeManifest(manifest)));
}

const names = async (store: Store) =>
  (await readInventory(store, "prod")).sets.map((set) => `${set.name}${isLegacy(set) ? " legacy" : ""}`);

describe("the sets of the old script", () => {
  const object = (key: string) => ({ key, bytes: 5 });

  it("are named after the newer half, each half the newest at that time", () => {
    const sets = legacySets("prod", [
      object("prod/docs/20260603T010000Z.tar.gz"),
      object("prod/db/20260601T010000Z.dump"),
      object("prod/docs/20260601T010000Z.tar.gz"),
      object("prod/db/20260602T010000Z.dump"),
    ]);
    assertEquals(sets.map(({ name, legacy }) => [name, legacy.db?.key, legacy.docs?.key]), [
      [DAYS[0], "prod/db/20260601T010000Z.dump", "prod/docs/20260601T010000Z.tar.gz"],
      [DAYS[1], "prod/db/20260602T010000Z.dump", "prod/docs/20260601T010000Z.tar.gz"],
      [DAYS[2], "prod/db/20260602T010000Z.dump", "prod/docs/20260603T010000Z.tar.gz"],
    ]);
  });

  it("may lack a half, and are then never the latest", () => {
    const sets = legacySets("prod", [object("prod/db/20260601T010000Z.dump")]);
    assertEquals(sets.map(({ legacy }) => legacy), [{ db: object("prod/db/20260601T010000Z.dump") }]);
    assertEquals(latestOf(sets), undefined);
    assertEquals(
      problemsOf(sets[0]!, { objects: new Map(), damaged: new Map(), failed: new Map() })[0],
      "no documents were taken until then",
    );
  });

  it("are only what has exactly their form", () =>
    withStore(async (store) => {
      await put(
        store,
        "prod/db/20260601T010000Z.dump.bak",
        "prod/db/notes.txt",
        "prod/db/20260631T010000Z.dump",
        "prod/db/x/20260601T010000Z.dump",
        "prod/docs/20260601T010000Z.dump",
        "prod/docs/20260601T010000Z.index.json.gz",
        "prod2/db/20260601T010000Z.dump",
      );
      assertEquals(await names(store), []);
    }));
});

describe("what is in a store", () => {
  it("is told apart: ours, the script's, a run's, a prune's", () =>
    withStore(async (store) => {
      await put(store, "prod/db/20260501T010000Z.dump", "prod/docs/20260501T010000Z.tar.gz"); // the script's
      await putSet(store, DAYS[0]);
      await startRun(store, "prod", DAYS[1], ["prod/db/20260602T010000Z.dump"]);
      await put(store, "prod/db/20260602T010000Z.dump"); // the run's, unfinished
      await putPrune(store, {
        environment: "prod",
        at: DAYS[0],
        sets: ["20260520T010000Z", DAYS[0]],
        legacy: [],
        dropped: [{
          set: "20260520T010000Z",
          kind: "scheduled",
          reasons: ["old"],
          objects: ["prod/db/20260520T010000Z.dump"],
        }],
      });
      await put(store, "prod/db/20260520T010000Z.dump"); // a prune's, which was cut off before it was deleted
      assertEquals(await names(store), ["20260601T010000Z", "20260501T010000Z legacy"]);
      const { runs, oldJob } = await readInventory(store, "prod");
      assertEquals([runs, oldJob], [[DAYS[1]], []]);
    }));

  it("tells that the old job still runs by what it wrote after our first set", () =>
    withStore(async (store) => {
      await put(store, "prod/.fp-docs", "prod/db/20260501T010000Z.dump");
      assertEquals((await readInventory(store, "prod")).oldJob, []); // no set of ours yet: it is the only job
      await putSet(store, DAYS[0]);
      await put(store, "prod/db/20260602T010000Z.dump");
      const { oldJob, sets } = await readInventory(store, "prod", new Date("2026-06-10T00:00:00Z"));
      assertEquals(oldJob.length, 2);
      assertEquals(oldJob[0]?.startsWith("prod/db/20260602T010000Z.dump is newer than our first set"), true);
      assertEquals(oldJob[1]?.startsWith("prod/.fp-docs was written at"), true);
      assertEquals(sets.map(({ name }) => name), [DAYS[1], DAYS[0], "20260501T010000Z"]);
      assertEquals(latestOf(sets)?.name, DAYS[0]); // nobody looked at what the script dumped
      const later = await readInventory(store, "prod", new Date(Date.now() + 32 * 86_400_000));
      assertEquals(later.oldJob, []); // it ran beside us once
    }));

  it("says what is wrong with a set: suspect, missing, of another size, found damaged", () =>
    withStore(async (store) => {
      await putSet(store, DAYS[0]);
      await putSet(store, DAYS[1], (manifest) => manifest.suspect.push("no users"));
      await putSet(store, DAYS[2]);
      await store.delete("prod/db/20260603T010000Z.dump");
      await store.put("prod/docs/20260603T010000Z.tar.gz", bytesOf("other size"));
      const flaws = async () => {
        const inventory = await readInventory(store, "prod");
        return inventory.sets.map((set) => problemsOf(set, inventory));
      };
      assertEquals(await flaws(), [
        [
          "prod/db/20260603T010000Z.dump is missing",
          "prod/docs/20260603T010000Z.tar.gz has 10 bytes, recorded were 3",
        ],
        ["no users"],
        [],
      ]);
      const proof = {
        environment: "prod",
        set: DAYS[0],
        verb: "verify",
        objects: [{ key: "prod/db/20260601T010000Z.dump", bytes: 3, sha256: null, sound: false }],
        proved: [],
        notProved: [],
        problems: ["it is damaged"],
      } as const;
      const body = { ...proof, objects: [...proof.objects], proved: [], notProved: [], problems: ["x"] };
      await putProof(store, { ...body, verdict: "fail", at: new Date("2026-06-04T00:00:00Z") });
      assertEquals((await flaws())[2], [
        "prod/db/20260601T010000Z.dump was found damaged by verify on 4 Jun 2026, 00:00:00 UTC",
      ]);
      await putProof(store, { ...body, verdict: "pass", objects: [], at: new Date("2026-06-05T00:00:00Z") });
      assertEquals((await flaws())[2], []); // it was the way to it
      const inventory = await readInventory(store, "prod");
      assertEquals(inventory.everDamaged.has("prod/db/20260601T010000Z.dump"), true);
      assertEquals(provedAt(inventory.sets[2]!, inventory)?.at.toISOString(), "2026-06-05T00:00:00.000Z");
    }));

  describe("where proofs of a set say different things", () => {
    const object = (name: "db" | "docs", sha256: string | null, sound: boolean) => ({
      key: `prod/${name}/${DAYS[0]}.${name === "db" ? "dump" : "tar.gz"}`,
      bytes: 3,
      sha256,
      sound,
    });
    const at = (day: number) => new Date(Date.UTC(2026, 5, day));
    const body = { environment: "prod", set: DAYS[0], proved: [], notProved: [], problems: [], objects: [] };
    const MISSING_PDF =
      "Every validated invoice has its PDF, whole, with the bytes that Dolibarr recorded: FA2610-0004: it is missing";
    const problemsAfter = (...proofs: (Partial<ProofBody> & Pick<ProofBody, "verb" | "verdict" | "at">)[]) =>
      withStore(async (store) => {
        await putSet(store, DAYS[0]);
        const { sets: [set] } = await readInventory(store, "prod");
        const recorded = isLegacy(set!) ? "" : set!.manifest.db.objects[0]!.sha256;
        for (const proof of proofs) {
          const objects = proof.objects?.map((one) =>
            one.sha256 === RIGHT ? { ...one, sha256: recorded } : one
          );
          await putProof(store, { ...body, ...proof, ...(objects ? { objects } : {}) });
        }
        const inventory = await readInventory(store, "prod");
        return problemsOf(inventory.sets[0]!, inventory);
      });
    const RIGHT = "0".repeat(64);

    it("takes a drill of the version before, that found the ERP at fault alone, for nothing against the set", async () => {
      const objects = [object("db", RIGHT, true), object("docs", RIGHT, true)];
      const drill = { verb: "drill", verdict: "fail", objects, at: at(4) } as const;
      assertEquals(await problemsAfter({ ...drill, problems: [MISSING_PDF] }), []);
      assertMatch(
        (await problemsAfter({
          ...drill,
          problems: [MISSING_PDF, "Every table has the rows: llx_x differs"],
        })).join(),
        /^it failed drill on 4 Jun 2026/,
      );
      const damaged = [object("db", RIGHT, false), object("docs", RIGHT, true)];
      assertMatch(
        (await problemsAfter({ ...drill, objects: damaged, problems: [MISSING_PDF] })).join(),
        /damaged by drill/,
      );
    });

    it("does not let a verify clear what a drill found when it restored the set", async () => {
      const drill = {
        verb: "drill" as const,
        verdict: "fail" as const,
        problems: ["Every table has the rows: llx_x differs"],
      };
      const verify = { verb: "verify", verdict: "pass" } as const;
      assertMatch(
        (await problemsAfter({ ...drill, at: at(4) }, { ...verify, at: at(5) })).join(),
        /^it failed drill on 4 Jun 2026/,
      );
      const passed = { verb: "drill", verdict: "pass", at: at(6) } as const;
      assertEquals(await problemsAfter({ ...drill, at: at(4) }, { ...verify, at: at(5) }, passed), []);
    });

    it("lets a verify clear bytes that a drill read wrongly, and not a dump that it could not load", async () => {
      const drill = { verb: "drill" as const, verdict: "fail" as const, problems: ["x"], at: at(4) };
      const verify = { verb: "verify", verdict: "pass", at: at(5) } as const;
      const other = await problemsAfter({ ...drill, objects: [object("db", "1".repeat(64), false)] }, verify);
      assertEquals(other.some((problem) => problem.includes("was found damaged")), false);
      const earlier = {
        ...drill,
        problems: ["The objects: Cannot trust prod/db/20260601T010000Z.dump: its SHA-256 is 12…"],
      };
      assertEquals(
        (await problemsAfter({ ...earlier, objects: [object("db", RIGHT, false)] }, verify))
          .some((problem) => problem.includes("was found damaged")),
        false,
      );
      const unloadable = await problemsAfter({ ...drill, objects: [object("db", RIGHT, false)] }, verify);
      assertMatch(unloadable.join(), /\.dump was found damaged by drill/);
    });
  });

  it("goes on without what cannot be read, and says so: one damaged file keeps no good set from anybody", () =>
    withStore(async (store) => {
      for (const day of DAYS) await putSet(store, day);
      await put(
        store,
        `prod/manifests/${DAYS[2]}.json`,
        `prod/holds/${DAYS[0]}.json`,
        "prod/prunes/20260604T000000Z.json",
      );
      await put(store, `prod/verified/${DAYS[1]}.20260602T020000Z-verify-fail-01234567.json`);
      const inventory = await readInventory(store, "prod");
      assertEquals(inventory.sets.map(({ name }) => name), [DAYS[1], DAYS[0]]); // never a legacy set of its objects
      assertEquals(
        inventory.unreadable.map(({ key, error }) => [/prod\/\w+/.exec(key)?.[0], error.code]).sort(),
        ["holds", "manifests", "prunes", "verified"].map((folder) => [`prod/${folder}`, "STORE_FORMAT"]),
      );
      assertEquals(inventory.holds.get(DAYS[0])?.until, "9999-12-31");
      assertEquals(inventory.failed.get(DAYS[1])?.includes("cannot be read"), true);
      const latest = latestIn(inventory);
      assertEquals(latest?.name, DAYS[0]);
      assertEquals(skippedSets(inventory, latest!).map(({ name }) => name), [DAYS[1], DAYS[2]]);
    }));

  describe("where a newer version wrote a record", () => {
    const newer = (store: Store, key: string) =>
      store.put(`prod/${key}`, bytesOf('{"format":9,"minReader":8}'));
    /** What lies under `key`, and what the inventory makes of it. */
    const withNewer = (key: string, body: (inventory: Inventory, store: Store) => unknown) =>
      withStore(async (store) => {
        for (const day of DAYS) await putSet(store, day);
        await newer(store, key);
        const inventory = await readInventory(store, "prod");
        assertEquals(
          inventory.unreadable.map(({ key, error }) => [key, error.code]),
          [[`prod/${key}`, "STORE_NEWER"]],
        );
        await body(inventory, store);
      });

    it("is read no further than a manifest", () =>
      withStore(async (store) => {
        await putSet(store, DAYS[0]);
        await newer(store, `manifests/${DAYS[1]}.json`);
        const error = await assertRejects(() => readInventory(store, "prod"), DrillError);
        assertEquals(error.code, "STORE_NEWER");
      }));

    it("holds a set for ever, and does not let it be held anew or released", () =>
      withNewer(`holds/${DAYS[0]}.json`, async ({ holds }, store) => {
        assertEquals(holds.get(DAYS[0])?.until, "9999-12-31");
        const hold = { environment: "prod", set: DAYS[0], until: "2031-12-31", reason: "x", since: NOW };
        for (const act of [() => putHold(store, hold), () => releaseHold(store, "prod", DAYS[0])]) {
          assertEquals((await assertRejects(act, DrillError)).code, "STORE_NEWER");
        }
        assertEquals((await readInventory(store, "prod")).holds.get(DAYS[0])?.until, "9999-12-31");
      }));

    it("still takes the objects of a run for its own", () =>
      withNewer("runs/20260604T010000Z.json", async (_, store) => {
        await put(store, "prod/db/20260604T010000Z.dump");
        assertEquals(await names(store), [...DAYS].reverse());
        const error = await assertRejects(() => sweepRuns(store, "prod", new Set()), DrillError);
        assertEquals([error.code, (await store.head("prod/db/20260604T010000Z.dump"))?.bytes], [
          "STORE_NEWER",
          5,
        ]);
      }));

    it("knows of no prune that it could read", () =>
      withNewer("prunes/20260604T010000Z.json", ({ lastPrune }) => assertEquals(lastPrune, undefined)));

    it("counts a proof that failed as its key says, and says why", () =>
      withNewer(`verified/${DAYS[2]}.20260604T010000Z-drill-fail-01234567.json`, (inventory) => {
        const [newest] = inventory.sets;
        assertMatch(problemsOf(newest!, inventory).join(), /^it failed drill on .* cannot be read$/);
        assertEquals(latestIn(inventory)?.name, DAYS[1]);
        assertEquals(inventory.everDamaged.has(`prod/db/${DAYS[2]}.dump`), true);
      }));

    it("does not let a proof that passed clear an object that was found damaged", () =>
      withStore(async (store) => {
        await putSet(store, DAYS[0]);
        const object = { key: `prod/db/${DAYS[0]}.dump`, bytes: 3, sha256: null, sound: false };
        const proof = {
          environment: "prod",
          set: DAYS[0],
          verb: "verify",
          proved: [],
          notProved: [],
        } as const;
        const at = new Date("2026-06-04T00:00:00Z");
        const body = { ...proof, proved: [], notProved: [], objects: [object], problems: ["x"] };
        await putProof(store, { ...body, verdict: "fail", at });
        const pass = `verified/${DAYS[0]}.20260605T000000Z-verify-pass-01234567.json`;
        await newer(store, pass);
        const inventory = await readInventory(store, "prod");
        assertMatch(
          problemsOf(inventory.sets[0]!, inventory).join(),
          /was found damaged by verify on 4 Jun 2026/,
        );
        assertEquals(inventory.unreadable.map(({ key }) => key), [`prod/${pass}`]);
      }));
  });

  it("does not take for the script's what has lost its manifest", () =>
    withStore(async (store) => {
      for (const day of DAYS) await putSet(store, day);
      await store.delete(manifestKey("prod", DAYS[2]));
      const { sets, lost, oldJob } = await readInventory(store, "prod");
      assertEquals(sets.map(({ name }) => name), [DAYS[1], DAYS[0]]);
      assertEquals([lost, oldJob], [[DAYS[2]], []]);
    }));

  it("keeps holds until they are released", () =>
    withStore(async (store) => {
      const hold = {
        environment: "prod",
        set: DAYS[0],
        until: "2031-12-31",
        reason: "the auditor asked",
        since: "2026-06-30T15:53:13Z",
      };
      await putHold(store, hold);
      assertEquals([...(await readHolds(store, "prod", () => {})).values()], [hold]);
      assertEquals([await releaseHold(store, "prod", DAYS[0]), await releaseHold(store, "prod", DAYS[0])], [
        true,
        false,
      ]);
    }));
});
