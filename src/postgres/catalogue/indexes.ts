/** Whether indexes are valid: what the catalogue says of them, and what they hold. */

import type { Session } from "../connection/session.ts";

/** Every index that is not the server's own or an extension's. */
const INDEXES = `FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** An index that was never finished is maintained, but no query uses it, and a unique one admits the same value twice. */
export async function invalidIndexes(session: Session): Promise<{ checked: number; invalid: string[] }> {
  const [row] = await session.query<{ checked: number; invalid: string[] }>(
    `SELECT count(*)::integer AS checked, coalesce(json_agg(t.relname || ': the index ' || c.relname || CASE WHEN i.indisready
         THEN ' is not valid' ELSE ' is not kept up' END ORDER BY t.relname, c.relname)
       FILTER (WHERE NOT (i.indisvalid AND i.indisready AND i.indislive)), '[]'::json) AS invalid ${INDEXES}`,
  );
  return row!;
}

/** Why the extension amcheck cannot be used in this database; undefined: it can. */
export async function whyNoAmcheck(session: Session): Promise<string | undefined> {
  const [row] = await session.query<{ schema: string | null; allowed: boolean | null }>(
    `SELECT max(p.pronamespace::regnamespace::text) AS schema, bool_or(has_function_privilege(p.oid, 'EXECUTE')) AS allowed
       FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
       JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'amcheck'
      WHERE p.oid = to_regprocedure(e.extnamespace::regnamespace || '.bt_index_check(regclass, boolean)')`,
  );
  if (!row?.schema) {
    return "the extension amcheck is not in this database, and only a superuser may create it";
  }
  return row.allowed ? undefined : "this login may not execute amcheck's functions";
}

/** Reads every B-tree with amcheck, and searches each row in it; also after a damaged one. */
export async function amcheckIndexes(session: Session): Promise<{ checked: number; damaged: string[] }> {
  const [extension] = await session.query<{ schema: string }>(
    "SELECT quote_ident(extnamespace::regnamespace::text) AS schema FROM pg_catalog.pg_extension WHERE extname = 'amcheck'",
  );
  const indexes = await session.query<{ id: string; name: string; table: string }>(
    `SELECT c.oid::text AS id, c.relname::text AS name, t.relname::text AS table ${INDEXES}
        AND c.relkind = 'i' AND i.indisvalid AND c.relam = (SELECT oid FROM pg_catalog.pg_am WHERE amname = 'btree') ORDER BY 3, 2`,
  );
  const damaged: string[] = [];
  await session.query("BEGIN");
  try {
    for (const { id, name, table } of indexes) {
      const fault = await faultOf(session, extension!.schema, id);
      if (fault !== undefined) damaged.push(`${table}: the index ${name}: ${fault}`);
    }
  } finally {
    await session.query("ROLLBACK"); // nothing was written
  }
  return { checked: indexes.length, damaged };
}

async function faultOf(session: Session, schema: string, id: string): Promise<string | undefined> {
  await session.query("SAVEPOINT looked_at");
  try {
    await session.query(`SELECT ${schema}.bt_index_check($1::oid::regclass, true)`, [id]);
    await session.query("RELEASE looked_at");
    return undefined;
  } catch (error) {
    await session.query("ROLLBACK TO looked_at"); // where the session is gone this throws why
    return error instanceof Error ? error.message : String(error);
  }
}

/** Makes an index that was never finished: of a partitioned table, without that of its partition. For twins. */
export async function makeInvalidIndex(session: Session): Promise<void> {
  await session.query("CREATE TABLE public.drill_twin (n integer) PARTITION BY RANGE (n)");
  await session.query("CREATE TABLE public.drill_twin_part PARTITION OF public.drill_twin DEFAULT");
  await session.query("CREATE INDEX drill_twin_n ON ONLY public.drill_twin (n)");
}

/** Makes an index that does not fit its rows: the function that it is built on returns other values afterwards. For twins. */
export async function makeWrongIndex(session: Session): Promise<void> {
  const answer = (value: string) =>
    session.query(
      `CREATE OR REPLACE FUNCTION public.drill_twin_of(n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN ${value}; END'`,
    );
  await answer("n");
  await session.query("CREATE TABLE public.drill_twin_rows AS SELECT n FROM generate_series(1, 100) AS n");
  await session.query("CREATE INDEX drill_twin_wrong ON public.drill_twin_rows (public.drill_twin_of(n))");
  await answer("n + 1000");
}
