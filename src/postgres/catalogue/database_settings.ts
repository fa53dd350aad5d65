/**
 * What a database, its owner and a login are set to (`ALTER DATABASE ... SET`, `ALTER ROLE ... SET`), and what of it decides
 * how an ERP shows what it holds. None of it is in a dump.
 */

import { quoteIdentifier, quoteLiteral } from "../connection/database.ts";
import type { Ask } from "../connection/session.ts";
import { trusting } from "../rows/settings.ts";

/** A setting that somebody made. */
export interface MadeSetting {
  /** For whom: the database's every session, the owner role, the login that asked, all roles of the server. */
  of: "database" | "owner" | "login" | "server";
  name: string;
  /** Absent where an application's own setting may hold a secret. */
  value?: string;
}

export interface DatabaseSettings {
  made: MadeSetting[];
  /** By name, what decides how values are shown, sorted and found: as a new session of that login has it. */
  shown: Record<string, string>;
}

/** The encoding in which a server holds text, as `shown` names it. */
export const ENCODING = "server_encoding";

/** What a database has from the day on which it was made. */
const isFixed = (name: string): boolean => name === ENCODING || name.startsWith("LC_");

/** How an ERP's session writes, sorts and finds values. */
const SHOWN = [
  ...["TimeZone", "DateStyle", "IntervalStyle", "lc_monetary", "lc_numeric", "lc_time", "bytea_output"],
  ...["extra_float_digits", "standard_conforming_strings", "search_path", "default_text_search_config"],
  ...["transform_null_equals", "xmloption", ENCODING],
];

/** Reads them, as a rule in the transaction of `ask`. @param owner the role that owns the ERP's tables, where its own count */
export const readDatabaseSettings = (ask: Ask, owner = ""): Promise<DatabaseSettings> =>
  trusting(ask, () => ask<DatabaseSettings>(settingsSql(owner)));

const settingsSql = (owner: string): string => `
  SELECT pg_catalog.json_build_object('made', (
      SELECT coalesce(json_agg(json_strip_nulls(json_build_object('of', of, 'name', name, 'value', value)) ORDER BY of COLLATE "C", name COLLATE "C"), '[]'::json)
        FROM (SELECT CASE WHEN s.setrole = 0 AND s.setdatabase = 0 THEN 'server' WHEN s.setrole = 0 THEN 'database'
                       WHEN r.rolname = ${quoteLiteral(owner)} THEN 'owner' ELSE 'login' END AS of,
                     pg_catalog.split_part(c.line, '=', 1) AS name,
                     CASE WHEN pg_catalog.strpos(pg_catalog.split_part(c.line, '=', 1), '.') = 0
                       THEN pg_catalog.substr(c.line, pg_catalog.strpos(c.line, '=') + 1) END AS value
                FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
                CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c(line)
               WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
                 AND (s.setrole = 0 OR r.rolname IN (${quoteLiteral(owner)}, session_user))) AS made),
    'shown', (SELECT json_object_agg(name, value ORDER BY name COLLATE "C") FROM (
        SELECT name, reset_val AS value FROM pg_catalog.pg_settings WHERE name IN (${
  SHOWN.map(quoteLiteral).join(", ")
})
        UNION ALL SELECT each.name, each.value FROM pg_catalog.pg_database d CROSS JOIN LATERAL (VALUES
          ('LC_COLLATE', d.datcollate::pg_catalog.text), ('LC_CTYPE', d.datctype::pg_catalog.text)) AS each(name, value)
         WHERE d.datname = pg_catalog.current_database()) AS shown))`;

/**
 * What decides how values are shown and is otherwise in the target, a sentence each; then what was made for the database and
 * is not there. Pure.
 *
 * @param source where `was` is of, for messages: `prod/20260630T155313Z`
 * @param target the target's database
 */
export function settingDifferences(
  was: DatabaseSettings,
  is: DatabaseSettings,
  { source, target }: { source: string; target: string },
): string[] {
  const shown = Object.entries(was.shown).filter(([name, value]) =>
    name in is.shown && is.shown[name] !== value
  ).map(([name, value]) =>
    isFixed(name)
      ? `${target} has ${name} ${
        is.shown[name]
      }, ${source} has ${value}: texts may be stored or sorted otherwise`
      : `${target} has ${name} ${is.shown[name]}, ${source} has ${value}: values are shown otherwise; ${
        statement(target, { name, value })
      }`
  );
  const told = new Set(Object.keys(was.shown));
  const others = was.made.filter(({ of, name, value }) =>
    of === "database" && !told.has(name) &&
    !is.made.some((one) => one.of === "database" && one.name === name && one.value === value)
  );
  return [
    ...shown,
    ...others.map((one) =>
      one.value === undefined
        ? `${source} has a setting ${one.name} of its database, which ${target} may lack: no backup has its value`
        : `${source} has ${one.name} ${one.value} for its database, ${target} has not; ${
          statement(target, { name: one.name, value: one.value })
        }`
    ),
  ];
}

/** Settings whose value is a list of names or values: as a whole, in quotes, it would be one of them. */
const LISTS = ["search_path", "DateStyle", "temp_tablespaces", "session_preload_libraries"];

/** The statement that makes it for a database. */
export const statement = (
  database: string,
  { name, value }: { name: string; value: string },
): string =>
  `ALTER DATABASE ${quoteIdentifier(database)} SET ${name} = ${
    LISTS.includes(name) && value !== "" ? value : quoteLiteral(value)
  }`;
