/** The owner of a database tries to decide what is read of it: by casts, operators, functions, settings, policies, stand-ins. */

import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { readFingerprint, type VolatileRows } from "../../../src/postgres/catalogue/fingerprint.ts";
import { readFilledContent } from "../../../src/postgres/catalogue/content.ts";
import { readNotTables, replacedTables } from "../../../src/postgres/catalogue/not_tables.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { openSnapshot } from "../../../src/postgres/connection/snapshot.ts";
import { startSmallPair } from "../../support/platform/small_pair.ts";
import { type PostgresServer, startPostgresServer } from "../../support/platform/postgres_server.ts";

/** So that the fingerprint reads both tables once more, without a column and without a row. */
const VOLATILE: VolatileRows[] = [
  { table: "public.llx_facture", columns: ["tms"], because: "a test" },
  { table: "public.llx_const", rows: { column: "name", values: ["PING"] }, because: "a test" },
];

let server: PostgresServer;
let session: Session;

async function state(of = session) {
  const { tables, filled } = await readFilledContent(of.ask);
  const { value } = await readFingerprint(of.ask, tables, VOLATILE);
  const [facture] = filled.filter(({ table }) => table === "public.llx_facture");
  return { tables: JSON.stringify(tables), fingerprint: value, filled: facture?.filled };
}

/** What is read before and after `change`, where `attack` was made before; nothing of it stays. */
async function around(attack: string, change: string) {
  await session.query("BEGIN");
  try {
    if (attack !== "") await session.query(attack);
    const before = await state();
    await session.query(change);
    return { before, after: await state() };
  } finally {
    await session.query("ROLLBACK");
  }
}

/** As many functions of one name as there are types: a constant, whatever is asked. */
const constant = (name: string, types: string, returns: string, value: string) =>
  `CREATE FUNCTION public.${name}(${types}) RETURNS ${returns} LANGUAGE sql IMMUTABLE AS $$ SELECT ${value} $$;`;
const CALLED = { "=": "equal", "<>": "other" };
const operator = (name: keyof typeof CALLED, type: string, value: string) =>
  `CREATE FUNCTION public.${
    CALLED[name]
  }_${type}(${type}, ${type}) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ${value}';
   CREATE OPERATOR public.${name} (LEFTARG = ${type}, RIGHTARG = ${type}, FUNCTION = public.${
    CALLED[name]
  }_${type});`;
const FIRST = "SET LOCAL search_path = public, pg_catalog;";
const RAISED = "UPDATE llx_facture SET total = 99 WHERE rowid = 3";

/** What makes the source answer, and a change that it hides. */
const HIDDEN: [what: string, attack: string, change?: string][] = [
  ["nothing", ""],
  [
    "a cast of the table's rows to text",
    "CREATE FUNCTION said(llx_facture) RETURNS pg_catalog.text LANGUAGE sql IMMUTABLE AS $$ SELECT 'as it was'::pg_catalog.text $$; CREATE CAST (llx_facture AS pg_catalog.text) WITH FUNCTION said(llx_facture)",
  ],
  [
    "casts of a column's type to text and to JSON",
    "CREATE FUNCTION said(state) RETURNS pg_catalog.text LANGUAGE sql IMMUTABLE AS $$ SELECT 'as it was'::pg_catalog.text $$; CREATE FUNCTION says(state) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT '1'::json $$; CREATE CAST (state AS pg_catalog.text) WITH FUNCTION said(state) AS IMPLICIT; CREATE CAST (state AS json) WITH FUNCTION says(state)",
    "UPDATE llx_facture SET state = 'paid'",
  ],
  [
    "functions of the same names before the server's",
    `${constant("sha256", "bytea", "bytea", "'\\x00'::bytea")} ${
      constant("hashtextextended", "pg_catalog.text, integer", "bigint", "1::bigint")
    } ${constant("encode", "bytea, pg_catalog.text", "pg_catalog.text", "'00'::pg_catalog.text")} ${
      constant("convert_to", "pg_catalog.text, name", "bytea", "'\\x00'::bytea")
    } ${FIRST}`,
  ],
  [
    "operators of the same names before the server's",
    `${operator("=", "varchar", "true")} ${operator("<>", "numeric", "false")} ${
      operator("<>", "varchar", "false")
    } ${FIRST}`,
  ],
  [
    "operators of the same names, and rows that count",
    `${operator("=", "varchar", "true")} ${operator("<>", "varchar", "false")} ${FIRST}`,
    "UPDATE llx_const SET value = 'Other' WHERE rowid = 2",
  ],
  [
    "relations of the catalogue's names before the catalogue's",
    `CREATE TABLE public.pg_class AS TABLE pg_catalog.pg_class; CREATE TABLE public.pg_attribute AS SELECT attrelid, attname, attnum, attisdropped, atttypid, atttypmod FROM pg_catalog.pg_attribute; ${FIRST}`,
    "CREATE TABLE more AS SELECT 1 AS one",
  ],
  [
    "temporary relations of the catalogue's names",
    "CREATE TEMPORARY TABLE pg_class AS TABLE pg_catalog.pg_class",
    "CREATE TABLE more AS SELECT 1 AS one",
  ],
  ["a domain over a domain over text", "", "UPDATE llx_facture SET title = 'Other'"],
  ["a row twice, and another one less", "", "UPDATE llx_const SET rowid = 1, name = 'PING', value = 'a'"],
];

