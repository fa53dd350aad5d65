/** Which role owns each object of a database. */

import { quoteIdentifier } from "../connection/database.ts";
import type { Session } from "../connection/session.ts";

/** Functions that every database of the platform has and that are not the ERP's (docs/design.md, "The lab"). */
const NOT_THE_ERPS = ["user_lookup"];

type OwnedKind =
  | "schema"
  | "table"
  | "sequence"
  | "view"
  | "materialized view"
  | "foreign table"
  | "function"
  | "procedure"
  | "aggregate"
  | "type"
  | "domain"
  | "large object";

/** One object of the ERP that another role owns than its owner role. */
export interface ForeignObject {
  kind: OwnedKind;
  /** As SQL names it behind its kind, quoted: `public.llx_facture`, `public.f(integer)`, `16420`. */
  name: string;
  owner: string;
  /** Why our login may not give it to the owner role; null where it may. */
  hindrance: string | null;
}

/**
 * Every table, sequence, view, function, type, schema and large object of the ERP, which is: all that lies in schema public
 * or in a schema of `owner`'s, without the members of extensions and what the pooler calls. Parts go with their whole, and
 * are not listed: the sequence of a column, an index, the type of a table.
 *
 * Our login may change the owner of an object where it has the rights of both roles, and the new one may create in that
 * schema; what the login may do is asked without the role that it acts as (PostgreSQL's documentation of ALTER TABLE).
 */
const FOREIGN_SQL = `
  WITH role AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1),
  erps AS (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n, role
     WHERE n.nspname = 'public' OR (n.nspowner = role.oid AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')),
  objects AS (
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                WHEN 'c' THEN 'type' ELSE 'table' END AS kind,
           quote_ident(nspname) || '.' || quote_ident(relname) AS name, relowner AS owner, erps.oid AS schema, 'pg_class'::regclass AS class, c.oid
      FROM pg_catalog.pg_class c JOIN erps ON erps.oid = relnamespace
     WHERE relkind IN ('r', 'p', 'S', 'v', 'm', 'f', 'c') AND relpersistence <> 't'
       AND NOT (relkind = 'S' AND EXISTS (SELECT FROM pg_catalog.pg_depend d
         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
    UNION ALL SELECT CASE prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           quote_ident(nspname) || '.' || quote_ident(proname) || '(' || CASE WHEN prokind = 'a' AND pronargs = 0 THEN '*' ELSE pg_get_function_identity_arguments(p.oid) END || ')',
           proowner, erps.oid, 'pg_proc'::regclass, p.oid
      FROM pg_catalog.pg_proc p JOIN erps ON erps.oid = pronamespace WHERE proname <> ALL($2)
    UNION ALL SELECT CASE typtype WHEN 'd' THEN 'domain' ELSE 'type' END, quote_ident(nspname) || '.' || quote_ident(typname),
           typowner, erps.oid, 'pg_type'::regclass, t.oid
      FROM pg_catalog.pg_type t JOIN erps ON erps.oid = typnamespace WHERE typtype IN ('d', 'e', 'r')
    UNION ALL SELECT 'schema', quote_ident(nspname), nspowner, NULL, 'pg_namespace'::regclass, oid
      FROM pg_catalog.pg_namespace WHERE oid IN (SELECT oid FROM erps) AND nspname <> 'public'
    UNION ALL SELECT 'large object', oid::text, lomowner, NULL, 'pg_largeobject'::regclass, oid FROM pg_catalog.pg_largeobject_metadata)
  SELECT kind, name, pg_get_userbyid(owner)::text AS owner, owner <> role.oid AS foreign,
         CASE WHEN current_setting('is_superuser') = 'on' THEN NULL
              WHEN NOT coalesce(pg_has_role(session_user, owner, 'USAGE'), false) THEN session_user || ' is no member of ' || pg_get_userbyid(owner)
              WHEN NOT pg_has_role(session_user, role.oid, 'USAGE') THEN session_user || ' is no member of ' || $1
              WHEN schema IS NOT NULL AND NOT has_schema_privilege(role.oid, schema, 'CREATE') THEN $1 || ' may not create in that schema'
         END AS hindrance
    FROM objects, role
   WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = class AND d.objid = objects.oid AND d.deptype = 'e')
   ORDER BY kind COLLATE "C", name COLLATE "C"`;

/** The objects of the ERP that `owner` does not own, and how many were checked. */
export async function foreignObjects(
  session: Session,
  owner: string,
): Promise<{ checked: number; foreign: ForeignObject[] }> {
  const rows = await session.query<ForeignObject & { foreign: boolean } & Record<string, unknown>>(
    FOREIGN_SQL,
    [owner, NOT_THE_ERPS],
  );
  const foreign = rows.filter((row) => row.foreign)
    .map(({ kind, name, owner, hindrance }) => ({ kind, name, owner, hindrance }));
  return { checked: rows.length, foreign };
}

/** The same as sentences. @returns how many were checked, and those that another role than `owner` owns. */
export async function foreignOwned(
  session: Session,
  owner: string,
): Promise<{ checked: number; foreign: string[] }> {
  const { checked, foreign } = await foreignObjects(session, owner);
  return { checked, foreign: foreign.map(sentenceOf) };
}

export const sentenceOf = ({ kind, name, owner }: ForeignObject): string =>
  `${kind} ${name} belongs to ${owner}`;

/** The statement that gives it to `owner`, without a semicolon. */
export const giveSql = ({ kind, name }: Pick<ForeignObject, "kind" | "name">, owner: string): string =>
  `ALTER ${kind.toUpperCase()} ${name} OWNER TO ${quoteIdentifier(owner)}`;
