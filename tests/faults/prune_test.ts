/** A prune that is refused, stopped, killed or not allowed to delete: nothing that is kept is lost, nothing is half there. */

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { asDrillError, DrillError, exitStatusOf } from "../../src/base/errors.ts";
import { silentReporter } from "../../src/base/reporter.ts";
import { bytesOf } from "../../src/base/streams.ts";
import type { Clocks } from "../../src/retention/clocks.ts";
import { prune, type PruneOptions } from "../../src/retention/prune.ts";
import { flawsOf, readCatalogue } from "../../src/store/catalogue.ts";
import { openFileStore } from "../../src/store/file.ts";
import { putHold } from "../../src/store/holds.ts";
import { putProof } from "../../src/store/proofs.ts";
import { putPrune, readNewestPrune } from "../../src/store/prunes.ts";
import type { Store } from "../../src/store/store.ts";
import { type Fault, faultyStore } from "../support/faulty_store.ts";
import { dropLeases, keysOf, putLegacy, putSet } from "../support/sets.ts";

const NOW = new Date("2026-06-30T12:00:00Z");
const policy = {
  daily: { amount: 3, unit: "d" },
  monthly: { amount: 2, unit: "mo" },
  yearly: { amount: 2, unit: "y" },
} as const;

const NOTHING = { proved: [], notProved: [], problems: [] };

/** Each look at the clock is a second later, so that no prune waits for one. */
function clocks(now = NOW, ofStore?: Date): Clocks {
  let looks = 0;
  return { now: () => new Date(now.getTime() + 1000 * looks++), ofStore: () => Promise.resolve(ofStore) };
}

const run = (store: Store, more: Partial<PruneOptions> = {}) =>
  prune(store, "prod", {
    policy,
    acceptMissing: false,
    reporter: silentReporter,
    signal: new AbortController().signal,
    clocks: clocks(),
    ...more,
  });

