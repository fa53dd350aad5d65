/** A small store for prunes: each of its sets has a part in what may go wrong. */

import { assert, assertEquals } from "@std/assert";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import type { Clocks } from "../../../src/retention/clocks.ts";
import { prune, type PruneOptions } from "../../../src/retention/prune.ts";
import { type Inventory, problemsOf, readInventory } from "../../../src/store/sets/inventory.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { storedOf } from "../../../src/report/json.ts";
import { putDrill } from "../../../src/store/records/drills.ts";
import { putHold } from "../../../src/store/records/holds.ts";
import { putProof } from "../../../src/store/records/proofs.ts";
import type { Store } from "../../../src/store/store.ts";
import { samplePass } from "../samples/results.ts";
import { keysOf, putLegacy, putSet } from "../store/sets.ts";

export const NOW = new Date("2026-06-30T12:00:00Z");
export const policy = {
  daily: { amount: 3, unit: "d" },
  monthly: { amount: 2, unit: "mo" },
  yearly: { amount: 2, unit: "y" },
} as const;

export const NOTHING = { proved: [], notProved: [], problems: [] };

/** A clock that advances by a second at each reading, so that no prune waits for it. */
export function clocks(now = NOW, ofStore?: Date): Clocks {
  let readings = 0;
  return { now: () => new Date(now.getTime() + 1000 * readings++), ofStore: () => Promise.resolve(ofStore) };
}

export const runPrune = (store: Store, more: Partial<PruneOptions> = {}) =>
  prune(store, "prod", {
    policy,
    acceptMissing: false,
    reporter: silentReporter,
    signal: new AbortController().signal,
    clocks: clocks(),
    ...more,
  });

/** In memory where there is such a folder: hundreds of stores are filled, and each write is synced. */
export async function emptyStore(like?: string) {
  const dir = await Deno.stat("/dev/shm").then(() => "/dev/shm", () => undefined);
  const path = await Deno.makeTempDir({ prefix: "dolibarr-drill-test-", dir });
  if (like) await new Deno.Command("cp", { args: ["-r", `${like}/.`, path] }).output();
  const store = await openFileStore(`file://${path}`);
  return { store, path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Puts the sets; beside each is whether it is kept or dropped, and with which it shares objects. */
export async function fill(store: Store): Promise<void> {
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
  await store.put("prod/drills/20260519T020000Z.json", bytesOf("{}")); // a newer one makes up for it
  const drilled = storedOf(samplePass());
  await putDrill(store, "prod", {
    ...drilled,
    id: "20260630T020000Z",
    set: { ...drilled.set!, name: "prod/20260630T020000Z" },
  });
  await store.put("prod/drills/20260630T020000Z.html", bytesOf("drill"));
}

/** Everything but the records of prunes, whose names are moments. */
export const stateOf = async (store: Store) =>
  (await keysOf(store)).filter((key) => !/^prod\/(prunes|rosters)\//.test(key));

export const KEPT = [
  ...["20260630T020000Z", "20260629T020000Z", "20260530T020000Z"],
  ...["20250610T020000Z", "20250609T020000Z"],
];

export const END_STATE = [
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
  "prod/drills/20260519T020000Z.json", // a drill's record that cannot be understood stays
  "prod/drills/20260630T020000Z.html",
  "prod/drills/20260630T020000Z.json",
  "prod/manifests/20260530T020000Z.json",
  "prod/manifests/20260629T020000Z.json",
  "prod/manifests/20260630T020000Z.json",
];

/** What must be true of the store at any moment: each set that is seen was there before, is as good, and is whole. */
export async function assertNothingHalf(
  store: Store,
  before: Inventory,
  where: string,
) {
  const now = await readInventory(store, "prod");
  const problems = new Map(before.sets.map((set) => [set.name, problemsOf(set, before)]));
  for (const set of now.sets) {
    assertEquals(problemsOf(set, now), problems.get(set.name), `${where}: ${set.name}`);
  }
  for (const name of KEPT) assert(now.sets.some((set) => set.name === name), `${where}: ${name} is lost`);
  assertEquals(now.oldJob, [], where);
}
