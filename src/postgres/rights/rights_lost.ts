/** Rights that are lost when what the owner role has is dropped, because only another role can grant them again. */

import { quoteLiteral } from "../connection/database.ts";
import { IN_A_SCHEMA, nameSql, OTHERS, type Owned, roleSql } from "./rights.ts";
import type { Ask } from "../connection/session.ts";

/** Objects of other roles on which the role may have rights; shared ones too, because DROP OWNED revokes those as well. */
const GIVERS: readonly Owned[] = [
  ...IN_A_SCHEMA,
  ...OTHERS,
  { on: "'LANGUAGE'", in: "pg_language", owner: "lanowner", acl: "lanacl", letter: "l" },
  { on: "'DATABASE'", in: "pg_database", owner: "datdba", acl: "datacl", letter: "d" },
  { on: "'TABLESPACE'", in: "pg_tablespace", owner: "spcowner", acl: "spcacl", letter: "t" },
];

/**
 * The rights that other roles granted to `owner` on their objects, and that it has from nowhere else: `DROP OWNED` revokes
 * them, and it cannot grant them to itself again. As `the right USAGE of erp_owner on foreign server remote`.
 */
export const rightsTakenFrom = (ask: Ask, owner: string): Promise<string[]> =>
  ask(
    `WITH role AS MATERIALIZED ${roleSql(owner)}, things AS (${
      GIVERS.map((owned) =>
        `SELECT ${owned.on} AS "on", ${
          nameSql(owned)
        } AS name, x.${owned.acl} AS acl FROM pg_catalog.${owned.in} x
      WHERE x.${owned.acl} IS NOT NULL AND NOT pg_catalog.pg_has_role((TABLE role), x.${owned.owner}, 'USAGE')${
          owned.where ? ` AND ${owned.where}` : ""
        }`
      ).join(" UNION ALL ")
    }) SELECT coalesce(json_agg(DISTINCT 'the right ' || i.privilege_type || ' of ' || ${
      quoteLiteral(owner)
    } || ' on ' || lower(t."on") || ' ' || t.name), '[]'::json)
    FROM things t, pg_catalog.aclexplode(t.acl) i WHERE i.grantee = (TABLE role) AND NOT EXISTS (
      SELECT FROM pg_catalog.aclexplode(t.acl) j WHERE j.privilege_type = i.privilege_type AND j.grantee <> i.grantee
         AND CASE WHEN j.grantee = 0 THEN true ELSE pg_catalog.pg_has_role((TABLE role), j.grantee, 'USAGE') END)`,
  );

/**
 * The rights on what `owner` has that a role with the grant option granted: a dump grants them in that role's name, and only a
 * superuser may do that. As `the right SELECT of clerk on table public.llx_facture, given by reader`.
 */
export const rightsPassedOn = (ask: Ask, owner: string): Promise<string[]> =>
  ask(
    `WITH role AS MATERIALIZED ${roleSql(owner)}, things AS (${
      [...IN_A_SCHEMA, ...OTHERS].map((owned) =>
        `SELECT ${owned.on} AS "on", ${
          nameSql(owned)
        } AS name, x.${owned.acl} AS acl FROM pg_catalog.${owned.in} x
      WHERE x.${owned.acl} IS NOT NULL AND x.${owned.owner} = (TABLE role)${
          owned.where ? ` AND ${owned.where}` : ""
        }`
      ).join(" UNION ALL ")
    } UNION ALL SELECT 'TABLE', ${nameSql(IN_A_SCHEMA[0]!)}, a.attacl FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class x ON x.oid = a.attrelid WHERE x.relowner = (TABLE role) AND a.attacl IS NOT NULL AND NOT a.attisdropped
  ) SELECT coalesce(json_agg(DISTINCT 'the right ' || i.privilege_type || ' of '
      || CASE WHEN i.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(i.grantee) END || ' on ' || lower(t."on") || ' ' || t.name
      || ', given by ' || pg_catalog.pg_get_userbyid(i.grantor)), '[]'::json)
    FROM things t, pg_catalog.aclexplode(t.acl) i WHERE i.grantor <> (TABLE role)`,
  );
