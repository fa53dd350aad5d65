/** What a database holds besides rows: the functions, keys and triggers without which no page works. */

import { quoteLiteral } from "../connection/database.ts";
import type { Session } from "../connection/session.ts";

/** As `pg_restore --list` names them. What an extension brings, and what is not the owner's, is not counted. */
type CountedKind =
  | "FUNCTION"
  | "TRIGGER"
  | "FK CONSTRAINT"
  | "CONSTRAINT"
  | "INDEX"
  | "SEQUENCE"
  | "VIEW";

const MINE = (owner: string) =>
  `(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)})`;

const COUNTS: Record<CountedKind, (owner: string) => string> = {
  "FUNCTION": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_proc WHERE prokind = 'f' AND proowner = ${MINE(owner)}`,
  "TRIGGER": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal AND c.relowner = ${
      MINE(owner)
    }`,
  "FK CONSTRAINT": (owner) => constraints(owner, "k.contype = 'f'"),
  "CONSTRAINT": (owner) => constraints(owner, "k.contype IN ('p', 'u', 'x')"),
  "INDEX": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
      WHERE c.relowner = ${MINE(owner)} AND t.relkind IN ('r', 'm')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))`,
  "SEQUENCE": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relkind = 'S' AND c.relowner = ${MINE(owner)}
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i')`,
  "VIEW": (owner) =>
    `SELECT count(*) FROM pg_catalog.pg_class WHERE relkind = 'v' AND relowner = ${MINE(owner)}`,
};

const constraints = (owner: string, kind: string) =>
  `SELECT count(*) FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid WHERE ${kind} AND c.relowner = ${
    MINE(owner)
  }`;

export const COUNTED_KINDS = Object.keys(COUNTS) as CountedKind[];

/** How many of each kind `owner` has in the database. */
export async function countObjects(session: Session, owner: string): Promise<Record<CountedKind, number>> {
  const each = COUNTED_KINDS.map((kind) => `${quoteLiteral(kind)}, (${COUNTS[kind](owner)})`);
  return await session.ask(`SELECT json_build_object(${each.join(", ")})`);
}
