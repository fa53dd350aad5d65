/** Whose the objects of a database are. */

import type { Session } from "./session.ts";

/** Functions that every database of the platform has and that are not the ERP's (DESIGN, The lab). */
const NOT_THE_ERPS = ["user_lookup"];

/**
 * Looks at every table, sequence, view, function and type outside the system's schemas and of no extension.
 * @returns how many were looked at, and those that another role than `owner` owns.
 */
export async function foreignOwned(
  session: Session,
  owner: string,
): Promise<{ checked: number; foreign: string[] }> {
  const rows = await session.query<{ what: string; owner: string }>(
    `SELECT kind || ' ' || n.nspname || '.' || name AS what, pg_get_userbyid(owner)::text AS owner FROM (
        SELECT CASE relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END AS kind,
               relname::text AS name, relnamespace AS namespace, relowner AS owner, 'pg_class'::regclass AS class, oid
          FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'S', 'v', 'm', 'f')
        UNION ALL SELECT 'function', proname::text, pronamespace, proowner, 'pg_proc'::regclass, oid FROM pg_catalog.pg_proc
         WHERE proname <> ALL($1)
        UNION ALL SELECT 'type', typname::text, typnamespace, typowner, 'pg_type'::regclass, oid FROM pg_catalog.pg_type
         WHERE typtype IN ('d', 'e', 'r')) AS objects
      JOIN pg_catalog.pg_namespace n ON n.oid = namespace
     WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = class AND d.objid = objects.oid AND d.deptype = 'e')`,
    [NOT_THE_ERPS],
  );
  const foreign = rows.filter((row) => row.owner !== owner);
  return { checked: rows.length, foreign: foreign.map((row) => `${row.what} belongs to ${row.owner}`) };
}
