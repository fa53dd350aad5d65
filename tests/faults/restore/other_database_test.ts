/** Production changed since the last restore, or the sandbox's database is of another kind: no dead end, and nothing is lost. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "../../../src/postgres/connection/session.ts";
import { readBroughtSchemas } from "../../../src/dolibarr/sandbox/brought_schemas.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("a restore into a sandbox", () => {
  let pair: SmallPair;
  beforeAll(async () => pair = await startSmallPair());
  afterAll(() => pair[Symbol.asyncDispose]());

  const backup = async () => assertEquals((await pair.cli("backup", "--env", "prod")).code, 0);
  const restore = () => pair.cli("restore", "latest", "--from", "prod", "--into", "sandbox");
  const schemas = async () => {
    await using session = await connect(pair.sandbox.database);
    const rows = await session.query<{ name: string }>(
      "SELECT nspname::text AS name FROM pg_namespace WHERE nspname IN ('bi', 'mine') ORDER BY 1",
    );
    return [rows.map(({ name }) => name), await readBroughtSchemas(session.ask)];
  };

  it("drops a schema that a restore of ours brought, and that production no longer has", async () => {
    await pair.sql("prod", "CREATE SCHEMA bi", "CREATE TABLE bi.sums AS SELECT 1 AS one");
    await backup();
    const first = await restore();
    assertEquals(first.code, 0, first.stderr);
    assertEquals(await schemas(), [["bi"], ["bi"]]);
    await pair.sql("prod", "DROP SCHEMA bi CASCADE");
    await backup();
    const { code, stderr } = await restore();
    assertEquals(code, 0, stderr);
    assertEquals(await schemas(), [[], []]);
  });

  it("drops no schema that a person made there", async () => {
    await pair.sql("sandbox", "CREATE SCHEMA mine", "CREATE TABLE mine.kept AS SELECT 1 AS one");
    const before = await pair.state("sandbox");
    const { code, stderr } = await restore();
    assertEquals(code, 2);
    assertStringIncludes(stderr, "the schema mine of sandbox_owner would be dropped");
    assertEquals(await pair.state("sandbox"), before);
    await pair.sql("sandbox", "DROP SCHEMA mine CASCADE");
  });

  it("tells what production's database is set to and the target's is not: no dump has it", async () => {
    await pair.server.chief(
      "ALTER DATABASE prod SET timezone = 'Asia/Tokyo'; ALTER DATABASE prod SET work_mem = '8MB'; ALTER DATABASE prod SET app.key = 'secret-7'",
    );
    await backup();
    const text = await Deno.readTextFile(`${pair.folder}/store/prod/RESTORE.txt`);
    assertStringIncludes(text, `psql -d postgres -c 'ALTER DATABASE "prod" SET TimeZone = '`);
    assertStringIncludes(text, "app.key: its value is in no backup");
    const told =
      /sandbox has TimeZone \S+, prod\/\S+ has Asia\/Tokyo: values are shown otherwise; (ALTER [^\n]+)/;
    const first = await restore();
    assertEquals(first.code, 0, first.stderr);
    assertStringIncludes(first.stderr, "work_mem 8MB for its database, sandbox has not");
    const [, statement = ""] = told.exec(first.stderr) ?? [];
    assertEquals(statement, `ALTER DATABASE "sandbox" SET TimeZone = 'Asia/Tokyo'`);
    for (const said of [text, first.stderr]) assertEquals(said.includes("secret-7"), false);
    await pair.server.chief(statement);
    const again = await restore();
    assertEquals([again.code, told.test(again.stderr)], [0, false], again.stderr);
    await pair.server.chief("ALTER DATABASE prod RESET ALL; ALTER DATABASE sandbox RESET ALL");
  });

  it("is equal to the row in a database of another encoding, letters and money signs too", async () => {
    await pair.sql(
      "prod",
      "CREATE TABLE llx_words AS SELECT 1 AS rowid, 'Größe, façade, ½'::varchar(40) AS said, ARRAY['é', 'ü'] AS more",
    );
    await backup();
    for (const encoding of ["LATIN1", "UTF8"]) {
      await pair.server.chief("DROP DATABASE sandbox");
      await pair.server.chief(
        `CREATE DATABASE sandbox OWNER sandbox_owner TEMPLATE template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`,
      );
      const { code, stderr } = await restore();
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /tables compared: all are equal/);
    }
  });
});
