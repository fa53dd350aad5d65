/** What goes back into the database that it was saved from: all that the owner role had there, rights and extensions too. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError, exitStatusOf } from "../../../src/base/errors.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import { readSchemaText, schemaDifferences } from "../../../src/postgres/catalogue/schema_text.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { readCatalogueAnswer } from "../../../src/restore/checkpoint/database_state.ts";
import { refuseIrreplaceable } from "../../../src/restore/gate/irreplaceable.ts";
import { writeManifest } from "../../../src/store/records/manifest.ts";
import { listSets } from "../../support/store/sets.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

/** What a Dolibarr has not, and an administrator may add. */
const ADDED = [
  "CREATE EXTENSION pg_trgm",
  "COMMENT ON EXTENSION pg_trgm IS 'searches names'",
  "CREATE INDEX idx_user_name ON llx_user USING gin (lastname gin_trgm_ops)",
  "CREATE TABLE note (id integer, secret text)",
  "COMMENT ON TABLE note IS 'ours'",
  "CREATE FUNCTION secret() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
  "CREATE RULE quiet AS ON DELETE TO note DO INSTEAD NOTHING",
  "REVOKE ALL ON FUNCTION secret() FROM PUBLIC",
  "GRANT SELECT ON llx_facture TO reader WITH GRANT OPTION",
  "GRANT INSERT ON llx_facture TO PUBLIC",
  "GRANT SELECT (id), UPDATE (id) ON note TO reader",
  "GRANT USAGE ON SEQUENCE llx_const_rowid_seq TO reader",
  "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader",
  "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO reader",
  "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
  "CREATE PUBLICATION bi FOR TABLE llx_t1",
  "CREATE SERVER archive FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1')",
  "CREATE USER MAPPING FOR sandbox_owner SERVER archive OPTIONS (user 'nobody')",
  "CREATE FOREIGN TABLE old_invoices (id integer) SERVER archive",
  "GRANT SELECT ON old_invoices TO reader",
  "SELECT lo_from_bytea(42, 'a large one')",
  "GRANT SELECT ON LARGE OBJECT 42 TO reader",
];

