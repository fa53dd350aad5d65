/** What a prune leaves, and what it writes down. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { asDrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { problemsOf, readInventory } from "../../../src/store/sets/inventory.ts";
import { putProof } from "../../../src/store/records/proofs.ts";
import { readNewestPrune } from "../../../src/store/records/prunes.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  clocks,
  emptyStore,
  END_STATE,
  fill,
  KEPT,
  NOTHING,
  NOW,
  policy,
  runPrune,
  stateOf,
} from "../../support/retention/prune_store.ts";
import { putSet, rethrow } from "../../support/store/sets.ts";

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

describe("a prune", () => {
  it("leaves what is kept, with every object that it shares, and nothing of what is dropped", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const before = await readInventory(here.store, "prod");
    const { dropped, objects, bytes } = await runPrune(here.store);
    const left = await stateOf(here.store);
    assertEquals(left.filter((key) => !key.startsWith("prod/verified/")), END_STATE);
    assertEquals(left.filter((key) => key.startsWith("prod/verified/20260630T020000Z.")).length, 1);
    assertEquals(left.filter((key) => key.startsWith("prod/verified/")).length, 1);
    const after = await readInventory(here.store, "prod");
    assertEquals(after.sets.map(({ name }) => name), KEPT);
    for (const set of after.sets) assertEquals(problemsOf(set, after), []);
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
          seen.push(await readNewestPrune(here.store, "prod", rethrow));
        }
        await here.store.delete(key);
      },
    };
    await runPrune(watched);
    const record = (await readNewestPrune(here.store, "prod", rethrow))!;
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
    await runPrune(here.store);
    const state = await stateOf(here.store);
    const { dropped, objects } = await runPrune(here.store, {
      clocks: clocks(new Date(NOW.getTime() + 60_000)),
    });
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
    await runPrune(here.store, { reporter: { ...silentReporter, warn: (line) => void warnings.push(line) } });
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
    await runPrune(here.store, { policy: { ...policy, daily: { amount: 31, unit: "d" } } });
    const { damaged, sets } = await readInventory(here.store, "prod");
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
    assertEquals([(await runPrune(store)).uploads, aborted], [1, ["prod/db/20260101T020000Z.dump"]]);
  });
});

describe("two prunes at once", () => {
  it("never work together: each waits or is told who is at it", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    let at = 0;
    const ends = await Promise.allSettled(
      [1, 2, 3].map(() => runPrune(here.store, { clocks: clocks(new Date(NOW.getTime() + 600_000 * at++)) })),
    );
    const errors = ends.flatMap((end) => end.status === "rejected" ? [asDrillError(end.reason).code] : []);
    assert(errors.length < 3, errors.join());
    for (const code of errors) assertStringIncludes("LEASE_HELD CLOCK_BEHIND", code);
    assertEquals((await readInventory(here.store, "prod")).sets.map(({ name }) => name), KEPT);
  });
});
