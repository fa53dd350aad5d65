/**
 * A production and a sandbox with the smallest databases that count as a Dolibarr: 262 tables each, documents, a web address
 * that answers while a flag file exists, and a configuration with both. For tests that need no page.
 */

import { openEnvironment, openStore, protectedOnes } from "../../../src/cli/command/clients.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { type Config, environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { recordFilledTree } from "../../../src/restore/filled_tree.ts";
import type { Store } from "../../../src/store/store.ts";
import { type CliEnd, runCli, spawnCli } from "../cli.ts";
import { stateOf } from "../lab/drill_lab.ts";
import { temporaryFolder } from "../folder.ts";
import { type PostgresServer, type ServerTls, startPostgresServer } from "./postgres_server.ts";

export interface SmallPair extends AsyncDisposable {
  /** Holds `prod`, `sandbox` (their documents), `store` and `dolibarr-drill.yaml`. */
  folder: string;
  server: PostgresServer;
  configFile: string;
  config: Config;
  prod: OpenEnvironment;
  sandbox: OpenEnvironment;
  store: Store;
  /** The environments that a restore into the sandbox must not touch. */
  protectedOnes: ReturnType<typeof protectedOnes>;
  /** Runs statements as the owner of that environment's tables. */
  sql(environment: "prod" | "sandbox", ...statements: string[]): Promise<void>;
  cli(...args: string[]): Promise<CliEnd>;
  spawn(...args: string[]): Deno.ChildProcess;
  /** Database and documents of that environment as one hash. */
  state(environment: "prod" | "sandbox"): Promise<string>;
  /** Whether its web address answers. */
  isUp(environment: "prod" | "sandbox"): boolean;
}

const PASSWORD = "not-so-secret-4";
const NAMES = ["prod", "sandbox"] as const;

/** `tls`: how the server is encrypted, and who may come in. `tablesIn`, `documentsIn`: disks that the sandbox's database and its documents lie on. */
export async function startSmallPair(
  { tablesIn, documentsIn, tls }: { tablesIn?: string; documentsIn?: string; tls?: ServerTls } = {},
): Promise<SmallPair> {
  await using started = new AsyncDisposableStack();
  const server = started.use(await startPostgresServer(tls));
  const folder = started.use(await temporaryFolder()).path;
  const { port } = server.database;
  if (documentsIn !== undefined) {
    await Deno.mkdir(`${documentsIn}/documents`);
    await Deno.symlink(`${documentsIn}/documents`, `${folder}/sandbox`);
  }
  const web = Object.fromEntries(
    NAMES.map((name) => [name, started.use(serveWhile(`${folder}/${name}-up`))]),
  );
  const environment = (name: string) =>
    `  ${name}:
    ${name === "sandbox" ? "disposable: true" : "disposable: false"}
    database: { host: 127.0.0.1, port: ${port}, name: ${name}, owner: ${name}_owner, user: ${name}_login, password: env:DB_PASSWORD }
    documents: ${folder}/${name}
    web: { url: "${web[name]!.url}" }
    workload: { command: { stop: [rm, -f, ${folder}/${name}-up], start: [touch, ${folder}/${name}-up] } }`;
  const configFile = `${folder}/dolibarr-drill.yaml`;
  await Deno.writeTextFile(
    configFile,
    `store: { url: "file://${folder}/store" }
environments:
${NAMES.map(environment).join("\n")}
drill: { from: prod, into: sandbox }
state: ${folder}/states
`,
  );
  if (tablesIn !== undefined) await server.chief(`CREATE TABLESPACE small LOCATION '${tablesIn}'`);
  for (const name of NAMES) {
    await make(name, folder, server, tablesIn !== undefined && name === "sandbox" ? "small" : "pg_default");
  }
  Deno.env.set("DB_PASSWORD", PASSWORD);
  started.defer(() => Deno.env.delete("DB_PASSWORD"));
  const config = await loadConfig(configFile);
  const open = (name: string) => openEnvironment(environmentOf(config, name), silentReporter);
  const [prod, sandbox] = [await open("prod"), await open("sandbox")];
  const of = { prod, sandbox };
  const env = { DB_PASSWORD: PASSWORD };
  const store = await openStore(config.store);
  await recordFilledTree(sandbox, store, { by: "restore" }); // what lies in the sandbox is of an earlier restore
  const resources = started.move();
  return {
    folder,
    server,
    configFile,
    config,
    prod,
    sandbox,
    store,
    protectedOnes: protectedOnes(config, { from: "prod", into: "sandbox" }, silentReporter),
    async sql(name, ...statements) {
      await using session = await connect(of[name].database);
      for (const statement of statements) await session.query(statement);
    },
    cli: (...args) => runCli(args.includes("--config") ? args : [...args, "--config", configFile], { env }),
    spawn: (...args) => spawnCli([...args, "--config", configFile], { env }),
    state: (name) => stateOf(of[name]),
    isUp: (name) => exists(`${folder}/${name}-up`),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Roles, database, 263 tables, two dozen documents; up. */
async function make(
  name: string,
  folder: string,
  { chief }: PostgresServer,
  tablespace: string,
): Promise<void> {
  await chief(
    `CREATE ROLE ${name}_owner; CREATE ROLE ${name}_login LOGIN PASSWORD '${PASSWORD}' IN ROLE ${name}_owner;
    ALTER ROLE ${name}_login SET ROLE ${name}_owner; CREATE DATABASE ${name} OWNER ${name}_owner TABLESPACE ${tablespace};`,
  );
  await chief(
    `SET ROLE ${name}_owner;
    DO $$ BEGIN FOR n IN 1..260 LOOP EXECUTE format('CREATE TABLE llx_t%s (rowid integer)', n); END LOOP; END $$;
    CREATE TABLE llx_user AS SELECT 1 AS rowid, 'admin of ${name}' AS login, 'Admin'::text AS lastname;
    CREATE TABLE llx_facture AS SELECT n AS rowid, 'FA' || n AS ref FROM generate_series(1, 500) AS n;
    CREATE TABLE llx_const (rowid serial PRIMARY KEY, name text, entity integer, value text, type text, visible integer, note text,
      tms timestamp DEFAULT now());
    INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_INFO_SOCIETE_NOM', 1, '${name}');
    CREATE FUNCTION year(timestamp) RETURNS double precision LANGUAGE sql AS 'SELECT extract(year FROM $1)::double precision';`,
    name,
  );
  const files = ["mycompany/logos/logo.png", ...Array.from({ length: 24 }, (_, at) => `facture/FA${at}.pdf`)];
  for (const path of files) {
    const file = `${folder}/${name}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, `${path} of ${name}`);
  }
  await Deno.writeTextFile(`${folder}/${name}-up`, "");
}

/** A web address that answers with 200 while `flag` is there, else with 503. */
function serveWhile(flag: string): AsyncDisposable & { url: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("", { status: exists(flag) ? 200 : 503 }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false; // a flag that is not there
  }
}
