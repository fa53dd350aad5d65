/**
 * The rights on what a role owns that differ from those that PostgreSQL gives by itself. They are told by names alone, so that
 * they can be compared with those on objects that were created again, and granted on these.
 */

import { quoteLiteral } from "../connection/database.ts";

/** The kind of object in GRANT; `DEFAULT ...` are the role's default rights on objects that it creates. */
export type RightsOn =
  | "TABLE"
  | "SEQUENCE"
  | "ROUTINE"
  | "SCHEMA"
  | "TYPE"
  | "LARGE OBJECT"
  | "FOREIGN SERVER"
  | "FOREIGN DATA WRAPPER"
  | `DEFAULT ${"TABLES" | "SEQUENCES" | "FUNCTIONS" | "TYPES" | "SCHEMAS"}`;

/** The rights of one role on one thing, or on one column of it. */
export interface Right {
  on: RightsOn;
  /**
   * Whole and quoted, functions with the types of their arguments: `public.llx_facture`. Of default rights the schema, or
   * null where they are those of all schemas.
   */
  name: string | null;
  column: string | null;
  /** Null is PUBLIC. */
  grantee: string | null;
  /** In their order: `["INSERT", "SELECT"]`. */
  privileges: string[];
  /** Whether it may pass them on. */
  grantable: boolean;
  /** False: PostgreSQL gives them by itself, and they were taken away. */
  given: boolean;
}

/** A catalogue whose objects have an owner and rights; the letter is that of `acldefault`. */
export interface Owned {
  on: string;
  in: string;
  owner: string;
  acl: string;
  letter: string;
  where?: string;
  /** Without it pg_identify_object's. */
  name?: string;
}

const RELATIONS = "x.relkind IN ('r', 'p', 'v', 'm', 'f') AND x.relpersistence <> 't'";
export const IN_A_SCHEMA: readonly Owned[] = [
  { on: "'TABLE'", in: "pg_class", owner: "relowner", acl: "relacl", letter: "r", where: RELATIONS },
  {
    on: "'SEQUENCE'",
    in: "pg_class",
    owner: "relowner",
    acl: "relacl",
    letter: "s",
    where: "x.relkind = 'S' AND x.relpersistence <> 't'",
  },
  { on: "'ROUTINE'", in: "pg_proc", owner: "proowner", acl: "proacl", letter: "f" },
  {
    on: "'TYPE'",
    in: "pg_type",
    owner: "typowner",
    acl: "typacl",
    letter: "T",
    // rows' and arrays' types, and multiranges, have the rights of what they are made for
    where:
      "x.typcategory <> 'A' AND x.typtype <> 'm' AND (x.typrelid = 0 OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = x.typrelid AND c.relkind = 'c'))",
  },
];
export const OTHERS: readonly Owned[] = [
  { on: "'SCHEMA'", in: "pg_namespace", owner: "nspowner", acl: "nspacl", letter: "n" },
  { on: "'FOREIGN SERVER'", in: "pg_foreign_server", owner: "srvowner", acl: "srvacl", letter: "S" },
  {
    on: "'FOREIGN DATA WRAPPER'",
    in: "pg_foreign_data_wrapper",
    owner: "fdwowner",
    acl: "fdwacl",
    letter: "F",
  },
];
const LARGE_OBJECTS: Owned = {
  on: "'LARGE OBJECT'",
  in: "pg_largeobject_metadata",
  owner: "lomowner",
  acl: "lomacl",
  letter: "L",
  name: "x.oid::text",
};

export const roleSql = (owner: string) =>
  `(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)})`;
export const nameSql = ({ in: catalogue, name }: Owned) =>
  name ?? `(pg_catalog.pg_identify_object('pg_catalog.${catalogue}'::regclass, x.oid, 0)).identity`;

/** One row for each object whose rights were ever changed: those that it has, and those that PostgreSQL gives by itself. */
const changedSql = (owned: Owned): string =>
  `SELECT ${owned.on} AS "on", ${nameSql(owned)} AS name, NULL::name AS col, x.${owned.acl} AS acl,
      pg_catalog.acldefault('${owned.letter}', x.${owned.owner}) AS usual
    FROM pg_catalog.${owned.in} x WHERE x.${owned.owner} = (TABLE role) AND x.${owned.acl} IS NOT NULL${
    owned.where ? ` AND ${owned.where}` : ""
  }`;