describe("a source that answers for itself", () => {
  beforeAll(async () => {
    server = await startPostgresServer();
    session = await connect(server.database);
    await session.query(`
    CREATE TYPE state AS ENUM ('draft', 'open', 'paid');
    CREATE TYPE text AS ENUM ('', 'one');
    CREATE DOMAIN label AS varchar(30);
    CREATE DOMAIN title AS label;
    CREATE TABLE llx_facture (rowid serial PRIMARY KEY, ref varchar(30), total numeric(24,8), state state, other public.text,
      title title, tms timestamp, "hashed row" integer);
    INSERT INTO llx_facture (ref, total, state, other, title, tms, "hashed row")
      SELECT 'FA' || n, n, 'open', 'one', 'Title', '2026-11-30', n FROM generate_series(1, 5) AS n;
    CREATE TABLE llx_const (rowid integer, name varchar(30), value pg_catalog.text);
    INSERT INTO llx_const VALUES (1, 'PING', 'a'), (2, 'MAIN_INFO_SOCIETE_NOM', 'Company')`);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  describe("a change in the source", () => {
    for (const [what, attack, change = RAISED] of HIDDEN) {
      it(`is found behind ${what}`, async () => {
        const { before, after } = await around(attack, change);
        assertNotEquals(after.tables, before.tables);
        assertNotEquals(after.fingerprint, before.fingerprint);
      });
    }

    it("is none where rows only stand in another order, or a column of every row is volatile", async () => {
      const moved = await around("", "UPDATE llx_facture SET rowid = rowid WHERE rowid < 3");
      assertEquals(moved.after, moved.before);
      const volatile = await around("", "UPDATE llx_facture SET tms = now()");
      assertNotEquals(volatile.after.tables, volatile.before.tables);
      assertEquals(volatile.after.fingerprint, volatile.before.fingerprint);
    });
  });

  describe("what the columns fill", () => {
    it("is counted by the server's own operators, in domains as in what they are over, and in every type", async () => {
      const emptied = "UPDATE llx_facture SET ref = '', title = '', other = '', total = 0 WHERE rowid < 4";
      const attack = `${operator("=", "varchar", "false")} ${operator("=", "numeric", "false")} ${FIRST}`;
      for (const made of ["", attack]) {
        const { before, after } = await around(made, emptied);
        assertEquals(before.filled, [5, 5, 5, 5, 5, 5, 5, 5]);
        assertEquals(after.filled, [5, 2, 2, 5, 5, 2, 5, 5]);
      }
    });
  });

  describe("settings of the database and of the login", () => {
    /** Each of them changes how a value, a name or a path is written. */
    const SETTINGS = {
      search_path: "public, pg_catalog",
      quote_all_identifiers: "on",
      row_security: "on",
      DateStyle: "'SQL, DMY'",
      IntervalStyle: "sql_standard",
      TimeZone: "'Asia/Tokyo'",
      extra_float_digits: "-15",
      bytea_output: "escape",
    };

    it("change nothing of what is read", async () => {
      await session.query(
        "CREATE TABLE kinds AS SELECT '1 day 2 hours'::interval AS span, now()::timestamptz(0) AS at, 0.1::float8 AS rate, '\\x00ff'::bytea AS raw, 'llx_facture'::regclass AS place, ARRAY[0.1::float8] AS rates, '{\"a\": 1}'::json AS data, '2 EUR'::pg_catalog.text AS paid",
      );
      const read = async () => {
        await using snapshot = await openSnapshot(server.database);
        return await state(snapshot.session);
      };
      const plain = await read();
      for (const [name, value] of Object.entries(SETTINGS)) {
        await server.chief(
          `ALTER DATABASE company SET ${name} = ${value}; ALTER ROLE erp_owner SET ${name} = ${value}`,
        );
      }
      try {
        assertEquals(await read(), plain);
      } finally {
        await server.chief("ALTER DATABASE company RESET ALL; ALTER ROLE erp_owner RESET ALL");
        await session.query("DROP TABLE kinds");
      }
    });
  });

  describe("rows that a policy hides", () => {
    it("are an error with the table's name, and none where nothing is hidden", async () => {
      await session.query(
        "CREATE POLICY few ON llx_const USING (rowid = 1); ALTER TABLE llx_const ENABLE ROW LEVEL SECURITY",
      );
      try {
        await state(); // the owner sees all rows of its own table
        await session.query("ALTER TABLE llx_const FORCE ROW LEVEL SECURITY");
        await session.query("BEGIN");
        const error = await assertRejects(
          () => state(),
          DrillError,
          "a row-level security policy of the table",
        );
        assertEquals([error.code, error.message.includes("llx_const")], ["DATABASE_FAILED", true]);
      } finally {
        await session.query("ROLLBACK");
        await session.query(
          "DROP POLICY few ON llx_const; ALTER TABLE llx_const NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
        );
      }
    });
  });

  describe("what stands in the place of a table", () => {
    it("is told where that had rows: a view, a view by a rule, a materialized view, a foreign table", async () => {
      await server.chief(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw; GRANT USAGE ON FOREIGN SERVER elsewhere TO erp_owner",
        "company",
      );
      const before = [{ table: "public.llx_facture", rows: 5 }, { table: "public.llx_empty", rows: 0 }];
      const made = async (statement: string) => {
        await session.query(`BEGIN; ALTER TABLE llx_facture RENAME TO hidden; ${statement}`);
        try {
          return replacedTables(await readNotTables(session.ask), before, "prod/20261130T030000Z");
        } finally {
          await session.query("ROLLBACK");
        }
      };
      const was = "in prod/20261130T030000Z it was a table with 5 rows";
      assertEquals(await made("CREATE VIEW llx_facture AS SELECT * FROM hidden"), [
        `public.llx_facture is a view, ${was}`,
      ]);
      assertEquals(await made("CREATE MATERIALIZED VIEW llx_facture AS SELECT * FROM hidden"), [
        `public.llx_facture is a materialized view, ${was}`,
      ]);
      assertEquals(
        await made(
          "CREATE FOREIGN TABLE llx_facture (rowid integer) SERVER elsewhere OPTIONS (table_name 'x')",
        ),
        [`public.llx_facture is a foreign table, ${was}`],
      );
      assertEquals(
        await made(
          'CREATE TABLE llx_facture (rowid integer); CREATE RULE "_RETURN" AS ON SELECT TO llx_facture DO INSTEAD SELECT rowid FROM hidden',
        ),
        [`public.llx_facture is a view, ${was}`],
      );
      assertEquals(
        await made("CREATE VIEW llx_empty AS SELECT 1 AS one; CREATE VIEW other AS SELECT 1 AS one"),
        [],
      );
    });
  });

  describe("a backup of it", () => {
    it("is suspect where a view took a small table's place, and says which set still has the rows", async () => {
      await using pair = await startSmallPair();
      await pair.sql("prod", "CREATE TABLE llx_papers AS SELECT n AS rowid FROM generate_series(1, 4) AS n");
      assertEquals((await pair.cli("backup", "--env", "prod")).code, 0);
      await pair.sql(
        "prod",
        "ALTER TABLE llx_papers RENAME TO papers",
        "CREATE VIEW llx_papers AS SELECT 1 AS rowid",
      );
      const { code, stderr } = await pair.cli("backup", "--env", "prod");
      assertEquals(code, 1, stderr);
      assertMatch(stderr, /public\.llx_papers is a view, in prod\/\S+ it was a table with 4 rows/);
    });
  });
});
