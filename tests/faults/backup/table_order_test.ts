/** What a database holds is told in one order, whatever plan PostgreSQL chooses. */

import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { contentSql, HASHED_TABLES_SQL, type HashedTable } from "../../../src/postgres/catalogue/content.ts";
import { rowsTablesSql } from "../../../src/postgres/rows/saved_rows.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { startPostgresServer } from "../../support/platform/postgres_server.ts";

describe("the tables of a database", () => {
  it("are listed by name, also where several are hashed at once and the small ones are ready first", async () => {
    await using server = await startPostgresServer();
    await using session = await connect(server.database);
    await session.query(`DO $$ BEGIN
      FOR n IN 10..29 LOOP
        EXECUTE format('CREATE TABLE t%s AS SELECT g, md5(g::text) FROM generate_series(1, %s) AS g', n,
          CASE WHEN n IN (12, 17, 21) THEN 60000 ELSE 1 END);
      END LOOP;
    END $$`);
    await session.query("ANALYZE");
    const tables = await session.ask<HashedTable[]>(HASHED_TABLES_SQL);
    const plan = await session.query(`EXPLAIN ${contentSql(tables)}`);
    assertMatch(JSON.stringify(plan), /Parallel Append/);
    const names = tables.map(({ schema, name }) => `${schema}.${name}`);
    assertEquals(names, names.toSorted());
    for (let time = 0; time < 5; time++) {
      assertEquals((await contentOf(session)).map(({ table }) => table), names);
    }
  });

  it("are described in the order in which they are named, and their triggers by name", async () => {
    await using server = await startPostgresServer();
    await using session = await connect(server.database);
    await session.query(
      "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    );
    for (const table of ["one", "two", "three"]) {
      await session.query(`CREATE TABLE ${table} (n integer)`);
      for (const trigger of ["b", "a"]) {
        await session.query(
          `CREATE TRIGGER ${trigger} BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION nothing()`,
        );
      }
    }
    const names = ["public.two", "public.one", "public.three"];
    const described = () =>
      session.ask<{ table: string; triggers: { name: string }[] }[]>(rowsTablesSql(names));
    const before = await described();
    assertEquals(before.map(({ table }) => table), names);
    assertEquals(before.map(({ triggers }) => triggers.map(({ name }) => name)), [["a", "b"], ["a", "b"], [
      "a",
      "b",
    ]]);
    // the catalogue's rows are other ones afterwards, in another place
    await session.query("ALTER TABLE one DISABLE TRIGGER a");
    await session.query("ALTER TABLE one ENABLE TRIGGER a");
    assertEquals(await described(), before);
  });
});
