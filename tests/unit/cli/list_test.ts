/** `list` and `list SET`: the lines of a table, and both as a person types them. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { displayWidth } from "../../../src/base/columns.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { makeColours } from "../../../src/base/terminal/colours.ts";
import { findingsOfSets } from "../../../src/checks/findings/of_sets.ts";
import { describeSets, inventoryWarnings } from "../../../src/cli/listing/sets.ts";
import { listLines } from "../../../src/cli/listing/table.ts";
import { planPrune } from "../../../src/retention/prune_plan.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { listDrills, readDrills } from "../../../src/store/records/drills.ts";
import { putHold } from "../../../src/store/records/holds.ts";
import { putProof } from "../../../src/store/records/proofs.ts";
import { putPrune } from "../../../src/store/records/prunes.ts";
import { nextRoster, putRoster } from "../../../src/store/records/rosters.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { storedOf } from "../../../src/report/json.ts";
import type { AnySet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { resultOf, runCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { emptyStore, policy } from "../../support/retention/prune_store.ts";
import { sampleManifest } from "../../support/store/manifests.ts";
import { configOfStore, drillOf, fillNights, lostPdf } from "../../support/store/nights.ts";
import { DAY_MS, keysOf, nightsBefore, putLegacy, putSet } from "../../support/store/sets.ts";

const NOW = new Date("2026-11-30T07:00:00Z");
const night = (before: number) => nightsBefore(NOW, before);
const COLOURS = makeColours(false);

/** The lines of a store that `fill` fills. */
async function linesOf(fill: (store: Store) => Promise<unknown>, { width = 80, isTerminal = true } = {}) {
  await using folder = await emptyStore();
  const { store } = folder;
  await fill(store);
  const inventory = await readInventory(store, "prod", NOW);
  const read = await readDrills(store, await listDrills(store, "prod"), ({ error }) => {
    throw error;
  });
  const drills = read.map(({ found }) => found);
  const found = findingsOfSets({ sets: inventory.sets, drills, acceptances: new Map(), now: NOW });
  const listed = describeSets(inventory, [], policy, NOW, { found });
  return listLines(listed, NOW, { width, isTerminal, colours: COLOURS });
}

describe("the table of sets", () => {
  it("has what a drill showed where a verify only read the bytes again, and what failed last", async () => {
    const proof = (verb: "verify" | "drill", verdict: "pass" | "fail", hours: number) => (store: Store) =>
      putProof(store, {
        ...{ environment: "prod", set: night(1), verb, verdict, objects: [], proved: [], notProved: [] },
        ...{ problems: verdict === "fail" ? ["a hash differs"] : [], judged: true },
        at: new Date(NOW.getTime() - hours * 3_600_000),
      });
    const proved = async (...proofs: ReturnType<typeof proof>[]) => {
      const lines = await linesOf(async (store) => {
        await putSet(store, night(1));
        for (const put of proofs) await put(store);
      });
      return /(never|(FAILED, )?(verify|drill), \d+ h)/.exec(lines[1]!)?.[1];
    };
    assertEquals(await proved(proof("drill", "pass", 9), proof("verify", "pass", 3)), "drill, 9 h");
    assertEquals(await proved(proof("drill", "fail", 9), proof("verify", "pass", 3)), "FAILED, drill, 9 h");
    assertEquals(await proved(proof("drill", "pass", 9), proof("verify", "fail", 3)), "FAILED, verify, 3 h");
    assertEquals(await proved(proof("verify", "pass", 3)), "verify, 3 h");
  });

  it("has the number of findings of each set, and none where nothing ever looked", async () => {
    const lines = await linesOf(async (store) => {
      await fillNights(store, {
        now: NOW,
        count: 3,
        findings: (before) => before === 0 ? [lostPdf("A"), lostPdf("B")] : before === 1 ? [] : undefined,
      });
      await putLegacy(store, night(9));
    });
    assertMatch(lines[0]!, /^SET +AGE +FINDINGS +PROVED +KEPT/);
    const cells = lines.slice(1).map((line) => / (\d|–) +(?:drill|never)/.exec(line)?.[1]);
    assertEquals(cells, ["2", "0", "–", "–"]);
  });

  it("has what the backup saw where no drill looked, and never counts a lost document twice", () => {
    const sets = [night(0), night(1)].map((name): AnySet => {
      const manifest = sampleManifest(name);
      const findings = { covers: ["documents.invoices/missing"], findings: [lostPdf("A")] };
      return { name, environment: "prod", manifest: { ...manifest, findings } };
    });
    const drills = [storedOf(drillOf(night(0), [lostPdf("A"), lostPdf("B")], NOW))];
    const found = findingsOfSets({ sets, drills, acceptances: new Map(), now: NOW });
    assertEquals([night(0), night(1)].map((name) => found.get(name)?.map(({ subject }) => subject)), [
      ["A", "B"],
      ["A"],
    ]);
  });

  it("writes once what several sets in a row have wrong with them", async () => {
    const lines = await linesOf(async (store) => {
      for (let before = 0; before < 23; before++) {
        await putSet(store, night(before), { suspect: ["no users"] });
      }
      await putSet(store, night(23));
      for (const before of [24, 25]) await putSet(store, night(before), { suspect: ["no users"] });
      await putSet(store, night(26), { suspect: ["11 tables"] });
    });
    assertEquals(lines.filter((line) => line.startsWith("  ")), [
      "  no users; the same of the 22 sets before",
      "  no users; the same of the 1 set before",
      "  11 tables",
    ]);
    assertEquals(lines.length, 1 + 27 + 3);
    assertMatch(lines[1]!, /suspect/);
    assertStringIncludes(lines[2]!, "no users");
  });

  it("of 300 sets is 80 columns wide on a terminal", async () => {
    const lines = await linesOf(async (store) => {
      for (let before = 0; before < 300; before++) {
        await putSet(store, night(before), before % 7 === 0 ? { suspect: ["no users"] } : {});
      }
    });
    assertEquals(lines.length, 1 + 300 + 43);
    for (const line of lines.filter((line) => !line.startsWith("  "))) assert(displayWidth(line) <= 80, line);
  });
});

