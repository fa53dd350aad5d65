/** What others may read in a database is what they may read after a restore into it, and what they no longer may is told. */

import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { grantAgain, type GrantedAgain, readGrants } from "../../../src/postgres/rights/grants.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("rights of others", () => {
  let pair: SmallPair;
  let session: Session;

  beforeAll(async () => {
    pair = await startSmallPair();
    await pair.server.chief('CREATE ROLE reader LOGIN; CREATE ROLE "Odd ""One"""; CREATE ROLE leaver');
    await pair.sql(
      "sandbox",
      "CREATE TABLE llx_old (rowid integer, name text)",
      "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
      "REVOKE SELECT ON llx_t7 FROM reader",
      "GRANT UPDATE (lastname) ON llx_user TO reader",
      "GRANT USAGE ON SEQUENCE llx_const_rowid_seq TO reader WITH GRANT OPTION",
      'GRANT INSERT ON llx_t1 TO "Odd ""One""", PUBLIC',
      "REVOKE EXECUTE ON FUNCTION year(timestamp) FROM PUBLIC",
      "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader",
    );
    await pair.sql(
      "prod",
      "CREATE TABLE llx_fresh (rowid integer)",
      "CREATE TABLE llx_old (rowid integer, name text)",
      "GRANT DELETE ON llx_facture TO reader",
    );
    assertEquals((await pair.cli("backup")).code, 0);
    session = await connect(pair.sandbox.database);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
  });

  const ask = <T>(sql: string) => session.ask<T>(sql);
  const rights = () =>
    ask<unknown[]>(
      "SELECT json_agg(may) FROM (VALUES " + CHECKS.map(([sql]) => `(${sql})`).join(", ") + ") AS each(may)",
    );
  const CHECKS: [sql: string, may: boolean][] = [
    ["has_table_privilege('reader', 'llx_facture', 'SELECT')", true],
    ["has_table_privilege('reader', 'llx_facture', 'DELETE')", false],
    ["has_table_privilege('reader', 'llx_t7', 'SELECT')", false],
    ["has_column_privilege('reader', 'llx_user', 'lastname', 'UPDATE')", true],
    ["has_column_privilege('reader', 'llx_user', 'login', 'UPDATE')", false],
    ["has_sequence_privilege('reader', 'llx_const_rowid_seq', 'USAGE WITH GRANT OPTION')", true],
    [`has_table_privilege('Odd "One"', 'llx_t2', 'INSERT')`, false],
    [`has_table_privilege('Odd "One"', 'llx_t1', 'INSERT')`, true],
    ["has_table_privilege('leaver', 'llx_t1', 'INSERT')", true],
    ["has_function_privilege('reader', 'year(timestamp)', 'EXECUTE')", false],
  ];

  it("outlive a restore, and hold for the tables that came with it", async () => {
    const expected = CHECKS.map(([, may]) => may);
    assertEquals(await rights(), expected);
    await session[Symbol.asyncDispose](); // a restore waits for whoever is connected
    const end = await pair.cli("restore");
    assertEquals(end.code, 0, end.stderr);
    session = await connect(pair.sandbox.database);
    assertEquals(await rights(), expected);
    await session.query("CREATE TABLE llx_later (rowid integer)");
    const others = await ask(
      "SELECT json_build_array(has_table_privilege('reader', 'llx_fresh', 'SELECT'), has_table_privilege('reader', 'llx_later', 'SELECT'))",
    );
    assertEquals(others, [true, true]);
  });

  /** Does so in a transaction that is rolled back. */
  async function after(...statements: string[]): Promise<GrantedAgain & { now: unknown[] }> {
    await session.query("BEGIN");
    try {
      const grants = await readGrants(ask, "sandbox_owner");
      for (const statement of statements) await session.query(statement);
      const done = await grantAgain({ run: (sql) => session.query(sql), ask }, grants);
      return { ...done, now: await rights().catch(() => []) };
    } finally {
      await session.query("ROLLBACK"); // whatever failed must not stay behind
    }
  }

  it("are told where what they were on is gone", async () => {
    const { lost } = await after(
      "DROP TABLE llx_old",
      "ALTER TABLE llx_user DROP COLUMN lastname",
      "DROP FUNCTION year(timestamp)",
    );
    assertEquals(lost, [
      { what: "the right SELECT of reader on public.llx_old", why: "there is no such table any more" },
      {
        what: "the right UPDATE of reader on lastname of public.llx_user",
        why: "there is no such column any more",
      },
    ]);
  });

  it("are told where another role gave them to the owner", async () => {
    await pair.server.chief(
      "CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO sandbox_owner",
      "sandbox",
    );
    const { lost } = await after("DROP OWNED BY sandbox_owner");
    assertEquals(lost[0], {
      what: "the right USAGE of sandbox_owner on schema elsewhere",
      why: "another role gave it, and only that one can give it again",
    });
    assertEquals(lost.filter(({ why }) => why.startsWith("another")).length, 1);
  });

  it("change nothing where nothing was dropped, with few statements for many tables", async () => {
    let statements = 0;
    await session.query("BEGIN");
    const grants = await readGrants(ask, "sandbox_owner");
    const { restored, lost } = await grantAgain({
      run: (sql) => {
        statements += sql.split(";\n").length;
        return session.query(sql);
      },
      ask,
    }, grants);
    assertEquals([lost.length, restored > 260, statements < 10], [1, true, true]);
    assertEquals(await rights(), CHECKS.map(([, may]) => may));
    await session.query("ROLLBACK");
  });
});
