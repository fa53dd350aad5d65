/** What is said of `latest` where it is not the newest set, and what a restore into production then wants. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bytesOf } from "../../../src/base/streams.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { putPrune } from "../../../src/store/records/prunes.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { isLatest, latestIn, latestNotNewest } from "../../../src/store/sets/latest.ts";
import type { Store } from "../../../src/store/store.ts";
import { runCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { emptyStore } from "../../support/retention/prune_store.ts";
import { configOfStore, fillNights, lostPdf } from "../../support/store/nights.ts";
import { nightsBefore, putLegacy, putSet } from "../../support/store/sets.ts";

const NOW = new Date("2026-11-30T07:00:00Z");
const night = (before: number) => nightsBefore(NOW, before);

async function saidOf(fill: (store: Store) => Promise<unknown>) {
  await using folder = await emptyStore();
  await fill(folder.store);
  const inventory = await readInventory(folder.store, "prod", NOW);
  return latestNotNewest(inventory, latestIn(inventory)!);
}

describe("latest", () => {
  it("that is the newest set and a good one is nothing to talk of", async () => {
    const good = async (store: Store) => {
      await putSet(store, night(1), { suspect: ["no users"] });
      await putSet(store, night(0));
    };
    assertEquals(await saidOf(good), undefined);
  });

  it("that is older than the newest set is said to be so, with how much time lies between and why", async () => {
    const old = await saidOf(async (store) => {
      await putSet(store, night(3));
      for (const before of [2, 1]) await putSet(store, night(before), { suspect: ["11 tables"] });
      await putSet(store, "20261130T040000Z", { suspect: ["no users"] });
    });
    assertEquals(old, {
      newest: { name: "20261130T040000Z", why: "which is suspect: no users" },
      olderMs: (3 * 24 + 2) * 3_600_000,
      sentence:
        `latest is prod/${
          night(3)
        }: 3 d 2 h older than the newest set, prod/20261130T040000Z, which is suspect: ` +
        "no users; 2 more newer sets passed over as well",
    });
  });

  const newest: [what: string, put: (store: Store) => Promise<unknown>, says: RegExp][] = [
    ["is damaged", async (store) => {
      await putSet(store, night(0));
      await store.delete(`prod/db/${night(0)}.dump`);
    }, /which is bad: prod\/db\/.* is missing$/],
    [
      "cannot be read",
      (store) => store.put(`prod/manifests/${night(0)}.json`, bytesOf("{")),
      /which is bad: Cannot read prod\/manifests\//,
    ],
    ["has lost its manifest", async (store) => {
      await putSet(store, night(0));
      await store.delete(`prod/manifests/${night(0)}.json`);
    }, /which has lost its manifest/],
    ["is gone without a prune", async (store) => {
      await putPrune(store, {
        ...{ environment: "prod", at: "20261130T060000Z", sets: [night(1), night(0)] },
        ...{ legacy: [], dropped: [], acknowledged: [], endedAt: "2026-11-30T06:00:01.000Z" },
      });
    }, /which is gone, and no prune dropped it$/],
    ["is of the old script", (store) => putLegacy(store, night(0)), /which is of the old backup script/],
    [
      "is the state before a restore",
      (store) => putSet(store, night(0), { kind: "before-restore" }),
      /which is the state before a restore$/,
    ],
  ];
  for (const [what, put, says] of newest) {
    it(`is said to be older where the newest set ${what}`, async () => {
      const said = await saidOf(async (store) => {
        await putSet(store, night(1));
        await put(store);
      });
      assertEquals([said?.newest?.name, said?.olderMs], [night(0), 86_400_000]);
      assertMatch(said!.sentence, says);
    });
  }

  it("that is no good one itself is said to be so", async () => {
    const said = await saidOf(async (store) => {
      await putSet(store, night(0));
      await store.delete(`prod/db/${night(0)}.dump`);
    });
    assertEquals(said?.newest, undefined);
    assertMatch(said!.sentence, /^latest is prod\/\S+, and is no good set itself: .* is missing$/);
  });

  it("is what is asked for by that word alone, with its environment or without", () => {
    assertEquals(["latest", "prod/latest", night(0), "dev/latest"].map((one) => isLatest("prod", one)), [
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("a restore on the command line", () => {
  async function withStore(
    body: (
      store: Store,
      run: (...args: string[]) => ReturnType<typeof runCli>,
      path: string,
    ) => Promise<void>,
  ) {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/store`;
    await Deno.writeTextFile(`${path}.yaml`, configOfStore(path));
    await Deno.writeTextFile(`${path}-password`, "x", { mode: 0o600 });
    await body(
      await openFileStore(`file://${path}`),
      (...args) => runCli([...args, "--config", `${path}.yaml`], { env: { XDG_CACHE_HOME: "", HOME: "" } }),
      path,
    );
  }

  it("into production refuses latest where it is not the newest set, and gives the command with its name", () =>
    withStore(async (store, run) => {
      await putSet(store, night(2));
      await putSet(store, night(1), { suspect: ["no users"] });
      const production = ["--into", "prod", "--restore-production", "erp"];
      for (const wanted of [[], ["latest"], ["prod/latest"]]) {
        const end = await run("restore", ...wanted, ...production);
        assertEquals(end.code, 2, end.stderr);
        assertMatch(
          end.stderr,
          new RegExp(
            `Cannot restore latest into prod: latest is prod/${
              night(2)
            }: 24 h older than the newest set, prod/${
              night(1)
            }, which is suspect: no users\nNothing was changed\\..*: dolibarr-drill restore ${
              night(2)
            } --into prod --restore-production erp`,
          ),
        );
      }
      const named = await run("restore", night(2), ...production); // it goes on, to a server that is not there
      assertEquals(named.code, 2);
      assert(!named.stderr.includes("Cannot restore latest"), named.stderr);
      assertStringIncludes(named.stderr, "db.example.org");
    }));

  it("tells the findings of what it brings back, and none of newer sets", () =>
    withStore(async (store, run, path) => {
      const now = new Date();
      const names = await fillNights(store, {
        now,
        count: 6,
        findings: (before) => [
          ...(before < 4 ? [lostPdf("FA1")] : []),
          ...(before < 1 ? Array.from({ length: 7 }, (_, at) => lostPdf(`FB${at}`)) : []),
        ],
      });
      const to = (set: string, ...more: string[]) => run("restore", set, "--to", `${path}-out`, ...more);
      const latest = (await to("latest")).stderr.split("\n");
      const told = latest.filter((line) => line.includes("has this finding"));
      assertEquals(told.length, 5);
      assertMatch(
        told[0]!,
        new RegExp(`^prod/${names[0]} has this finding: FA1: .* is missing \\(since .*, 4 nights\\)$`),
      );
      assert(latest.includes(`3 more findings: dolibarr-drill list prod/${names[0]}`), latest.join("\n"));

      await Deno.rename(`${path}/prod/drills`, `${path}/prod/gone`);
      await Deno.writeTextFile(`${path}/prod/drills`, "a file");
      const untold = (await to("latest")).stderr;
      assertMatch(untold, /What is wrong with the ERP in this set cannot be told: [^]*Writing prod\/db\//);
      await Deno.remove(`${path}/prod/drills`);
      await Deno.rename(`${path}/prod/gone`, `${path}/prod/drills`);

      const older = (await to(names[2]!)).stderr;
      assertEquals(older.match(/has this finding: \w+/g), ["has this finding: FA1"]);
      assert(!(await to(names[5]!)).stderr.includes("finding"));
      const events = (await to(names[2]!, "--json")).stdout.trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      assertEquals(events.filter(({ event }) => event === "finding").map(({ subject }) => subject), ["FA1"]);
    }));
});
