/**
 * What a database is made of besides rows, as texts that are the same when it is created again: without oids, unlike
 * catalogue.ts, which costs less and differs after each restore. The functions that print definitions show what is committed
 * now, so no other session may change the schema meanwhile.
 */

import { quoteLiteral } from "../connection/database.ts";
import { rightsSql } from "../rights/rights.ts";
import type { Ask } from "../connection/session.ts";

/** By kind (`columns`, `triggers`): how many there are, and the sum of their texts' hashes. */
export type SchemaText = Record<string, [count: number, hash: string]>;

/** What initdb makes has a lower oid than this (FirstNormalObjectId). */
const OURS = 16_384;

const role = (oid: string) => `pg_catalog.pg_get_userbyid(${oid})`;
const identity = (catalogue: string) =>
  `SELECT i.type || ' ' || i.identity FROM ${catalogue} t, pg_catalog.pg_identify_object('${catalogue}'::regclass, t.oid, 0) i WHERE t.oid >= ${OURS}`;

/** Each kind as a query for one text a row. */
const KINDS: Record<string, string> = {
  schemas: `SELECT ROW(t.nspname, ${
    role("t.nspowner")
  })::text FROM pg_namespace t WHERE t.oid IN (TABLE ours)`,
  relations: `SELECT ROW(t.oid::regclass, t.relkind, t.relpersistence, ${
    role("t.relowner")
  }, a.amname, s.spcname, t.relrowsecurity,
      t.relforcerowsecurity, t.relreplident, t.reloptions, t.reloftype::regtype, pg_get_expr(t.relpartbound, t.oid),
      CASE WHEN t.relkind = 'p' THEN pg_get_partkeydef(t.oid) END)::text
    FROM relations t LEFT JOIN pg_am a ON a.oid = t.relam LEFT JOIN pg_tablespace s ON s.oid = t.reltablespace WHERE t.relkind NOT IN ('i', 'I')`,
  columns:
    `SELECT ROW(t.attrelid::regclass, row_number() OVER (PARTITION BY t.attrelid ORDER BY t.attnum), t.attname,
      format_type(t.atttypid, t.atttypmod), t.attnotnull, t.attidentity, t.attgenerated, t.attcollation::regcollation, t.attstorage,
      to_jsonb(t) ->> 'attcompression', t.attoptions, pg_get_expr(d.adbin, d.adrelid))::text
    FROM pg_attribute t LEFT JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum
   WHERE t.attnum > 0 AND NOT t.attisdropped AND t.attrelid IN (SELECT oid FROM relations WHERE relkind NOT IN ('S', 'i', 'I'))`,
  // those that a partition has from its parent are named by the server
  constraints:
    `SELECT ROW(CASE WHEN t.conrelid = 0 THEN t.contypid::regtype::text ELSE t.conrelid::regclass::text END, t.conname,
      pg_get_constraintdef(t.oid), t.convalidated, t.connoinherit)::text FROM pg_constraint t WHERE t.connamespace IN (TABLE ours) AND t.conparentid = 0`,
  indexes:
    `SELECT ROW(t.indexrelid::regclass, pg_get_indexdef(t.indexrelid), t.indisvalid, t.indisclustered, t.indisreplident)::text
    FROM pg_index t WHERE t.indexrelid IN (SELECT oid FROM relations)`,
  triggers: `SELECT ROW(t.tgrelid::regclass, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled)::text
    FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgrelid IN (SELECT oid FROM relations)`,
  rules: `SELECT ROW(t.ev_class::regclass, t.rulename, pg_get_ruledef(t.oid), t.ev_enabled)::text
    FROM pg_rewrite t WHERE t.ev_class IN (SELECT oid FROM relations)`,
  policies: `SELECT ROW(t.polrelid::regclass, t.polname, t.polcmd, t.polpermissive,
      ARRAY(SELECT ${
    role("r")
  } FROM unnest(t.polroles) r ORDER BY 1), pg_get_expr(t.polqual, t.polrelid), pg_get_expr(t.polwithcheck, t.polrelid))::text
    FROM pg_policy t WHERE t.polrelid IN (SELECT oid FROM relations)`,
  inheritance: `SELECT ROW(t.inhrelid::regclass, t.inhparent::regclass, t.inhseqno)::text FROM pg_inherits t
   WHERE t.inhrelid IN (SELECT oid FROM relations WHERE relkind NOT IN ('i', 'I'))`,
  sequences:
    `SELECT ROW(t.seqrelid::regclass, t.seqtypid::regtype, t.seqstart, t.seqincrement, t.seqmax, t.seqmin, t.seqcache, t.seqcycle,
      (SELECT ROW(d.refobjid::regclass, a.attname, d.deptype)::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = t.seqrelid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))::text
    FROM pg_sequence t WHERE t.seqrelid IN (SELECT oid FROM relations)`,
  functions: `SELECT ROW(t.oid::regprocedure, t.prokind, ${
    role("t.proowner")
  }, CASE WHEN t.prokind <> 'a' THEN pg_get_functiondef(t.oid) END)::text
    FROM pg_proc t WHERE t.pronamespace IN (TABLE ours)`,
  aggregates:
    `SELECT ROW(t.aggfnoid, t.aggkind, t.aggtransfn, t.aggfinalfn, t.aggcombinefn, t.aggtranstype::regtype, t.agginitval)::text
    FROM pg_aggregate t WHERE t.aggfnoid >= ${OURS}`,
  // the types of tables and of arrays come and go with what they are made for
  types: `SELECT ROW(t.oid::regtype, t.typtype, ${
    role("t.typowner")
  }, t.typnotnull, t.typdefault, format_type(t.typbasetype, t.typtypmod),
      t.typcollation::regcollation, ARRAY(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
      (SELECT r.rngsubtype::regtype FROM pg_range r WHERE r.rngtypid = t.oid))::text
    FROM pg_type t WHERE t.typnamespace IN (TABLE ours) AND t.typtype <> 'c' AND t.typcategory <> 'A'`,
  comments: `SELECT ROW(i.type, i.identity, t.description)::text
    FROM pg_description t, pg_identify_object(t.classoid, t.objoid, t.objsubid) i WHERE t.objoid >= ${OURS}`,
  extensions:
    `SELECT ROW(t.extname, n.nspname, t.extversion)::text FROM pg_extension t JOIN pg_namespace n ON n.oid = t.extnamespace`,
  statistics: "SELECT pg_get_statisticsobjdef(t.oid) FROM pg_statistic_ext t",
  // rare ones, by their names alone
  ...Object.fromEntries(
    [
      ...["pg_am", "pg_cast", "pg_collation", "pg_conversion", "pg_event_trigger", "pg_foreign_data_wrapper"],
      ...["pg_foreign_server", "pg_language", "pg_opclass", "pg_operator", "pg_opfamily", "pg_publication"],
      ...["pg_transform", "pg_ts_config", "pg_ts_dict", "pg_ts_parser", "pg_ts_template"],
    ].map((name) => [name, identity(name)]),
  ),
};

