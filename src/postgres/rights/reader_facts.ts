/** What a login may do in its database, by one query of the catalogue. */

import { quoteLiteral } from "../connection/database.ts";

/** Each list is empty for one that reads everything and does nothing else. Names are quoted as in SQL. */
export interface ReaderFacts {
  /** The login. */
  user: string;
  superuser: boolean;
  /** May make itself a member of other roles. */
  createsRoles: boolean;
  /** Roles that it was given and that may write: the owner, one that belongs to the owner, some of PostgreSQL's own. */
  memberOf: string[];
  /** What it owns, itself or by a role that it belongs to. */
  owns: string[];
  /** What it may do more with than read, likewise. */
  writes: { on: "TABLE" | "SEQUENCE"; names: string[] }[];
  /** `SCHEMA public`, `DATABASE erp`: where it may create objects, likewise. */
  creates: string[];
  /** Schemas, tables and sequences that a dump needs and the login may not read. */
  unreadable: string[];
  /** Tables of which a policy shows it only some rows: pg_dump refuses those. */
  hidden: string[];
  /** Their numbers, where it may not read them. */
  largeObjects: string[];
}

/** Roles of PostgreSQL's own that may change data, or the server's files and with them anything. */
const POWERFUL = ["pg_write_all_data", "pg_write_server_files", "pg_execute_server_program"];

/**
 * SQL whose one row and column is a `ReaderFacts`. A right to write counts where any role has it that the login could become
 * with SET ROLE; a right to read, only where the login has it itself.
 */
export const readerFactsSql = (owner: string): string =>
  `WITH mine AS MATERIALIZED (
    SELECT oid FROM pg_catalog.pg_roles
     WHERE pg_has_role(session_user, oid, 'MEMBER') OR pg_has_role(current_user, oid, 'MEMBER')),
  me AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname IN (session_user, current_user)),
  strong AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname IN (${
    [owner, ...POWERFUL].map(quoteLiteral).join(", ")
  })),
  ours AS MATERIALIZED (
    SELECT oid, nspname, nspowner FROM pg_catalog.pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'),
  relations AS MATERIALIZED (
    SELECT c.oid, relkind, relowner, quote_ident(nspname) || '.' || quote_ident(relname) AS name, relrowsecurity
      FROM pg_catalog.pg_class c JOIN ours ON ours.oid = relnamespace
     WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')),
  writable AS (
    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS "on", name FROM relations
     WHERE EXISTS (SELECT FROM mine WHERE CASE WHEN relkind = 'S' THEN has_sequence_privilege(mine.oid, relations.oid, 'UPDATE, USAGE')
       ELSE has_table_privilege(mine.oid, relations.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
         OR has_any_column_privilege(mine.oid, relations.oid, 'INSERT, UPDATE') END))
SELECT json_build_object(
  'user', session_user,
  'superuser', (SELECT bool_or(rolsuper) FROM me),
  'createsRoles', (SELECT bool_or(rolcreaterole) FROM me),
  'memberOf', ${
    list(`SELECT pg_get_userbyid(g.roleid)::text FROM pg_catalog.pg_auth_members g
      WHERE g.member IN (SELECT oid FROM me) AND EXISTS (SELECT FROM strong WHERE pg_has_role(g.roleid, strong.oid, 'MEMBER'))`)
  },
  'owns', ${
    list(`SELECT name FROM relations WHERE relowner IN (TABLE mine)
      UNION ALL SELECT 'schema ' || quote_ident(nspname) FROM ours WHERE nspowner IN (TABLE mine)
      UNION ALL SELECT 'function ' || quote_ident(proname) FROM pg_catalog.pg_proc JOIN ours ON ours.oid = pronamespace WHERE proowner IN (TABLE mine)
      UNION ALL SELECT 'large object ' || oid FROM pg_catalog.pg_largeobject_metadata WHERE lomowner IN (TABLE mine)
      UNION ALL SELECT 'database ' || quote_ident(datname) FROM pg_catalog.pg_database WHERE datname = current_database() AND datdba IN (TABLE mine)`)
  },
  'writes', (SELECT coalesce(json_agg(json_build_object('on', "on", 'names', names)), '[]'::json)
    FROM (SELECT "on", json_agg(name ORDER BY name COLLATE "C") AS names FROM writable GROUP BY 1 ORDER BY 1 DESC) AS grouped),
  'creates', ${
    list(`SELECT 'SCHEMA ' || quote_ident(nspname) FROM ours
       WHERE EXISTS (SELECT FROM mine WHERE has_schema_privilege(mine.oid, ours.oid, 'CREATE'))
      UNION ALL SELECT 'DATABASE ' || quote_ident(current_database())
       WHERE EXISTS (SELECT FROM mine WHERE has_database_privilege(mine.oid, current_database(), 'CREATE'))`)
  },
  'unreadable', ${
    list(`SELECT 'schema ' || quote_ident(nspname) FROM ours WHERE NOT has_schema_privilege(oid, 'USAGE')
      UNION ALL SELECT name FROM relations WHERE (relkind IN ('r', 'p') AND NOT has_table_privilege(oid, 'SELECT'))
        OR (relkind = 'S' AND NOT has_sequence_privilege(oid, 'SELECT'))`)
  },
  'hidden', ${list(`SELECT name FROM relations WHERE relrowsecurity AND row_security_active(oid)`)},
  'largeObjects', ${
    list(`SELECT oid::text FROM pg_catalog.pg_largeobject_metadata
      WHERE NOT (SELECT bool_or(rolsuper) FROM me) AND NOT pg_has_role(lomowner, 'USAGE') AND NOT EXISTS (
        SELECT FROM aclexplode(lomacl) a WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))`)
  })`;

/** A query for one text a row, as a JSON list in a fixed order. */
const list = (query: string): string =>
  `(SELECT coalesce(json_agg(name ORDER BY name COLLATE "C"), '[]'::json) FROM (${query}) AS found(name))`;
