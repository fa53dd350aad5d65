/** `kill -9` in a prune, of sets that are real: what is kept is whole to the byte, and the next one comes to the same end. */

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { momentOf, timestampOf } from "../../../src/base/time.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { readManifest, writeManifest } from "../../../src/store/records/manifest.ts";
import { objectsOfSet } from "../../../src/store/sets/sets.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import type { Store } from "../../../src/store/store.ts";
import { resultOf, spawnCli } from "../../support/cli.ts";
import { type SmallCompany, startSmallCompany } from "../../support/platform/small_company.ts";
import { manifestKey } from "../../../src/store/keys.ts";

const DAY = 86_400_000;
/** Nights before the first of our own set, every one with a manifest; then some of the old script's. */
const NIGHTS = 44;
const LEGACY = 3;

/** How many manifests, then how many objects are gone when it is killed; the first is killed once its plan is written. */
const POINTS: [manifests: number, objects: number][] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [1, 2],
  [2, 3],
  [3, 0],
  [4, 8],
  [5, 0],
  [6, 15],
  [7, 0],
  [8, 20],
  [9, 0],
];

/** How often a prune may end before it is killed. */
const TRIES = 10;

describe("a prune that is killed", () => {
  let company: SmallCompany;
  let model: string;
  let pruned: string[];

  beforeAll(async () => {
    company = await startSmallCompany();
    model = `${company.folder}/store`;
    const first = await company.cli(["backup", "--json"]);
    assertEquals(first.code, 0, first.stderr);
    const store = await openFileStore(`file://${model}`);
    const newest = String(resultOf(first.stdout).set).slice("prod/".length);
    for (let night = 1; night <= NIGHTS; night++) await putNight(store, newest, night, "with a manifest");
    for (let night = 1; night <= LEGACY; night++) await putNight(store, newest, NIGHTS + night, "legacy");

    const copy = await copyOfModel("pruned");
    const { code, stderr } = await company.cli(["prune"], copy.config);
    assertEquals(code, 0, stderr);
    pruned = await contentOf(copy.store);
    assert(pruned.length < (await contentOf(store)).length, "nothing was dropped");
  });
  afterAll(() => company[Symbol.asyncDispose]());

  /** The same backup, so many nights before: its own objects, its own manifest. */
  async function putNight(store: Store, newest: string, night: number, kind: "with a manifest" | "legacy") {
    const moment = new Date(momentOf(newest)!.getTime() - night * DAY);
    const name = timestampOf(moment);
    const text = await new Response(ReadableStream.from(store.get(manifestKey("prod", newest)))).text();
    const told = JSON.parse(text.replaceAll(newest, name)); // its name, and the names of its objects
    for (const time of ["startedAt", "endedAt"]) {
      told[time] = new Date(Date.parse(told[time]) - night * DAY).toISOString();
    }
    const manifest = readManifest(JSON.stringify(told), manifestKey("prod", name));
    for (const { key } of objectsOfSet({ name, environment: "prod", manifest })) {
      if (kind === "legacy" && key.includes(".index.")) continue;
      await store.put(key, store.get(key.replace(name, newest)));
    }
    if (kind === "legacy") return;
    await store.put(manifestKey("prod", name), bytesOf(writeManifest(manifest)));
  }

  async function copyOfModel(title: string) {
    const path = `${company.folder}/${title}`;
    const copied = await new Deno.Command("cp", { args: ["-r", model, path] }).output();
    assert(copied.success);
    const config = await company.configFor(path);
    return { path, config, store: await openFileStore(`file://${path}`) };
  }
  /** All that a store holds, but for what tells of its prunes and proofs. */
  const contentOf = async (store: Store) =>
    (await Array.fromAsync(store.list(""), ({ key }) => key)).filter((key) =>
      !/\/(prunes|rosters|verified)\//.test(key)
    );
  const count = (path: string): number => {
    try {
      return [...Deno.readDirSync(path)].length;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0; // not made yet
      throw error;
    }
  };

  /**
   * Starts a prune of a fresh copy and kills it once so much is gone. It runs on while this process waits for its turn, and
   * on a busy machine that may be to its end: then there was nothing to kill, and another one is started.
   */
  async function killedPrune(title: string, [manifests, objects]: [number, number]) {
    for (let tried = 1;; tried++) {
      const copy = await copyOfModel(`${title}-${tried}`);
      const now = () => ({
        manifests: count(`${copy.path}/prod/manifests`),
        objects: count(`${copy.path}/prod/db`) + count(`${copy.path}/prod/docs`),
      });
      const before = now();
      const child = spawnCli(["prune", "--config", copy.config], { env: company.env });
      let ended = false;
      const output = child.output().finally(() => ended = true);
      const isReached = () =>
        count(`${copy.path}/prod/prunes`) > 0 && before.manifests - now().manifests >= manifests &&
        before.objects - now().objects >= objects;
      while (!ended && !isReached()) await new Promise((resolve) => setTimeout(resolve, 0));
      if (!ended) child.kill("SIGKILL");
      const { signal, code, stderr } = await output;
      if (signal === "SIGKILL") return copy;
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      assert(tried < TRIES, `it had ended before it was killed, ${TRIES} times`);
    }
  }

  POINTS.forEach(([manifests, objects], at) => {
    it(`with ${manifests} manifests and ${objects} objects gone: shows whole sets, and the next one ends it`, async () => {
      const sets = new Set(
        (await readInventory(await openFileStore(`file://${model}`), "prod")).sets.map(({ name }) => name),
      );
      const { config, store } = await killedPrune(`killed-${at}`, [manifests, objects]);

      const listed = await company.cli(["list", "--json"], config);
      assertEquals(listed.code, 0, listed.stderr);
      for (const line of listed.stdout.trim().split("\n").map((line) => JSON.parse(line))) {
        if (line.event !== "set") continue;
        assertEquals([line.set, sets.has(line.set), line.flaws], [line.set, true, []]);
      }
      const verified = await company.cli(["verify", "--all", "--json"], config);
      assertEquals(verified.code, 0, verified.stdout);

      const next = await company.cli(["prune"], config);
      assertEquals(next.code, 0, next.stderr);
      assertEquals(await contentOf(store), pruned);
    });
  });
});