/** Rights as texts: those of what the role owns, and what it gives to whatever it makes. */
const rightsTextSql = (owner: string): string =>
  `SELECT ROW("on", name, "column", grantee, privileges, grantable, given)::text FROM (${
    rightsSql(owner)
  }) AS rights`;

const hashedSql = (rows: string): string =>
  `count(*) AS n, coalesce(sum(hashtextextended(line, 0)), 0)::text AS hash FROM (${rows}) AS each(line)`;

/** SQL whose one row and column is the schema text's entry for rights alone: catalogue.ts does not have them. */
export const rightsHashSql = (owner: string): string =>
  `SELECT json_build_array(n, hash) FROM (SELECT ${hashedSql(rightsTextSql(owner))}) AS rights`;

/** SQL whose one row and column is a `SchemaText`; the search path must be empty, so that every name is qualified. */
const schemaSql = (owner: string): string =>
  `WITH ours AS MATERIALIZED (
    SELECT oid FROM pg_catalog.pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'),
  relations AS MATERIALIZED (
    SELECT * FROM pg_catalog.pg_class WHERE relnamespace IN (TABLE ours) AND relpersistence <> 't')
SELECT json_object_agg(kind, json_build_array(n, hash) ORDER BY kind COLLATE "C") FROM (${
    Object.entries({ ...KINDS, rights: rightsTextSql(owner) }).map(([kind, rows]) => `
    SELECT ${quoteLiteral(kind)} AS kind, ${hashedSql(rows)}`).join(" UNION ALL ")
  }) AS kinds`;

/** Reads it in a transaction; afterwards the search path is the session's default. `owner`: the role on whose objects rights count. */
export async function readSchemaText(
  run: (sql: string) => Promise<unknown>,
  ask: Ask,
  owner: string,
): Promise<SchemaText> {
  await run("SET LOCAL search_path = ''");
  const found = await ask<SchemaText>(schemaSql(owner));
  await run("SET LOCAL search_path TO DEFAULT");
  return found;
}

/** The kinds in which two differ, in their order. A kind that `one` does not have (an older version wrote it) is no difference. Pure. */
export const schemaDifferences = (one: SchemaText, other: SchemaText): string[] =>
  Object.entries(one).filter(([kind, [count, hash]]) =>
    count !== other[kind]?.[0] || hash !== other[kind]?.[1]
  ).map(([kind]) => kind);
