/** That a restored Dolibarr cannot act on the world, shown at the other end: a mail server and a web address that listen. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { openEnvironment, protectedOnes } from "../../../src/cli/command/clients.ts";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { createDrillAccount, type DrillAccount } from "../../../src/dolibarr/sandbox/drill_account.ts";
import { NEUTRALISE_RULES } from "../../../src/dolibarr/sandbox/neutralise/rules.ts";
import { findLocalDolibarr } from "../../../src/lab/dolibarr/release.ts";
import type { Lab } from "../../../src/lab/lab.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { restore, type RestoreProof } from "../../../src/restore/restore.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { findSet } from "../../support/store/sets.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { startLab, whyNoDolibarr } from "../../support/lab/lab.ts";
import { type MailSink, startMailSink, startWebSink, type WebSink } from "../../support/platform/sinks.ts";

const skip = await whyNoDolibarr();
const signal = AbortSignal.timeout(120_000);
const PRODUCTIONS_KEY = "production's own key";
/** The key of a link by which production shows a document to people without an account. */
const SHARE = "productionshows1document";
const TRACKER = "https://tracker.example/count.js";

describe("what a restored Dolibarr does to the world", { skip }, () => {
  const started = new AsyncDisposableStack();
  let lab: Lab;
  let prod: OpenEnvironment;
  let sandbox: OpenEnvironment;
  let mails: MailSink;
  let hooks: WebSink;
  let proof: RestoreProof;
  let session: Session;

  beforeAll(async () => {
    lab = started.use(await startLab("real"));
    const config = await loadConfig(lab.configFile);
    prod = await openEnvironment(environmentOf(config, "prod"), silentReporter);
    sandbox = await openEnvironment(environmentOf(config, "sandbox"), silentReporter);
    [mails, hooks] = [started.use(startMailSink()), started.use(startWebSink())];
    started.use(await letProductionAct(prod, mails.port, hooks.url));
    const store = await openFileStore(`file://${started.use(await temporaryFolder()).path}`);
    await backup(prod, store, { reporter: silentReporter, signal });
    const lease = started.use(await takeLease(store, "sandbox", "drill"));
    proof = await restore(await findSet(store, "prod", "latest"), sandbox, store, {
      lease,
      protectedOnes: protectedOnes(config, { from: "prod", into: "sandbox" }, silentReporter),
      reporter: silentReporter,
      signal,
    });
    started.use(proof.workload);
    session = started.use(await connect(sandbox.database));
  });
  afterAll(() => started.disposeAsync());

  it("production sends mails, calls hooks and has jobs: the other ends listen", async () => {
    const acted = await act(lab, "prod");
    assertEquals([acted.sent, acted.why, acted.called, acted.key], [true, "", 1, PRODUCTIONS_KEY]);
    assertGreater(acted.jobs, 0);
    assertEquals(mails.taken().map(({ to }) => to), [["customer@example.org"]]);
    assertMatch(hooks.taken().join(), /"triggercode":"BILL_VALIDATE"/);
    assertNotEquals(acted.fetched, "", "nothing was fetched: the sandbox's test would show nothing");
    await using production = await connect(prod.database);
    // it was in maintenance while the backup was taken, and is not now
    await production.query("DELETE FROM llx_const WHERE name = 'MAIN_ONLY_LOGIN_ALLOWED'");
    assertEquals(await openDoors(prod.web.url), { document: true, scripts: true });
  });

  it("the sandbox sends nothing, calls nobody, runs no job and takes no key of production's", async () => {
    const acted = await act(lab, "sandbox");
    assertEquals([acted.sent, acted.called, acted.jobs, acted.fetched], [false, 0, 0, ""]);
    assertMatch(acted.why, /Feature is disabled by option MAIN_DISABLE_ALL_MAILS/);
    assertMatch(acted.key, /^dolibarr-drill-[0-9a-f]{32}$/);
    assertEquals([mails.taken(), hooks.taken()], [[], []]);
  });

  it("where somebody lets its mails out again they reach nobody", async () => {
    await session.query("UPDATE llx_const SET value = '0' WHERE name = 'MAIN_DISABLE_ALL_MAILS'");
    const acted = await act(lab, "sandbox");
    assertEquals([acted.sent, mails.taken().map(({ to }) => to)], [true, [["nobody@sandbox.invalid"]]]);
    await session.query("UPDATE llx_const SET value = '1' WHERE name = 'MAIN_DISABLE_ALL_MAILS'");
  });

  it("says on its sign-in page and its home page that it is a sandbox, and of which set", async () => {
    const banner = new RegExp(
      `SANDBOX: restored from prod/${proof.source.name} on \\d{4}-\\d\\d-\\d\\d. Nothing sent`,
    );
    await using account = await createDrillAccount(session);
    await proof.workload.start();
    const [form, home] = await signIn(sandbox.web.url, account);
    assertMatch(form, banner);
    assert(!home.includes(TRACKER), "production's script is in the pages of the sandbox");
    assertEquals(await openDoors(sandbox.web.url), { document: false, scripts: false });
    assertStringIncludes(home, account.login, "nobody was signed in");
    assertMatch(home, banner);
    assert(!home.includes("JS CODE TO ENABLE the anonymous Ping -->"), "the ping would be sent");
  });

  it("signs the drill's account in, whatever hash this installation verifies", async () => {
    const set = (value?: string) =>
      session.query(
        `DELETE FROM llx_const WHERE name = 'MAIN_SECURITY_HASH_ALGO'; ${
          value === undefined
            ? ""
            : `INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_SECURITY_HASH_ALGO', 0, '${value}')`
        }`,
      );
    for (const algorithm of [undefined, "sha1", "sha1md5", "another", "password_hash"]) {
      await set(algorithm);
      await using account = await createDrillAccount(session);
      const [, home] = await signIn(sandbox.web.url, account);
      assertStringIncludes(home, account.login, `nobody was signed in with ${algorithm ?? "no algorithm"}`);
      const [, other] = await signIn(sandbox.web.url, { ...account, password: "wrong" });
      assert(!other.includes("/user/logout.php"), `a wrong password was taken with ${algorithm}`);
    }
  });

  it("lists by name what only production can decrypt", () => {
    assertEquals(proof.database.encrypted, ["MARK_OF_PRODUCTION_SECRET (llx_const)"]);
  });
});

interface Acted {
  sent: boolean;
  why: string;
  called: number;
  jobs: number;
  /** What another address answered. */
  fetched: string;
  key: string;
}

/** Lets the Dolibarr of this environment act, as itself. */
async function act({ folder }: Lab, env: "prod" | "sandbox"): Promise<Acted> {
  const script = new URL("./acts.php", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command("php", {
    args: ["-d", "display_errors=stderr", "-d", "date.timezone=UTC", script, `${folder}/${env}/htdocs`],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr) + text.decode(stdout));
  return JSON.parse(text.decode(stdout).trim().split("\n").at(-1)!);
}

/** What somebody without an account gets: the document that production shares, and production's own scripts. */
async function openDoors(url: string): Promise<{ document: boolean; scripts: boolean }> {
  const shared = await fetch(`${url}/document.php?hashp=${SHARE}`);
  await shared.body?.cancel();
  const form = await fetch(`${url}/index.php`);
  return {
    document: shared.ok && shared.headers.get("content-type") === "application/pdf",
    scripts: (await form.text()).includes(TRACKER),
  };
}

/** Points production's mails and its webhook to the sinks; disposing puts back what was there. */
async function letProductionAct(
  { database }: OpenEnvironment,
  mailPort: number,
  hookUrl: string,
): Promise<AsyncDisposable> {
  const tables = ["llx_const", "llx_webhook_target", "llx_events", "llx_ecm_files"];
  const { hostname, port } = new URL(hookUrl);
  const constants = {
    MAIN_MAIL_SENDMODE: "smtps",
    MAIN_MAIL_SMTP_SERVER: "localhost", // it takes no bare address of this machine
    MAIN_MAIL_SMTP_PORT: String(mailPort),
    MAIN_MAIL_EMAIL_TLS: "0",
    MAIN_MAIL_SMTPS_ID: "", // without a name nobody signs in to a mail server
    CRON_KEY: PRODUCTIONS_KEY,
    // it is in maintenance, and was attacked today: the sandbox signs the drill's account in all the same
    MAIN_ONLY_LOGIN_ALLOWED: "boss",
    MAIN_SECURITY_MAX_NUMBER_FAILED_AUTH: "1",
    MAIN_SECURITY_ENABLECAPTCHA: "1",
    MAIN_LANDING_PAGE: "/custom/gone.php",
    MAIN_PROXY_USE: "1", // a company's own proxy: what is fetched arrives at the sink
    MAIN_PROXY_HOST: hostname,
    MAIN_PROXY_PORT: port,
    MAIN_HTML_HEADER: `<script src="${TRACKER}"></script>`,
    MARK_OF_PRODUCTION_SECRET: "dolcrypt:AES-256-CTR:0123456789abcdef:bm90aGluZw==",
  };
  await using session = await connect(database);
  const before = await Promise.all(tables.map(async (table) => {
    const [row] = await session.query<{ rows: unknown }>(
      `SELECT coalesce(jsonb_agg(t), '[]') AS rows FROM ${table} t`,
    );
    return [table, JSON.stringify(row!.rows)] as const;
  }));
  await session.query("DELETE FROM llx_const WHERE name = ANY($1)", [Object.keys(constants)]);
  for (const [name, value] of Object.entries(constants)) {
    await session.query("INSERT INTO llx_const (name, entity, value) VALUES ($1, 1, $2)", [name, value]);
  }
  await session.query("UPDATE llx_webhook_target SET url = $1", [hookUrl]);
  await session.query(
    `UPDATE llx_ecm_files SET share = $1 WHERE rowid =
       (SELECT min(rowid) FROM llx_ecm_files WHERE src_object_type = 'facture' AND filename LIKE '%.pdf')`,
    [SHARE],
  );
  await session.query(
    `INSERT INTO llx_events (type, entity, dateevent, fk_user, description, ip)
     SELECT 'USER_LOGIN_FAILED', 1, now() AT TIME ZONE 'UTC', 1, 'drill', ip FROM generate_series(1, 5), unnest(ARRAY['127.0.0.1', '::1']) AS ip`,
  );
  return {
    async [Symbol.asyncDispose]() {
      await using session = await connect(database);
      for (const [table, rows] of before) {
        await session.query("BEGIN");
        await session.query(`DELETE FROM ${table}`);
        await session.query(
          `INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(null::${table}, $1::jsonb)`,
          [rows],
        );
        await session.query("COMMIT");
      }
    },
  };
}

/** The sign-in page, and the home page behind it. */
async function signIn(url: string, { login, password }: DrillAccount): Promise<[form: string, home: string]> {
  const page = await fetch(`${url}/index.php`);
  const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const form = await page.text();
  const token = /name="token" value="([0-9a-f]+)"/.exec(form)?.[1] ?? "";
  const body = new URLSearchParams({
    token,
    actionlogin: "login",
    loginfunction: "loginfunction",
    username: login,
    password,
  });
  const home = await fetch(`${url}/index.php?mainmenu=home`, { method: "POST", headers: { cookie }, body });
  return [form, await home.text()];
}

describe("the rules of neutralising, in the sources of Dolibarr 22.0.4", { skip }, () => {
  const { named, cached } = findLocalDolibarr();
  const { home } = named ?? cached;
  const schema = () =>
    [...Deno.readDirSync(`${home}/install/mysql/tables`)].filter(({ name }) => name.endsWith(".sql"))
      .map(({ name }) => Deno.readTextFileSync(`${home}/install/mysql/tables/${name}`)).join("\n")
      // the one table that its module makes itself
      .concat(
        Deno.readTextFileSync(`${home}/core/modules/modReceiptPrinter.class.php`).replaceAll(
          '".MAIN_DB_PREFIX."',
          "llx_",
        ),
      );

  it("act where the table says", () => {
    const wrong = NEUTRALISE_RULES.flatMap((rule) => {
      const code = Deno.readTextFileSync(`${home}/${rule.readIn}`);
      const [, module] = "constant" in rule ? /^MAIN_MODULE_([A-Z]+)$/.exec(rule.constant) ?? [] : [];
      const names = "constant" in rule
        ? [
          module && code.includes(`isModEnabled('${module.toLowerCase()}')`)
            ? "isModEnabled"
            : rule.constant.split("*").find(Boolean)!,
        ]
        : [rule.table.replace("llx_", ""), ..."column" in rule ? [rule.column] : []];
      return names.filter((name) => !code.includes(name)).map((name) => `${name} is not in ${rule.readIn}`);
    });
    assertEquals(wrong, []);
  });

  it("name tables and columns that there are", () => {
    const text = schema();
    const wrong = NEUTRALISE_RULES.flatMap((rule) => {
      if ("constant" in rule) return [];
      const columns = new RegExp(`create table (if not exists )?${rule.table}\\s*\\(([^;]*)`, "i")
        .exec(text)?.[2];
      if (columns === undefined) return [rule.table];
      return "column" in rule && !new RegExp(`\\b${rule.column}\\s+\\w`, "i").test(columns)
        ? [`${rule.table}.${rule.column}`]
        : [];
    });
    assertEquals(wrong, []);
  });
});
