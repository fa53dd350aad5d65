/** What a database holds besides rows: the functions, keys and triggers without which no page works. */

import { quoteLiteral } from "../connection/database.ts";
import type { Session } from "../connection/session.ts";

/**
 * As `pg_restore --list` names them. Counted is what pg_dump writes an entry for (its pg_dump.c): neither what an extension
 * brings or another role owns, nor temporary objects, nor what PostgreSQL makes by itself with another object. The sequence
 * of an identity column has an entry; the constructors of a range type, a partition's copies of its parent's foreign keys
 * and triggers, and indexes that were never finished have none.
 */
type CountedKind =
  | "FUNCTION"
  | "TRIGGER"
  | "FK CONSTRAINT"
  | "CONSTRAINT"
  | "INDEX"
  | "SEQUENCE"
  | "VIEW";

const ownedBy = (column: string, owner: string) =>
  `${column} = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)})`;

/** A dependency of a row of that catalogue, of one of these kinds. */
const depends = (catalogue: string, oid: string, kinds: string) =>
  `EXISTS (SELECT FROM pg_catalog.pg_depend d
     WHERE d.classid = 'pg_catalog.${catalogue}'::regclass AND d.objid = ${oid} AND d.deptype IN (${kinds}))`;

/** The condition that pg_dump writes the relation `c`, or what belongs to it. */
const isDumped = (owner: string) =>
  `${ownedBy("c.relowner", owner)} AND c.relpersistence <> 't' AND NOT ${
    depends("pg_class", "c.oid", "'e'")
  }`;

const COUNTS: Record<CountedKind, (owner: string) => string> = {
  "FUNCTION": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      WHERE p.prokind IN ('f', 'w') AND n.nspname !~ '^pg_' AND ${ownedBy("p.proowner", owner)}
        AND NOT ${depends("pg_proc", "p.oid", "'e', 'i'")}`,
  // the column tgparentid is of PostgreSQL 13: a partition's copy is written only where it is on or off in another way
  "TRIGGER": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
      LEFT JOIN pg_catalog.pg_trigger u ON u.oid = nullif(to_jsonb(g) ->> 'tgparentid', '0')::oid
      WHERE (NOT g.tgisinternal AND u.oid IS NULL OR g.tgenabled <> u.tgenabled) AND ${isDumped(owner)}`,
  "FK CONSTRAINT": (owner) => constraints(owner, "k.contype = 'f' AND k.conparentid = 0"),
  "CONSTRAINT": (owner) => constraints(owner, "k.contype IN ('p', 'u', 'x')"),
  "INDEX": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
      WHERE c.relkind IN ('r', 'm', 'p') AND (i.indisvalid OR c.relkind = 'p') AND i.indisready AND ${
      isDumped(owner)
    }
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))`,
  "SEQUENCE": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relkind = 'S' AND ${isDumped(owner)}`,
  "VIEW": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relkind = 'v' AND ${isDumped(owner)}`,
};

const constraints = (owner: string, kind: string) =>
  `SELECT count(*) FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid WHERE ${kind} AND ${
    isDumped(owner)
  }`;

export const COUNTED_KINDS = Object.keys(COUNTS) as CountedKind[];

/** How many of each kind `owner` has in the database. */
export async function countObjects(session: Session, owner: string): Promise<Record<CountedKind, number>> {
  const each = COUNTED_KINDS.map((kind) => `${quoteLiteral(kind)}, (${COUNTS[kind](owner)})`);
  return await session.ask(`SELECT json_build_object(${each.join(", ")})`);
}
