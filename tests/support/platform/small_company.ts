/** The smallest database that counts as a Dolibarr, 262 tables, with two dozen files and a store, for the command line. */

import { connect } from "../../../src/postgres/connection/session.ts";
import { type CliEnd, runCli } from "../cli.ts";
import { temporaryFolder } from "../folder.ts";
import { startPostgresServer } from "./postgres_server.ts";

export interface SmallCompany extends AsyncDisposable {
  /** Holds `documents`, `store` and `dolibarr-drill.yaml`. */
  folder: string;
  /** What the command line needs to know of the environment. */
  env: Record<string, string>;
  sql(...statements: string[]): Promise<void>;
  /** Runs a verb with its configuration, or that of another store's folder. */
  cli(args: readonly string[], config?: string): Promise<CliEnd>;
  /** Writes a configuration for the store in another folder. @returns its path. */
  configFor(store: string): Promise<string>;
}

export const FILES = 24;

export async function startSmallCompany(): Promise<SmallCompany> {
  await using started = new AsyncDisposableStack();
  const { database } = started.use(await startPostgresServer());
  const folder = started.use(await temporaryFolder()).path;
  await Deno.mkdir(`${folder}/documents/facture`, { recursive: true });
  for (let at = 0; at < FILES; at++) {
    await Deno.writeTextFile(`${folder}/documents/facture/FA${at}.pdf`, "%PDF");
  }
  const { port, name, user, owner } = database;
  const databaseOf = (name: string) =>
    `{ host: 127.0.0.1, port: ${port}, name: ${name}, owner: ${owner}, user: ${user}, password: env:DB_PASSWORD }`;
  const configFor = async (store: string) => {
    const file = `${store}.yaml`;
    await Deno.writeTextFile(
      file,
      `store: { url: "file://${store}" }
environments:
  prod: { database: ${databaseOf(name)}, documents: ${folder}/documents, web: { url: https://erp.example } }
  sandbox: { disposable: true, database: ${
        databaseOf("practice")
      }, documents: ${folder}/practice, web: { url: https://practice.example } }
drill: { from: prod, into: sandbox }
`,
    );
    return file;
  };
  const sql = async (...statements: string[]) => {
    await using session = await connect(database);
    for (const statement of statements) await session.query(statement);
  };
  await sql(
    `DO $$ BEGIN FOR n IN 1..260 LOOP EXECUTE format('CREATE TABLE llx_t%s (rowid integer)', n); END LOOP; END $$`,
    "CREATE TABLE llx_user AS SELECT 1 AS rowid, 'admin' AS login",
    "CREATE TABLE llx_facture AS SELECT n AS rowid FROM generate_series(1, 500) AS n",
  );
  const own = await configFor(`${folder}/store`);
  const env = { DB_PASSWORD: database.password! };
  const resources = started.move();
  return {
    folder,
    env,
    sql,
    configFor,
    cli: (args, config = own) => runCli([...args, "--config", config], { env }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
