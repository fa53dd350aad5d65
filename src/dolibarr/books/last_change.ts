/** When people last changed something in a company's Dolibarr, or signed in: by the rows that they make and change. */

import type { Session } from "../../postgres/connection/session.ts";

/**
 * Columns with a moment that a person's work leaves, read in 22.0.4: `tms` is set by a trigger at each change. Scheduled jobs
 * are not among them, for they go on where nobody works any more.
 */
const WORK: readonly [table: string, column: string][] = [
  ...[
    "actioncomm",
    "commande",
    "commande_fournisseur",
    "facture",
    "facture_fourn",
    "paiement",
    "paiementfourn",
    "product",
    "propal",
    "societe",
    "socpeople",
  ].map((table): [string, string] => [`llx_${table}`, "tms"]),
  ["llx_user", "datelastlogin"],
];

/**
 * The newest moment among them; undefined where none of these columns is there, or all are empty. Dolibarr writes them without
 * a zone, as the login's sessions see the time, so this reads them in the zone that a session has by default.
 */
export async function readLastChange(session: Session): Promise<Date | undefined> {
  const there = await session.query<{ name: string; attname: string }>(
    `SELECT w.name, w.attname FROM unnest($1::text[], $2::text[]) AS w(name, attname)
       JOIN pg_catalog.pg_attribute a ON a.attrelid = to_regclass('public.' || w.name) AND a.attname = w.attname
      WHERE NOT a.attisdropped AND a.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype)`,
    [WORK.map(([table]) => table), WORK.map(([, column]) => column)],
  );
  if (there.length === 0) return undefined;
  const newest = there.map(({ name, attname }) =>
    `SELECT max(${attname})::timestamp AS at FROM public.${name}`
  );
  const [row] = await session.query<{ ms: number | null }>(
    `SELECT (extract(epoch FROM max(at) AT TIME ZONE
              (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone')) * 1000)::float8 AS ms
       FROM (${newest.join(" UNION ALL ")}) AS moments`,
  );
  return row?.ms === null || row?.ms === undefined ? undefined : new Date(Math.round(row.ms));
}
