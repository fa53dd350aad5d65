/** A restore is one transaction, and the same one at its end: what a dump does to it is seen, and nothing is changed. */

// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError, exitStatusOf } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { listArchive } from "../../../src/postgres/programs/archive.ts";
import { findPrograms, type Programs } from "../../../src/postgres/programs/programs.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { planRestore } from "../../../src/restore/dump/filter.ts";
import { waitForSessions } from "../../../src/restore/gate/sessions.ts";
import { restoreDatabase } from "../../../src/restore/load/atomic.ts";
import { readable } from "../../../src/restore/dump/bytes.ts";
import type { BackupSet } from "../../../src/store/sets/sets.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { parseContents } from "../../../src/restore/dump/toc.ts";
import { findSet } from "../../support/store/sets.ts";

const signal = new AbortController().signal;

describe("the transaction of a restore", () => {
  let lab: DrillLab;
  let set: BackupSet;
  let programs: Programs;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    await lab.drill({ opensPages: false });
    set = await findSet(lab.store, "prod", "latest");
    programs = await findPrograms(150_000);
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  /** Restores with a pg_restore whose script ends with `sql`. */
  async function restoreWith(sql: string, beforeCommit = () => Promise.resolve()) {
    const dump = set.manifest.db.objects[0]!;
    const stream = { name: dump.key, bytes: lab.store.get(dump.key) };
    const plan = planRestore(parseContents(await listArchive(stream, programs, signal), dump.key));
    const fake = `${folder.path}/pg_restore-${crypto.randomUUID()}`;
    await Deno.writeTextFile(
      fake,
      `#!/bin/sh\n${programs.pgRestore} "$@" || exit\ncat <<'SQL'\n${sql}\nSQL\n`,
      { mode: 0o755 },
    );
    const source = {
      name: set.name,
      dump: readable(lab.store, dump),
      tables: set.manifest.db.content.tables,
    };
    return await restoreDatabase(
      { source, plan, programs: { ...programs, pgRestore: fake } },
      lab.sandbox.database,
      {
        id: crypto.randomUUID(),
        beforeCommit,
        neutralise: { set: `prod/${set.name}`, at: new Date(), extra: [] },
        reporter: silentReporter,
        signal,
      },
    );
  }

  it("commits what is equal, and says what it found", async () => {
    const proof = await restoreWith("");
    assertEquals(proof.found.length, set.manifest.db.content.tables.length);
    assertEquals(proof.changed.map(({ table }) => table).sort(), [
      "public.llx_const",
      "public.llx_cronjob",
      "public.llx_emailcollector_emailcollector",
      "public.llx_oauth_token",
      "public.llx_webhook_target",
    ]);
    assertEquals(proof.lookup.before, proof.lookup.after);
  });

  const hostile: [string, string, string, RegExp][] = [
    [
      "a COMMIT and more after it",
      "COMMIT; DROP TABLE public.llx_facture CASCADE;",
      "TRANSACTION_BROKEN",
      /it ends the restoring transaction/,
    ],
    // what is left to look at is the old sandbox, which is not what the backup has
    ["a ROLLBACK in the dump", "ROLLBACK;", "CONTENT_DIFFERS", /llx_const/],
    [
      "constraints checked at once",
      "SET CONSTRAINTS ALL IMMEDIATE;",
      "TRANSACTION_BROKEN",
      /it ends the restoring transaction/,
    ],
    [
      "a row too many",
      "INSERT INTO public.llx_c_currencies (label) VALUES ('one more');",
      "CONTENT_DIFFERS",
      /llx_c_currencies: [\d,]+ rows, the backup has [\d,]+/,
    ],
    [
      "a table too many",
      "CREATE TABLE public.llx_extra (rowid integer);",
      "CONTENT_DIFFERS",
      /llx_extra: not in the backup/,
    ],
  ];
  for (const [what, sql, code, message] of hostile) {
    it(`refuses ${what}, and leaves the sandbox as it was`, async () => {
      const before = await lab.sandboxState();
      const error = await assertRejects(() => restoreWith(sql), DrillError);
      assertEquals([error.code, await lab.sandboxState() === before], [code, true], error.message);
      assertMatch(error.message + error.details.join("\n"), message);
    });
  }

  it("quotes no row of the dump in its message: rows hold password hashes and keys", async () => {
    const sql =
      "CREATE TABLE public.t (a text CHECK (a = 'x')); INSERT INTO public.t SELECT 'hash-' || 'of-a-password';";
    const error = await assertRejects(() => restoreWith(sql), DrillError);
    assertEquals(error.code, "RESTORE_FAILED");
    assertMatch(error.message, /violates check constraint/);
    assertEquals(
      JSON.stringify([error.message, error.hint, error.details]).includes("hash-of-a-password"),
      false,
    );
  });

  it("does not condemn the backup when the sandbox's server goes away", async () => {
    const before = await lab.sandboxState();
    const end = async () => {
      await using provisioner = await lab.provisioner();
      await provisioner.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'v-%'",
      );
    };
    const error = await assertRejects(() => restoreWith("", end), DrillError);
    assertEquals([error.code, exitStatusOf(error.code)], ["DATABASE_UNREACHABLE", 2], error.message);
    assertEquals(await lab.sandboxState(), before);
  });

  it("rolls back when what comes just before the commit fails", async () => {
    const before = await lab.sandboxState();
    await assertRejects(
      () => restoreWith("", () => Promise.reject(new Error("the swap failed"))),
      Error,
      "the swap failed",
    );
    assertEquals(await lab.sandboxState(), before);
  });

  it("refuses where another role has built on what would be dropped", async () => {
    await using provisioner = await lab.provisioner();
    await provisioner.query("CREATE VIEW bi_invoices AS SELECT ref FROM llx_facture");
    try {
      const error = await assertRejects(() => restoreWith(""), DrillError);
      assertEquals([error.code, error.details], ["DEPENDANTS_OF_OTHERS", [
        "bi_invoices, owned by provisioner",
      ]]);
      assertEquals(
        (await provisioner.query("SELECT count(*)::integer AS count FROM bi_invoices"))[0]?.count !==
          undefined,
        true,
      );
    } finally {
      await provisioner.query("DROP VIEW bi_invoices");
    }
  });

  it("waits for others' sessions, and names those that stay", async () => {
    await using other = await connect(lab.sandbox.database);
    await other.query("SELECT 1");
    await using session = await connect(lab.sandbox.database);
    const error = await assertRejects(
      () => waitForSessions(session, "erp-sandbox", signal, { limit: 300 }),
      DrillError,
    );
    assertEquals(error.code, "SESSIONS_CONNECTED");
    assertMatch(error.details.join(), /^v-\S+ from 127\.0\.0\.1, idle for \d+ s \(dolibarr-drill\)$/);
    await other[Symbol.asyncDispose]();
    await waitForSessions(session, "erp-sandbox", signal, { limit: 5000 });
  });

  /** A direct session to PostgreSQL, past the pooler. */
  async function direct(user: string, password: string, name = lab.sandbox.database.name) {
    const { ports } = JSON.parse(await Deno.readTextFile(`${lab.folder}/lab.json`));
    return await connect({ ...lab.sandbox.database, name, port: ports.postgres, user, password });
  }
  const secret = async (name: string) =>
    (await Deno.readTextFile(`${lab.folder}/secrets/${name}-password`)).trim();

  it("sees another login of the same owner in a transaction, and says that its state is not ours to see", async () => {
    await using provisioner = await direct("provisioner", await secret("provisioner"), "postgres");
    await provisioner.query(
      `CREATE ROLE "v-old-login" LOGIN PASSWORD 'old' IN ROLE ${lab.sandbox.database.owner}`,
    );
    try {
      const before = await lab.sandboxState();
      await using old = await direct("v-old-login", "old");
      await old.query("BEGIN");
      await using session = await connect(lab.sandbox.database);
      const error = await assertRejects(
        () => waitForSessions(session, "erp-sandbox", signal, { limit: 300 }),
        DrillError,
      );
      assertEquals([error.code, error.details], ["SESSIONS_CONNECTED", [
        "v-old-login (another login's; its state is not ours to see)",
      ]]);
      assertMatch(error.hint, /server_idle_timeout/);
      await old[Symbol.asyncDispose]();
      await waitForSessions(session, "erp-sandbox", signal, { limit: 5000 });
      assertEquals(await lab.sandboxState(), before);
    } finally {
      await provisioner.query('DROP ROLE "v-old-login"');
    }
  });

  it("counts the session of a login that is gone", async () => {
    await using provisioner = await direct("provisioner", await secret("provisioner"), "postgres");
    await provisioner.query(
      `CREATE ROLE "v-gone-login" LOGIN PASSWORD 'gone' IN ROLE ${lab.sandbox.database.owner}`,
    );
    await using gone = await direct("v-gone-login", "gone");
    await gone.query("BEGIN");
    await provisioner.query('DROP ROLE "v-gone-login"');
    await using session = await connect(lab.sandbox.database);
    const error = await assertRejects(
      () => waitForSessions(session, "erp-sandbox", signal, { limit: 300 }),
      DrillError,
    );
    assertEquals(error.details, [
      "a login that is gone (another login's; its state is not ours to see)",
    ]);
  });

  it("counts whoever owns user_lookup, though it may run it too", async () => {
    await using provisioner = await direct("provisioner", await secret("provisioner"));
    await provisioner.query("BEGIN");
    await using session = await connect(lab.sandbox.database);
    const error = await assertRejects(
      () => waitForSessions(session, "erp-sandbox", signal, { limit: 300 }),
      DrillError,
    );
    assertMatch(error.details.join(), /^provisioner \(another login's;/);
  });

  it("forgives a connection that never ran a query, and the pooler's own login", async () => {
    const { user, password } = lab.sandbox.database;
    const { host, port, name: database } = await lab.provisionerOf();
    const empty = new pg.Client({ host, port, database, user, password }); // ours ask something right away
    await empty.connect();
    await using _empty = { [Symbol.asyncDispose]: () => empty.end() };
    await using pooler = await direct("pgbouncer_auth", await secret("pgbouncer"));
    await pooler.query("SELECT 1");
    await using session = await connect(lab.sandbox.database);
    await waitForSessions(session, "erp-sandbox", signal, { limit: 300 });
  });
});