describe("a manifest that cannot be read", () => {
  it("is said to be that, and not to be gone: nobody is asked to accept that it is missing", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    for (const before of [0, 1, 2]) await putSet(store, night(before));
    await putPrune(store, {
      environment: "prod",
      at: "20261129T120000Z",
      sets: [night(2), night(1)],
      legacy: [],
      dropped: [],
      acknowledged: [],
      endedAt: "2026-11-29T12:00:01.000Z",
    });
    const facts = { policy, now: NOW, acceptMissing: false, unreadableDrills: [], findings: [] };
    await store.put(`prod/manifests/${night(1)}.json`, bytesOf("{"));
    const damaged = await readInventory(store, "prod", NOW);
    const plan = planPrune(damaged, facts);
    assertEquals([inventoryWarnings(damaged).length, plan.missing], [1, []]);
    assertMatch(inventoryWarnings(damaged)[0]!, /Cannot read prod\/manifests/);
    assertEquals(plan.refusals.filter((text) => text.includes("--accept-missing")), []);
    assert(plan.refusals.some((text) => text.startsWith("nothing is deleted while a record")));

    await store.delete(`prod/manifests/${night(1)}.json`);
    assertEquals(planPrune(await readInventory(store, "prod", NOW), facts).missing, [night(1)]);
  });
});

