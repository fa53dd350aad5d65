/** Foreign keys that act or complain while rows are put back one table after the other: they are taken off meanwhile. */

import { quoteLiteral } from "../connection/database.ts";

/** A foreign key as it was declared: of a partitioned table, its own. */
export interface HardKey {
  name: string;
  /** The table that refers, quoted. */
  table: string;
  /** The table that is referred to. */
  refersTo: string;
  /** `FOREIGN KEY (fk_soc) REFERENCES public.llx_societe(rowid) ON DELETE CASCADE`, also with `NOT VALID`. */
  definition: string;
  comment: string | null;
}

/**
 * SQL whose one row and column is a JSON list of HardKey: those of `touched` (quoted names) that cannot be deferred, and
 * those by which a row that is deleted there changes rows elsewhere. What a key does on deletion is never deferred, whatever
 * it is declared as (PostgreSQL's manual, CREATE TABLE).
 */
export function hardKeysSql(touched: readonly string[]): string {
  const names = touched.map((name) => `${quoteLiteral(name)}::regclass`).join(", ");
  return `WITH RECURSIVE touched AS MATERIALIZED (SELECT unnest(ARRAY[${names}]::regclass[])::oid),
    hit AS (SELECT k.oid, k.conparentid FROM pg_catalog.pg_constraint k WHERE k.contype = 'f'
        AND (NOT k.condeferrable AND (k.conrelid IN (TABLE touched) OR k.confrelid IN (TABLE touched))
          OR k.confdeltype <> 'a' AND k.confrelid IN (TABLE touched))
      UNION SELECT k.oid, k.conparentid FROM hit JOIN pg_catalog.pg_constraint k ON k.oid = hit.conparentid)
  SELECT coalesce(json_agg(json_build_object('name', quote_ident(k.conname), 'table', k.conrelid::regclass::text,
      'refersTo', k.confrelid::regclass::text, 'definition', pg_catalog.pg_get_constraintdef(k.oid), 'comment', obj_description(k.oid, 'pg_constraint'))
      ORDER BY k.conrelid, k.conname), '[]'::json)
    FROM hit JOIN pg_catalog.pg_constraint k USING (oid) WHERE k.conparentid = 0`;
}

export const takeOffSql = ({ name, table }: HardKey): string =>
  `ALTER TABLE ${table} DROP CONSTRAINT ${name}`;

/** The server checks every row of the table again, unless the key never was valid. */
export const putOnSql = ({ name, table, definition, comment }: HardKey): string =>
  `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}${
    comment === null ? "" : `; COMMENT ON CONSTRAINT ${name} ON ${table} IS ${quoteLiteral(comment)}`
  }`;
