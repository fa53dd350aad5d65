/** The rules that keep a sandbox from acting on the world, on a database that has what they are about. */

import { assert, assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import type { NeutraliseRule } from "../../../src/config/config.ts";
import { listEncryptedValues } from "../../../src/dolibarr/sandbox/encrypted_values.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import { markIn, removeMarks, writeMarks } from "../../../src/dolibarr/sandbox/marks.ts";
import {
  bannerText,
  countRules,
  neutralise,
  stillActive,
} from "../../../src/dolibarr/sandbox/neutralise/neutralise.ts";
import { NEUTRALISE_RULES, type Rule } from "../../../src/dolibarr/sandbox/neutralise/rules.ts";
import {
  constantSql,
  describeActive,
  describeRule,
  tableOf,
} from "../../../src/dolibarr/sandbox/neutralise/sql.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type PostgresServer, startPostgresServer } from "../../support/platform/postgres_server.ts";

const OPTIONS = { set: "prod/20260630T155313Z", at: new Date("2026-11-21T23:30:00Z"), extra: [] };
const BANNER = "SANDBOX: restored from prod/20260630T155313Z on 2026-11-21. Nothing sent from here leaves.";

const BY_NAME = new Map(NEUTRALISE_RULES.map((rule) => [describeRule(rule), rule]));

describe("neutralising", () => {
  let server: PostgresServer;
  let session: Session;
  const tx = { ask: <T>(sql: string) => session.ask<T>(sql) };
  const sql = (text: string) => session.query(text);

  beforeAll(async () => {
    server = await startPostgresServer();
    session = await connect(server.database);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await sql("DROP OWNED BY erp_owner");
    await sql(
      `CREATE TABLE llx_const (rowid serial PRIMARY KEY, name varchar(180) NOT NULL, entity integer NOT NULL DEFAULT 1,
        value text NOT NULL, type varchar(64), visible smallint, note text, UNIQUE (name, entity))`,
    );
    const columns = new Map<string, string[]>();
    for (const rule of NEUTRALISE_RULES) {
      if ("constant" in rule) continue;
      const column = "column" in rule
        ? `${rule.column} ${rule.value === null ? "text" : "integer"}`
        : "where" in rule
        ? `${rule.where.column} text`
        : "x text";
      columns.set(tableOf(rule), [...columns.get(tableOf(rule)) ?? [], column]);
    }
    for (const [table, all] of columns) await sql(`CREATE TABLE ${table} (${all.join(", ")})`);
  });

  /** Brings about what the rule is against: production as it lives. */
  async function breakIt(rule: Rule): Promise<void> {
    if ("constant" in rule) {
      const name = rule.constant.replaceAll("*", "SOME");
      await sql(`DELETE FROM llx_const WHERE name = '${name}'`);
      await sql(`INSERT INTO llx_const (name, entity, value) VALUES ('${name}', 1, 'live-7c1f')`);
    } else if ("column" in rule) {
      await sql(
        `INSERT INTO ${tableOf(rule)} (${rule.column}) VALUES (${rule.value === null ? "'live-7c1f'" : 7})`,
      );
    } else if ("where" in rule) {
      await sql(
        `INSERT INTO ${tableOf(rule)} (${rule.where.column}) VALUES ('${
          rule.where.pattern.replaceAll("*", "7c1f")
        }'), ('of another kind')`,
      );
    } else await sql(`INSERT INTO ${tableOf(rule)} VALUES ('live-7c1f')`);
  }

  const constants = async (name: string) =>
    (await session.query<{ entity: number; value: string }>(
      `SELECT entity, value FROM llx_const WHERE name = '${name}' ORDER BY entity`,
    )).map(({ entity, value }) => [entity, value]);

  it("sees of each rule while it does not hold, and makes it hold", async () => {
    await neutralise(tx, OPTIONS);
    assertEquals(await stillActive(tx), []);
    for (const [name, rule] of BY_NAME) {
      await breakIt(rule);
      assert((await stillActive(tx)).includes(describeActive(rule)), name);
    }
    const told = new Map((await neutralise(tx, OPTIONS)).map((one) => [one.what, one]));
    for (const [name, rule] of BY_NAME) {
      const { why, table } = told.get(name) ?? {};
      // a constant that fits two rules is told by the first of them
      if (why !== undefined) assertEquals([why, table], [rule.why, `public.${tableOf(rule)}`], name);
    }
    assertEquals([...BY_NAME.keys()].filter((name) => !told.has(name)), []);
    assertEquals(await stillActive(tx), []);
  });

  it("finds nothing left to do the second time, but makes new keys", async () => {
    for (const rule of NEUTRALISE_RULES) await breakIt(rule);
    await neutralise(tx, OPTIONS);
    const again = await neutralise(tx, OPTIONS);
    assertEquals(again.filter(({ what }) => !what.endsWith("a new random key")), []);
    assertEquals(again.length, NEUTRALISE_RULES.filter((rule) => "random" in rule).length);
  });

  it("counts for entities that have no value of their own: entity 0 has it in any case", async () => {
    await sql("INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_DISABLE_ALL_MAILS', 2, '0')");
    await neutralise(tx, OPTIONS);
    assertEquals(await constants("MAIN_DISABLE_ALL_MAILS"), [[0, "1"], [2, "1"]]);
    await sql("DELETE FROM llx_const WHERE name = 'MAIN_DISABLE_ALL_MAILS' AND entity = 0");
    assertEquals(await stillActive(tx), ["MAIN_DISABLE_ALL_MAILS is not 1"]);
  });

  it("adds no key where there was none, and gives each entity another one that nobody knows", async () => {
    await neutralise(tx, OPTIONS);
    assertEquals(await constants("CRON_KEY"), []);
    await sql(
      "INSERT INTO llx_const (name, entity, value) VALUES ('CRON_KEY', 1, 'k'), ('CRON_KEY', 2, 'k')",
    );
    await neutralise(tx, OPTIONS);
    const [one, two] = (await constants("CRON_KEY")).map(([, value]) => String(value));
    assertMatch(one!, /^dolibarr-drill-[0-9a-f]{32}$/);
    assert(one !== two);
  });

  it("takes the name of a constant as it is: _ stands for itself, * for any text", async () => {
    await sql("INSERT INTO llx_const (name, value) VALUES ('FTPXPASSWORD_1', 'a'), ('FTP_PASSWORD_1', 'b')");
    await neutralise(tx, OPTIONS);
    assertEquals((await constants("FTPXPASSWORD_1")).length, 1);
    assertEquals(await constants("FTP_PASSWORD_1"), []);
  });

  it("takes of a table what a pattern names, and leaves the rest", async () => {
    await sql(
      "INSERT INTO llx_user_param (param) VALUES ('AGENDA_EXT_SRC_1_2'), ('AGENDA_EXT_NAME_1_2'), ('AGENDAXEXT_SRC_1')",
    );
    await neutralise(tx, OPTIONS);
    assertEquals(
      (await session.query<{ param: string }>('SELECT param FROM llx_user_param ORDER BY param COLLATE "C"'))
        .map((
          { param },
        ) => param),
      ["AGENDAXEXT_SRC_1", "AGENDA_EXT_NAME_1_2"],
    );
  });

  it("skips a rule of ours whose table or column this version does not have", async () => {
    await sql("DROP TABLE llx_zapier_hook; ALTER TABLE llx_webhook_target DROP COLUMN connection_data");
    await neutralise(tx, OPTIONS);
    assertEquals(await stillActive(tx), []);
  });

  it("tells no value that was there", async () => {
    for (const rule of NEUTRALISE_RULES) await breakIt(rule);
    const told = JSON.stringify([await stillActive(tx), await neutralise(tx, OPTIONS)]);
    assertNotMatch(told, /7c1f/);
  });

  it("sets a constant once, however often it is set", async () => {
    const set = constantSql({ constant: "A_NAME", value: "it's 1" });
    assertEquals([await tx.ask(set), await tx.ask(set)], [1, 0]);
    assertEquals(await constants("A_NAME"), [[0, "it's 1"]]);
  });

  describe("the banner", () => {
    it("stands in place of what production says, on the sign-in page and the home page", async () => {
      await sql("INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_HOME', 1, '<b>Welcome</b>')");
      await neutralise(tx, OPTIONS);
      assertEquals(bannerText(OPTIONS), BANNER);
      assertEquals(await constants("MAIN_HOME"), [[0, BANNER], [1, BANNER]]);
      assertEquals(await constants("MAIN_MOTD"), [[0, BANNER]]);
    });

    it("is missed where it is gone, or says something else", async () => {
      await neutralise(tx, OPTIONS);
      await sql("UPDATE llx_const SET value = 'Welcome' WHERE name = 'MAIN_HOME'");
      await sql("DELETE FROM llx_const WHERE name = 'MAIN_MOTD'");
      assertEquals(await stillActive(tx), [
        "MAIN_HOME does not say SANDBOX",
        "MAIN_MOTD does not say SANDBOX",
      ]);
    });
  });

  describe("the configuration's own rules", () => {
    const why = "our shop is told";
    const extra: NeutraliseRule[] = [
      { constant: "SHOP_URL", value: "", why },
      { constant: "SHOP_KEY_*", delete: true, why },
      { table: "llx_shop_hook", column: "active", value: 0, why },
      { table: "shop_queue", delete: true, why },
    ];
    const says = [
      "SHOP_URL is not empty",
      "SHOP_KEY_* is still there",
      "llx_shop_hook has rows whose active is not 0",
      "llx_shop_queue still has rows",
    ];

    it("hold like ours, with Dolibarr's prefix or without", async () => {
      await sql("CREATE TABLE llx_shop_hook (active integer); CREATE TABLE llx_shop_queue (x text)");
      await neutralise(tx, { ...OPTIONS, extra });
      for (const rule of extra) await breakIt(rule);
      assertEquals(await stillActive(tx, extra), says);
      await neutralise(tx, { ...OPTIONS, extra });
      assertEquals(await stillActive(tx, extra), []);
      assertEquals(countRules(extra), countRules() + 4);
    });

    it("are refused where they fit no table: a slip of the finger would leave it running", async () => {
      await sql("CREATE TABLE llx_shop_queue (x text)");
      const error = await assertRejects(() => neutralise(tx, { ...OPTIONS, extra }), DrillError);
      assertEquals(error.code, "CONFIG_INVALID");
      assertMatch(
        error.message,
        /the column llx_shop_hook\.active, named in `neutralise` of the configuration, does not exist$/,
      );
      assertEquals(await constants("MAIN_DISABLE_ALL_MAILS"), [], "it had begun");
      assertMatch((await stillActive(tx, extra))[0]!, /llx_shop_hook\.active/);
    });
  });

  it("lists what only production's own instance can decrypt, by name alone", async () => {
    const value = "dolcrypt:AES-256-CTR:0123456789abcdef:of production";
    await sql(
      `INSERT INTO llx_const (name, entity, value) VALUES ('STRIPE_TEST_SECRET_KEY', 1, '${value}'),
         ('STRIPE_TEST_SECRET_KEY', 2, '${value}'), ('MAIN_INFO', 1, 'not dolcrypt:')`,
    );
    await sql(
      `CREATE TABLE llx_societe_rib (iban_prefix varchar(100)); INSERT INTO llx_societe_rib VALUES ('${value}'), ('FR76'), ('${value}')`,
    );
    await sql(
      `CREATE TABLE llx_user_extrafields (door varchar(100), import_key varchar(14)); INSERT INTO llx_user_extrafields VALUES ('${value}', '')`,
    );
    assertEquals(await listEncryptedValues(tx), [
      "STRIPE_TEST_SECRET_KEY (llx_const)",
      "door of 1 row (llx_user_extrafields)",
      "iban_prefix of 2 rows (llx_societe_rib)",
    ]);
  });

  describe("a drill's marks", () => {
    it("stand behind the banner, and leave it as it was", async () => {
      await using folder = await temporaryFolder();
      await Deno.mkdir(`${folder.path}/mycompany`);
      await neutralise(tx, OPTIONS);
      {
        await using marks = await writeMarks(session, folder.path);
        assertEquals(await constants("MAIN_HOME"), [[0, `${BANNER} ${marks.message}`]]);
        assertEquals(markIn(`${BANNER} ${marks.message}`), marks.message);
        assertEquals(await stillActive(tx), []);
      }
      assertEquals(await constants("MAIN_HOME"), [[0, BANNER]]);
      assertEquals([...Deno.readDirSync(`${folder.path}/mycompany/logos`)], []);
    });

    it("of a killed drill are known by their form, and removed by the next one", async () => {
      await using folder = await temporaryFolder();
      await Deno.mkdir(`${folder.path}/mycompany`);
      await sql("INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_HOME', 1, 'Welcome ')");
      const killed = await writeMarks(session, folder.path);
      const of = ["dolibarr-drill-notes.txt", "dolibarr-drill-0123456789abcdef.txt"]; // of a person; of an earlier version
      for (const name of of) await Deno.writeTextFile(`${folder.path}/mycompany/${name}`, "");
      await Deno.writeTextFile(`${folder.path}/mycompany/logos/dolibarr-drill.png`, "of a person");
      {
        await using marks = await writeMarks(session, folder.path);
        assertEquals(await constants("MAIN_HOME"), [[1, `Welcome  ${marks.message}`]]);
        assert(marks.message !== killed.message);
      }
      assertEquals(await constants("MAIN_HOME"), [[1, "Welcome "]]);
      assertEquals(walkTree(folder.path).map(({ path }) => path), [
        "mycompany",
        "mycompany/dolibarr-drill-notes.txt",
        "mycompany/logos",
        "mycompany/logos/dolibarr-drill.png",
      ]);
      assertEquals(await removeMarks(session, folder.path), []);
    });

    it("leave no message where there was none, and tell what was removed", async () => {
      await using folder = await temporaryFolder();
      await Deno.mkdir(`${folder.path}/mycompany`);
      const { file } = await writeMarks(session, folder.path);
      assertEquals(await removeMarks(session, folder.path), [
        "the mark in the sign-in page's message",
        `mycompany/${file.path}`,
      ]);
      assertEquals(await constants("MAIN_HOME"), []);
    });

    it("lie in a folder that the ERP can write to as to the one above, where a company without a logo has none", async () => {
      await using folder = await temporaryFolder();
      await Deno.mkdir(`${folder.path}/mycompany`);
      await Deno.chmod(`${folder.path}/mycompany`, 0o2770);
      const isRoot = Deno.uid() === 0;
      if (isRoot) await Deno.chown(`${folder.path}/mycompany`, 33, 33);
      await using marks = await writeMarks(session, folder.path);
      const { uid, gid, mode } = await Deno.lstat(`${folder.path}/mycompany/logos`);
      assertEquals(mode! & 0o7777, 0o2770);
      if (isRoot) assertEquals([uid, gid], [33, 33]);
      assertEquals(await Deno.readFile(`${folder.path}/mycompany/${marks.file.path}`), marks.file.content);
    });

    it("are not taken for one another: the mark is the last thing that the page says", () => {
      assertEquals(markIn("dolibarr-drill 0123456789abcdef and more"), undefined);
      assertEquals(markIn("Welcome"), undefined);
    });
  });
});

describe("docs/neutralise.md", () => {
  it("names every rule, with its reason and where Dolibarr acts by it", async () => {
    const text = await Deno.readTextFile(new URL("../../../docs/neutralise.md", import.meta.url));
    const rows = text.split("\n").filter((line) => line.startsWith("| `"))
      .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
    assertEquals(
      rows,
      NEUTRALISE_RULES.map((rule) => [`\`${describeRule(rule)}\``, rule.why, rule.readIn]),
    );
  });
});
