/** Values and functions that are lost with no row: the set is suspect night after night, until it is mended or accepted. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { resultOf } from "../../support/cli.ts";
import { type SmallCompany, startSmallCompany } from "../../support/platform/small_company.ts";

describe("a set that is suspect although every row is there", () => {
  let company: SmallCompany;

  const sql = (...statements: string[]) => company.sql(...statements);
  const cli = (...args: string[]) => company.cli([...args, "--json"]);
  const nameIn = (stdout: string) => String(resultOf(stdout).set).replace("prod/", "");
  const listed = async () => {
    const { stdout } = await cli("list");
    return stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) => event === "set");
  };
  const latest = async () => (await listed()).find((one) => one.latest)?.set;
  const backup = async (...args: string[]) => {
    const end = await cli("backup", ...args);
    return { ...end, result: resultOf(end.stdout), name: nameIn(end.stdout) };
  };
  const acceptedFile = (name: string) => `${company.folder}/store/prod/accepted/${name}.json`;

  beforeAll(async () => {
    company = await startSmallCompany();
    await sql(
      "CREATE TABLE llx_const (name text, value text, entity integer)",
      "INSERT INTO llx_const VALUES ('MAIN_VERSION_LAST_INSTALL', '22.0.4', 1)",
      "CREATE TABLE llx_societe AS SELECT n AS rowid, 'Client ' || n AS nom FROM generate_series(1, 40) AS n",
      "CREATE FUNCTION unix_timestamp(timestamp) RETURNS bigint LANGUAGE sql AS 'SELECT extract(epoch FROM $1)::bigint'",
    );
  });
  afterAll(() => company[Symbol.asyncDispose]());

  it("is found for a function that was dropped, and good again with it", async () => {
    const first = await backup();
    assertEquals(first.code, 0, first.stderr);
    await sql("DROP FUNCTION unix_timestamp(timestamp)");
    const lost = await backup();
    assertEquals([lost.code, lost.result.code], [1, "SET_SUSPECT"], lost.stderr);
    assertStringIncludes(
      String(lost.result.message),
      "Dolibarr's function unix_timestamp(timestamp without time zone) is gone",
    );
    await sql(
      "CREATE FUNCTION unix_timestamp(timestamp) RETURNS bigint LANGUAGE sql AS 'SELECT extract(epoch FROM $1)::bigint'",
    );
    assertEquals((await backup()).code, 0);
  });

  it("stays suspect on the next night, and with either half alone", async () => {
    const good = await latest();
    await sql("UPDATE llx_societe SET nom = ''");
    for (const args of [[], [], ["--half", "docs"], ["--half", "db"], ["--force"]]) {
      const { code, result, stderr } = await backup(...args);
      assertEquals([code, result.code], [1, "SET_SUSPECT"], `${args.join(" ")}: ${stderr}`);
      assertMatch(
        String(result.message),
        /public\.llx_societe\.nom is filled in 0 of 40 rows, in prod\/\w+ it was in 40 of 40/,
      );
      assertMatch(String(result.hint), /accept-suspect prod\/\d+T\d+Z --reason/);
      assertEquals(await latest(), good);
    }
  });

  it("is not accepted without a reason, where it is not suspect, unknown, or nobody could work with it", async () => {
    const good = await latest();
    const suspect = (await listed()).find((one) => one.suspect.length > 0).set;
    const refused: [args: string[], exit: number, code: string, says: RegExp][] = [
      [[suspect], 2, "USAGE", /accept-suspect needs --reason/],
      [[suspect, "--reason", "  "], 2, "USAGE", /--reason is empty/],
      [[good, "--reason", "x"], 2, "USAGE", /is not suspect/],
      [["latest", "--reason", "x"], 2, "USAGE", /is not suspect/],
      [["20200101T000000Z", "--reason", "x"], 2, "SET_UNKNOWN", /Cannot find the set/],
    ];
    for (const [args, exit, code, says] of refused) {
      const end = await cli("accept-suspect", ...args);
      assertEquals([end.code, resultOf(end.stdout).code], [exit, code], end.stderr);
      assertMatch(String(resultOf(end.stdout).message), says);
    }
    await sql("CREATE TABLE kept AS TABLE llx_user", "TRUNCATE llx_user");
    const emptied = await backup();
    await sql("INSERT INTO llx_user TABLE kept", "DROP TABLE kept");
    const end = await cli("accept-suspect", emptied.name, "--reason", "x");
    assertEquals([end.code, resultOf(end.stdout).code], [1, "SET_SUSPECT"]);
    assertMatch(String(resultOf(end.stdout).message), /no users/);
    assertEquals(await latest(), good);
  });

  it("is not accepted where it is damaged", async () => {
    const { name } = await backup("--force");
    const dump = `${company.folder}/store/prod/db/${name}.dump`;
    await Deno.rename(dump, `${dump}.away`);
    const end = await cli("accept-suspect", name, "--reason", "x");
    assertEquals([end.code, resultOf(end.stdout).code], [1, "OBJECT_CORRUPT"]);
    assertMatch(String(resultOf(end.stdout).message), /it is damaged: prod\/db\/.* is missing/);
    assertMatch(String(resultOf(end.stdout).hint), /does not mend damage/);
    await Deno.rename(`${dump}.away`, dump);
  });

  it("is good once a person accepted it: latest, listed with who and why, and what the next night is compared with", async () => {
    const [newest] = await listed();
    assert(newest.suspect.length > 0);
    const manifest = await Deno.readTextFile(`${company.folder}/store/prod/manifests/${newest.set}.json`);
    const accepted = await cli("accept-suspect", newest.set, "--reason", "the names moved to another table");
    assertEquals(accepted.code, 0, accepted.stderr);
    assertEquals(
      await Deno.readTextFile(`${company.folder}/store/prod/manifests/${newest.set}.json`),
      manifest,
    );
    assertEquals(await latest(), newest.set);
    const [after] = await listed();
    assertEquals([after.suspect, after.flaws, after.accepted.reason], [
      [],
      [],
      "the names moved to another table",
    ]);

    const twice = await cli("accept-suspect", newest.set, "--reason", "again");
    assertEquals([twice.code, resultOf(twice.stdout).code], [2, "USAGE"]);
    const words = /accepted as it is: the names moved to another table by \S+@/;
    assertMatch(String(resultOf(twice.stdout).message), words);
    for (
      const args of [["list"], ["list", newest.set], ["status"], ["verify", newest.set], [
        "prune",
        "--dry-run",
      ]]
    ) {
      const { stdout, stderr } = await company.cli(args);
      assertMatch((stdout + stderr).replaceAll(/\s+/g, " "), words, args.join(" "));
    }

    const next = await backup();
    assertEquals(next.code, 0, next.stderr);
    assertEquals(await latest(), next.name);
  });

  it("is suspect again, and says so, where the record of it cannot be read; a newer version's is not replaced", async () => {
    const name = (await listed()).find((one) => one.accepted).set;
    const record = await Deno.readTextFile(acceptedFile(name));
    await Deno.writeTextFile(acceptedFile(name), record.slice(0, 20));
    assert((await listed()).find((one) => one.set === name).suspect.length > 0);
    const list = await company.cli(["list"]);
    assertEquals(list.code, 1);
    assertMatch(list.stdout + list.stderr, /accepted\/\w+\.json/);
    await Deno.writeTextFile(
      acceptedFile(name),
      record.replace(/"format": ?1/, '"format": 9').replace(/"minReader": ?1/, '"minReader": 9'),
    );
    const newer = await cli("accept-suspect", name, "--reason", "anew");
    assertEquals([newer.code, resultOf(newer.stdout).code], [2, "STORE_NEWER"]);
    await Deno.writeTextFile(acceptedFile(name), record.slice(0, 20));
    assertEquals((await cli("accept-suspect", name, "--reason", "anew")).code, 0);
    assertEquals((await listed()).find((one) => one.set === name).accepted.reason, "anew");
  });

  it("takes the record along when it is pruned", async () => {
    const name = (await listed()).find((one) => one.accepted).set;
    const stray = acceptedFile("20200101T000000Z");
    await Deno.writeTextFile(
      stray,
      (await Deno.readTextFile(acceptedFile(name))).replaceAll(name, "20200101T000000Z"),
    );
    const { code, stderr } = await cli("prune");
    assertEquals(code, 0, stderr);
    assertEquals([...Deno.readDirSync(`${company.folder}/store/prod/accepted`)].map((one) => one.name), [
      `${name}.json`,
    ]);
  });
});
