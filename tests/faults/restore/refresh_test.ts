/** `refresh` and its parts: production as it is now into the sandbox, streamed, and nothing written to production. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { moveAway } from "../../support/lab/erp_changes.ts";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { resultOf } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("a refresh from production", () => {
  let pair: SmallPair;

  beforeAll(async () => {
    pair = await startSmallPair();
    await pair.sql(
      "prod",
      "SELECT lo_from_bytea(7001, 'a signature')",
      "CREATE TABLE llx_large AS SELECT n AS rowid, md5(n::text) AS value FROM generate_series(1, 20000) AS n",
    );
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const tables = async (name: "prod" | "sandbox") => {
    await using session = await connect(pair[name].database);
    // what neutralising and the restore's own id write into
    return (await contentOf(session)).filter(({ table }) => table !== "public.llx_const");
  };
  const text = (path: string) => Deno.readTextFile(`${pair.folder}/${path}`);

  it("brings the database, to the row and the large object, and writes nothing to production", async () => {
    const before = await pair.state("prod");
    const end = await pair.cli("refresh-from-prod", "--json");
    assertEquals(end.code, 0, end.stderr);
    assertEquals(resultOf(end.stdout).set, "prod as it is now");
    assertEquals(await tables("sandbox"), await tables("prod"));
    await using session = await connect(pair.sandbox.database);
    const [object] = await session.query<{ text: string }>(
      "SELECT convert_from(lo_get(7001), 'UTF8') AS text",
    );
    assertEquals(object?.text, "a signature");
    assertEquals(await pair.state("prod"), before);
    assertEquals([await text("sandbox/mycompany/logos/logo.png"), pair.isUp("sandbox")], [
      "mycompany/logos/logo.png of sandbox",
      true,
    ]);
  });

  it("shows with --dry-run what it would replace, and changes nothing", async () => {
    const before = [await pair.state("prod"), await pair.state("sandbox")];
    for (const args of [["refresh"], ["refresh", "--set", "latest"], ["sync-documents"]]) {
      if (args.includes("--set")) assertEquals((await pair.cli("backup")).code, 0);
      const { code, stdout, stderr } = await pair.cli(...args, "--dry-run");
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /takes the place of what sandbox holds now/);
      assertEquals(/- the database sandbox/.test(stdout), args[0] === "refresh");
      assertMatch(stdout, /- the documents in .*\/sandbox\/mycompany/);
    }
    assertEquals([await pair.state("prod"), await pair.state("sandbox"), pair.isUp("sandbox")], [
      ...before,
      true,
    ]);
  });

  it("brings the company's own documents, or all of them", async () => {
    const end = await pair.cli("sync-documents");
    assertEquals(end.code, 0, end.stderr);
    assertEquals(await text("sandbox/mycompany/logos/logo.png"), "mycompany/logos/logo.png of prod");
    assertEquals(await text("sandbox/facture/FA1.pdf"), "facture/FA1.pdf of sandbox");
    const all = await pair.cli("sync-documents", "--all");
    assertEquals(all.code, 0, all.stderr);
    assertEquals(await text("sandbox/facture/FA1.pdf"), "facture/FA1.pdf of prod");
    assertMatch(all.stdout, /25 files are equal/);
    assertEquals(leftBeside(), []);
  });

  it("brings both from a set, the company's own documents alone where nobody asks for all", async () => {
    assertEquals((await pair.cli("backup")).code, 0);
    await Deno.writeTextFile(`${pair.folder}/sandbox/mycompany/logos/logo.png`, "old");
    await Deno.writeTextFile(`${pair.folder}/sandbox/facture/FA1.pdf`, "old");
    await pair.sql("sandbox", "DROP TABLE llx_large");
    const end = await pair.cli("refresh", "--set", "latest");
    assertEquals(end.code, 0, end.stderr);
    assertEquals([
      await text("sandbox/mycompany/logos/logo.png"),
      await text("sandbox/facture/FA1.pdf"),
      await tables("sandbox"),
    ], ["mycompany/logos/logo.png of prod", "old", await tables("prod")]);
  });

  it("leaves the sandbox as it was where production has no folder of its own", async () => {
    await Deno.rename(`${pair.folder}/prod/mycompany`, `${pair.folder}/away`);
    const before = await pair.state("sandbox");
    const end = await pair.cli("refresh");
    await Deno.rename(`${pair.folder}/away`, `${pair.folder}/prod/mycompany`);
    assertEquals(
      [end.code, await pair.state("sandbox"), pair.isUp("sandbox")],
      [2, before, true],
      end.stderr,
    );
    assertMatch(end.stderr, /mycompany/);
    assertEquals(leftBeside(), []);
  });

  it("leaves the sandbox as it was where production goes away in the middle", async () => {
    const before = await pair.state("sandbox");
    const chief = pair.server.chief(
      `DO $$ BEGIN FOR i IN 1..400 LOOP
         PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'prod' AND query LIKE 'COPY %';
         IF FOUND THEN EXIT; END IF;
         PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot();
       END LOOP; END $$`,
    );
    const end = await pair.cli("refresh-from-prod");
    await chief;
    assertEquals(
      [end.code, await pair.state("sandbox"), pair.isUp("sandbox")],
      [2, before, true],
      end.stderr,
    );
    assert(end.stderr.includes("prod"), end.stderr);
  });

  it("goes on over a fault of the ERP that the newest set has", async () => {
    await pair.sql(
      "prod",
      `ALTER TABLE llx_facture ADD entity integer DEFAULT 1, ADD fk_statut integer DEFAULT 1, ADD datef date,
         ADD last_main_doc text`,
      "UPDATE llx_facture SET last_main_doc = 'facture/' || ref || '.pdf' WHERE rowid < 24",
      "DROP TABLE IF EXISTS llx_ecm_files",
      `CREATE TABLE llx_ecm_files (rowid integer, entity integer, filepath text, filename text, label text,
         src_object_type text, src_object_id integer)`,
    );
    assertEquals(resultOf((await pair.cli("backup", "--json")).stdout).findings, 0);
    await using _lost = await moveAway(`${pair.prod.documents}/facture/FA7.pdf`);
    const taken = resultOf((await pair.cli("backup", "--json")).stdout);
    assertEquals([taken.exit, taken.findings], [0, 1]);
    for (const args of [[], ["--set", "latest"]]) {
      const end = await pair.cli("refresh", ...args);
      assertEquals(end.code, 0, end.stderr);
    }
  });

  describe("of a production whose state looks lost", () => {
    const refuses = async (says: RegExp, ...args: string[]) => {
      const before = await pair.state("sandbox");
      const end = await pair.cli(...args, "--json");
      const { code, message, hint } = resultOf(end.stdout);
      assertEquals([end.code, code, await pair.state("sandbox"), pair.isUp("sandbox")], [
        1,
        "SET_SUSPECT",
        before,
        true,
      ], end.stderr);
      assertMatch(String(message), says);
      assertMatch(String(hint), /^Nothing was changed\..*--set latest/);
    };

    it("stops at rows that are gone, and goes on once that is accepted", async () => {
      await pair.sql("prod", "DELETE FROM llx_facture WHERE rowid > 100");
      await refuses(/Cannot copy prod as it is now: .*llx_facture has 100 rows, .* 500/, "refresh");
      await refuses(/llx_facture/, "refresh-from-prod");
      const documents = await pair.cli("sync-documents");
      assertEquals(documents.code, 0, documents.stderr); // they are as they were
      const suspect = resultOf((await pair.cli("backup", "--json")).stdout);
      assertEquals([suspect.exit, suspect.code], [1, "SET_SUSPECT"]);
      const [, name] = String(suspect.set).split("/");
      await refuses(/^Cannot copy prod\/\w+: the set is suspect/, "refresh", "--set", name!);
      const latest = await pair.cli("refresh", "--set", "latest");
      assertEquals(latest.code, 0, latest.stderr);
      assertEquals((await pair.cli("backup", "--accept", "archived")).code, 0);
      const end = await pair.cli("refresh");
      assertEquals(end.code, 0, end.stderr);
    });

    it("stops at documents that are gone", async () => {
      await Deno.rename(`${pair.folder}/prod/facture`, `${pair.folder}/away`);
      await refuses(/1 document, the set before has 25/, "refresh");
      await refuses(/1 document, the set before has 25/, "sync-documents");
      const database = await pair.cli("refresh-from-prod");
      await Deno.rename(`${pair.folder}/away`, `${pair.folder}/prod/facture`);
      assertEquals(database.code, 0, database.stderr);
    });

    it("stops at a database without users, whatever was before", async () => {
      await pair.sql("prod", "ALTER TABLE llx_user RENAME TO llx_user_away");
      await refuses(/no users/, "refresh");
      await pair.sql("prod", "ALTER TABLE llx_user_away RENAME TO llx_user");
      assertEquals((await pair.cli("refresh")).code, 0);
    });
  });

  it("refuses to copy an environment into itself, and production as a target", async () => {
    for (
      const [into, says] of [["prod", /the target must be another environment/], [
        "sandbox2",
        /Cannot find/,
      ]] as const
    ) {
      const end = await pair.cli("refresh", "--into", into);
      assertEquals(end.code, 2);
      assertMatch(end.stderr, says);
    }
  });

  /** What a restore might leave beside the documents, or inside them. */
  const leftBeside = () =>
    [pair.folder, `${pair.folder}/sandbox`].flatMap((folder) => [...Deno.readDirSync(folder)])
      .map(({ name }) => name).filter((name) => name.includes("drill") && !name.endsWith(".yaml"));
});
