/** `prune` and `keep` as a person runs them, and a prune that is killed. */

import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { bytesOf } from "../../../src/base/streams.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { Store } from "../../../src/store/store.ts";
import { type CliEnd, resultOf, runCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { DAY_MS, dropLeases, keysOf, nightsBefore, putLegacy, putSet } from "../../support/store/sets.ts";

/** A store of 90 nights, the newest yesterday's; every third night's documents are those of the night before. */
const NIGHTS = 90;

describe("prune and keep on the command line", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let now: Date;
  const name = (days: number) => nightsBefore(now, days);

  beforeAll(async () => {
    folder = await temporaryFolder();
    now = new Date();
    if (new Date(now.getTime() + 120_000).getUTCDate() !== now.getUTCDate()) { // no test spans midnight
      await new Promise((resolve) => setTimeout(resolve, 125_000));
      now = new Date();
    }
    const store = await openFileStore(`file://${folder.path}/model`);
    for (let days = 1; days <= NIGHTS; days++) {
      await putSet(store, name(days), days % 3 === 0 ? { docs: name(days + 1) } : {});
    }
    await putSet(store, name(NIGHTS + 1));
    await putLegacy(store, name(NIGHTS + 2));
    await putLegacy(store, name(NIGHTS + 3));
    await store.put("prod/db/notes.txt", bytesOf("notes"));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  /** A copy of that store, and a configuration that names it. */
  async function freshStore(title: string) {
    const path = `${folder.path}/${title.replaceAll(/\W+/g, "-")}`;
    const copied = await new Deno.Command("cp", { args: ["-r", `${folder.path}/model`, path] }).output();
    assert(copied.success);
    const config = `${path}.yaml`;
    await Deno.writeTextFile(config, configFor(path));
    const run = (...args: string[]): Promise<CliEnd> => runCli([...args, "--config", config]);
    return { store: await openFileStore(`file://${path}`), path, config, run };
  }
  const setsOf = async (store: Store) => (await readInventory(store, "prod")).sets.map(({ name }) => name);

  it("--dry-run shows each set with its reasons and what it frees, and writes nothing", async () => {
    const { store, run } = await freshStore("dry");
    const before = await keysOf(store);
    const { code, stdout, stderr } = await run("prune", "--dry-run");
    assertEquals(code, 0, stderr);
    const lines = stdout.split("\n");
    assertMatch(lines[0]!, /^SET +AGE +FREES +WHY$/);
    assertMatch(
      lines[1]!,
      new RegExp(`^${name(1)} +\\d+ [dh](?: \\d+ [hmin]+)? +kept +daily, newest, newest good$`),
    );
    assert(
      lines.some((line) =>
        /^\d{8}T020000Z +\d+ \w+ +dropped +\d+ B +\d{8}T020000Z stands for \d{4}-\d\d$/.test(line)
      ),
      stdout,
    );
    assertMatch(stdout, /\nprod: would keep 3\d sets, drop \d+ and free [\d.]+ kB; nothing was deleted\n$/);
    assertEquals(await keysOf(store), before);
  });

  it("--json has one event a set, and the result last", async () => {
    const { run } = await freshStore("json");
    const { stdout } = await run("prune", "--dry-run", "--json");
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const sets = events.filter(({ event }) => event === "set");
    assertEquals(sets.length, NIGHTS + 3);
    assertEquals([sets[0].set, sets[0].keep, sets[0].reasons], [name(1), true, [
      "daily",
      "newest",
      "newest good",
    ]]);
    const dropped = sets.filter(({ keep }) => !keep);
    assertMatch(dropped[0].reasons[0], / stands for /);
    const result = resultOf(stdout);
    assertEquals([result.exit, result.dryRun, result.dropped, result.refusals], [
      0,
      true,
      dropped.length,
      [],
    ]);
    assertEquals(result.bytes, dropped.reduce((sum, { freed }) => sum + freed, 0));
  });

  it("--dry-run says what would stop a prune and is not green, and a prune stops there with 2", async () => {
    const { store, run } = await freshStore("refused");
    await putSet(store, name(-400));
    const dry = await run("prune", "--dry-run");
    assertEquals(dry.code, 2);
    assertMatch(dry.stdout, /^SET +AGE [\s\S]*\nprod: would keep/);
    assertMatch(dry.stdout, new RegExp(`A prune would be refused now:\n  ${name(-400)} is in the future`));
    const result = resultOf((await run("prune", "--dry-run", "--json")).stdout);
    assertEquals([result.verdict, result.exit, result.code], ["not_run", 2, "PRUNE_REFUSED"]);
    assertMatch(String(result.refusals), /in the future/);
    const before = await keysOf(store);
    const { code, stderr } = await run("prune");
    assertEquals(code, 2);
    assertMatch(stderr, /Cannot prune prod: 1 reason against it\n.*in the future[\s\S]*Nothing was deleted/);
    assertEquals(await keysOf(store), before);
  });

  it("list and status name a record of a newer version, and end with 2", async () => {
    const { store, run } = await freshStore("newer");
    await putSet(store, name(0));
    await store.put(`prod/holds/${name(4)}.json`, bytesOf('{"format":9,"minReader":8}'));
    await store.put("prod/drills/20260629T060000Z.json", bytesOf('{"format":9,"minReader":8}'));
    const message = `Cannot read prod/holds/${name(4)}.json: it is of format 9, this version knows 2`;
    const list = await run("list", "--json");
    assertEquals(list.code, 2);
    assertStringIncludes(list.stderr, message);
    assertEquals([resultOf(list.stdout).code, resultOf(list.stdout).message], ["STORE_NEWER", message]);
    assertMatch(String(resultOf(list.stdout).hint), /^A newer dolibarr-drill wrote it\. Update this one/);
    const held = list.stdout.split("\n").find((line) => line.includes(`"set":"${name(4)}"`));
    assertMatch(held!, /"held":\{"until":"9999-12-31","reason":"its hold cannot be read"\}/);

    const status = await run("status", "--json");
    const { troubles } = JSON.parse(
      status.stdout.split("\n").find((line) => line.includes('"event":"status"')) ?? "{}",
    );
    assertEquals([status.code, resultOf(status.stdout).verdict], [2, "not_run"]);
    assertEquals(
      troubles.map((one: { code: string; message: string }) => [one.code, one.message]),
      [
        [
          "STORE_NEWER",
          "what the newest drill of prod found, 20260629T060000Z, is not known here: " +
          "Cannot read prod/drills/20260629T060000Z.json: it is of format 9, this version knows 2",
        ],
        ["STORE_NEWER", message],
      ],
    );

    await store.put(`prod/holds/${name(5)}.json`, bytesOf("{")); // damaged: that is looked at, and bad
    assertEquals((await run("list")).code, 1);
  });

  it("does what the dry run said", async () => {
    const { store, run } = await freshStore("done");
    const dry = await run("prune", "--dry-run", "--json");
    const { code, stdout, stderr } = await run("prune", "--json");
    assertEquals(code, 0, stderr);
    const [said, done] = [resultOf(dry.stdout), resultOf(stdout)];
    assertEquals([done.kept, done.dropped, done.bytes], [said.kept, said.dropped, said.bytes]);
    assertEquals((await setsOf(store)).length, said.kept);
    assertMatch((await run("prune")).stdout, /prod: kept 3\d sets, dropped 0; deleted 0 objects of 0 B/);
  });

  it("keep holds a set against the policy, and lets it go again", async () => {
    const { store, run } = await freshStore("keep");
    // the last of a month stands for it
    const old = [name(40), name(41)].find((one, at) => one.slice(0, 6) === name(39 + at).slice(0, 6))!;
    const until = new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10);
    const held = await run("keep", `prod/${old}`, "--until", until, "--reason", "tax audit");
    assertEquals([held.code, held.stdout], [0, `prod/${old} is held until ${until}: tax audit\n`]);
    assertStringIncludes((await run("prune")).stdout, `held until ${until}: tax audit`);
    assert((await setsOf(store)).includes(old));
    assertEquals(
      (await run("keep", old, "--release")).stdout,
      `prod/${old} is released: the retention policy decides again\n`,
    );
    assertEquals((await run("keep", old, "--release")).stdout, `prod/${old} was not held\n`);
    await run("prune");
    assert(!(await setsOf(store)).includes(old));

    const gone = await run("keep", old, "--until", until, "--reason", "tax audit");
    assertEquals(gone.code, 2);
    assertMatch(
      gone.stderr,
      new RegExp(`Cannot hold prod/${old}: the prune of \\d{8}T\\d{6}Z dropped it\n.*stands for`),
    );
    const newest = await run("keep", "latest", "--until", until, "--reason", "x", "--json");
    assertEquals(resultOf(newest.stdout).set, name(1));
  });

  it("keep says what is wrong with what it was told", async () => {
    const { run } = await freshStore("wrong");
    const wrong: [args: string[], said: RegExp][] = [
      [["latest"], /keep needs --until, or --release/],
      [["latest", "--until", "2099-01-01"], /keep needs --reason/],
      [
        ["latest", "--until", "2099-06-31", "--reason", "x"],
        /--until 2099-06-31 is not a date of the form 2031-12-31/,
      ],
      [["latest", "--until", "next year", "--reason", "x"], /--until next year is not a date/],
      [["latest", "--until", new Date().toISOString().slice(0, 10), "--reason", "x"], /is not in the future/],
      [["latest", "--until", "2099-01-01", "--reason", " "], /--reason is empty/],
      [["latest", "--until", "2099-01-01", "--release"], /--release ends a hold/],
      [
        ["20200101T000000Z", "--until", "2099-01-01", "--reason", "x"],
        /Cannot find the set 20200101T000000Z of prod/,
      ],
      [[], /missing required argument 'SET'/],
    ];
    for (const [args, said] of wrong) {
      const { code, stderr } = await run("keep", ...args);
      assertEquals([args, code], [args, 2]);
      assertMatch(stderr, said);
    }
  });

  it("two at once: one does it, the other says who is at it and ends with 2, or does nothing after it", async () => {
    const { store, run } = await freshStore("two");
    const ends = await Promise.all([run("prune"), run("prune")]);
    const codes = ends.map(({ code }) => code);
    assertGreater(codes.filter((code) => code === 0).length, 0, ends.map(({ stderr }) => stderr).join());
    for (const { code, stderr } of ends) {
      if (code !== 0) assertMatch(stderr, /Cannot begin with prod: prune .* since/);
    }
    await dropLeases(store);
    assertMatch((await run("prune")).stdout, /dropped 0/);
  });
});

const configFor = (store: string): string => `
store: { url: "file://${store}" }
environments:
  prod:
    database: { host: db.example.org, name: erp, owner: erp_role, user: erp, password: env:NOT_NEEDED }
    documents: /var/www/documents
    web: { url: https://erp.example.org }
  sandbox:
    disposable: true
    database: { host: db.example.org, name: erp-sandbox, owner: erp_sandbox_role, user: erp, password: env:NOT_NEEDED }
    documents: /srv/sandbox/documents
    web: { url: https://sandbox.example.org }
drill: { from: prod, into: sandbox }
`;