/** In memory where there is such a folder: hundreds of stores are filled, and each write is synced. */
async function emptyStore(like?: string) {
  const dir = await Deno.stat("/dev/shm").then(() => "/dev/shm", () => undefined);
  const path = await Deno.makeTempDir({ prefix: "dolibarr-drill-test-", dir });
  if (like) await new Deno.Command("cp", { args: ["-r", `${like}/.`, path] }).output();
  const store = await openFileStore(`file://${path}`);
  return { store, path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** What is kept and what is dropped of this, and who shares what with whom, stands beside each set. */
async function fill(store: Store): Promise<void> {
  await putSet(store, "20260630T020000Z");
  await putSet(store, "20260629T020000Z", { docs: "20260520T020000Z" });
  await putSet(store, "20260530T020000Z", { db: "20260519T020000Z" }); // stands for May
  await putSet(store, "20260520T020000Z"); // goes; its documents stay
  await putSet(store, "20260519T020000Z"); // goes; its dump stays
  await putSet(store, "20260518T020000Z", { suspect: ["no users"] }); // goes
  await putSet(store, "20260517T020000Z", { db: "20260518T020000Z" }); // goes, and with it the dump of the 18th
  await putLegacy(store, "20250610T020000Z", ["db"]); // stands for 2025, with the documents of the 9th
  await putLegacy(store, "20250609T020000Z"); // lends them, and stays
  await putLegacy(store, "20250608T020000Z", ["db"]); // goes
  await putLegacy(store, "20250607T020000Z"); // goes
  await putLegacy(store, "20210607T020000Z"); // is too old
  const proof = { environment: "prod", verb: "verify" } as const;
  for (const set of ["20260630T020000Z", "20260520T020000Z"]) {
    await putProof(store, { ...proof, ...NOTHING, set, verdict: "pass", at: NOW, objects: [] });
  }
  await putHold(store, {
    environment: "prod",
    set: "20260517T020000Z",
    until: "2026-06-01",
    reason: "over",
    since: "2026-05-20T00:00:00Z",
  });
  await store.put("prod/drills/20260519T020000Z.json", bytesOf("{}"));
  await store.put("prod/drills/20260630T020000Z.html", bytesOf("drill"));
}

const FOREIGN = [
  "prod/db/notes.txt",
  "prod/db/20260520T020000Z.dump.bak",
  "prod/db/20261320T020000Z.dump",
  "prod/db/deep/20260520T020000Z.dump",
  "prod/docs/20260520T020000Z.zip",
  "prod/manifests/20260520T020000Z.json.old",
  "prod/verified/20260520T020000Z.json",
  "prod/20260520T020000Z.dump",
  "other/db/20210607T020000Z.dump",
  "production/db/20210607T020000Z.dump",
  "readme.txt",
];

/** Everything but the records of prunes, whose names are moments. */
const stateOf = async (store: Store) =>
  (await keysOf(store)).filter((key) => !key.startsWith("prod/prunes/"));

const KEPT = [
  ...["20260630T020000Z", "20260629T020000Z", "20260530T020000Z"],
  ...["20250610T020000Z", "20250609T020000Z"],
];

const END_STATE = [
  "prod/db/20250609T020000Z.dump",
  "prod/db/20250610T020000Z.dump",
  "prod/db/20260519T020000Z.dump",
  "prod/db/20260629T020000Z.dump",
  "prod/db/20260630T020000Z.dump",
  "prod/docs/20250609T020000Z.tar.gz",
  "prod/docs/20260520T020000Z.index.json.gz",
  "prod/docs/20260520T020000Z.tar.gz",
  "prod/docs/20260530T020000Z.index.json.gz",
  "prod/docs/20260530T020000Z.tar.gz",
  "prod/docs/20260630T020000Z.index.json.gz",
  "prod/docs/20260630T020000Z.tar.gz",
  "prod/drills/20260630T020000Z.html",
  "prod/manifests/20260530T020000Z.json",
  "prod/manifests/20260629T020000Z.json",
  "prod/manifests/20260630T020000Z.json",
];

describe("a prune", () => {
  it("leaves what is kept, with every object that it shares, and nothing of what is dropped", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const before = await readCatalogue(here.store, "prod");
    const { dropped, objects, bytes } = await run(here.store);
    const left = await stateOf(here.store);
    assertEquals(left.filter((key) => !key.startsWith("prod/verified/")), END_STATE);
    assertEquals(left.filter((key) => key.startsWith("prod/verified/20260630T020000Z.")).length, 1);
    assertEquals(left.filter((key) => key.startsWith("prod/verified/")).length, 1);
    const after = await readCatalogue(here.store, "prod");
    assertEquals(after.sets.map(({ name }) => name), KEPT);
    for (const set of after.sets) assertEquals(flawsOf(set, after), []);
    assertEquals(dropped.length, before.sets.length - KEPT.length);
    assertEquals(bytes, objects.reduce((sum, key) => sum + before.objects.get(key)!.bytes, 0));
    assertEquals([...before.objects.keys()].filter((key) => !after.objects.has(key)).sort(), objects.sort());
  });

  it("writes down what it does before, and that it is done after", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const seen: unknown[] = [];
    const watched: Store = {
      ...here.store,
      async delete(key) {
        if (seen.length === 0 && key.includes("/manifests/")) {
          seen.push(await readNewestPrune(here.store, "prod"));
        }
        await here.store.delete(key);
      },
    };
    await run(watched);
    const record = (await readNewestPrune(here.store, "prod"))!;
    assertEquals(seen, [{ ...record, endedAt: undefined }].map(({ endedAt: _, ...rest }) => rest));
    assertEquals(record.sets.length, 12);
    assertEquals(record.dropped.map(({ set, kind }) => `${set} ${kind}`).slice(0, 2), [
      "20260520T020000Z scheduled",
      "20260519T020000Z scheduled",
    ]);
    assertEquals(record.dropped[2], {
      set: "20260518T020000Z",
      kind: "scheduled",
      reasons: ["20260530T020000Z stands for 2026-05", "no users"],
      objects: [
        "db/20260518T020000Z.dump",
        "docs/20260518T020000Z.tar.gz",
        "docs/20260518T020000Z.index.json.gz",
      ]
        .map((key) => `prod/${key}`),
    });
  });

  it("finds nothing to do the second time", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    await run(here.store);
    const state = await stateOf(here.store);
    const { dropped, objects } = await run(here.store, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
    assertEquals([dropped, objects, await stateOf(here.store)], [[], [], state]);
  });

  it("touches no key that is not exactly one of ours, whatever a manifest names", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    for (const key of FOREIGN) await here.store.put(key, bytesOf(key));
    const key = "prod/manifests/20260517T020000Z.json";
    const manifest = await new Response(ReadableStream.from(here.store.get(key))).text();
    await here.store.put(
      key,
      bytesOf(manifest.replace("prod/docs/20260517T020000Z.tar.gz", "other/db/20210607T020000Z.dump")),
    );
    const warnings: string[] = [];
    await run(here.store, { reporter: { ...silentReporter, warn: (line) => void warnings.push(line) } });
    for (const key of FOREIGN) {
      assertEquals(await new Response(ReadableStream.from(here.store.get(key))).text(), key);
    }
    assertMatch(
      warnings.join("\n"),
      /^other\/db\/20210607T020000Z\.dump, which 20260517T020000Z named, is not one of ours/,
    );
  });

  it("keeps the failed proof of a dropped set while another set names the damaged object", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const shared = { key: "prod/db/20260519T020000Z.dump", bytes: 1, sha256: null, sound: false };
    const proof = {
      environment: "prod",
      verb: "verify",
      verdict: "fail",
      proved: [],
      notProved: [],
      problems: [],
    } as const;
    await putProof(here.store, { ...proof, ...NOTHING, set: "20260519T020000Z", at: NOW, objects: [shared] });
    await putSet(here.store, "20260531T020000Z"); // a good one, so that there is no long silence
    await run(here.store, { policy: { ...policy, daily: { amount: 31, unit: "d" } } });
    const { damaged, sets } = await readCatalogue(here.store, "prod");
    assertEquals([...damaged.keys()], [shared.key]);
    assert(!sets.some(({ name }) => name === "20260519T020000Z"));
  });

  it("aborts uploads of ours that nobody finished for a week, and no others", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const week = 7 * 86_400_000;
    const upload = (key: string, age: number) => ({ key, id: key, startedAt: new Date(NOW.getTime() - age) });
    const uploads = [
      upload("prod/db/20260101T020000Z.dump", week + 60_000),
      upload("prod/db/20260629T020000Z.dump", week - 60_000),
      upload("prod/db/somebody's.dump", 2 * week),
      upload("prod/manifests/20260101T020000Z.json", 2 * week),
    ];
    const aborted: string[] = [];
    const store: Store = {
      ...here.store,
      async *unfinishedUploads(prefix) {
        assertEquals(prefix, "prod/");
        yield* await Promise.resolve(uploads);
      },
      abortUpload: ({ key }) => Promise.resolve(void aborted.push(key)),
    };
    assertEquals([(await run(store)).uploads, aborted], [1, ["prod/db/20260101T020000Z.dump"]]);
  });
});

