/** What guards every way to replace what a database holds: each of them refuses alike, and leaves it as it was. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { readable } from "../../../src/restore/dump/bytes.ts";
import { claimStages } from "../../../src/restore/load/advisory_lock.ts";
import { restoreDatabase } from "../../../src/restore/load/atomic.ts";
import { dropInStages } from "../../../src/restore/load/drop_in_stages.ts";
import { beginGuarded } from "../../../src/restore/load/guarded_transaction.ts";
import { type LoadPlan, planLoad } from "../../../src/restore/load/plan.ts";
import { restoreStaged } from "../../../src/restore/load/staged.ts";
import {
  finishStaged,
  stagedFolder,
  stagedNoteFile,
  writeStagedNote,
} from "../../../src/restore/load/staged_rollback.ts";
import { listSets } from "../../support/store/sets.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

const { signal } = new AbortController();
const quiet = { reporter: silentReporter, signal };

describe("whatever replaces what a database holds", () => {
  let pair: SmallPair;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let load: LoadPlan;
  let before: string;

  beforeAll(async () => {
    pair = await startSmallPair();
    folder = await temporaryFolder();
    assertEquals((await pair.cli("backup")).code, 0);
    assertEquals((await pair.cli("checkpoint")).code, 0);
    await pair.sql("sandbox", "UPDATE llx_facture SET ref = 'changed' WHERE rowid = 1");
    const [set] = await listSets(pair.store, "prod");
    const { objects, content } = set!.manifest.db;
    const dump = { name: "prod/set", dump: readable(pair.store, objects[0]!), tables: content.tables };
    await using session = await connect(pair.sandbox.database);
    load = await planLoad(dump, session, signal);
    before = await pair.state("sandbox");
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
  });

  const options = { id: crypto.randomUUID(), beforeCommit: () => Promise.resolve(), ...quiet };
  const begin = (options: { waits?: number } = {}) =>
    beginGuarded(pair.sandbox.database, load.programs, { action: "work", source: "it", ...options, signal });
  const stages = async (plan = load) => {
    await using session = await connect(pair.sandbox.database);
    return await restoreStaged(plan, pair.sandbox, session, {
      ...options,
      state: pair.sandbox.state,
      neutralise: { set: "prod/set", at: new Date(), extra: [] },
    });
  };
  const finish = async () => {
    await using session = await connect(pair.sandbox.database);
    return await finishStaged(pair.sandbox, session, quiet);
  };
  /** What a command that ended with an error says of it. */
  const viaCli = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await pair.cli(...args, "--json");
    const { code, message } = JSON.parse(stdout.trim().split("\n").at(-1)!);
    throw code === undefined ? new Error(stdout) : new DrillError(code, message, "");
  };

  const ways: [way: string, work: () => Promise<unknown>][] = [
    ["a restore", () => restoreDatabase(load, pair.sandbox.database, { ...options })],
    ["a restore in stages", () => stages()],
    ["the rollback of one", finish],
    ["a reset of rows", () => viaCli("reset")],
  ];
  for (const [way, work] of ways) {
    it(`is refused while a restore in stages works there, whatever lease that has: ${way}`, async () => {
      await using other = await connect(pair.sandbox.database);
      await using _claim = await claimStages(other, "work");
      const { code, message } = await assertRejects(work, DrillError);
      assertEquals(code, "LEASE_HELD", message);
      assertMatch(message, /another restore or reset of that database is running/);
      assertEquals(await pair.state("sandbox"), before);
    });

    it(`is refused while another transaction replaces what is there: ${way}`, async () => {
      await using _other = await begin();
      const { code, message } = await assertRejects(work, DrillError);
      assertEquals(code, "LEASE_HELD", message);
      assertEquals(await pair.state("sandbox"), before);
    });
  }

  it("is refused while a version before this one restores there, whose lock has the same name", async () => {
    await using other = await connect(pair.sandbox.database);
    await other.query("SELECT pg_advisory_lock(hashtextextended('dolibarr-drill', 0))");
    await assertRejects(
      begin,
      DrillError,
      "Cannot work: another restore or reset of that database is running",
    );
  });

  it("ends no session of another restore, also where it may end sessions", async () => {
    await using other = await connect(pair.sandbox.database);
    await using _claim = await claimStages(other, "work");
    const { code, message } = await assertRejects(() => viaCli("restore", "--terminate"), DrillError);
    assertEquals(code, "LEASE_HELD", message);
    await other.query("SELECT 1");
    assertEquals(await pair.state("sandbox"), before);
  });

  it("leaves what was saved where it is, while it may not put it back", async () => {
    const saved = stagedFolder(pair.sandbox.state);
    await Deno.mkdir(saved);
    await writeStagedNote(saved, crypto.randomUUID());
    {
      await using other = await connect(pair.sandbox.database);
      await using _claim = await claimStages(other, "work");
      assertEquals((await assertRejects(finish, DrillError)).code, "LEASE_HELD");
    }
    await Deno.lstat(stagedNoteFile(saved));
    await Deno.remove(saved, { recursive: true });
  });

  describe("where the server sets limits on time for its login", () => {
    const SETTINGS = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"];
    beforeAll(async () => {
      for (const name of SETTINGS) await pair.server.chief(`ALTER ROLE sandbox_login SET ${name} = '47s'`);
    });
    afterAll(() =>
      pair.server.chief("ALTER ROLE sandbox_login RESET ALL; ALTER ROLE sandbox_login SET ROLE sandbox_owner")
    );

    const settingsOf = ({ ask }: Pick<Session, "ask">) =>
      ask<string[]>(
        `SELECT json_build_array(${
          SETTINGS.map((name) => `current_setting('${name}')`).join(", ")
        }, current_user)`,
      );
    const OURS = ["0", "0", "30s", "sandbox_owner"];

    it("has its own in a transaction, also after what a dump sets", async () => {
      await using session = await connect(pair.sandbox.database);
      assertEquals((await settingsOf(session)).slice(0, 3), ["0", "0", "0"], "lifted right after connecting");
      await using tx = await begin();
      assertEquals(await settingsOf(tx), OURS);
      const head =
        "SET statement_timeout = '1ms'; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = '30s'; RESET ROLE;";
      await tx.load(scriptOf(`SELECT pg_catalog.set_config('search_path', 'public', false);\n${head}\n`));
      assertEquals(await settingsOf(tx), OURS);
      assertEquals(await tx.ask("SELECT to_json(current_setting('search_path'))"), '""');
    });

    it("has its own in stages", async () => {
      await using session = await connect(pair.sandbox.database);
      await assertRejects(() => dropWithDependant(session), DrillError);
      assertEquals(await settingsOf(session), OURS);
    });

    /** Nothing is dropped: another role has built on it. */
    async function dropWithDependant(session: Session): Promise<void> {
      await pair.server.chief("CREATE VIEW of_another AS SELECT ref FROM llx_facture", "sandbox");
      try {
        await dropInStages(session, pair.sandbox.database);
      } finally {
        await pair.server.chief("DROP VIEW of_another", "sandbox");
      }
    }
  });

  it("does not wait for a lock for ever in one transaction", async () => {
    await using reader = await connect(pair.sandbox.database);
    await reader.query("BEGIN");
    await reader.query("LOCK TABLE llx_facture IN ACCESS SHARE MODE");
    await using tx = await begin({ waits: 200 });
    const { code, message } = await assertRejects(() => tx.dropOwned(), DrillError);
    assertEquals([code, message], [
      "DATABASE_LOCKED",
      "Cannot work in sandbox: ERROR:  canceling statement due to lock timeout",
    ]);
    await reader.query("ROLLBACK");
    assertEquals(await pair.state("sandbox"), before);
  });

  it("does not wait for a lock for ever in stages, and names who has it", async () => {
    await using reader = await connect(pair.sandbox.database);
    await reader.query("BEGIN");
    await reader.query("LOCK TABLE llx_t260, llx_facture IN ACCESS SHARE MODE"); // the newest are dropped first
    await using session = await connect(pair.sandbox.database);
    const error = await assertRejects(
      () => dropInStages(session, pair.sandbox.database, { waits: 200 }),
      DrillError,
    );
    assertEquals(error.code, "DATABASE_LOCKED");
    assertMatch(
      error.message,
      /^Cannot drop what sandbox_owner has in sandbox: another session has used one of its tables for 200 ms$/,
    );
    assertMatch(
      error.details.join(),
      /llx_facture.* is in use by process \d+ \(sandbox_login, dolibarr-drill\), for (\d+|\?) s$/,
    );
    await reader.query("ROLLBACK");
    assertEquals(await pair.state("sandbox"), before);
  });

  it("refuses a COMMIT that hides in what the last stage loads, and puts back what was there", async () => {
    const { pgRestore } = load.programs;
    const fake = `${folder.path}/pg_restore`;
    const script = `${pgRestore} "$@" || exit\ncase "$*" in *--file=-*) echo 'COMMIT;';; esac`;
    await Deno.writeTextFile(fake, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const hostile = { ...load, programs: { ...load.programs, pgRestore: fake } };
    const { code, message } = await assertRejects(() => stages(hostile), DrillError);
    assertEquals([code, message], [
      "TRANSACTION_BROKEN",
      "Cannot trust the dump of prod/set: it ends the restoring transaction",
    ]);
    assertEquals(await pair.state("sandbox"), before);
  });

  it("is not committed by another transaction than the one that it began", async () => {
    await using tx = await begin();
    await tx.run("CREATE TABLE public.half_of_it ()");
    await tx.run("ROLLBACK");
    await tx.run("CREATE TABLE public.other_half ()");
    const { code } = await assertRejects(() => tx.commit(), DrillError);
    assertEquals(code, "TRANSACTION_BROKEN");
    await tx[Symbol.asyncDispose]();
    assertEquals(await pair.state("sandbox"), before);
  });
});

async function* scriptOf(sql: string): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  yield await Promise.resolve(new TextEncoder().encode(sql));
}
