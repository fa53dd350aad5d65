/**
 * What a restore in stages and its rollback begin with: all that the owner role has is dropped in many small transactions,
 * because one would need more locks than the server has.
 */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { formatDuration } from "../../base/numbers.ts";
import { type Database, quoteIdentifier, quoteLiteral } from "../../postgres/connection/database.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { holdersSql } from "../../postgres/rows/table_locks.ts";
import { refuseForeignDependants } from "../gate/dependants.ts";
import { sessionSettings } from "./guarded_transaction.ts";

/**
 * @param session outside of a transaction; it holds the stages' lock
 * @param options `waits`: how long for a lock, in ms
 * @throws DrillError `DEPENDANTS_OF_OTHERS`: nothing was dropped. `DATABASE_LOCKED`, ...: a part of it may have been.
 */
export async function dropInStages(
  session: Session,
  database: Database,
  { waits = limits.restoreWaitsForLock }: { waits?: number } = {},
): Promise<void> {
  for (const sql of sessionSettings(database, waits)) await session.query(sql);
  await refuseForeignDependants(session.ask, database.owner);
  try {
    await dropInPieces(session, database.owner);
  } catch (error) {
    throw error instanceof DrillError && error.code === "DATABASE_LOCKED"
      ? await inUse(session, database, waits, error)
      : error;
  }
}

/** SQL whose one row and column is a JSON list of the tables that the session's role has, as quoted names. */
export const OWNED_TABLES_SQL =
  `SELECT coalesce(json_agg(oid::regclass::text), '[]'::json) FROM pg_catalog.pg_class
  WHERE relkind IN ('r', 'p') AND pg_catalog.pg_has_role(current_user, relowner, 'USAGE') AND relnamespace::regnamespace::text !~ '^pg_'`;

async function inUse(session: Session, { name, owner }: Database, waits: number, cause: DrillError) {
  const tables = await session.ask<string[]>(OWNED_TABLES_SQL);
  return new DrillError(
    "DATABASE_LOCKED",
    `Cannot drop what ${owner} has in ${name}: another session has used one of its tables for ${
      formatDuration(waits)
    }`,
    "Wait until its transaction has ended, or end it: SELECT pg_terminate_backend(PID). Then run this again.",
    { cause, details: await session.ask<string[]>(holdersSql(tables, "ACCESS EXCLUSIVE")) },
  );
}

/** A table brings its indexes, its sequence and its TOAST table along: a few hundred locks in all. */
const TABLES_PER_PIECE = 40;

interface Relation extends Record<string, unknown> {
  kind: "r" | "p" | "v" | "m" | "f";
  name: string;
}

const DROP: Record<Relation["kind"], string> = {
  r: "TABLE",
  p: "TABLE",
  f: "FOREIGN TABLE",
  v: "VIEW",
  m: "MATERIALIZED VIEW",
};

/**
 * Drops all that `owner` owns in the session's database: tables and views forty at a time, then the rest, with everything
 * that depends on it.
 */
async function dropInPieces(session: Session, owner: string): Promise<void> {
  const relations = await session.query<Relation>(
    `SELECT relkind AS kind, oid::regclass::text AS name FROM pg_catalog.pg_class
      WHERE relowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)})
        AND relkind IN ('r', 'p', 'f', 'v', 'm') AND relpersistence <> 't' ORDER BY oid DESC`,
  );
  for (const [kind, some] of Map.groupBy(relations, (relation) => DROP[relation.kind])) {
    for (let at = 0; at < some.length; at += TABLES_PER_PIECE) {
      const names = some.slice(at, at + TABLES_PER_PIECE).map(({ name }) => name);
      await session.query(`DROP ${kind} IF EXISTS ${names.join(", ")} CASCADE`);
    }
  }
  await session.query(`DROP OWNED BY ${quoteIdentifier(owner)} CASCADE`);
}