describe("a prune is refused, and deletes and writes nothing,", () => {
  async function refusal(
    change: (store: Store) => Promise<unknown>,
    more: Partial<PruneOptions> = {},
    code = "PRUNE_REFUSED",
  ) {
    await using here = await emptyStore();
    await fill(here.store);
    await change(here.store);
    const before = await keysOf(here.store);
    const error = await assertRejects(() => run(here.store, more), DrillError);
    assertEquals(error.code, code);
    assertEquals(exitStatusOf(error.code), 2);
    assertEquals(await keysOf(here.store), before);
    return [error.message, ...error.details].join("\n");
  }
  const nothing = () => Promise.resolve();

  it("when the newest good set is old", async () => {
    assertMatch(
      await refusal(nothing, { clocks: clocks(new Date("2026-07-08T12:00:00Z")) }),
      /1 reason against it\n.* 8 days old/,
    );
  });
  it("when a set is of the future", async () => {
    assertMatch(
      await refusal((store) => putSet(store, "20270101T020000Z")),
      /20270101T020000Z is of the future/,
    );
  });
  it("when the old script still runs", async () => {
    assertMatch(
      await refusal((store) => putLegacy(store, "20260629T030000Z")),
      /the old backup script still runs.*20260629T030000Z\.dump/,
    );
  });
  it("when sets are gone that no prune dropped", async () => {
    const lost = async (store: Store) => {
      await run(store);
      await store.delete("prod/manifests/20260530T020000Z.json");
    };
    const said = await refusal(lost, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
    assertMatch(
      said,
      /the list shrank by more than the recorded prunes explain; gone are 20260530T020000Z: .*--accept-missing/,
    );
  });
  it("when this machine's clock is not the store's", async () => {
    const off = clocks(NOW, new Date(NOW.getTime() - 3_600_000));
    assertMatch(
      await refusal(nothing, { clocks: off }),
      /clock is 1 h 00 min ahead of the store's/,
    );
  });
  it("when this machine's clock is behind the last prune", async () => {
    const later = {
      environment: "prod",
      at: "20260701T000000Z",
      sets: [],
      legacy: [],
      dropped: [],
      endedAt: "2026-07-01T00:00:01Z",
    };
    assertMatch(
      await refusal((store) => putPrune(store, later), {}, "CLOCK_BEHIND"),
      /is behind the last prune, 20260701T000000Z/,
    );
  });
  it("when another one holds the lease", async () => {
    const { takeLease } = await import("../../src/store/lease.ts");
    await using here = await emptyStore();
    await fill(here.store);
    await using _lease = await takeLease(here.store, "prod", "backup");
    const before = await keysOf(here.store);
    assertEquals((await assertRejects(() => run(here.store), DrillError)).code, "LEASE_HELD");
    assertEquals(await keysOf(here.store), before);
  });
  it("with every reason at once", async () => {
    const said = await refusal(async (store) => {
      await putSet(store, "20270101T020000Z");
      await putLegacy(store, "20260629T030000Z", ["db"]);
    }, { clocks: clocks(new Date("2026-07-08T12:00:00Z")) });
    assertMatch(said, /3 reasons against it\n.*future.*\n.*8 days old.*\n.*old backup script/);
  });

  it("and goes on once the missing sets are acknowledged, and remembers them", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    await run(here.store);
    await here.store.delete("prod/db/20250610T020000Z.dump");
    const at = (minutes: number) => clocks(new Date(NOW.getTime() + minutes * 60_000));
    await assertRejects(() => run(here.store, { clocks: at(1) }), DrillError);
    await run(here.store, { clocks: at(2), acceptMissing: true });
    assertEquals((await readNewestPrune(here.store, "prod"))?.acknowledged, ["20250610T020000Z"]);
    await run(here.store, { clocks: at(3) });
  });
});

