/**
 * What a database is made of besides rows, as hashes over PostgreSQL's own catalogue.
 *
 * The catalogue's rows are taken as they are stored, not as `pg_get_constraintdef` and its like print them: those
 * functions show what is committed now, while the rows are those of the transaction's instant, so that a column that is
 * added while a dump runs is never taken for one that the dump has. An object that was created again (another oid, the
 * same definition) counts as changed; that costs an upload and nothing else. Privileges do not count: they name logins
 * that come and go, and a restore leaves them out.
 */

import { quoteLiteral } from "../connection/database.ts";

interface SequenceName {
  /** Schema and name, quoted where PostgreSQL would. */
  name: string;
  /** The table whose column it numbers, likewise; null for one that numbers no column. */
  of: string | null;
}

export interface CatalogueAnswer {
  /** By kind: how many there are, and one hash over their rows. */
  kinds: Record<string, [number, string]>;
  sequences: SequenceName[];
  /** Whether there is any. */
  largeObjects: boolean;
}

/** What initdb creates has a lower oid than this, and nothing else has (FirstNormalObjectId). */
const OURS = 16_384;

/** Columns that maintenance (VACUUM, ANALYZE, REINDEX) writes are not among these. */
const RELATION = [
  ...["oid", "relname", "relnamespace", "reloftype", "relowner", "relam", "reltablespace", "relpersistence"],
  ...["relkind", "relnatts", "relrowsecurity", "relforcerowsecurity", "relispopulated", "relreplident"],
  ...["relispartition", "reloptions", "relpartbound"],
];
const COLUMN = [
  ...["attrelid", "attnum", "attname", "atttypid", "atttypmod", "attndims", "attnotnull", "atthasdef"],
  ...["attidentity", "attgenerated", "attisdropped", "attcollation", "attstorage", "attoptions"],
];
const INDEX = [
  ...["indexrelid", "indrelid", "indnatts", "indisunique", "indisprimary", "indisexclusion", "indimmediate"],
  ...["indisclustered", "indisvalid", "indisready", "indislive", "indisreplident", "indkey", "indcollation"],
  ...["indclass", "indoption", "indexprs", "indpred"],
];

const fields = (alias: string, columns: readonly string[]) =>
  `ROW(${columns.map((column) => `${alias}.${column}`).join(", ")})::text`;

/** Each kind as a query for one text a row. */
const KINDS: Record<string, string> = {
  schemas: "SELECT ROW(t.oid, t.nspname, t.nspowner)::text FROM pg_namespace t WHERE t.oid IN (TABLE ours)",
  relations: `SELECT ${fields("t", RELATION)} FROM relations t`,
  columns: `SELECT ${
    fields("t", COLUMN)
  } FROM pg_attribute t WHERE t.attnum > 0 AND t.attrelid IN (SELECT oid FROM relations WHERE relkind NOT IN ('S', 'i', 'I'))`,
  defaults: "SELECT t::text FROM pg_attrdef t WHERE t.adrelid IN (SELECT oid FROM relations)",
  constraints: "SELECT t::text FROM pg_constraint t WHERE t.connamespace IN (TABLE ours)",
  indexes: `SELECT ${fields("t", INDEX)} FROM pg_index t WHERE t.indexrelid IN (SELECT oid FROM relations)`,
  triggers:
    "SELECT t::text FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgrelid IN (SELECT oid FROM relations)",
  rules: "SELECT t::text FROM pg_rewrite t WHERE t.ev_class IN (SELECT oid FROM relations)",
  policies: "SELECT t::text FROM pg_policy t WHERE t.polrelid IN (SELECT oid FROM relations)",
  inheritance: "SELECT t::text FROM pg_inherits t WHERE t.inhrelid IN (SELECT oid FROM relations)",
  partitions: "SELECT t::text FROM pg_partitioned_table t WHERE t.partrelid IN (SELECT oid FROM relations)",
  sequences: "SELECT t::text FROM pg_sequence t WHERE t.seqrelid IN (SELECT oid FROM relations)",
  functions: "SELECT (to_jsonb(t) - 'proacl')::text FROM pg_proc t WHERE t.pronamespace IN (TABLE ours)",
  // the types of tables and of arrays come and go with what they are made for
  types:
    "SELECT (to_jsonb(t) - 'typacl')::text FROM pg_type t WHERE t.typnamespace IN (TABLE ours) AND t.typtype <> 'c' AND t.typcategory <> 'A'",
  labels: "SELECT t::text FROM pg_enum t",
  comments: `SELECT t::text FROM pg_description t WHERE t.objoid >= ${OURS}`,
  extensions: "SELECT ROW(t.oid, t.extname, t.extnamespace, t.extversion)::text FROM pg_extension t",
  ...Object.fromEntries(
    // rare ones, whole
    [
      ...["pg_am", "pg_amop", "pg_amproc", "pg_cast", "pg_collation", "pg_conversion", "pg_event_trigger"],
      ...["pg_opclass", "pg_operator", "pg_opfamily", "pg_publication", "pg_publication_rel"],
      ...["pg_statistic_ext", "pg_transform", "pg_ts_config", "pg_ts_dict", "pg_ts_parser", "pg_ts_template"],
    ].map((name) => [name, `SELECT t::text FROM ${name} t WHERE t.oid >= ${OURS}`]),
  ),
  pg_aggregate: `SELECT t::text FROM pg_aggregate t WHERE t.aggfnoid >= ${OURS}`,
  pg_range: `SELECT t::text FROM pg_range t WHERE t.rngtypid >= ${OURS}`,
  pg_ts_config_map: `SELECT t::text FROM pg_ts_config_map t WHERE t.mapcfg >= ${OURS}`,
  pg_foreign_data_wrapper: "SELECT (to_jsonb(t) - 'fdwacl')::text FROM pg_foreign_data_wrapper t",
  pg_foreign_server: "SELECT (to_jsonb(t) - 'srvacl')::text FROM pg_foreign_server t",
  pg_foreign_table: "SELECT t::text FROM pg_foreign_table t",
  pg_language: `SELECT (to_jsonb(t) - 'lanacl')::text FROM pg_language t WHERE t.oid >= ${OURS}`,
};

