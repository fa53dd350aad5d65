/**
 * A small platform as a company might have it: a PostgreSQL server without a pooler, with PostgreSQL's own number of locks and a
 * certificate, which takes plain sessions too; documents folders; and a Dolibarr served by PHP, behind an address. Both
 * certificates are of the company's own authority. Only the data comes from the lab.
 */

import { makeAuthority, serveTls } from "./authority.ts";
import { findSet } from "../store/sets.ts";
import { startDrillLab } from "../lab/drill_lab.ts";
import { temporaryFolder } from "../folder.ts";
import { type ServerTls, writeTls } from "./postgres_server.ts";
import { findFreePort } from "../../../src/lab/servers/ports.ts";
import { sh } from "../shell.ts";

export interface ConfiguredPlatform extends AsyncDisposable {
  /** Where its dolibarr-drill.yaml lies. */
  folder: string;
  /** The secrets that it names. */
  env: Record<string, string>;
  /** The server, as its superuser, and the file of the company's authority. */
  server: { port: number; chief: string };
  authority: string;
  /** Writes its configuration, changed, under another name. */
  write(change: (text: string) => string, name: string): Promise<void>;
}

const PASSWORD = "not-so-secret-1";
const cache = `${
  Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`
}/dolibarr-drill/dolibarr-22.0.4/htdocs`;

export async function startConfiguredPlatform(): Promise<ConfiguredPlatform> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder()).path;
  await Deno.chmod(folder, 0o755);
  const port = findFreePort();
  const web = findFreePort();
  const authority = await makeAuthority(folder);
  await startServer(`${folder}/pg`, port, { certificate: await authority.sign("IP:127.0.0.1") }, started);
  await fill(folder, port);
  const front = started.use(
    serveTls(await authority.sign("IP:127.0.0.1"), (request) => passOn(request, web)),
  );
  await makeErp(folder, port, web, front.url);
  started.defer(async () => void await sh(`kill -- -$(cat ${folder}/erp.pid) || true`));
  const config = configuration(folder, port, `"${front.url}", certificate_authority: ${authority.file}`);
  await Deno.writeTextFile(`${folder}/dolibarr-drill.yaml`, config);
  const resources = started.move();
  return {
    folder,
    server: { port, chief: "chief" },
    authority: authority.file,
    env: { COMPANY_PASSWORD: PASSWORD, PRACTICE_PASSWORD: PASSWORD },
    write: (change, name) => Deno.writeTextFile(`${folder}/${name}`, change(config)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const configuration = (folder: string, port: number, web: string) =>
  `store: { url: "file://${folder}/backups" }
