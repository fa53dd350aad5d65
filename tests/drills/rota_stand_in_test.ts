/** Older sets, of the version before, restored before the newest: in their turn, by name when they are bad, and without harm to the newest. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../src/backup/backup.ts";
import { DrillError } from "../../src/base/errors.ts";
import { silentReporter } from "../../src/base/terminal/reporter.ts";
import { timestampOf } from "../../src/base/time.ts";
import { turnsOfTonight } from "../../src/drill/rota/old_sets.ts";
import { readInventory } from "../../src/store/sets/inventory.ts";
import { openFileStore } from "../../src/store/drivers/file.ts";
import { readProof } from "../../src/store/records/proofs.ts";
import { latestOf } from "../../src/store/sets/latest.ts";
import type { Store } from "../../src/store/store.ts";
import { runCli } from "../support/cli.ts";
import { type DrillLab, startDrillLab } from "../support/lab/drill_lab.ts";
import { temporaryFolder } from "../support/folder.ts";
import { assertNotRun, mayNotRun, notReached } from "../support/lab/not_run.ts";
import { configWithStore } from "../support/lab/other_store.ts";
import { asFormerlyHashed } from "../support/store/former_hash.ts";
import { keysOf } from "../support/store/sets.ts";

const DAY = 86_400_000;
const signal = new AbortController().signal;

describe("the rota over older sets, with the stand-in", () => {
  let lab: DrillLab;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: Store;
  /** A set of the shell script, one of ours, and the newest. */
  const legacy = timestampOf(new Date(Date.now() - 9 * DAY));
  let old: string;
  let newest: string;
  const path = (key: string) => `${folder.path}/store/${key}`;

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    folder = await temporaryFolder();
    store = await openFileStore(`file://${folder.path}/store`);
    const take = () => backup(lab.prod, store, { reporter: silentReporter, signal, force: true });
    old = (await take()).name;
    await Deno.copyFile(path(`prod/db/${old}.dump`), path(`prod/db/${legacy}.dump`));
    await Deno.copyFile(path(`prod/docs/${old}.tar.gz`), path(`prod/docs/${legacy}.tar.gz`));
    newest = (await take()).name;
    await asFormerlyHashed(path(""), lab.prod.database); // as the version before took them
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  /** A rota of a day: all are due tonight. */
  const drillAll = (other: Store = store) => lab.drill({ store: other, opensPages: false, rotaMs: DAY });

  async function turns(rotaMs = DAY) {
    const inventory = await readInventory(store, "prod");
    const notes: string[] = [];
    const reporter = { ...silentReporter, note: (line: string) => void notes.push(line) };
    return {
      notes,
      turns: turnsOfTonight(inventory, latestOf(inventory.sets)!, { rotaMs, reporter }).map(({ set }) =>
        set.name
      ),
    };
  }

  it("restores each in its turn, the oldest first and the newest last, and keeps a proof of each", async () => {
    assertEquals((await turns()).turns, [legacy, old]);
    assertEquals((await turns(0)).turns, []);
    const read: string[] = [];
    const watched = {
      ...store,
      get: (key: string, range?: { offset: number; length?: number }) => {
        const set = /\d{8}T\d{6}Z/.exec(key)![0];
        if (key.includes("/db/") && read.at(-1) !== set) read.push(set);
        return store.get(key, range);
      },
    };
    const result = await drillAll(watched);
    assertEquals(read, [legacy, old, newest]);
    assertEquals(result.checks.filter(({ verdict }) => verdict === "fail"), []);
    assertNotRun(
      result.checks,
      mayNotRun("stand-in", "standard"),
      notReached("CHECK_NOT_RUN", "standard"),
    );
    assertEquals(result.set?.name, `prod/${newest}`);
    assertEquals(result.rota?.map(({ set, verdict }) => [set, verdict]), [
      [`prod/${legacy}`, "pass"],
      [`prod/${old}`, "pass"],
    ]);
    assertStringIncludes(result.rota![0]!.message, "never restored");
    const check = result.checks.find(({ id }) => id === `rota.${old}`)!;
    assertEquals(check.compared!.expected, check.compared!.found);
    assert(Number(check.compared!.found) > 8);
    const { proofs } = await readInventory(store, "prod");
    const proof = await readProof(store, proofs.get(old)![0]!.key);
    assertEquals([proof.verb, proof.verdict], ["drill", "pass"]);
    assertEquals(proof.objects.map(({ key }) => key), [`prod/db/${old}.dump`, `prod/docs/${old}.tar.gz`]);
    assertMatch(proof.notProved.at(-1)!, /not opened in a browser/);
    const ofNewest = await readProof(store, proofs.get(newest)![0]!.key); // no page of it was opened
    assertEquals([ofNewest.verdict, ofNewest.notProved.length > 8], ["pass", true]);
    assertEquals((await turns()).turns, []); // proved today
    assertEquals(await lab.sandbox.workload.state(), "up");
  });

  it("is shown by list: when each was restored, and when it is due", async () => {
    const config = await configWithStore(lab, folder.path, store.url);
    const { code, stdout, stderr } = await runCli(["list", "--json", "--config", config]);
    assertEquals(code, 0, stderr);
    const sets = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) =>
      event === "set"
    );
    const byName = new Map(sets.map((one) => [one.set, one]));
    for (const name of [old, legacy]) {
      const { restoredAt, dueAt } = byName.get(name);
      assertEquals(Date.parse(dueAt) - Date.parse(restoredAt), 30 * DAY);
    }
    assertEquals([typeof byName.get(newest).restoredAt, typeof byName.get(newest).dueAt], [
      "string",
      "string",
    ]);
    assertMatch((await runCli(["list", "--config", config])).stdout, /DUE\n.* in 29 d\n/);
  });

  it("fails by the name of a bad one; one that cannot be read is NOT RUN, and the newest is drilled all the same", async () => {
    for (const key of await keysOf(store, "prod/verified/")) await store.delete(key);
    const dump = await Deno.readFile(path(`prod/db/${old}.dump`));
    dump[dump.length >> 1]! ^= 1;
    await Deno.writeFile(path(`prod/db/${old}.dump`), dump);
    const faulty = {
      ...store,
      get: (key: string, range?: { offset: number; length?: number }) => {
        if (key.includes(legacy)) throw new DrillError("STORE_FAILED", "Cannot read it: busy", "Try later.");
        return store.get(key, range);
      },
    };
    const result = await drillAll(faulty);
    assertEquals([result.verdict, result.exit], ["fail", 1]);
    assertStringIncludes(result.headline, `prod/${old}: `);
    assertEquals(result.rota?.map(({ set, verdict }) => [set, verdict]), [
      [`prod/${legacy}`, "not_run"],
      [`prod/${old}`, "fail"],
    ]);
    assertMatch(result.rota![0]!.message, /busy/);
    const check = (id: string) => result.checks.find((one) => one.id === id)!;
    assertEquals([check(`rota.${old}`).code, check(`rota.${legacy}`).required], ["OBJECT_CORRUPT", false]);
    assertEquals(result.set?.name, `prod/${newest}`);
    assertEquals(check("data.rows").verdict, "pass");
    const { proofs, damaged } = await readInventory(store, "prod");
    assertEquals([...proofs.keys()].sort(), [old, newest].sort());
    assert(damaged.has(`prod/db/${old}.dump`));
    assertEquals(await lab.sandbox.workload.state(), "up");
    // from then on it has no turn, and why is said
    const after = await turns();
    assertEquals(after.turns, [legacy]);
    assertMatch(after.notes.join(), new RegExp(`${old} has no turn in the rota: .*found damaged`));
  });
});
