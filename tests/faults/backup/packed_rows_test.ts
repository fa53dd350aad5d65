/** The hash of a table's content on PostgreSQL itself: what it sees, what it does not, and on which servers it is the same. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readContent } from "../../../src/postgres/catalogue/content.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { type PostgresServer, startPostgresServer } from "../../support/platform/postgres_server.ts";

describe("the hash of a table's content", () => {
  let server: PostgresServer;
  let session: Session;
  beforeAll(async () => {
    server = await startPostgresServer();
    session = await connect(server.database);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** The hashes of the tables that `sql` makes, in the order of their names. */
  async function hashes(
    sql: string,
    { of = session, mostSorted }: { of?: Session; mostSorted?: number } = {},
  ) {
    await of.query("BEGIN");
    try {
      await of.query(sql);
      return (await readContent(of.ask, mostSorted === undefined ? {} : { mostSorted })).map(({ hash }) =>
        hash
      );
    } finally {
      await of.query("ROLLBACK");
    }
  }

  /** Two tables that look alike and are not. */
  const UNLIKE: [what: string, one: string, other: string][] = [
    ["nothing and an empty text", "NULL::text", "''::text"],
    ["nothing and an empty array", "NULL::text[]", "'{}'::text[]"],
    ["values that moved between columns", "'ab'::text AS a, 'c'::text", "'a'::text AS a, 'bc'::text"],
    ["a number and its zeros", "1.0::numeric", "1.00::numeric"],
    ["the last digit of a double", "0.1::float8", "0.1::float8 + 1.4e-17"],
    ["a microsecond", "'2026-11-30 20:00'::timestamp", "'2026-11-30 20:00:00.000001'::timestamp"],
    ["a letter with and without its accent", "'é'::text", "'e'::text"],
  ];
  for (const [what, one, other] of UNLIKE) {
    it(`tells ${what} apart`, async () => {
      const [a, b] = await hashes(
        `CREATE TABLE one AS SELECT ${one} AS value; CREATE TABLE other AS SELECT ${other} AS value`,
      );
      assertNotEquals(a, b);
    });
  }

  it("is the same for rows in another order, and not for a row twice", async () => {
    const [once, other, twice] = await hashes(`
      CREATE TABLE a AS SELECT n FROM generate_series(1, 100) AS n ORDER BY n;
      CREATE TABLE b AS SELECT n FROM generate_series(1, 100) AS n ORDER BY -n;
      CREATE TABLE c AS SELECT greatest(n, 2) AS n FROM generate_series(1, 100) AS n`);
    assertEquals(other, once);
    assertNotEquals(twice, once);
  });

  it("is the same for every NaN, which a dump writes alike", async () => {
    const [one, other, arrays] = await hashes(`
      CREATE TABLE a AS SELECT 'NaN'::float8 AS value;
      CREATE TABLE b AS SELECT 'Infinity'::float8 - 'Infinity' AS value;
      CREATE TABLE c AS SELECT 1::float8 AS value`);
    assertEquals(other, one);
    assertNotEquals(arrays, one);
  });

  it("is of tables without a row and without a column too", async () => {
    const [bare, rows, none] = await hashes(
      "CREATE TABLE a (); CREATE TABLE b (); INSERT INTO b DEFAULT VALUES; CREATE TABLE c (n integer)",
    );
    assertEquals(none, bare);
    assertNotEquals(rows, bare);
  });

  it("is sorted in parts for a table with more rows than are sorted at once, and sees all of them", async () => {
    const table = (name: string, change: string) =>
      `CREATE TABLE ${name} AS SELECT n, 'x' || n AS said FROM generate_series(1, 1000) AS n; ${change};`;
    const sql = `${table("a", "SELECT 1")} ${table("b", "UPDATE b SET said = said WHERE n < 500")} ${
      table("c", "UPDATE c SET said = 'y' WHERE n = 700")
    }`;
    const [one, moved, changed] = await hashes(sql, { mostSorted: 100 });
    assertEquals(moved, one);
    assertNotEquals(changed, one);
    const [whole] = await hashes(sql, { mostSorted: 1000 });
    assertNotEquals(one, whole);
  });

  it("is the same on servers of other encodings, for every type", async () => {
    const sql = `
      CREATE TYPE state AS ENUM ('draft', 'payé'); CREATE TYPE pair AS (name text, value numeric); CREATE DOMAIN label AS varchar(20);
      CREATE TABLE kinds AS SELECT 'Größe'::text AS a, 'Größe'::varchar(9) AS b, 'e'::char(4) AS c, 'e'::"char" AS d, 'Größe'::label AS e,
        'payé'::state AS f, ROW('é', 1.5)::pair AS g, ARRAY['é', NULL] AS h, '{"é": 1}'::json AS i, '{"é": 1}'::jsonb AS j, '<é/>'::xml AS k,
        true AS l, 1::int2 AS m, -1::int8 AS n, 0.1::float4 AS o, 1234.50::numeric(24,8) AS p, '\\x00ff'::bytea AS q, '2026-11-30'::date AS r,
        '20:00'::time AS s, '20:00+02'::timetz AS t, '1 mon 2 days'::interval AS u, '2026-11-30 20:00+01'::timestamptz AS v,
        'infinity'::timestamp AS w, '10.0.0.1/8'::inet AS x, '0d1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'::uuid AS y, 'llx_é'::name AS z, '12.34'::money AS aa,
        '[1,5)'::int4range AS bb, 'a b'::tsvector AS cc, 'pg_class'::regclass AS dd`;
    const here = await hashes(sql);
    for (const encoding of ["LATIN1", "LATIN9", "SQL_ASCII"]) {
      await server.chief(
        `CREATE DATABASE other OWNER erp_owner TEMPLATE template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`,
      );
      {
        await using there = await connect({ ...server.database, name: "other" });
        assertEquals(await hashes(sql, { of: there }), here, encoding);
      }
      await server.chief("DROP DATABASE other");
    }
  });
});
