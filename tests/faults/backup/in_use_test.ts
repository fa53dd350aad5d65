/** Whether the ERP that is backed up is the one that people use: told always, and a finding where a limit is set. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readLastChange } from "../../../src/dolibarr/books/last_change.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

const DAY = 86_400_000;

describe("a database in which nobody works any more", () => {
  let pair: SmallPair;
  beforeAll(async () => {
    pair = await startSmallPair();
    await pair.sql(
      "prod",
      "ALTER TABLE llx_facture ADD tms timestamp",
      "ALTER TABLE llx_user ADD datelastlogin timestamp",
    );
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const limit = async (text: string) => {
    const plain = (await Deno.readTextFile(pair.configFile)).replace(/, max_quiet: \w+/, "");
    await Deno.writeTextFile(pair.configFile, plain.replace("into: sandbox }", `into: sandbox${text} }`));
  };
  const lastChange = async () => {
    await using session = await connect(pair.prod.database);
    return await readLastChange(session);
  };

  it("says nothing where no row tells when it was changed", async () => {
    assertEquals(await lastChange(), undefined);
    const { code, stdout } = await pair.cli("backup");
    assertEquals([code, stdout.includes("last change")], [0, false]);
  });

  it("is told with each backup and in the status, and is no finding without a limit", async () => {
    await pair.sql(
      "prod",
      "UPDATE llx_facture SET tms = localtimestamp - interval '21 days' - interval '1 hour' * rowid",
      "UPDATE llx_user SET datelastlogin = localtimestamp - interval '30 days'",
    );
    const { code, stdout, stderr } = await pair.cli("backup");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "last change in this database: 21 d before the backup");
    assertMatch((await pair.cli("status")).stdout, /Backup .*; last change in it 21 d ago/);
    const json = JSON.parse((await pair.cli("backup", "--json")).stdout.trim().split("\n").at(-1)!);
    const ago = Date.now() - Date.parse(json.lastChange);
    assert(ago > 21 * DAY && ago < 22 * DAY, json.lastChange);
  });

  it("is a finding where it was quiet for longer than drill.max_quiet, the same every night, and mended by a sign-in", async () => {
    await limit(", max_quiet: 30d");
    assertEquals((await pair.cli("backup", "--strict")).code, 0, "within the limit");
    await limit(", max_quiet: 14d");
    const { code, stdout, stderr } = await pair.cli("backup", "--strict");
    assertEquals(code, 1, stderr);
    assertMatch(
      stdout,
      /- prod: nobody changed anything in the database that is backed up, or signed in, since 20\d\d-/,
    );
    const findings = await pair.cli("findings", "--json");
    const [finding, ...more] = findings.stdout.trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ event }) => event === "finding");
    assertEquals([finding?.id, more], ["backup.in_use/prod/quiet", []]);
    assertEquals((await pair.cli("status")).code, 1);

    await pair.sql("prod", "UPDATE llx_user SET datelastlogin = localtimestamp");
    const again = await pair.cli("backup", "--strict");
    assertEquals(again.code, 0, again.stderr);
    assertStringIncludes(again.stdout, "last change in this database: < 1 min before the backup");
  });

  it("is read in the zone in which the ERP's sessions write", async () => {
    await pair.server.chief("ALTER DATABASE prod SET timezone = 'Pacific/Auckland'");
    await pair.sql("prod", "UPDATE llx_user SET datelastlogin = localtimestamp");
    const ago = Date.now() - (await lastChange())!.getTime();
    assert(Math.abs(ago) < 60_000, `${ago} ms ago`);
  });
});
