/** The lines of the unalterable log (`llx_blockedlog`) as the database has them, and what its chain begins with. */

import type { Session } from "../../../postgres/connection/session.ts";

/** One line, with its two dates as seconds since 1970 in the time zone that was asked for. */
export interface LogLine extends Record<string, unknown> {
  id: number;
  entity: number;
  /** A date that comes twice, when clocks go back, has two; one that is not set has none, and counts as empty. */
  created: string[];
  about: string[];
  action: string;
  /** Without zeros at its end, as PHP writes it. */
  amount: string;
  ref: string;
  user: string;
  data: string;
  signature: string;
  lineSignature: string;
  /** `22.0.4`; lines of before 18 were signed otherwise. */
  version: string;
}

/** What begins the chain: `salt` of the instance, and the fingerprint of each entity. */
export interface ChainRoots {
  salt: string;
  fingerprints: ReadonlyMap<number, string>;
}

/** How many lines one statement reads: each holds a whole invoice as text. */
export const LINES_PER_QUERY = 5_000;

/** A date of PHP's in `zone`, as a list of seconds since 1970: PostgreSQL takes the later of two, the earlier is an hour before. */
const epochs = (column: string): string => {
  const later = `(${column} AT TIME ZONE $1)`;
  return `CASE WHEN ${column} IS NULL THEN '[]'::json
    WHEN (${later} - interval '1 hour') AT TIME ZONE $1 = ${column}
      THEN json_build_array(extract(epoch FROM ${later})::bigint::text, (extract(epoch FROM ${later})::bigint - 3600)::text)
    ELSE json_build_array(extract(epoch FROM ${later})::bigint::text) END`;
};

/** Dolibarr writes the constant that a chain begins with when it writes the first line. */
export const isLogInUse = async (session: Session): Promise<boolean> =>
  (await readChainRoots(session)).fingerprints.size > 0;

/** Lines behind `after` in the order of their numbers, with dates read in `zone`. */
export async function readLogLines(session: Session, zone: string, after: number): Promise<LogLine[]> {
  return await session.query<LogLine>(
    `SELECT rowid::integer AS id, entity::integer AS entity, ${epochs("date_creation")} AS created, ${
      epochs("date_object")
    } AS about,
       coalesce(action, '') AS action, trim_scale(amounts)::text AS amount, coalesce(ref_object, '') AS ref, coalesce(user_fullname, '') AS user,
       coalesce(object_data, '') AS data, signature, signature_line AS "lineSignature", coalesce(object_version, '') AS version
       FROM public.llx_blockedlog WHERE rowid > $2 ORDER BY rowid LIMIT ${LINES_PER_QUERY}`,
    [zone, after],
  );
}

export async function readChainRoots(session: Session): Promise<ChainRoots & { zone?: string }> {
  const rows = await session.query<{ name: string; entity: number; value: string | null }>(
    `SELECT name, entity::integer AS entity, value FROM public.llx_const
      WHERE name IN ('MAIN_SECURITY_SALT', 'BLOCKEDLOG_ENTITY_FINGERPRINT', 'MAIN_SERVER_TZ') ORDER BY entity`,
  );
  const of = (name: string) => rows.filter((row) => row.name === name && row.value);
  const zone = of("MAIN_SERVER_TZ").at(-1)?.value;
  return {
    salt: of("MAIN_SECURITY_SALT").at(-1)?.value ?? "",
    fingerprints: new Map(of("BLOCKEDLOG_ENTITY_FINGERPRINT").map(({ entity, value }) => [entity, value!])),
    ...(zone && zone !== "auto" ? { zone } : {}),
  };
}
