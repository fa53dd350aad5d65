/** Relations that answer as a table does, and hold no rows of their own: a dump has their definition and nothing else. */

import type { Ask } from "../connection/session.ts";
import type { FilledTable } from "./filled.ts";
import { formatCount } from "../../base/numbers.ts";

export interface NotTable {
  /** Schema and name, quoted where PostgreSQL would. */
  name: string;
  kind: "view" | "materialized view" | "foreign table";
}

/** The views, materialized views and foreign tables that are not the server's own, in the transaction of `ask`. */
export const readNotTables = (ask: Ask): Promise<NotTable[]> =>
  ask(
    `SELECT coalesce(json_agg(json_build_object('name', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
      'kind', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END)
      ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"), '[]'::json)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`,
  );

/**
 * Those that stand where an earlier set has a table with rows: what they show may be anything, and is in no dump. Pure.
 * @param set the set that `before` is of, for what is told
 */
export const replacedTables = (
  found: readonly NotTable[],
  before: readonly Pick<FilledTable, "table" | "rows">[],
  set: string,
): string[] =>
  found.flatMap(({ name, kind }) => {
    const was = before.find(({ table, rows }) => table === name && rows > 0);
    return was ? [`${name} is a ${kind}, in ${set} it was a table with ${formatCount(was.rows, "row")}`] : [];
  });