/** What must be true of the store at any moment: each set that is seen was there before, is as good, and is whole. */
async function assertNothingHalf(
  store: Store,
  before: Awaited<ReturnType<typeof readCatalogue>>,
  where: string,
) {
  const now = await readCatalogue(store, "prod");
  const flaws = new Map(before.sets.map((set) => [set.name, flawsOf(set, before)]));
  for (const set of now.sets) assertEquals(flawsOf(set, now), flaws.get(set.name), `${where}: ${set.name}`);
  for (const name of KEPT) assert(now.sets.some((set) => set.name === name), `${where}: ${name} is lost`);
  assertEquals(now.oldJob, [], where);
}

describe("a prune that is interrupted at any call to the store", () => {
  for (const fault of ["dies", "fails", "answer lost"] satisfies Fault[]) {
    it(`(${fault}) leaves whole sets, and the next one comes to the same end`, async () => {
      await using filled = await emptyStore();
      await fill(filled.store);
      const before = await readCatalogue(filled.store, "prod");
      await using model = await emptyStore(filled.path);
      const counted = faultyStore(model.store, 0, fault);
      await run(counted);
      const end = (await stateOf(model.store)).map(withoutIds);
      assert(counted.calls() > 60);
      for (let at = 1; at <= counted.calls(); at++) {
        await using here = await emptyStore(filled.path);
        const broken = faultyStore(here.store, at, fault);
        const outcome = await run(broken).then(() => "done", () => "failed");
        const where = `${fault} at call ${at} of ${counted.calls()} (${outcome})`;
        await assertNothingHalf(here.store, before, where);
        await dropLeases(here.store);
        await run(here.store, { clocks: clocks(new Date(NOW.getTime() + 3_600_000)) });
        assertEquals((await stateOf(here.store)).map(withoutIds), end, where);
      }
    });
  }

  it("by Ctrl-C stops before the next deletion, and says how to go on", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const before = await readCatalogue(here.store, "prod");
    const controller = new AbortController();
    let deletions = 0;
    const store: Store = {
      ...here.store,
      async delete(key) {
        await here.store.delete(key);
        if (key.includes("/manifests/") && ++deletions === 2) {
          controller.abort(new DOMException("Interrupted", "AbortError"));
        }
      },
    };
    const error = await run(store, { signal: controller.signal }).catch((thrown) => thrown);
    assertEquals(asDrillError(error, controller.signal).code, "INTERRUPTED");
    assertEquals(deletions, 2);
    assertEquals(await keysOf(here.store, "prod/lease/"), []);
    await assertNothingHalf(here.store, before, "after Ctrl-C");
    await run(here.store, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
    assertEquals((await readCatalogue(here.store, "prod")).sets.map(({ name }) => name), KEPT);
  });

  it("judges anew what it had not begun: a set that is held since then stays", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const manifest = "prod/manifests/20260519T020000Z.json";
    await assertRejects(() =>
      run({
        ...here.store,
        delete: (key) => key === manifest ? Promise.reject(new Error("gone away")) : here.store.delete(key),
      })
    );
    const set = "20260519T020000Z";
    await putHold(here.store, {
      environment: "prod",
      set,
      until: "2027-01-01",
      reason: "audit",
      since: NOW.toISOString(),
    });
    await run(here.store, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
    const { sets, lastPrune } = await readCatalogue(here.store, "prod");
    assert(sets.some(({ name }) => name === set));
    assert(!lastPrune?.dropped.some((one) => one.set === set));
  });
});

