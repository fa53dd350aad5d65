/** What answers where PostgreSQL was expected: a server that speaks first is another one, and says which. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { type Database, describeDatabase } from "./database.ts";

/** MySQL's and MariaDB's first packet: its length, its number 0, protocol 10, and the version up to a NUL. */
const MYSQL = /^[^]{3}\0\n([0-9][\x20-\x7e]{0,60})\0/;

/** The failures that a server gives rise to which does not speak PostgreSQL's protocol. */
const SPEAKS_OTHERWISE =
  /error establishing an SSL connection|timeout expired|Connection terminated unexpectedly/;

/** The error where MySQL or MariaDB answers there; undefined where something else is wrong. */
export async function otherServerError(database: Database, error: unknown): Promise<DrillError | undefined> {
  if (!SPEAKS_OTHERWISE.test(messageOf(error))) return undefined;
  const [, version] = MYSQL.exec(await greetingOf(database)) ?? [];
  if (version === undefined) return undefined;
  return new DrillError(
    "DATABASE_UNREACHABLE",
    `Cannot reach ${
      describeDatabase(database)
    }: MySQL or MariaDB (${version}) answers there, and this tool backs up Dolibarr on PostgreSQL alone`,
    "Correct database.host and database.port if Dolibarr's database is PostgreSQL.",
    { cause: error },
  );
}

/** What the server says before it is asked, a character for each byte; empty where it says nothing. */
async function greetingOf({ host, port }: Database): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const connection = await Deno.connect({ hostname: host, port });
    const { promise: silence, resolve } = Promise.withResolvers<null>();
    timer = setTimeout(() => resolve(null), limits.otherServerGreets);
    const bytes = new Uint8Array(128);
    const reading = connection.read(bytes).catch(() => null); // a connection that ends has not greeted
    const count = await Promise.race([reading, silence]) ?? 0;
    connection.close();
    await reading;
    return String.fromCharCode(...bytes.subarray(0, count));
  } catch {
    return ""; // it says nothing, or cannot be reached: the first error is the one to tell
  } finally {
    clearTimeout(timer);
  }
}
