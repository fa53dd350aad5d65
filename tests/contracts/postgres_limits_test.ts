/** Limits on time that a server has for the ERP's pages do not end what takes longer. */

import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { sleep } from "../../src/base/time.ts";
import { connect } from "../../src/postgres/connection/session.ts";
import { openSnapshot } from "../../src/postgres/connection/snapshot.ts";
import { dumpDatabase } from "../../src/postgres/programs/dump.ts";
import { findPrograms } from "../../src/postgres/programs/programs.ts";
import { startPsql } from "../../src/postgres/programs/psql.ts";
import { type PostgresServer, startPostgresServer } from "../support/platform/postgres_server.ts";
import { sh } from "../support/shell.ts";

const signal = AbortSignal.timeout(60_000);

describe("a database with limits on time", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgresServer();
    await server.chief(
      "CREATE TABLE many AS SELECT n, repeat('x', 500) AS text FROM generate_series(1, 100000) AS n; ALTER TABLE many OWNER TO erp_owner",
      "company",
    );
    await server.chief(
      `ALTER DATABASE company SET statement_timeout = '20ms'; ALTER ROLE erp_owner SET idle_in_transaction_session_timeout = '50ms';
       ALTER DATABASE company SET idle_session_timeout = '50ms'; ALTER ROLE erp_owner SET lock_timeout = '1ms'`,
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("does end what others ask", async () => {
    const { port, user, password } = server.database;
    const asked = sh(
      `psql -X -h 127.0.0.1 -p ${port} -U ${user} -d company -c 'SELECT pg_sleep(0.3)'`,
      "",
      { PGPASSWORD: password ?? "" },
    );
    await assertRejects(() => asked, Error, "statement timeout");
  });

  it("ends no session of ours, while it works and while it waits", async () => {
    await using session = await connect(server.database);
    await session.query("SELECT pg_sleep(0.2)");
    await session.query("BEGIN");
    await sleep(200);
    await session.query("COMMIT");
    await sleep(200);
    assertEquals(await session.query("SHOW lock_timeout"), [{ lock_timeout: "0" }]);
  });

  it("ends neither a snapshot nor the dump beside it, nor psql", async () => {
    await using instant = await openSnapshot(server.database);
    const programs = await findPrograms(instant.identity.serverVersion);
    const tables = await instant.content();
    await sleep(200);
    let bytes = 0;
    for await (const chunk of dumpDatabase(server.database, instant, programs, signal)) bytes += chunk.length;
    assertEquals([tables.map(({ rows }) => rows), bytes > 1000], [[100_000], true]);
    await using psql = await startPsql(server.database, programs, signal);
    await psql.run("SELECT pg_sleep(0.2)");
  });

  it("changes no setting where there is no limit", async () => {
    await server.chief("ALTER DATABASE company RESET ALL; ALTER ROLE erp_owner RESET ALL");
    await using session = await connect(server.database);
    const set = await session.query(
      "SELECT name FROM pg_settings WHERE source = 'session' AND name LIKE '%timeout'",
    );
    assertEquals(set, []);
  });
});
