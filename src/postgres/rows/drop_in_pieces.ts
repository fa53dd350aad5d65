/** What a role owns, dropped in many small transactions, where one would need more locks than the server has. */

import { quoteIdentifier, quoteLiteral } from "../connection/database.ts";
import type { Session } from "../connection/session.ts";

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
 * Drops all that `owner` owns in the session's database: tables and views forty at a time, then the rest. What depends on
 * it goes with it: whoever calls this has looked at that.
 */
export async function dropInPieces(session: Session, owner: string): Promise<void> {
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
