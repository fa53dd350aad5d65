/** Who hears of backups and prunes: by a real webhook, and a test message by hand. */

import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { putPrune } from "../../../src/store/records/prunes.ts";
import type { Store } from "../../../src/store/store.ts";
import { resultOf, runCli } from "../../support/cli.ts";
import { type SmallCompany, startSmallCompany } from "../../support/platform/small_company.ts";
import { startWebSink, type WebSink } from "../../support/platform/sinks.ts";

describe("a backup and a prune notify", () => {
  let company: SmallCompany;
  let sink: WebSink;
  let config: string;
  let store: Store;
  let env: Record<string, string>;

  beforeAll(async () => {
    company = await startSmallCompany();
    sink = startWebSink();
    config = `${company.folder}/notify.yaml`;
    const text = await Deno.readTextFile(await company.configFor(`${company.folder}/store`));
    const notify =
      `notify: { webhook: { url: env:HOOK, json: { text: "{verdict} {verb} {environment}: {cause}", hint: "{hint}" } }, alive_url: env:ALIVE }\n`;
    await Deno.writeTextFile(config, text + notify);
    store = await openFileStore(`file://${company.folder}/store`);
    env = { ...company.env, HOOK: `${sink.url}-s3cr3t` }; // ALIVE is the drill's alone
    await company.sql(
      `ALTER TABLE llx_facture ADD ref text, ADD entity integer DEFAULT 1, ADD fk_statut integer DEFAULT 0, ADD datef date,
         ADD last_main_doc text`,
      "UPDATE llx_facture SET ref = 'FA' || rowid, last_main_doc = 'facture/FA' || rowid || '.pdf'",
      "UPDATE llx_facture SET fk_statut = 1 WHERE rowid < 3",
      "DROP TABLE IF EXISTS llx_ecm_files",
      `CREATE TABLE llx_ecm_files (rowid integer, entity integer, filepath text, filename text, label text,
         src_object_type text, src_object_id integer)`,
    );
  });
  afterAll(async () => {
    await sink[Symbol.asyncDispose]();
    await company[Symbol.asyncDispose]();
  });

  async function run(args: string[], other = env) {
    sink.taken();
    const end = await runCli([...args, "--json", "--config", config], { env: other });
    for (const text of [end.stdout, end.stderr]) assertFalse(text.includes("s3cr3t"), text);
    const sent: { text: string; hint: string }[] = sink.taken().map((body) => JSON.parse(body));
    return {
      ...end,
      result: resultOf(end.stdout),
      texts: sent.map(({ text }) => text),
      hints: sent.map(({ hint }) => hint),
    };
  }

  it("nobody of a good backup, and needs no dead man's switch", async () => {
    const { code, stderr, texts, result } = await run(["backup"]);
    assertEquals([code, texts, result.told], [0, [], {}], stderr);
    assertFalse(stderr.includes("NOBODY WAS TOLD"), stderr);
  });

  it("once of a fault that is new, though the backup is good", async () => {
    const pdf = `${company.folder}/documents/facture/FA1.pdf`;
    await Deno.rename(pdf, `${company.folder}/FA1.pdf`);
    const { code, texts, result } = await run(["backup"]);
    assertEquals([code, result.told, result.findings], [0, { webhook: "sent" }, 1]);
    assertEquals(texts, [
      "PASS backup prod: the backup is good, but prod has 1 new fault: FA1: facture/FA1.pdf is missing",
    ]);
    assertEquals((await run(["backup"])).texts, []);
    const strict = await run(["backup", "--strict"]);
    assertEquals([strict.code, strict.texts.length], [1, 1]);
    assertMatch(
      strict.texts[0]!,
      /^FAIL backup prod: The set prod\/\w+ is good, but prod has 1 fault that is not accepted: /,
    );
    await Deno.rename(`${company.folder}/FA1.pdf`, pdf);
    const mended = await run(["backup", "--strict"]);
    assertEquals([mended.code, mended.texts, mended.result.findings], [0, [], 0]);
  });

  it("of a suspect set, and once that it is good again", async () => {
    await company.sql("CREATE TABLE away AS TABLE llx_user", "TRUNCATE llx_user");
    const { code, texts, hints } = await run(["backup"]);
    assertEquals([code, texts.length], [1, 1]);
    assertMatch(
      texts[0]!,
      /^FAIL backup prod: The set prod\/\w+ is suspect: its state looks lost: no users$/,
    );
    assertMatch(hints[0]!, /^Check prod now/);
    await company.sql("INSERT INTO llx_user TABLE away", "DROP TABLE away");
    assertEquals((await run(["backup"])).texts, [
      "PASS backup prod: the backup is good again; the set before it is suspect",
    ]);
    assertEquals((await run(["backup"])).texts, []);
  });

  it("of a backup that failed, also before the store could be opened", async () => {
    const documents = `${company.folder}/documents`;
    await Deno.rename(documents, `${documents}-away`);
    const metrics = `${company.folder}/backup.prom`;
    const { code, texts, result } = await run(["backup", "--metrics", metrics]);
    await Deno.rename(`${documents}-away`, documents);
    assertEquals([code, texts], [2, [`NOT RUN backup prod: the backup failed: ${result.message}`]]);
    const text = await Deno.readTextFile(metrics);
    assertMatch(text, /^dolibarr_backup_verdict\{verdict="not_run",environment="prod",lab="false"\} 1$/m);
    assertMatch(text, /^dolibarr_backup_last_success_timestamp_seconds\{.*\} \d{10}(\.\d+)?$/m);
    assertFalse(text.includes("dolibarr_backup_findings"));

    const { DB_PASSWORD: _, ...without } = env;
    const early = await run(["backup"], without);
    assertEquals(early.code, 2);
    assertMatch(early.texts[0]!, /^NOT RUN backup prod: the backup failed: Cannot read .*DB_PASSWORD/);
    assertEquals((await run(["backup", "--no-notify"], without)).texts, []);
  });

  it("of metrics that cannot be written, though the set is stored", async () => {
    const file = `${company.folder}/nowhere/backup.prom`;
    const { code, texts, hints, result } = await run(["backup", "--metrics", file]);
    assertEquals([code, result.code, texts.length], [2, "REPORT_NOT_WRITABLE", 1]);
    assertMatch(
      texts[0]!,
      /^NOT RUN backup prod: the backup failed: Cannot write the metrics of the backup to /,
    );
    assertMatch(hints[0]!, /What was backed up is stored\.$/);
  });

  it("and changes nothing where nobody can be told", async () => {
    const { code, stderr, result } = await run(["backup"], { ...env, HOOK: "not an address" });
    assertEquals(code, 0);
    assertMatch(stderr, /NOBODY WAS TOLD by notify\.webhook: what env:HOOK holds is no address/);
    assertMatch(String((result.told as { webhook: string }).webhook), /^failed: /);
  });

  it("of a prune that was refused, and of no dry run", async () => {
    await store.put("prod/manifests/20261101T020000Z.json", bytesOf("{}"));
    const { code, texts } = await run(["prune"]);
    assertEquals([code, texts.length], [2, 1]);
    assertMatch(texts[0]!, /^NOT RUN prune prod: the prune failed: Cannot prune prod/);
    assertEquals((await run(["prune", "--dry-run"])).texts, []);
    assertEquals((await run(["prune", "--no-notify"])).texts, []);
    await store.delete("prod/manifests/20261101T020000Z.json");
    assertEquals((await run(["prune"])).texts, []); // a refused one left no record
  });

  it("once that a prune ended after one that was cut short", async () => {
    const at = "20261101T030000Z";
    for await (const { key } of store.list("prod/prunes/")) await store.delete(key);
    await putPrune(store, { environment: "prod", at, sets: [], legacy: [], dropped: [] });
    const { code, texts, stderr } = await run(["prune"]);
    assertEquals([code, texts], [
      0,
      ["PASS prune prod: the prune came to its end; the one before was cut short"],
    ], stderr);
    assertEquals((await run(["prune"])).texts, []);
  });
});

