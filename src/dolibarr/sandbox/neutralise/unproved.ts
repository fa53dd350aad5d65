/**
 * A Dolibarr of another major version than was read: which of its switches act on the world is not known there, so that those
 * are off which look like it by their names, and only where a person admitted that version.
 */

import { DrillError } from "../../../base/errors.ts";
import type { Ask } from "../../../postgres/connection/session.ts";
import { TABLE_PREFIX } from "../../tables/names.ts";
import type { Rule } from "./rules.ts";

/** The major version whose sources were read for the rules; its patch versions need nothing. */
export const PROVED_MAJOR = 22;

/** The majors that a person admits besides it, or `any` of them once. */
export type AdmittedVersions = readonly number[] | "any";

/** `23.0.1` -> 23; undefined where no version is recorded. */
export function majorOf(version: string): number | undefined {
  const [, digits] = /^(\d+)\./.exec(version) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The version in the restored database, where it is of a major that was not proved. */
export async function unprovedVersion(ask: Ask): Promise<{ version: string; major: number } | undefined> {
  const table = `public.${TABLE_PREFIX}const`;
  if (!await ask<boolean>(`SELECT to_json(pg_catalog.to_regclass('${table}') IS NOT NULL)`)) return undefined;
  const version = await ask<string | null>(
    `SELECT coalesce(to_json((SELECT value FROM ${table} WHERE value <> ''
        AND name IN ('MAIN_VERSION_LAST_UPGRADE', 'MAIN_VERSION_LAST_INSTALL') ORDER BY name DESC LIMIT 1)), 'null'::json)`,
  );
  const major = majorOf(version ?? "");
  return major === undefined || major === PROVED_MAJOR ? undefined : { version: version!, major };
}

/** @throws DrillError `VERSION_UNPROVED` where no person admitted it. */
export function refuseUnadmitted(
  { version, major }: { version: string; major: number },
  admitted: AdmittedVersions,
  set: string,
): void {
  if (admitted === "any" || admitted.includes(major)) return;
  throw new DrillError(
    "VERSION_UNPROVED",
    `Cannot restore ${set} into a sandbox: it is of Dolibarr ${version}, and what acts on the world was read in ${PROVED_MAJOR} alone`,
    `The restore was undone. To admit it, write drill: { versions: [${major}] } into the configuration, or say --unproved-version once: the rules for ${PROVED_MAJOR} are applied, and all that looks like mail, jobs and hooks by its name is off; look at it before you let anybody in.`,
  );
}

/** What a table or a constant is called that sends, runs or tells. */
const ACTS = "(mail|sms|cron|webhook|hook|zapier|notif)";

/** Rules for what is there and looks like a switch by its name: tables with a state, constants that are on, modules. */
export async function rulesByName(ask: Ask): Promise<Rule[]> {
  const why = `its name looks like it, and this version of Dolibarr was not read`;
  const columns = await ask<{ table: string; column: string }[]>(
    `SELECT coalesce(json_agg(json_build_object('table', relname, 'column', attname) ORDER BY relname), '[]'::json)
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute ON attrelid = c.oid
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
        AND relname ~ '^${TABLE_PREFIX}.*${ACTS}' AND attname IN ('status', 'active', 'enabled')
        AND atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)`,
  );
  const constants = await ask<string[]>(
    `SELECT coalesce(json_agg(DISTINCT name), '[]'::json) FROM public.${TABLE_PREFIX}const
      WHERE name ~* '${ACTS}' AND name ~ '_(ENABLED?|ACTIVE|LIVE|AUTO)$'`,
  );
  const modules = await ask<string[]>(
    `SELECT coalesce(json_agg(DISTINCT name), '[]'::json) FROM public.${TABLE_PREFIX}const
      WHERE name ~* '^MAIN_MODULE_[A-Z]*${ACTS}[A-Z]*$'`,
  );
  return [
    ...columns.map(({ table, column }) => ({ table, column, value: 0, why })),
    ...constants.map((constant) => ({ constant, value: "0", why })),
    ...modules.map((constant) => ({ constant, delete: true as const, why })),
  ];
}
