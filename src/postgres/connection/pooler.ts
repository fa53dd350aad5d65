/** Whether a session keeps its server process: a pooler in transaction or statement mode gives it to others in between. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { within } from "../../base/time.ts";
import { formatDuration } from "../../base/numbers.ts";
import { type Client, openClient } from "./client.ts";
import { type Database, describeDatabase } from "./database.ts";
import type { Session } from "./session.ts";

/**
 * How often another session begins a transaction right after ours has asked something. A pooler that shares gives out the
 * connection that was used last, or all in turn: then the other one gets ours, or we get another the next time. Only where
 * third ones come in between may one turn show nothing, and hardly ever all of them.
 */
const TURNS = 12;

/** The function that the pooler calls. It is not the ERP's, and must be the same after a restore. */
export interface LookupFunction {
  owner: string;
  /** md5 of its definition, its rights, and whether those who may run it reach it. */
  definition: string;
}

/**
 * Asks, through whatever stands in front of `database`, whether `session` keeps its server process while another of the
 * same login begins transactions. Changes nothing. psql, with the same login and address, is treated alike.
 *
 * @param session outside of a transaction
 * @throws DrillError `POOLER_MODE` where it does not; `DATABASE_UNREACHABLE` where the pooler has no connection for others.
 */
export async function refuseSharedConnections(session: Session, database: Database): Promise<void> {
  let other: Client | undefined;
  try {
    other = await openClient(database);
    const found = await within(limits.poolerIsProbed, probe(session, other), () => noConnection(database));
    if (found === "shared") throw poolerMode(database);
  } finally {
    await other?.close(); // which ends what may still wait in it
  }
}

async function probe(session: Session, other: Client): Promise<"own" | "shared"> {
  const own = await processOf((sql) => session.query(sql));
  for (let turn = 0; turn < TURNS; turn++) {
    try {
      await other.query("BEGIN READ ONLY");
    } catch (error) {
      if (/statement pooling/.test(messageOf(error))) return "shared"; // pgbouncer refuses it in statement mode
      throw error;
    }
    const theirs = await processOf((sql) => other.query(sql));
    await other.query("ROLLBACK");
    if (theirs === own || await processOf((sql) => session.query(sql)) !== own) return "shared";
  }
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
    `Cannot work in ${describeDatabase(database)}: no further connection could be made within ${
      formatDuration(limits.poolerIsProbed)
    }`,
    "Nothing was changed. A restore needs three at once: check the pooler's pool_size, and who holds its connections.",
  );
