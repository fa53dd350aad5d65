/** A PostgreSQL server for a test, which may be stopped and started while it is in use. */

import type { Database } from "../../../src/postgres/connection/database.ts";
import { temporaryFolder } from "../folder.ts";
import { findFreePort } from "../../../src/lab/servers/ports.ts";
import { sh } from "../shell.ts";

export interface PostgresServer extends AsyncDisposable {
  /** A database of that server with one table, and a login that owns it. */
  database: Database;
  /** Its data, with its settings; its socket is there too. */
  data: string;
  /** Runs statements as the server's superuser, in that database or in `postgres`. */
  chief(sql: string, database?: string): Promise<void>;
  /** A program of this server's version: `pg_dump`. */
  program(name: string): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it as a crash does: it recovers at the next start. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Writes the server's key and certificates into its folder. @returns the options that switch TLS on. */
export async function writeTls(data: string, tls: ServerTls, root: boolean): Promise<string> {
  const files = {
    "tls.crt": tls.certificate.cert,
    "tls.key": tls.certificate.key,
    "ca.crt": tls.clientAuthority,
  };
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) continue;
    await Deno.writeTextFile(`${data}/${name}`, text, { mode: 0o600 });
    if (root) await sh(`chown postgres ${data}/${name}`);
  }
  if (tls.access) {
    const lines = ["host all chief 127.0.0.1/32 trust", ...tls.access];
    await Deno.writeTextFile(`${data}/pg_hba.conf`, lines.join("\n") + "\n");
  }
  const authority = tls.clientAuthority === undefined ? "" : "-c ssl_ca_file=ca.crt ";
  return `-c ssl=on -c ssl_cert_file=tls.crt -c ssl_key_file=tls.key ${authority}`;
}

const PASSWORD = "not-so-secret-3";

/** What a server with TLS shows, whom it believes, and who may come in how. */
export interface ServerTls {
  certificate: { cert: string; key: string };
  /** PEM of the authority that clients' certificates must be of. */
  clientAuthority?: string;
  /** The lines of pg_hba.conf behind those that let the superuser in; without them everybody is trusted. */
  access?: readonly string[];
}

export async function startPostgresServer(tls?: ServerTls): Promise<PostgresServer> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder()).path;
  await Deno.chmod(folder, 0o755);
  const data = `${folder}/data`;
  const port = findFreePort();
  const bin = (await sh("ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1")).trim();
  const root = Deno.uid() === 0;
  await sh(`install -d -m 700 ${root ? "-o postgres -g postgres" : ""} ${data}`);
  const server = (command: string) => sh(`cd / && ${root ? "runuser -u postgres --" : ""} ${bin}/${command}`);
  await server(`initdb -D ${data} -U chief --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync`);
  const encrypted = tls ? await writeTls(data, tls, root) : "";
  const options =
    `${encrypted}-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=${data} -c fsync=off`;
  const control = async (command: string) =>
    void await server(
      `pg_ctl -D ${data} -w ${
        command.includes("-m ") ? "" : "-m fast"
      } -o '${options}' -l ${data}/log ${command} >/dev/null`,
    );
  await control("start");
  started.defer(() => control("stop").catch(() => undefined)); // the test may have stopped it already
  const psql = async (sql: string, database = "postgres") =>
    void await sh(
      `psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p ${port} -U chief -d ${database}`,
      sql,
    );
  await psql(`CREATE ROLE erp_owner LOGIN PASSWORD '${PASSWORD}'`);
  await psql("CREATE DATABASE company OWNER erp_owner");
  const resources = started.move();
  return {
    database: {
      host: "127.0.0.1",
      port,
      name: "company",
      owner: "erp_owner",
      user: "erp_owner",
      password: PASSWORD,
    },
    data,
    chief: psql,
    program: (name) => `${bin}/${name}`,
    restart: () => control("restart"),
    stop: () => control("stop"),
    kill: () => control("-m immediate stop"),
    start: () => control("start"),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
