/**
 * The functions and triggers that Dolibarr itself makes in a PostgreSQL database, told apart from others by their names
 * (`install/pgsql/functions/functions.sql`, 22.0.4): without them pages fail, and no row shows that they are gone.
 */

import { quoteLiteral } from "../../postgres/connection/database.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { readConstants } from "../constants.ts";
import { TABLE_PREFIX } from "./names.ts";

/** The functions that its triggers call; the second one is of versions before 22. */
const OF_TRIGGERS = ["update_modified_column_tms", "update_modified_column_date_m"];

const OWN_FUNCTIONS = [
  ...["unix_timestamp", "date_format", "year", "month", "day"],
  ...["dol_util_rebuild_sequences", "dol_util_triggerall"],
  ...OF_TRIGGERS,
];

/** What of the schema is Dolibarr's own, and which version made it. */
export interface OwnObjects {
  /** `22.0.4`; empty where none is recorded. */
  version: string;
  /** With their arguments: `year(date)`. */
  functions: string[];
  /** `table`: `public.llx_facture`. */
  triggers: { table: string; name: string }[];
}

/** @throws DrillError as the session does. */
export async function readOwnObjects(session: Session): Promise<OwnObjects> {
  const hasConstants = await session.ask<boolean>(
    `SELECT pg_catalog.to_regclass('public.${TABLE_PREFIX}const') IS NOT NULL`,
  );
  const constants = hasConstants
    ? await readConstants(session, ["MAIN_VERSION_LAST_UPGRADE", "MAIN_VERSION_LAST_INSTALL"])
    : {};
  return {
    version: constants.MAIN_VERSION_LAST_UPGRADE || constants.MAIN_VERSION_LAST_INSTALL || "",
    ...await session.ask<Omit<OwnObjects, "version">>(
      `SELECT json_build_object('functions', (${FUNCTIONS_SQL}), 'triggers', (${TRIGGERS_SQL}))`,
    ),
  };
}

const anyOf = (names: readonly string[]) => `ANY(ARRAY[${names.map(quoteLiteral).join(", ")}])`;

const FUNCTIONS_SQL =
  `SELECT coalesce(json_agg(f.signature ORDER BY f.signature COLLATE "C"), '[]'::json) FROM (
  SELECT p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' AS signature
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE n.nspname = 'public' AND p.prokind = 'f' AND p.proname = ${anyOf(OWN_FUNCTIONS)}
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')) AS f`;

const TRIGGERS_SQL =
  `SELECT coalesce(json_agg(json_build_object('table', 'public.' || quote_ident(c.relname), 'name', g.tgname)
    ORDER BY c.relname COLLATE "C", g.tgname COLLATE "C"), '[]'::json)
  FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
 WHERE NOT g.tgisinternal AND n.nspname = 'public' AND left(c.relname, ${TABLE_PREFIX.length}) = ${
    quoteLiteral(TABLE_PREFIX)
  } AND p.proname = ${anyOf(OF_TRIGGERS)}`;