/** A proof's key ends in eight random letters. */
const withoutIds = (key: string) => key.replace(/-[0-9a-f]{8}\.json$/, ".json");

describe("a store that does not let us delete", () => {
  for (
    const [how, delete_] of [
      [
        "refuses",
        () => Promise.reject(new DrillError("STORE_FORBIDDEN", "Cannot delete: 403", "Look at the rights.")),
      ],
      ["says yes and does nothing", () => Promise.resolve()],
    ] as const
  ) {
    it(`and ${how} loses nothing, claims nothing and ends with 2`, async () => {
      await using here = await emptyStore();
      await fill(here.store);
      const before = await readCatalogue(here.store, "prod");
      const objects = [...before.objects.keys()];
      const locked = {
        ...here.store,
        delete: (key: string) =>
          key.includes("/lease/") && how !== "refuses" ? here.store.delete(key) : delete_(),
      };
      const error = asDrillError(await run(locked).catch((thrown) => thrown));
      assertEquals(exitStatusOf(error.code), 2);
      assertMatch(error.message, /^Cannot delete/);
      await assertNothingHalf(here.store, before, how);
      assertEquals([...(await readCatalogue(here.store, "prod")).objects.keys()], objects);
      assertEquals((await readNewestPrune(here.store, "prod"))?.endedAt, undefined);
      await dropLeases(here.store);
      await run(here.store, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
      assertEquals((await readCatalogue(here.store, "prod")).sets.map(({ name }) => name), KEPT);
    });
  }
});

describe("two prunes at once", () => {
  it("never work together: each waits or is told who is at it", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    let at = 0;
    const ends = await Promise.allSettled(
      [1, 2, 3].map(() => run(here.store, { clocks: clocks(new Date(NOW.getTime() + 600_000 * at++)) })),
    );
    const errors = ends.flatMap((end) => end.status === "rejected" ? [asDrillError(end.reason).code] : []);
    assert(errors.length < 3, errors.join());
    for (const code of errors) assertStringIncludes("LEASE_HELD CLOCK_BEHIND", code);
    assertEquals((await readCatalogue(here.store, "prod")).sets.map(({ name }) => name), KEPT);
  });
});