/**
 * SQL: one hash over the lines that are aggregated, whatever their order, in the server's own encoding: it is compared with
 * that of the same database.
 */
const linesHashSql = (line: string): string => {
  const hash = `sha256(convert_to(${line}, getdatabaseencoding()))`;
  return `encode(sha256(coalesce(string_agg(${hash}, ''::bytea ORDER BY ${hash}), ''::bytea)), 'hex')`;
};

/** SQL whose one row and column is a `CatalogueAnswer`. The trusted settings should hold. */
export const CATALOGUE_SQL = `WITH ours AS MATERIALIZED (
    SELECT oid FROM pg_catalog.pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'),
  relations AS MATERIALIZED (
    SELECT * FROM pg_catalog.pg_class WHERE relnamespace IN (TABLE ours) AND relpersistence <> 't')
SELECT json_build_object(
  'kinds', (SELECT json_object_agg(kind, json_build_array(n, hash) ORDER BY kind COLLATE "C") FROM (${
  Object.entries(KINDS).map(([kind, rows]) => `
    SELECT ${quoteLiteral(kind)} AS kind, count(*) AS n, ${linesHashSql("line")} AS hash
      FROM (${rows}) AS each(line)`).join(" UNION ALL ")
}) AS kinds),
  'sequences', (SELECT coalesce(json_agg(json_build_object('name', name, 'of', numbered) ORDER BY name COLLATE "C"), '[]'::json) FROM (
    SELECT quote_ident(n.nspname) || '.' || quote_ident(s.relname) AS name,
           (SELECT quote_ident(tn.nspname) || '.' || quote_ident(t.relname)
              FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
             WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
               AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 LIMIT 1) AS numbered
      FROM relations s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace WHERE s.relkind = 'S') AS named),
  'largeObjects', EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata))`;

/** How much of a large object is hashed at once, in bytes: a whole one may not fit into memory. */
const LARGE_OBJECT_PIECE = 4 * 1024 * 1024;

/**
 * SQL whose one row and column is JSON: where each of these sequences stands, and what the large objects hold.
 * A sequence's position is always that of now, because it belongs to no transaction; so is the one in a dump.
 */
export function valuesSql(sequences: readonly SequenceName[], largeObjects: boolean): string {
  const places = sequences.map(({ name }) =>
    `SELECT ${quoteLiteral(name)} AS name, last_value, is_called FROM ${name}`
  );
  return `SELECT json_build_object('sequences', ${
    places.length === 0
      ? "NULL"
      : `(SELECT ${linesHashSql("t::text")} FROM (${places.join(" UNION ALL ")}) AS t)`
  }, 'largeObjects', ${largeObjects ? `(${LARGE_OBJECTS_SQL})` : "NULL"})`;
}

const LARGE_OBJECTS_SQL = `WITH sizes AS MATERIALIZED (
    SELECT oid, lo_lseek64(lo_open(oid, 262144), 0, 2) AS bytes FROM pg_catalog.pg_largeobject_metadata)
  SELECT sum(hashtextextended(ROW(oid, at, sha256(lo_get(oid, at, ${LARGE_OBJECT_PIECE})))::text, 0))::text
    FROM sizes, generate_series(0, bytes, ${LARGE_OBJECT_PIECE}) AS at`;
