/** Dumps of other versions of PostgreSQL, committed beside the tests: what of them comes over, with the tools that are here. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { readFile } from "../../../src/base/streams.ts";
import { listArchive, readThrough } from "../../../src/postgres/programs/archive.ts";
import { extensionsOf } from "../../../src/postgres/catalogue/extensions.ts";
import { findPrograms, type Programs } from "../../../src/postgres/programs/programs.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { planRestore } from "../../../src/restore/dump/filter.ts";
import { restoreDatabase } from "../../../src/restore/load/atomic.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type PostgresServer, startPostgresServer } from "../../support/platform/postgres_server.ts";
import { parseContents } from "../../../src/restore/dump/toc.ts";

const signal = new AbortController().signal;
const fixture = (name: string) => new URL(`../../../fixtures/dumps/${name}`, import.meta.url).pathname;

describe("a dump of another PostgreSQL", () => {
  let server: PostgresServer;
  let programs: Programs;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    server = await startPostgresServer();
    programs = await findPrograms(150_000);
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Restores a fixture as a legacy set: nobody recorded what it holds. */
  async function restoreFixture(name: string, { script = "cat", tools = programs } = {}) {
    const path = fixture(name);
    const fake = `${folder.path}/pg_restore-${crypto.randomUUID()}`;
    await Deno.writeTextFile(fake, `#!/bin/sh\n${tools.pgRestore} "$@" | ${script}\n`, { mode: 0o755 });
    await using session = await connect(server.database);
    const warnings: string[] = [];
    const list = await listArchive({ name, bytes: readFile(path) }, tools, signal, {
      server: 150_018,
      onHeader: (_, found) => warnings.push(...found),
    });
    const plan = planRestore(parseContents(list, name), { extensions: await extensionsOf(session) });
    const dump = { key: name, open: () => readFile(path) };
    const load = { source: { name, dump }, plan, programs: { ...tools, pgRestore: fake } };
    await restoreDatabase(load, server.database, {
      id: crypto.randomUUID(),
      beforeCommit: () => Promise.resolve(),
      reporter: silentReporter,
      signal,
    });
    return { plan, warnings };
  }

  const isOld = () => Number(programs.version.split(".")[0]) < 17;

  async function whatCameOver() {
    await using session = await connect(server.database);
    const [row] = await session.query(`SELECT (SELECT count(*)::integer FROM llx_facture) AS invoices,
      (SELECT count(*)::integer FROM "my reports"."sales of the ""year""") AS sales,
      (SELECT string_agg(proname || '(' || pg_get_function_arguments(oid) || ')', ', ') FROM pg_proc WHERE proname = 'user_lookup') AS lookups,
      (SELECT string_agg(tgname::text, ', ') FROM pg_trigger WHERE NOT tgisinternal) AS triggers,
      (SELECT convert_from(lo_get(4242), 'UTF8')) AS large,
      to_regclass('public.idx_societe_nom') IS NOT NULL AS trigram`);
    return row;
  }
  const WHOLE = {
    invoices: 40,
    sales: 40,
    lookups: "user_lookup(integer)",
    triggers: "update_tms",
    large: "a contract",
    trigram: true,
  };

  it("comes over whole from PostgreSQL 14: functions, triggers, views, extensions, large objects", async () => {
    const { plan, warnings } = await restoreFixture("pg14.dump");
    assertEquals(await whatCameOver(), WHOLE);
    assertEquals(warnings, []);
    assertEquals(plan.leftOut.map(({ what }) => what).filter((what) => !/^(ACL|DATABASE) /.test(what)), [
      "SCHEMA public",
      "FUNCTION public.user_lookup(text)",
      "COMMENT public.FUNCTION user_lookup(text)",
      "PUBLICATION bi",
      "PUBLICATION TABLE public.bi llx_facture",
    ]);
  });

  // pg_restore 17 writes this line into the script of any dump, also of an older one
  const after = (line: string) => `sed 's/^SET ${line}.*/&\\nSET transaction_timeout = 0;/'`;

  it("comes over where pg_restore is of 17 and the server does not know its settings", async () => {
    const script = isOld() ? after("idle_in_transaction_session_timeout") : "cat"; // a new one writes it by itself
    await restoreFixture("pg14.dump", { script });
    assertEquals(await whatCameOver(), WHOLE);
  });

  it("is refused where another statement than that one in its head is unknown", async () => {
    for (
      const script of [
        after("default_table_access_method"),
        `sed 's/^SET row_security.*/SET new_in_18 = 0;/'`,
      ]
    ) {
      const error = await assertRejects(() => restoreFixture("pg14.dump", { script }), DrillError);
      assertEquals(error.code, "RESTORE_FAILED");
      assertMatch(error.message, /unrecognized configuration parameter "(transaction_timeout|new_in_18)"/);
    }
    assertEquals(await whatCameOver(), WHOLE);
  });

  for (const name of ["pg16.dump", "pg17.dump", "pg17-zstd.dump"]) {
    it(`comes over, or is refused before anything is touched where pg_restore is too old for it: ${name}`, async () => {
      if (!isOld()) {
        await restoreFixture(name);
        return assertEquals(await whatCameOver(), WHOLE);
      }
      const error = await assertRejects(() => restoreFixture(name), DrillError);
      assertEquals(error.code, "DUMP_NEWER");
      assertMatch(error.message, /made by pg_dump 17\.11 .* cannot read it/);
      assertEquals(
        (await assertRejects(
          () => readThrough({ name, bytes: readFile(fixture(name)) }, programs, signal),
          DrillError,
        )).code,
        "DUMP_NEWER",
      );
    });
  }
});
