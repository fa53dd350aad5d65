/** TLS to PostgreSQL: nothing of ours goes in plain text where TLS is asked for, and a refusal says what is wrong. */

import { assert, assertEquals, assertFalse, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { openEnvironment } from "../../../src/cli/command/clients.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { Database } from "../../../src/postgres/connection/database.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import type { TlsSettings } from "../../../src/postgres/connection/tls.ts";
import { runCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type Authority, makeAuthority } from "../../support/platform/authority.ts";
import { type ServerTls, startPostgresServer } from "../../support/platform/postgres_server.ts";
import { sampleSessions } from "../../support/platform/sampled_sessions.ts";
import { startTestPooler } from "../../support/platform/pooler.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

const SCRAM = "host all all 127.0.0.1/32 scram-sha-256";
const TLS_ONLY = "hostssl all all 127.0.0.1/32 scram-sha-256";

describe("TLS to PostgreSQL", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let authority: Authority;
  let other: Authority;

  beforeAll(async () => {
    folder = await temporaryFolder();
    [authority, other] = [await makeAuthority(folder.path), await makeAuthority(folder.path)];
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const serverTls = async (access: string, name = "IP:127.0.0.1", days = 1): Promise<ServerTls> => ({
    certificate: await authority.sign(name, days),
    access: [access],
  });

  /** What a session with these settings is, by the server's own word and by ours; else why there is none. */
  async function session(database: Database, tls: TlsSettings, more: Partial<Database> = {}) {
    try {
      await using session = await connect({ ...database, ...more, tls });
      const [row] = await session.query<{ ssl: boolean }>(
        "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      );
      assertEquals(row!.ssl, "tls" in session.encryption);
      return row!.ssl ? "encrypted" : "plain";
    } catch (error) {
      assert(error instanceof DrillError, String(error));
      return `${error.code}: ${error.message.replace(/.* as \S+: /, "")}`;
    }
  }

  it("is taken by each mode where the server offers it, and asked for by none where it is disabled", async () => {
    await using server = await startPostgresServer(await serverTls(SCRAM));
    const { database } = server;
    const rootCert = authority.file;
    assertEquals(await session(database, { mode: "disable" }), "plain");
    assertEquals(await session(database, { mode: "prefer" }), "encrypted");
    assertEquals(await session(database, { mode: "require" }), "encrypted");
    assertEquals(await session(database, { mode: "verify-ca", rootCert }), "encrypted");
    assertEquals(await session(database, { mode: "verify-full", rootCert }), "encrypted");
    assertEquals(
      await session(database, { mode: "verify-ca", rootCert }, { host: "localhost" }),
      "encrypted",
    );
  });

  it("is refused with the reason where whose server it is cannot be proved", async () => {
    const full = (file: string): TlsSettings => ({ mode: "verify-full", rootCert: file });
    await using server = await startPostgresServer(await serverTls(SCRAM));
    const { database } = server;
    assertMatch(await session(database, full(other.file)), /^DATABASE_TLS: .* not of an authority in/);
    assertMatch(
      await session(database, full(authority.file), { host: "localhost" }),
      /^DATABASE_TLS: the server's certificate is for another name/,
    );
    assertMatch(await session(database, full("/nowhere.pem")), /^DATABASE_TLS: Cannot read \/nowhere\.pem/);
    await using old = await startPostgresServer(await serverTls(SCRAM, "IP:127.0.0.1", -1));
    assertMatch(await session(old.database, full(authority.file)), /^DATABASE_TLS: .* has expired/);
    assertEquals(await session(old.database, { mode: "require" }), "encrypted", "require proves nothing");
  });

  it("is what a server that wants it is asked for, and no password is called wrong for want of it", async () => {
    await using server = await startPostgresServer(await serverTls(TLS_ONLY));
    const { database } = server;
    assertEquals(await session(database, { mode: "prefer" }), "encrypted");
    assertMatch(
      await session(database, { mode: "disable" }),
      /^DATABASE_TLS: the server takes this login over TLS/,
    );
    assertMatch(await session(database, { mode: "require" }, { password: "wrong" }), /^DATABASE_LOGIN/);
  });

  it("is done without only with prefer, where the server has none or takes the login without it", async () => {
    await using bare = await startPostgresServer();
    assertEquals(await session(bare.database, { mode: "prefer" }), "plain");
    assertMatch(await session(bare.database, { mode: "require" }), /^DATABASE_TLS: the server offers no TLS/);
    await using server = await startPostgresServer(
      await serverTls("hostnossl all all 127.0.0.1/32 scram-sha-256"),
    );
    assertEquals(await session(server.database, { mode: "prefer" }), "plain");
    assertMatch(
      await session(server.database, { mode: "require" }),
      /^DATABASE_LOGIN: no pg_hba\.conf entry/,
    );
  });

  it("shows a client's certificate where the server wants one, and needs no password then", async () => {
    const tls = await serverTls("hostssl all all 127.0.0.1/32 cert");
    await using server = await startPostgresServer({ ...tls, clientAuthority: authority.pem });
    const { cert, key } = await authority.sign("DNS:client", 1, "erp_owner");
    const [clientCert, clientKey] = [`${folder.path}/client.crt`, `${folder.path}/client.key`];
    await Deno.writeTextFile(clientCert, cert);
    await Deno.writeTextFile(clientKey, key, { mode: 0o600 });
    const withoutPassword = { password: undefined };
    assertEquals(
      await session(server.database, { mode: "require", clientCert, clientKey }, withoutPassword),
      "encrypted",
    );
    assertMatch(
      await session(server.database, { mode: "require" }, withoutPassword),
      /^DATABASE_TLS: the server wants a client certificate/,
    );
  });

  it("reaches as far as a pooler that wants it, and is refused in its words", async () => {
    await using server = await startPostgresServer();
    const { cert, key } = await authority.sign("IP:127.0.0.1");
    await using place = await temporaryFolder();
    await Deno.chmod(place.path, 0o755);
    for (const [name, text] of [["tls.crt", cert], ["tls.key", key]] as const) {
      await Deno.writeTextFile(`${place.path}/${name}`, text, { mode: 0o644 });
    }
    await using pooler = await startTestPooler(
      server.database,
      "session",
      `client_tls_sslmode = require
client_tls_cert_file = ${place.path}/tls.crt
client_tls_key_file = ${place.path}/tls.key`,
    );
    const tls: TlsSettings = { mode: "verify-full", rootCert: authority.file };
    await using encrypted = await connect({ ...pooler.database, tls });
    assert("tls" in encrypted.encryption);
    const bare = { ...pooler.database, tls: { mode: "disable" as const } };
    const error = await assertRejects(() => connect(bare), DrillError);
    assertEquals(error.code, "DATABASE_TLS", error.message);
  });

  describe("through a whole backup and restore", () => {
    let pair: SmallPair;

    beforeAll(async () => {
      pair = await startSmallPair({ tls: await serverTls(SCRAM) });
    });
    afterAll(() => pair[Symbol.asyncDispose]());

    /** Runs a verb while the server is asked, again and again, which sessions of ours are not encrypted. */
    async function sampled(configFile: string, ...args: string[]) {
      const chief = { ...pair.server.database, user: "chief", name: "postgres" };
      const { how, end } = await sampleSessions(
        chief,
        ["prod", "sandbox"],
        () =>
          runCli([...args, "--config", configFile], { env: { DB_PASSWORD: pair.prod.database.password! } }),
      );
      assertEquals(end.code, 0, end.stderr);
      return { how, ...end };
    }

    async function configured(tls: string): Promise<string> {
      const file = `${pair.folder}/tls-${crypto.randomUUID()}.yaml`;
      const text = await Deno.readTextFile(pair.configFile);
      await Deno.writeTextFile(
        file,
        text.replaceAll("password: env:DB_PASSWORD", `password: env:DB_PASSWORD, ${tls}`),
      );
      return file;
    }

    const newest = async () => {
      const keys = (await Array.fromAsync(pair.store.list("prod/manifests/"))).map(({ key }) => key).sort();
      return JSON.parse(await new Response(ReadableStream.from(pair.store.get(keys.at(-1)!))).text());
    };

    it("shows no plain session of ours, and the manifest says what was encrypted", async () => {
      for (const tls of ["sslmode: require", `sslmode: verify-full, root_cert: ${authority.file}`]) {
        const file = await configured(tls);
        const taken = await sampled(file, "backup", "--force");
        assertEquals(taken.how, ["tls dolibarr-drill"]);
        assertMatch((await newest()).versions.TLS, /^TLSv1\.[23] \((require|verify-full)\)$/);
        for (const staged of [[], ["--staged"]]) {
          const restored = await sampled(file, "restore", ...staged);
          assertEquals(restored.how, ["tls dolibarr-drill"], staged.join());
        }
      }
    });

    it("tells of a server that was encrypted at the last backup and is not now", async () => {
      const before = await sampled(await configured("sslmode: prefer"), "backup");
      assertFalse(/not encrypted/.test(before.stderr), before.stderr);
      const after = await sampled(await configured("sslmode: disable"), "backup");
      assertMatch(after.stderr, /the connection to the database was not encrypted, as it was for/);
      assertEquals((await newest()).versions.TLS, "none (disable)");
    });

    it("reads the password from .pgpass where none is configured", async () => {
      const { host, port, password } = pair.prod.database;
      const pgpass = `${folder.path}/pgpass`;
      await Deno.writeTextFile(pgpass, `${host}:${port}:*:*:${password}\n`, { mode: 0o600 });
      const file = `${pair.folder}/pgpass.yaml`;
      const text = await Deno.readTextFile(pair.configFile);
      await Deno.writeTextFile(file, text.replaceAll(", password: env:DB_PASSWORD", ""));
      const config = await loadConfig(file);
      const { database } = await openEnvironment(environmentOf(config, "prod"), silentReporter);
      assertEquals(database.password, undefined);
      const error = await assertRejects(() => connect(database), DrillError);
      assertMatch(error.message, /asks for a password, and there is none/);
      const taken = await runCli(["backup", "--force", "--config", file], { env: { PGPASSFILE: pgpass } });
      assertEquals(taken.code, 0, taken.stderr);
    });

    it("needs no password over a socket whose logins are users of this machine, and is told of as that", async () => {
      const { data, chief } = pair.server;
      const me = (await new Deno.Command("id", { args: ["-un"] }).output()).stdout;
      const user = new TextDecoder().decode(me).trim();
      const access = ["local all all peer map=drill", "host all chief 127.0.0.1/32 trust"];
      await Deno.writeTextFile(`${data}/pg_hba.conf`, access.join("\n") + "\n");
      const mapped = ["prod_login", "sandbox_login"].map((login) => `drill ${user} ${login}\n`);
      await Deno.writeTextFile(`${data}/pg_ident.conf`, mapped.join(""));
      await chief("SELECT pg_reload_conf()");
      const file = `${pair.folder}/peer.yaml`;
      const text = await Deno.readTextFile(pair.configFile);
      await Deno.writeTextFile(
        file,
        text.replaceAll("host: 127.0.0.1", `host: ${data}`).replaceAll(", password: env:DB_PASSWORD", ""),
      );
      for (const verb of [["backup", "--force"], ["restore"], ["restore", "--staged"]]) {
        const { code, stderr } = await runCli([...verb, "--config", file]);
        assertEquals(code, 0, stderr);
      }
      assertEquals((await newest()).versions.TLS, "none (a socket of this machine)");
      await Deno.writeTextFile(`${data}/pg_ident.conf`, "drill nobody prod_login\n");
      await chief("SELECT pg_reload_conf()");
      const refused = await runCli(["backup", "--force", "--config", file]);
      assertEquals(refused.code, 2);
      assertMatch(refused.stderr, /as prod_login: Peer authentication failed/);
      assertMatch(refused.stderr.replaceAll(/\s+/g, " "), /as the user of that name, or .*pg_ident\.conf/);
    });
  });
});