environments:
  prod:
    database: { host: 127.0.0.1, port: ${port}, name: company, owner: company_owner, user: company_login, password: env:COMPANY_PASSWORD }
    documents: ${folder}/company-documents
    web: { url: https://erp.example }
  sandbox:
    disposable: true
    database: { host: 127.0.0.1, port: ${port}, name: practice, owner: practice_owner, user: practice_login, password: env:PRACTICE_PASSWORD }
    documents: ${folder}/practice-documents
    web: { url: ${web} }
    workload: { command: { stop: [${folder}/erp, stop], start: [${folder}/erp, start] } }
drill: { from: prod, into: sandbox, samples: 3 }
`;

async function startServer(
  data: string,
  port: number,
  tls: ServerTls,
  started: AsyncDisposableStack,
): Promise<void> {
  const bin = (await sh("ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1")).trim();
  const asServer = Deno.uid() === 0 ? "runuser -u postgres --" : "";
  await sh(`install -d -m 700 ${Deno.uid() === 0 ? "-o postgres -g postgres" : ""} ${data}`);
  await sh(
    `cd / && ${asServer} ${bin}/initdb -D ${data} -U chief --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync`,
  );
  const encrypted = await writeTls(data, tls, Deno.uid() === 0);
  const options =
    `${encrypted}-c listen_addresses=127.0.0.1,127.0.0.2 -c port=${port} -c unix_socket_directories= -c fsync=off -c max_connections=40`;
  await sh(`cd / && ${asServer} ${bin}/pg_ctl -D ${data} -w -o '${options}' -l ${data}/log start`);
  started.defer(async () => void await sh(`cd / && ${asServer} ${bin}/pg_ctl -D ${data} -m immediate stop`));
  const psql = (database: string, sql: string) =>
    sh(`psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p ${port} -U chief -d ${database}`, sql);
  for (const name of ["company", "practice"]) {
    await psql(
      "postgres",
      `CREATE ROLE ${name}_owner NOLOGIN; CREATE ROLE ${name}_login LOGIN PASSWORD '${PASSWORD}' IN ROLE ${name}_owner;`,
    );
    await psql("postgres", `CREATE DATABASE ${name} OWNER ${name}_owner`);
  }
  // from now on logins need a password, but for the superuser's
  await sh(
    `sed -i -e 's/trust/scram-sha-256/' -e '1i host all chief 127.0.0.1/32 trust' ${data}/pg_hba.conf && ${asServer} ${bin}/pg_ctl -D ${data} reload`,
  );
}

/** Restores the lab's newest set into `company`, by pg_restore and tar. */
async function fill(folder: string, port: number): Promise<void> {
  await using lab = await startDrillLab("real");
  const { manifest } = await findSet(lab.store, "prod", "latest");
  const root = new URL(lab.store.url).pathname;
  await sh(
    `pg_restore --no-owner --no-acl --role=company_owner -h 127.0.0.1 -p ${port} -U company_login -d company ${root}/${
      manifest.db.objects[0]!.key
    } 2>&1 || true`,
    "",
    { PGPASSWORD: PASSWORD },
  );
  await sh(
    `mkdir ${folder}/company-documents ${folder}/practice-documents && tar -xzf ${root}/${
      manifest.docs.objects[0]!.key
    } -C ${folder}/company-documents`,
  );
}

/** A Dolibarr for the sandbox: our cache's files, a conf.php of its own, and a script that starts and stops PHP. */
async function makeErp(folder: string, port: number, web: number, url: string): Promise<void> {
  await sh(`cp -a ${cache} ${folder}/htdocs`);
  const settings: Record<string, string> = {
    url_root: url,
    document_root: `${folder}/htdocs`,
    data_root: `${folder}/practice-documents`,
    db_type: "pgsql",
    db_host: "127.0.0.1",
    db_port: String(port),
    db_name: "practice",
    db_user: "practice_login",
    db_pass: PASSWORD,
    db_prefix: "llx_",
    db_character_set: "utf8",
    db_collation: "",
    authentication: "dolibarr",
    instance_unique_id: "0123456789abcdef",
    prod: "1",
  };
  const lines = Object.entries(settings).map(([name, value]) => `$dolibarr_main_${name} = '${value}';`);
  await Deno.writeTextFile(`${folder}/htdocs/conf/conf.php`, `<?php\n${lines.join("\n")}\n`);
  await Deno.writeTextFile(
    `${folder}/erp`,
    `#!/bin/sh
case $1 in
  start) PHP_CLI_SERVER_WORKERS=3 setsid php -d display_errors=0 -S 127.0.0.1:${web} -t ${folder}/htdocs </dev/null >${folder}/erp.log 2>&1 & echo $! >${folder}/erp.pid ;;
  stop) [ ! -s ${folder}/erp.pid ] || kill -- -$(cat ${folder}/erp.pid) 2>/dev/null; rm -f ${folder}/erp.pid ;;
esac
`,
    { mode: 0o755 },
  );
}

/** Passes a request on to PHP, as an ingress does; 502 where it does not run. */
async function passOn(request: Request, port: number): Promise<Response> {
  const { pathname, search, host } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.set("host", host);
  try {
    return await fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
    });
  } catch (error) {
    if (error instanceof TypeError) return new Response("nobody is there", { status: 502 });
    throw error;
  }
}
