/** The night on which production is empty: a set is taken, marked, and never chosen over the last good one. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { resultOf } from "../../support/cli.ts";
import { FILES, type SmallCompany, startSmallCompany } from "../../support/platform/small_company.ts";

describe("an emptied production", () => {
  let company: SmallCompany;
  let documents: string;
  let good: string;

  const sql = (...statements: string[]) => company.sql(...statements);
  const cli = (verb: string) => company.cli([verb, "--json"]);
  const latest = async () => {
    const { stdout } = await cli("list");
    const sets = stdout.trim().split("\n").map((line) => JSON.parse(line));
    return sets.find((one) => one.latest)?.set;
  };

  beforeAll(async () => {
    company = await startSmallCompany();
    documents = `${company.folder}/documents`;
    const first = await cli("backup");
    assertEquals(first.code, 0, first.stderr);
    good = String(resultOf(first.stdout).set).replace("prod/", "");
  });
  afterAll(() => company[Symbol.asyncDispose]());

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
      () => Deno.rename(`${documents}/facture`, `${company.folder}/lost`),
      () => Deno.rename(`${company.folder}/lost`, `${documents}/facture`),
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

  it("is verified as what it is: whole, and of a state that looks lost", async () => {
    const { stdout } = await cli("list");
    const set = stdout.trim().split("\n").map((line) => JSON.parse(line)).find((one) =>
      one.suspect?.length > 0
    );
    const { code, stdout: said } = await company.cli(["verify", set.set, "--json"]);
    assertEquals([code, resultOf(said).code], [1, "SET_SUSPECT"]);
  });

  it("is a good set where a person says why it holds so much less, and never without users", async () => {
    await sql("DELETE FROM llx_facture WHERE rowid > 100");
    const refused = await cli("backup");
    assertMatch(String(resultOf(refused.stdout).hint), /accept-suspect/);
    const accepted = await company.cli(["backup", "--accept", "the old ones were archived", "--json"]);
    assertEquals(accepted.code, 0, accepted.stdout);
    assertMatch(
      accepted.stderr,
      /accepted, because the old ones were archived: public\.llx_facture has 100 rows/,
    );
    assertEquals((await cli("backup")).code, 0);
    good = String(resultOf((await cli("backup")).stdout).set).replace("prod/", "");
    await sql("CREATE TABLE kept AS TABLE llx_user", "TRUNCATE llx_user");
    assertEquals((await company.cli(["backup", "--accept", "x", "--json"])).code, 1);
    await sql("INSERT INTO llx_user TABLE kept", "DROP TABLE kept");
  });

  it("is listed with its reasons, stands for nothing, and RESTORE.txt names the last good set", async () => {
    const { stdout } = await cli("list");
    const sets = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) =>
      event === "set"
    );
    assertEquals(sets.filter(({ suspect }) => suspect.length > 0).length, 2 * losses.length + 2);
    assert(sets.every(({ keep }) => keep));
    assertStringIncludes(
      await Deno.readTextFile(`${company.folder}/store/prod/RESTORE.txt`),
      `set is ${good} `,
    );
  });

  it("is good again when everything is back", async () => {
    const { code, stdout } = await cli("backup");
    assertEquals(code, 0, stdout);
    assertEquals(`prod/${await latest()}`, resultOf(stdout).set);
  });
});
