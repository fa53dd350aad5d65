/** The night on which production is empty: a set is taken, marked, and never chosen over the last good one. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "../../src/postgres/session.ts";
import { resultOf, runCli } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type Server, startServer } from "../support/server.ts";

const FILES = 24;

describe("an emptied production", () => {
  let server: Server;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let documents: string;
  let good: string;

  const sql = async (...statements: string[]) => {
    await using session = await connect(server.database);
    for (const statement of statements) await session.query(statement);
  };
  const cli = (...args: string[]) =>
    runCli([...args, "--config", `${folder.path}/dolibarr-drill.yaml`, "--json"], {
      env: { DB_PASSWORD: server.database.password },
    });
  const latest = async () => {
    const { stdout } = await cli("list");
    const sets = stdout.trim().split("\n").map((line) => JSON.parse(line));
    return sets.find((one) => one.latest)?.set;
  };

  beforeAll(async () => {
    server = await startServer();
    folder = await temporaryFolder();
    documents = `${folder.path}/documents`;
    await Deno.mkdir(`${documents}/facture`, { recursive: true });
    for (let at = 0; at < FILES; at++) await Deno.writeTextFile(`${documents}/facture/FA${at}.pdf`, "%PDF");
    const { port, name, user, owner } = server.database;
    const database = (name: string) =>
      `{ host: 127.0.0.1, port: ${port}, name: ${name}, owner: ${owner}, user: ${user}, password: env:DB_PASSWORD }`;
    await Deno.writeTextFile(
      `${folder.path}/dolibarr-drill.yaml`,
      `store: { url: "file://${folder.path}/store" }
environments:
  prod: { database: ${database(name)}, documents: ${documents}, web: { url: https://erp.example } }
  sandbox: { disposable: true, database: ${
        database("practice")
      }, documents: ${folder.path}/practice, web: { url: https://practice.example } }
drill: { from: prod, into: sandbox }
`,
    );
    await sql(
      `DO $$ BEGIN FOR n IN 1..260 LOOP EXECUTE format('CREATE TABLE llx_t%s (rowid integer)', n); END LOOP; END $$`,
      "CREATE TABLE llx_user AS SELECT 1 AS rowid, 'admin' AS login",
      "CREATE TABLE llx_facture AS SELECT n AS rowid FROM generate_series(1, 500) AS n",
    );
    const first = await cli("backup");
    assertEquals(first.code, 0, first.stderr);
    good = String(resultOf(first.stdout).set).replace("prod/", "");
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const losses: [what: string, lose: () => Promise<void>, undo: () => Promise<void>, says: RegExp][] = [
    [
      "no users",
      () => sql("CREATE TABLE kept AS TABLE llx_user", "TRUNCATE llx_user"),
      () => sql("INSERT INTO llx_user TABLE kept", "DROP TABLE kept"),
      /no users/,
    ],
    [
      "a large table that lost more than half of its rows",
      () => sql("DELETE FROM llx_facture WHERE rowid > 249"),
      () => sql("INSERT INTO llx_facture SELECT n FROM generate_series(250, 500) AS n"),
      /public\.llx_facture has 249 rows, the set before has 500/,
    ],
    [
      "fewer tables than any Dolibarr has",
      () => sql("DO $$ BEGIN FOR n IN 1..20 LOOP EXECUTE format('DROP TABLE llx_t%s', n); END LOOP; END $$"),
      () =>
        sql(
          "DO $$ BEGIN FOR n IN 1..20 LOOP EXECUTE format('CREATE TABLE llx_t%s (rowid integer)', n); END LOOP; END $$",
        ),
      /only 242 llx_ tables/,
    ],
    [
      "documents that lost most of their files",
      () => Deno.rename(`${documents}/facture`, `${folder.path}/lost`),
      () => Deno.rename(`${folder.path}/lost`, `${documents}/facture`),
      new RegExp(`0 documents, the set before has ${FILES}`),
    ],
  ];
  for (const [what, lose, undo, says] of losses) {
    it(`makes a suspect set and ends with 1: ${what}`, async () => {
      await lose();
      try {
        // twice: the second night is compared with the last good one too, not with the first bad one
        for (const night of ["first", "second"]) {
          const { code, stdout, stderr } = await cli("backup");
          assertEquals([code, resultOf(stdout).code], [1, "SET_SUSPECT"], `${night}: ${stderr}`);
          assertMatch(String(resultOf(stdout).message), says);
          assertEquals(await latest(), good);
        }
      } finally {
        await undo();
      }
    });
  }

  it("is listed with its reasons, stands for nothing, and RESTORE.txt names the last good set", async () => {
    const { stdout } = await cli("list");
    const sets = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) =>
      event === "set"
    );
    assertEquals(sets.filter(({ suspect }) => suspect.length > 0).length, 2 * losses.length);
    assert(sets.every(({ keep }) => keep));
    assertStringIncludes(await Deno.readTextFile(`${folder.path}/store/prod/RESTORE.txt`), `set is ${good} `);
  });

  it("is good again when everything is back", async () => {
    const { code, stdout } = await cli("backup");
    assertEquals(code, 0, stdout);
    assertEquals(`prod/${await latest()}`, resultOf(stdout).set);
  });
});
