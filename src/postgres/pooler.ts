/** Whether a session is one: a pooler in transaction or statement mode hands its connection to others in between. */

import { DrillError, messageOf } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { type Client, openClient } from "./client.ts";
import { type Database, describeDatabase } from "./database.ts";
import type { Session } from "./session.ts";

/**
 * How many others make noise. A pooler gives out the connection that was used last, or in turn: either way the second
 * one gets that of a session which is idle between two transactions, or that session gets another.
 */
const OTHERS = 2;

/**
 * Asks, through whatever stands in front of `database`, whether `session` keeps its server process while others of the
 * same login begin transactions. Changes nothing. psql, with the same login and address, is treated alike.
 *
 * @param session outside of a transaction
 * @throws DrillError `POOLER_MODE` where it does not; `DATABASE_UNREACHABLE` where the pooler has no connection for others.
 */
export async function refuseSharedConnections(session: Session, database: Database): Promise<void> {
  const others: Client[] = [];
  const limit = Promise.withResolvers<"limit">();
  const timer = setTimeout(() => limit.resolve("limit"), limits.poolerIsProbed);
  const probing = probe(session, database, others);
  probing.catch(() => undefined); // told below, or the limit is
  try {
    const found = await Promise.race([probing, limit.promise]);
    if (found === "shared") throw poolerMode(database);
    if (found === "limit") throw noConnection(database);
  } finally {
    clearTimeout(timer);
    const close = () => Promise.all(others.map((client) => client.close()));
    await close();
    await probing.catch(() => undefined); // ended by that, and told above
    await close(); // of one that was only just being made
  }
}

async function probe(session: Session, database: Database, others: Client[]): Promise<"own" | "shared"> {
  const own = await processOf((sql) => session.query(sql));
  for (let at = 0; at < OTHERS; at++) {
    const other = await openClient(database);
    others.push(other);
    try {
      await other.query("BEGIN READ ONLY");
    } catch (error) {
      if (/statement pooling/.test(messageOf(error))) return "shared"; // pgbouncer refuses it in statement mode
      throw error;
    }
    const isOurs = await processOf((sql) => other.query(sql)) === own; // asked first: a pool of one has none for us now
    if (isOurs || await processOf((sql) => session.query(sql)) !== own) {
      await other.query("ROLLBACK"); // else the pooler would have to throw away a connection that is not ours
      return "shared";
    }
  }
  for (const other of others) await other.query("ROLLBACK");
  return "own";
}

async function processOf(query: (sql: string) => Promise<Record<string, unknown>[]>): Promise<number> {
  const [row] = await query("SELECT pg_catalog.pg_backend_pid() AS pid");
  return Number(row?.pid);
}

const poolerMode = (database: Database) =>
  new DrillError(
    "POOLER_MODE",
    `Cannot work in ${database.name}: the pooler at ${database.host}:${database.port} hands a session's connection to others between its transactions`,
    `Nothing was changed. It must be in session mode: in pgbouncer.ini, pool_mode = session, for this database alone with "${database.name} = ... pool_mode=session". Or name the server itself as database.host and port.`,
  );

const noConnection = (database: Database) =>
  new DrillError(
    "DATABASE_UNREACHABLE",
    `Cannot work in ${describeDatabase(database)}: no further connection was to be had within ${
      limits.poolerIsProbed / 1000
    } s`,
    "Nothing was changed. A restore needs three at once: look at the pooler's pool_size, and at who holds its connections.",
  );