describe("list on the command line", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let made = 0;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  async function freshStore() {
    const path = `${folder.path}/${made++}`;
    const store = await openFileStore(`file://${path}`);
    await Deno.writeTextFile(`${path}.yaml`, configOfStore(path));
    const env = { XDG_CACHE_HOME: "", HOME: "" };
    const run = (...args: string[]) => runCli([...args, "--config", `${path}.yaml`], { env });
    return { store, path, run };
  }

  it("shows one set whole: halves, hashes, proofs, hold, why it is kept, findings, drills", async () => {
    const { store, run } = await freshStore();
    const now = new Date();
    const names = await fillNights(store, {
      now,
      count: 5,
      findings: (before) => before < 2 ? [lostPdf("FA1")] : [],
    });
    const until = new Date(now.getTime() + 9 * DAY_MS).toISOString().slice(0, 10);
    await putHold(store, {
      environment: "prod",
      set: names[0]!,
      until,
      reason: "tax audit",
      since: now.toISOString(),
    });
    const { code, stdout, stderr } = await run("list", "latest");
    assertEquals(code, 0, stderr);
    for (
      const part of [
        new RegExp(`^prod/${names[0]}: good, latest\n`),
        /\nTaken +\d+ \w+ 20\d\d, 02:00:00 UTC, .* ago; scheduled\n/,
        new RegExp(`\nObject +prod/db/${names[0]}\\.dump, 46 B\n +sha256 [0-9a-f]{64}\n`),
        new RegExp(`\nObject +prod/docs/${names[0]}\\.index\\.json\\.gz`),
        /\nKept +daily, newest, newest good, newest verified, held until .*: tax audit\n/,
        new RegExp(`\nHeld +until ${until}: tax audit\n`),
        /\nProved +PASS by drill on /,
        /\nDrill +FAIL on .*: prod\/\S+ can be brought back/,
        new RegExp(
          `\nFinding +open: FA1: facture/FA1/FA1.pdf is missing\n +since .*, 2 nights; still right in prod/${
            names[2]
          }\n`,
        ),
      ]
    ) assertMatch(stdout, part);
    const older = await run("list", `prod/${names[3]}`, "--json");
    const [set, result] = older.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals([set.set, set.findings, set.objects.length, set.drills[0].verdict, result.exit], [
      names[3],
      { open: 0, accepted: 0 },
      3,
      "pass",
      0,
    ]);
    assertEquals(set.proofs[0].verb, "drill");
    assertEquals((await run("list", "20200101T000000Z")).code, 2);
  });

  it("is 1 where no set is a good one, or the one that is named is not, and 2 where there is none", async () => {
    const { store, run } = await freshStore();
    const none = await run("list");
    assertEquals(none.code, 2);
    assertMatch(none.stderr, /There is no set of prod in .*\nTake one: dolibarr-drill backup --env prod/);
    const [old, newer] = [nightsBefore(new Date(), 2), nightsBefore(new Date(), 1)];
    await putSet(store, newer, { suspect: ["no users"] });
    const bad = await run("list");
    assertEquals(bad.code, 1);
    assertMatch(bad.stderr, new RegExp(`No set of prod is a good one; the newest is ${newer}: no users`));
    await putSet(store, old);
    assertEquals((await run("list")).code, 0);
    assertEquals((await run("list", newer)).code, 1);
    const latest = await run("list", "latest", "--json");
    assertEquals(latest.code, 0);
    assertStringIncludes(
      latest.stderr,
      `latest is prod/${old}: 24 h older than the newest set, prod/${newer}, which is suspect: no users`,
    );
    const [event] = latest.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals([event.event, event.set, event.newest.name, event.olderMs], ["latest", old, newer, DAY_MS]);
  });

  it("is 1 where a set is gone that no prune dropped, also where none is left", async () => {
    const { store, run } = await freshStore();
    const [old, newer] = [nightsBefore(new Date(), 2), nightsBefore(new Date(), 1)];
    await putSet(store, old);
    await putSet(store, newer);
    const { manifests } = await readInventory(store, "prod");
    const nothing = { missing: [], exchanged: [] };
    await putRoster(store, nextRoster({ environment: "prod", at: newer }, manifests, undefined, nothing));
    assertEquals((await run("list")).code, 0);
    for (const gone of [old, newer]) {
      for (const key of await keysOf(store, "prod/")) {
        if (key.includes(`/${gone}.`) && !key.startsWith("prod/rosters/")) await store.delete(key);
      }
      const end = await run("list", "--json");
      assertEquals([end.code, resultOf(end.stdout).code], [1, "SETS_VANISHED"]);
      assertStringIncludes(end.stderr, `${old} is missing: it was there before, and no prune dropped it`);
    }
    const latest = await run("list", "latest", "--json");
    assertEquals([latest.code, resultOf(latest.stdout).code], [1, "SETS_VANISHED"]);
    assertStringIncludes(
      latest.stderr,
      "2 sets of those that there were are gone, and no prune dropped them",
    );
  });

  it("is 1 where the record of the newest drill cannot be read", async () => {
    const { store, run } = await freshStore();
    const [name] = await fillNights(store, { now: new Date(), count: 2, findings: () => [] });
    assertEquals((await run("list")).code, 0);
    const key = `prod/drills/${name!.slice(0, 8)}T235959Z.json`;
    await store.put(key, bytesOf("{"));
    const end = await run("list", "--json");
    assertEquals([end.code, resultOf(end.stdout).code], [1, "STORE_FORMAT"]);
    assertStringIncludes(end.stderr, `Cannot read ${key}`);
    await store.put("prod/drills/20200101T000000Z.json", bytesOf("{"));
    await store.delete(key);
    const old = await run("list"); // an old one that nothing depends on is told, and no more
    assertEquals(old.code, 0);
    assertStringIncludes(old.stderr, "Cannot read prod/drills/20200101T000000Z.json");
  });
});
