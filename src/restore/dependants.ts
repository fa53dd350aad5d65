/** Who built on what the owner role owns: `DROP OWNED ... CASCADE` would take it along (FACTS, PostgreSQL). */

import { DrillError } from "../base/errors.ts";
import { quoteLiteral } from "../postgres/database.ts";

interface Dependant {
  what: string;
  owner: string;
}

/** SQL whose one value is a JSON list of the views, foreign keys, triggers, policies and functions of other roles on what `owner` owns. */
export const dependantsSql = (owner: string): string => `
  WITH role AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)}),
  owned AS (
    SELECT 'pg_catalog.pg_class'::regclass AS class, c.oid FROM pg_catalog.pg_class c, role WHERE c.relowner = role.oid
    UNION ALL SELECT 'pg_catalog.pg_type'::regclass, t.oid FROM pg_catalog.pg_type t, role WHERE t.typowner = role.oid
    UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, p.oid FROM pg_catalog.pg_proc p, role WHERE p.proowner = role.oid),
  depending AS (
    SELECT coalesce(r.ev_class, k.conrelid, g.tgrelid, l.polrelid, a.adrelid, CASE WHEN d.classid = 'pg_catalog.pg_class'::regclass THEN d.objid END) AS relation,
           CASE WHEN d.classid = 'pg_catalog.pg_proc'::regclass THEN d.objid END AS function
      FROM pg_catalog.pg_depend d JOIN owned o ON d.refclassid = o.class AND d.refobjid = o.oid
      LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
      LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid
      LEFT JOIN pg_catalog.pg_trigger g ON d.classid = 'pg_catalog.pg_trigger'::regclass AND g.oid = d.objid
      LEFT JOIN pg_catalog.pg_policy l ON d.classid = 'pg_catalog.pg_policy'::regclass AND l.oid = d.objid
      LEFT JOIN pg_catalog.pg_attrdef a ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND a.oid = d.objid)
  SELECT coalesce(json_agg(DISTINCT jsonb_build_object('what', what, 'owner', owner)), '[]'::json) FROM (
    SELECT c.oid::regclass::text AS what, pg_get_userbyid(c.relowner)::text AS owner
      FROM depending JOIN pg_catalog.pg_class c ON c.oid = relation, role WHERE c.relowner <> role.oid AND c.relkind <> 't'
    UNION SELECT p.oid::regprocedure::text, pg_get_userbyid(p.proowner)::text
      FROM depending JOIN pg_catalog.pg_proc p ON p.oid = function, role WHERE p.proowner <> role.oid) AS others`;

/** @throws DrillError `DEPENDANTS_OF_OTHERS` naming each. */
export async function refuseForeignDependants(
  ask: <T>(sql: string) => Promise<T>,
  owner: string,
): Promise<void> {
  const found = await ask<Dependant[]>(dependantsSql(owner));
  if (found.length === 0) return;
  throw new DrillError(
    "DEPENDANTS_OF_OTHERS",
    `Cannot drop what ${owner} owns: ${found.length} ${
      found.length === 1 ? "object" : "objects"
    } of other roles depend on it and would go with it`,
    "Nothing was changed. Drop or move them first, or give them to the owner role.",
    { details: found.map(({ what, owner: whose }) => `${what}, owned by ${whose}`) },
  );
}
