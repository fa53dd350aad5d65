/** A restore in stages that fails, is cut off, or meets somebody: what was there before comes back, or stays in reach. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { planLoad } from "../../../src/restore/load/plan.ts";
import { readable } from "../../../src/restore/dump/bytes.ts";
import { restoreStaged } from "../../../src/restore/load/staged.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { listSets } from "../../support/store/sets.ts";
import { writeManifest } from "../../../src/store/records/manifest.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

const { signal } = new AbortController();

describe("a restore in stages", () => {
  let pair: SmallPair;
  let set: string;

  beforeAll(async () => {
    pair = await startSmallPair();
    await pair.sql(
      "prod",
      "SELECT lo_from_bytea(7001, 'a signature')",
      "CREATE TABLE llx_fresh (rowid integer)",
    );
    await pair.sql(
      "sandbox",
      "SELECT lo_from_bytea(42, 'the sandbox''s own')",
      "CREATE SEQUENCE llx_counter START 77",
    );
    assertEquals((await pair.cli("backup")).code, 0);
    set = (await listSets(pair.store, "prod"))[0]!.name;
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const stages = (...args: string[]) => pair.cli("restore", "--staged", ...args);
  const beside = () =>
    [...Deno.readDirSync(pair.folder)].map(({ name }) => name).filter((name) => /drill-/.test(name));
  const manifest = () => `${pair.folder}/store/prod/manifests/${set}.json`;

  /** A set whose content is another than its manifest says, so that the comparison at the end fails. */
  async function withWrongHash<T>(body: () => Promise<T>): Promise<T> {
    const text = await Deno.readTextFile(manifest());
    const wrong = JSON.parse(text);
    wrong.db.content.tables.find(({ table }: { table: string }) => table === "public.llx_facture").hash = "1";
    await Deno.writeTextFile(manifest(), writeManifest(wrong));
    try {
      return await body();
    } finally {
      await Deno.writeTextFile(manifest(), text);
    }
  }

  it("that fails at its end puts back what was there: rows, files, sequences, large objects", async () => {
    const before = await pair.state("sandbox");
    const end = await withWrongHash(() => stages());
    assertEquals(
      [end.code, await pair.state("sandbox"), pair.isUp("sandbox")],
      [1, before, true],
      end.stderr,
    );
    assertMatch(end.stderr, /llx_facture: 500 rows, but their content differs/);
    await using session = await connect(pair.sandbox.database);
    const [row] = await session.query(
      "SELECT convert_from(lo_get(42), 'UTF8') AS own, nextval('llx_counter')::integer AS next",
    );
    assertEquals(row, { own: "the sandbox's own", next: 77 });
    assertEquals(beside(), []);
  });

  it("that was cut off keeps a backup, a checkpoint and a restore from being made of half a state", async () => {
    const child = pair.spawn(
      "restore",
      "--staged",
      "--json",
      "--into",
      "prod",
      "--restore-production",
      "prod",
      "--without-backup",
    );
    let output = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      if (/"step":"Loading the database/.test(output)) break;
    }
    child.kill("SIGKILL");
    await Promise.all([child.status, child.stderr.cancel()]);
    for (
      const [args, says] of [
        [["backup"], /Cannot back up prod: a restore into it was interrupted/],
        [["restore", "--into", "prod", "--restore-production", "prod"], /rearm --env prod/],
      ] as const
    ) {
      const end = await pair.cli(...args);
      assertEquals(end.code, 2, end.stdout);
      assertMatch(end.stderr, says);
    }
    assertEquals((await listSets(pair.store, "prod")).length, 1);
    const rearm = await pair.cli("rearm", "--env", "prod");
    assertEquals([rearm.code, pair.isUp("prod")], [0, true], rearm.stderr);
    assertEquals((await pair.cli("backup")).code, 0);
  });

  it("commits what it compared: nobody writes meanwhile, and until then the ERP has no setup to act with", async () => {
    const [made] = await listSets(pair.store, "prod");
    const { objects, content } = made!.manifest.db;
    await using session = await connect(pair.sandbox.database);
    await using stranger = await connect(pair.sandbox.database);
    await stranger.query("SET lock_timeout = '200ms'");
    await stranger.query("DISCARD ALL"); // as a pooler leaves a session that nobody uses
    const load = await planLoad(
      { name: "prod/set", dump: readable(pair.store, objects[0]!), tables: content.tables },
      session,
      signal,
    );
    let blocked = "";
    const proof = await restoreStaged(load, pair.sandbox, session, {
      id: crypto.randomUUID(),
      state: pair.sandbox.state,
      neutralise: { set: "prod/set", at: new Date(), extra: [] },
      async beforeCommit() {
        await stranger.query("SET lock_timeout = '200ms'");
        for (const sql of ["INSERT INTO llx_facture VALUES (-1, 'late')", "SELECT FROM llx_const"]) {
          blocked += await stranger.query(sql).then(() => "went through", ({ code }) => code) + " ";
        }
      },
      reporter: silentReporter,
      signal,
    });
    assertEquals(blocked, "DATABASE_LOCKED DATABASE_LOCKED ");
    assertEquals(proof.found.length, content.tables.length);
  });
});
