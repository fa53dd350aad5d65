/** Reads the lines of the unalterable log (`llx_blockedlog`), and the constants with which its chain begins. */

import type { Session } from "../../../postgres/connection/session.ts";
import type { Fault } from "../../fault.ts";

/** One line of the log. Its dates are seconds since 1970, read in a given time zone. */
export interface LogLine extends Record<string, unknown> {
  id: number;
  entity: number;
  /** When the line was written: two values for an hour that comes twice because clocks go back, none where it is not set. */
  created: string[];
  /** The date of the invoice or the payment, in the same form. */
  about: string[];
  /** Both dates as they are stored, in no zone. */
  dates: string;
  action: string;
  /** Without trailing zeros, as PHP writes it. */
  amount: string;
  ref: string;
  user: string;
  data: string;
  signature: string;
  lineSignature: string;
  /** The version of Dolibarr that wrote the line: `22.0.4`. Those before 18 signed in another way. */
  version: string;
}

/** What a chain begins with: the salt of the instance, and the fingerprint of each entity. */
export interface ChainRoots {
  salt: string;
  fingerprints: ReadonlyMap<number, string>;
}

/** The number of lines that one statement reads: each holds a whole invoice as text. */
export const LINES_PER_QUERY = 5_000;

/** A date that PHP wrote in `zone` (SQL), as a list of seconds since 1970. Of an ambiguous hour PostgreSQL returns the later. */
const epochs = (column: string, zone = "$1"): string => {
  const later = `(${column} AT TIME ZONE ${zone})`;
  return `CASE WHEN ${column} IS NULL THEN '[]'::json
    WHEN (${later} - interval '1 hour') AT TIME ZONE ${zone} = ${column}
      THEN json_build_array(extract(epoch FROM ${later})::bigint::text, (extract(epoch FROM ${later})::bigint - 3600)::text)
    ELSE json_build_array(extract(epoch FROM ${later})::bigint::text) END`;
};

/** How a date is written in a fact: by no setting of the session. */
const STORED = "'YYYY-MM-DD HH24:MI:SS'";

/** What is wrong where the log is in use and has no line. */
export const EMPTY_LOG: Fault = {
  subject: "unalterable log",
  kind: "all-gone",
  sentence: "the unalterable log is empty, although it is in use and invoices are validated",
};

/** Whether the log was ever written to: Dolibarr sets the constant that a chain begins with when it writes the first line. */
export const isLogInUse = async (session: Session): Promise<boolean> =>
  (await readChainRoots(session)).fingerprints.size > 0;

/**
 * Stands for a column that Dolibarr 23 dropped: a name that a table does not have is looked for in what stands before it in
 * FROM. The lines of those versions are not recomputed (`isComputable`).
 */
const MAY_LACK_LINE_SIGNATURE = "(SELECT ''::text AS signature_line) AS without CROSS JOIN LATERAL";

/** The next lines after the one numbered `after`, in the order of their numbers, with dates read in `zone`. */
export async function readLogLines(session: Session, zone: string, after: number): Promise<LogLine[]> {
  return await session.query<LogLine>(
    `SELECT lines.* FROM ${MAY_LACK_LINE_SIGNATURE} (SELECT rowid::integer AS id, entity::integer AS entity, ${
      epochs("date_creation")
    } AS created, ${epochs("date_object")} AS about,
       concat_ws('|', to_char(date_creation, ${STORED}), to_char(date_object, ${STORED})) AS dates,
       coalesce(action, '') AS action, trim_scale(amounts)::text AS amount, coalesce(ref_object, '') AS ref, coalesce(user_fullname, '') AS user,
       coalesce(object_data, '') AS data, signature, signature_line AS "lineSignature", coalesce(object_version, '') AS version
       FROM public.llx_blockedlog WHERE rowid > $2 ORDER BY rowid LIMIT ${LINES_PER_QUERY}) AS lines ORDER BY id`,
    [zone, after],
  );
}

/** The dates of lines, read in a zone. */
interface Dates extends Record<string, unknown>, Pick<LogLine, "id" | "created" | "about"> {
  zone: string;
}

/** The dates of these lines, read in `zone`, or in every zone that the server knows. */
export async function readDates(session: Session, ids: readonly number[], zone?: string): Promise<Dates[]> {
  const zones = zone === undefined
    ? "(SELECT name FROM pg_catalog.pg_timezone_names ORDER BY name) AS z"
    : "(SELECT $2::text AS name) AS z";
  return await session.query<Dates>(
    `SELECT z.name AS zone, rowid::integer AS id, ${epochs("date_creation", "z.name")} AS created, ${
      epochs("date_object", "z.name")
    } AS about FROM public.llx_blockedlog CROSS JOIN ${zones} WHERE rowid = ANY($1) ORDER BY zone, id`,
    zone === undefined ? [ids] : [ids, zone],
  );
}

/** What the chains begin with, and the time zone of the server where Dolibarr recorded one. */
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