describe("a database's own dump", () => {
  let pair: SmallPair;
  let wanted: string;

  beforeAll(async () => {
    pair = await startSmallPair();
    await pair.server.chief("CREATE ROLE reader LOGIN");
    await pair.server.chief(
      "CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO PUBLIC",
      "sandbox",
    );
    await pair.sql("sandbox", ...ADDED);
    wanted = await schema();
    const end = await pair.cli("checkpoint");
    assertEquals(end.code, 0, end.stderr);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  /** All of it as the superuser's pg_dump prints it, rights and all. */
  async function schema(): Promise<string> {
    const { code, stdout, stderr } = await runTool(pair.server.program("pg_dump"), {
      args: ["--schema-only", "-h127.0.0.1", `-p${pair.server.database.port}`, "-Uchief", "sandbox"],
    });
    assertEquals(code, 0, stderr);
    return stdout.replaceAll(/^\\(un)?restrict .*$/gm, "");
  }
  const reset = async () => {
    const end = await pair.cli("reset");
    assertEquals(end.code, 0, end.stderr);
    return end;
  };

  it("holds what this is about", () => {
    for (const kind of ["EXTENSION", "PUBLICATION", "FOREIGN TABLE", "USER MAPPING", "RULE"]) {
      assertMatch(wanted, new RegExp(`^CREATE ${kind}`, "m"));
    }
    assertMatch(
      wanted,
      /^ALTER DEFAULT PRIVILEGES FOR ROLE sandbox_owner GRANT SELECT ON TABLES +TO reader/m,
    );
  });

  const changes: [what: string, ...statements: string[]][] = [
    [
      "a table, the extension with its index, the server and the publication gone",
      "DROP TABLE llx_t7",
      "DROP EXTENSION pg_trgm CASCADE",
      "DROP SERVER archive CASCADE",
      "DROP PUBLICATION bi",
    ],
    ["a right more, and nothing else", "GRANT DELETE ON llx_facture TO reader"],
  ];
  for (const [what, ...statements] of changes) {
    it(`is put back whole by a reset: ${what}`, async () => {
      await pair.sql("sandbox", ...statements);
      assert(await schema() !== wanted);
      const end = await reset();
      assertMatch(end.stderr, /its schema differs/);
      assertEquals(await schema(), wanted);
    });
  }

  const rights = [
    "REVOKE UPDATE (id) ON note FROM reader",
    "GRANT EXECUTE ON FUNCTION secret() TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM reader",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO reader",
    "REVOKE GRANT OPTION FOR SELECT ON llx_facture FROM reader",
    "REVOKE UPDATE ON llx_t2 FROM sandbox_owner",
    "REVOKE ALL ON LARGE OBJECT 42 FROM reader",
    "REVOKE ALL ON SEQUENCE llx_const_rowid_seq FROM reader",
  ];
  for (const statement of rights) {
    it(`is told from what differs by a right alone: ${statement}`, async () => {
      await using session = await connect(pair.sandbox.database);
      const ask = session.ask;
      const look = async () => [
        (await readCatalogueAnswer(ask, "sandbox_owner")).kinds,
        await readSchemaText((sql) => session.query(sql), ask, "sandbox_owner"),
      ];
      await session.query("BEGIN");
      const [catalogue, text] = await look();
      await session.query(statement);
      const [otherCatalogue, otherText] = await look();
      assertEquals(schemaDifferences(catalogue!, otherCatalogue!), ["rights"]);
      assertEquals(schemaDifferences(text!, otherText!), ["rights"]);
    });
  }

  it("is the same to a role that is told all of what is so by itself", async () => {
    await using session = await connect(pair.sandbox.database);
    const ask = session.ask;
    await session.query("BEGIN");
    const before = await readCatalogueAnswer(ask, "sandbox_owner");
    await session.query("GRANT ALL ON llx_t2 TO sandbox_owner"); // an ACL where there was none, that says nothing new
    await session.query("GRANT UPDATE ON llx_t3 TO reader");
    await session.query("REVOKE UPDATE ON llx_t3 FROM reader");
    assertEquals(
      schemaDifferences(before.kinds, (await readCatalogueAnswer(ask, "sandbox_owner")).kinds),
      [],
    );
  });

  it("is not loaded where nothing but rows changed, and leaves rights alone", async () => {
    await pair.sql("sandbox", "DELETE FROM llx_facture WHERE rowid = 1");
    const { stderr } = await reset();
    assert(!stderr.includes("is reloaded"), stderr);
    assertEquals(await schema(), wanted);
  });

  const lost: [statement: string, undone: string, right: RegExp][] = [
    [
      "CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO sandbox_owner",
      "DROP SCHEMA elsewhere",
      /the right USAGE of sandbox_owner on schema elsewhere/,
    ],
    [
      "SET ROLE reader; GRANT SELECT ON llx_facture TO PUBLIC",
      "reset",
      /the right SELECT of PUBLIC on table public.llx_facture, given by reader/,
    ],
    [
      "ALTER ROLE sandbox_owner SUPERUSER; SET ROLE sandbox_owner; CREATE EXTENSION pageinspect; CREATE EXTENSION hstore VERSION '1.7'; RESET ROLE; ALTER ROLE sandbox_owner NOSUPERUSER",
      "reset",
      /the extension hstore of version 1\.7, not 1\.8\nthe extension pageinspect, which only a superuser may make/,
    ],
  ];
  for (const [statement, undone, right] of lost) {
    it(`is no way back where the owner role cannot make it again: ${statement}`, async () => {
      const refusal = async () => {
        await using session = await connect(pair.sandbox.database);
        return await refuseIrreplaceable(session.ask, pair.sandbox.database);
      };
      await refusal();
      await pair.server.chief(statement, "sandbox");
      const { code, details } = await assertRejects(refusal, DrillError);
      assertEquals(code, "TARGET_UNFIT");
      assertMatch(details.join("\n"), right);
      if (undone === "reset") await reset(); // what came since the checkpoint may go
      else {
        await pair.sql("sandbox", "CREATE TABLE llx_more ()");
        const end = await pair.cli("reset");
        assertEquals(end.code, exitStatusOf("TARGET_UNFIT"), end.stderr);
        assertMatch(end.stderr, right);
        await pair.sql("sandbox", "DROP TABLE llx_more");
        await pair.server.chief(undone, "sandbox");
      }
      assertEquals(await schema(), wanted);
    });
  }

  it("is put back whole after a restore in stages that failed", async () => {
    assertEquals((await pair.cli("backup")).code, 0);
    const { name } = (await listSets(pair.store, "prod"))[0]!;
    const manifest = `${pair.folder}/store/prod/manifests/${name}.json`;
    const wrong = JSON.parse(await Deno.readTextFile(manifest));
    wrong.db.content.tables.find(({ table }: { table: string }) => table === "public.llx_facture").hash = "1";
    await Deno.writeTextFile(manifest, writeManifest(wrong));
    const end = await pair.cli("restore", "--staged");
    assertEquals([end.code, await schema()], [1, wanted], end.stderr);
    assertMatch(end.stderr, /llx_facture: 500 rows, but their content differs/);
  });
});
