/** A set of a Dolibarr that this tool was not proved on: refused in a sandbox, or admitted with what looks like a switch off. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "../../../src/postgres/connection/session.ts";
import { runCli } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("a set of another major version of Dolibarr", () => {
  let pair: SmallPair;

  beforeAll(async () => {
    pair = await startSmallPair();
    await pair.sql(
      "prod",
      "CREATE TABLE llx_new_webhook (rowid integer, status integer)",
      "INSERT INTO llx_new_webhook VALUES (1, 1)",
      `INSERT INTO llx_const (name, entity, value) VALUES ('NEWMAIL_ENABLED', 1, '1'), ('MAIN_MODULE_NEWCRON', 1, '1'),
         ('INVOICE_ENABLED', 1, '1')`,
    );
    await ofVersion("23.0.1");
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  async function ofVersion(version: string) {
    await pair.sql(
      "prod",
      "DELETE FROM llx_const WHERE name = 'MAIN_VERSION_LAST_INSTALL'",
      `INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_VERSION_LAST_INSTALL', 0, '${version}')`,
    );
    const taken = await pair.cli("backup");
    assertEquals(taken.code, 0, taken.stderr);
  }

  const switches = async () => {
    await using session = await connect(pair.sandbox.database);
    const constants = await session.query<{ name: string; value: string }>(
      "SELECT DISTINCT name, value FROM llx_const WHERE name IN ('NEWMAIL_ENABLED', 'MAIN_MODULE_NEWCRON', 'INVOICE_ENABLED') ORDER BY name",
    );
    const [hook] = await session.query<{ status: number }>("SELECT status FROM llx_new_webhook");
    return [constants.map(({ name, value }) => `${name} ${value}`), hook!.status];
  };
  const OFF = [["INVOICE_ENABLED 1", "NEWMAIL_ENABLED 0"], 0];

  it("is refused in a sandbox, with the line that admits it, and the sandbox is what it was", async () => {
    const before = await pair.state("sandbox");
    for (const args of [["restore"], ["refresh"]]) {
      const { code, stderr } = await pair.cli(...args);
      assertEquals(code, 2, stderr);
      assertMatch(stderr, /it is of Dolibarr 23\.0\.1, and what acts on the world was read in 22 alone/);
      assertMatch(stderr, /drill: \{ versions: \[23\] \}/);
    }
    assertEquals(await pair.state("sandbox"), before);
  });

  it("is admitted once by --unproved-version, with all off that looks like a switch by its name", async () => {
    const { code, stderr, stdout } = await pair.cli("restore", "--unproved-version");
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /neutralised: llx_new_webhook\.status = 0/);
    assertEquals(await switches(), OFF);
  });

  it("is admitted for good by drill.versions, and no other version with it", async () => {
    for (const [versions, code] of [["[20, 23]", 0], ["[20]", 2]] as const) {
      const file = `${pair.folder}/versions.yaml`;
      const text = await Deno.readTextFile(pair.configFile);
      await Deno.writeTextFile(
        file,
        text.replace("into: sandbox }", `into: sandbox, versions: ${versions} }`),
      );
      const env = { DB_PASSWORD: pair.prod.database.password! };
      const end = await runCli(["restore", "--config", file], { env });
      assertEquals(end.code, code, end.stderr);
    }
    assertEquals(await switches(), OFF);
  });

  it("needs nothing for another patch version, and by its name alone nothing is off then", async () => {
    await ofVersion("22.9.9");
    const { code, stderr } = await pair.cli("restore");
    assertEquals(code, 0, stderr);
    const [constants] = await switches();
    assert(constants!.toString().includes("NEWMAIL_ENABLED 1"));
  });
});
