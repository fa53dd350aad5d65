/**
 * A row as bytes that are the same on every server: PostgreSQL's own binary form of the types that every client library
 * relies on, with text as UTF-8, and the text of all other types. No cast, no operator and no output function that the owner
 * of a table could define takes part (docs/facts.md, "Content hashes").
 */

import { quoteIdentifier } from "../connection/database.ts";

/** A column of a table, as far as its values are packed. */
export interface PackedColumn {
  name: string;
  /** The type that its values are sent as: `int4`; null for one whose text is taken. */
  sent: SentType | null;
  /** It has a domain over that type, which has another oid in each database. */
  domain: boolean;
}

/** Types whose binary form has been the same in every version of the protocol. Others may have parts with oids of their own. */
const SENT_TYPES = [
  ...["bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "varchar", "bpchar"],
  ...["bytea", "date", "time", "timestamp", "timestamptz", "uuid"],
] as const;
type SentType = typeof SENT_TYPES[number];

/** SQL: the oid of the type below the domains of the column `a`, whose type is `y`. */
export const BASE_TYPE_SQL =
  `CASE WHEN y.typtype <> 'd' THEN y.oid ELSE (WITH RECURSIVE below(oid, typtype, typbasetype) AS (
      SELECT y.oid, y.typtype, y.typbasetype
      UNION ALL SELECT b.oid, b.typtype, b.typbasetype FROM below JOIN pg_catalog.pg_type b ON b.oid = below.typbasetype AND below.typtype = 'd')
    SELECT oid FROM below WHERE typtype <> 'd') END`;

/** SQL: the name of a type that is sent, of its oid; null for every other. */
export const sentTypeSql = (oid: string): string =>
  `CASE ${oid} ${
    SENT_TYPES.map((name) => `WHEN 'pg_catalog.${name}'::pg_catalog.regtype THEN '${name}'`).join(" ")
  } END`;

/** SQL for the bytes of the row `of`. The content settings must hold: text is sent in the session's encoding. */
export const packedRowSql = (columns: readonly PackedColumn[], of: string): string =>
  `pg_catalog.record_send(ROW(${columns.map((column) => packedSql(column, of)).join(", ")}))`;

function packedSql({ name, sent, domain }: PackedColumn, of: string): string {
  const value = `${of}.${quoteIdentifier(name)}`;
  // concat() writes by a type's own output function, which only a superuser can define, and nothing for a NULL
  if (sent === null) return `pg_catalog.concat(pg_catalog.num_nulls(${value}), ${value})`;
  const base = domain ? `${value}::pg_catalog.${sent}` : value;
  // there are many of them, and a dump knows only one
  const isFloat = sent === "float4" || sent === "float8";
  return isFloat
    ? `CASE WHEN ${base} OPERATOR(pg_catalog.=) 'NaN' THEN 'NaN'::pg_catalog.${sent} ELSE ${base} END`
    : base;
}
