/**
 * Dolibarr's unalterable log, computed anew (FACTS, Unalterable log). Each line is signed over the one before: a line that
 * was altered does not fit its own signatures, and where one is gone the next does not fit the chain.
 */

import { createHash } from "node:crypto";
import type { Session } from "../../postgres/connection/session.ts";

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
export interface LogRoots {
  salt: string;
  fingerprints: ReadonlyMap<number, string>;
}

export interface LogFound {
  /** Lines that were computed anew. */
  checked: number;
  /** Lines of versions that sign otherwise. */
  passedOver: number;
  /** Sentences. */
  wrong: string[];
}

/** How a line belongs into the chain: both of its signatures fit, its own alone, or not even that. */
export type LineFits = "whole" | "alone" | "altered";

/** Whether `line` fits behind a line of that signature. Pure. */
export function fitOf(line: LogLine, previous: string, salt: string): LineFits {
  const keys = keysOf(line);
  if (keys.some((key) => sha256(salt + previous + key) === line.signature)) return "whole";
  return keys.some((key) => sha256(salt + key) === line.lineSignature) ? "alone" : "altered";
}

/** The lines of one entity after the other, in their order; `previous` is the signature of the one before, by entity. Pure but for `previous`. */
export function checkLines(
  lines: readonly LogLine[],
  { salt, fingerprints }: LogRoots,
  previous: Map<number, { id: number; signature: string }>,
): LogFound {
  const found: LogFound = { checked: 0, passedOver: 0, wrong: [] };
  for (const line of lines) {
    const before = previous.get(line.entity);
    previous.set(line.entity, { id: line.id, signature: line.signature });
    if (!isComputable(line.version)) {
      found.passedOver++;
      continue;
    }
    found.checked++;
    const fits = fitOf(line, before?.signature ?? fingerprints.get(line.entity) ?? "", salt);
    const name = `line ${line.id} (${line.action} ${line.ref})`;
    if (fits === "altered") found.wrong.push(`${name} was altered: its signature is another`);
    if (fits === "alone") {
      const after = before ? `after line ${before.id}` : "at the beginning";
      const gap = line.id - (before?.id ?? 0) - 1;
      found.wrong.push(
        gap > 0
          ? `${
            gap === 1 ? `line ${line.id - 1} is` : `lines ${(before?.id ?? 0) + 1} to ${line.id - 1} are`
          } missing: ${name} does not fit ${after}`
          : `${name} does not fit ${after}: one of them was altered or replaced`,
      );
    }
  }
  return found;
}

/** From 18 on the text of the data is signed; 23 signs with a key of its own. */
const isComputable = (version: string): boolean => {
  const major = Number(/^\d+/.exec(version)?.[0] ?? NaN);
  return major >= 18 && major < 23;
};

function keysOf({ created, about, action, amount, ref, user, data }: LogLine): string[] {
  const dates = (list: readonly string[]) => list.length === 0 ? [""] : list;
  return dates(created).flatMap((from) =>
    dates(about).map((of) => `${from}|${action}|${amount}|${ref}|${of}|${user}|${data}`)
  );
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

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
export const wasLogBegun = async (session: Session): Promise<boolean> =>
  (await readRoots(session)).fingerprints.size > 0;

/** Lines behind `after` in the order of their numbers, with dates read in `zone`. */
export async function readLines(session: Session, zone: string, after: number): Promise<LogLine[]> {
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

export async function readRoots(session: Session): Promise<LogRoots & { zone?: string }> {
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