const COLUMNS_SQL =
  `SELECT 'TABLE', (pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, x.oid, 0)).identity, a.attname, a.attacl, pg_catalog.acldefault('c', x.relowner)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class x ON x.oid = a.attrelid
   WHERE x.relowner = (TABLE role) AND a.attacl IS NOT NULL AND NOT a.attisdropped AND x.relpersistence <> 't'`;

/** Default rights in one schema are added to those of all schemas. */
const DEFAULTS_SQL =
  `SELECT 'DEFAULT ' || CASE x.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
      WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END, quote_ident(n.nspname), NULL, x.defaclacl,
      CASE WHEN n.oid IS NULL THEN pg_catalog.acldefault(CASE x.defaclobjtype WHEN 'S' THEN 's' ELSE x.defaclobjtype END, x.defaclrole) ELSE pg_catalog.acldefault('c', x.defaclrole) END
    FROM pg_catalog.pg_default_acl x LEFT JOIN pg_catalog.pg_namespace n ON n.oid = x.defaclnamespace
   WHERE x.defaclrole = (TABLE role) AND x.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')`;

const itemsSql = (acl: string) =>
  `SELECT t."on", t.name, t.col, i.grantee, i.privilege_type, bool_or(i.is_grantable) AS grantable
    FROM things t, pg_catalog.aclexplode(t.${acl}) i GROUP BY 1, 2, 3, 4, 5`;

/** SQL for one row a `Right`. Who granted it does not count, because the owner grants it again. */
export const rightsSql = (owner: string): string =>
  `WITH role AS MATERIALIZED ${roleSql(owner)},
    things AS MATERIALIZED (${
    [...[...IN_A_SCHEMA, ...OTHERS, LARGE_OBJECTS].map(changedSql), COLUMNS_SQL, DEFAULTS_SQL].join(
      " UNION ALL ",
    )
  }),
    has AS MATERIALIZED (${itemsSql("acl")}), usual AS MATERIALIZED (${itemsSql("usual")})
  SELECT "on", name, col::text AS "column", CASE WHEN grantee <> 0 THEN pg_catalog.pg_get_userbyid(grantee)::text END AS grantee,
      array_agg(privilege_type ORDER BY privilege_type COLLATE "C") AS privileges, grantable, given
    FROM ((SELECT *, true AS given FROM (TABLE has EXCEPT TABLE usual) AS more)
      UNION ALL
     SELECT *, false FROM usual u WHERE NOT EXISTS (SELECT FROM has h WHERE h."on" = u."on" AND h.name IS NOT DISTINCT FROM u.name
        AND h.col IS NOT DISTINCT FROM u.col AND h.grantee = u.grantee AND h.privilege_type = u.privilege_type)) AS different
   GROUP BY 1, 2, 3, grantee, grantable, given`;

/** Each object of a role's that a right can be on, as `[on, name, schema]`; large objects and servers are not among these. */
export const ownedSql = (owner: string): string =>
  `SELECT coalesce(json_agg(json_build_array("on", name, schema)), '[]'::json) FROM (${
    IN_A_SCHEMA.map((owned) =>
      `SELECT ${owned.on} AS "on", ${
        nameSql(owned)
      } AS name, quote_ident(n.nspname) AS schema FROM pg_catalog.${owned.in} x
      JOIN pg_catalog.pg_namespace n ON n.oid = x.${
        owned.in === "pg_class" ? "rel" : owned.in === "pg_proc" ? "pro" : "typ"
      }namespace
     WHERE x.${owned.owner} = ${roleSql(owner)}${owned.where ? ` AND ${owned.where}` : ""}`
    ).join(" UNION ALL ")
  } UNION ALL SELECT 'SCHEMA', quote_ident(nspname), NULL FROM pg_catalog.pg_namespace WHERE nspowner = ${
    roleSql(owner)
  }) AS owned`;