describe("notify --test", () => {
  let sink: WebSink;
  let folder: string;
  let config: string;
  beforeAll(async () => {
    sink = startWebSink();
    folder = await Deno.makeTempDir();
    config = `${folder}/dolibarr-drill.yaml`;
    await write(`webhook: { url: env:HOOK, headers: { Authorization: env:TOKEN } }, alive_url: env:ALIVE`);
  });
  afterAll(async () => {
    await sink[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });

  /** The store's keys, the database's password: it needs none of them. */
  const write = (notify: string | undefined) =>
    Deno.writeTextFile(
      config,
      `store: { url: "s3://bucket/erp", endpoint: "https://store.invalid", access_key: env:NO_KEY, secret_key: env:NO_SECRET }
environments:
  prod: { database: { host: db.invalid, name: erp, owner: o, user: u, password: env:NO_PASSWORD }, documents: /srv/none, web: { url: https://erp.invalid } }
  sandbox: { disposable: true, database: { host: db.invalid, name: sandbox, owner: s, user: u, password: env:NO_PASSWORD }, documents: /srv/no, web: { url: https://sandbox.invalid } }
drill: { from: prod, into: sandbox }
${notify ? `notify: { ${notify} }\n` : ""}`,
    );
  const env = () => ({ HOOK: `${sink.url}-s3cr3t`, TOKEN: "Bearer t0k3n", ALIVE: `${sink.url}-alive` });
  async function run(args: string[], other: Record<string, string> = env()) {
    sink.taken();
    const end = await runCli(["notify", ...args, "--config", config], { env: other });
    for (const text of [end.stdout, end.stderr]) assertFalse(/s3cr3t|t0k3n|-alive/.test(text), text);
    return { ...end, sent: sink.taken() };
  }

  it("sends one message, and shows it and its host; the dead man's switch gets none", async () => {
    const { code, stdout, stderr, sent } = await run(["--test"]);
    assertEquals([code, sent.length], [0, 1], stderr);
    assertMatch(JSON.parse(sent[0]!).text, /^TEST prod: this is a test: /);
    const { host } = new URL(sink.url);
    assertEquals(stdout.split("\n")[0], `Sent to ${host} (notify.webhook), which took it:`);
    assertStringIncludes(stdout, sent[0]!);
    const json = resultOf((await run(["--test", "--json"])).stdout);
    assertEquals([json.verdict, json.host, json.told], ["pass", host, { webhook: "sent" }]);
  });

  it("ends with 2 where it was not taken, or a secret is missing", async () => {
    const { ALIVE: _, ...without } = env();
    const missing = await run(["--test"], without);
    assertEquals(missing.code, 2);
    assertMatch(missing.stderr, /^Cannot send a test message by notify\.alive_url: .*ALIVE/);
    await using refusing = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(null, { status: 403 }),
    );
    const host = `127.0.0.1:${refusing.addr.port}`;
    const wrong = await run(["--test", "--json"], { ...env(), HOOK: `http://${host}/hook-s3cr3t` });
    const { exit, code, message } = resultOf(wrong.stdout);
    assertEquals([wrong.code, exit, code], [2, 2, "NOTIFICATION_FAILED"]);
    assertEquals(message, `Cannot send a test message by notify.webhook: ${host} answered 403`);
  });

  it("ends with 2 and what to do without --test, and without a webhook", async () => {
    const bare = await run([]);
    assertEquals([bare.code, bare.sent], [2, []]);
    assertMatch(bare.stderr, /notify needs --test\n.*dolibarr-drill notify --test/);
    await write("alive_url: env:ALIVE");
    const none = await run(["--test"]);
    assertEquals([none.code, none.sent], [2, []]);
    assertMatch(
      none.stderr,
      /^Cannot send a test message: notify\.webhook is not configured\n.*docs\/notify\.md/,
    );
  });
});
