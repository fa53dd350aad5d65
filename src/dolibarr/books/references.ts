/** How a row of the books is named in a finding: the same every night, and no two alike. */

import { formatCount } from "../../base/numbers.ts";
import type { Session } from "../../postgres/connection/session.ts";

const TABLES = {
  "customer invoices": "llx_facture",
  "supplier invoices": "llx_facture_fourn",
  "payments": "llx_paiement",
  "accounting entries": "llx_accounting_bookkeeping",
  "the unalterable log": "llx_blockedlog",
} as const;

/** Of how many companies these rows are, in words: `1 entity`. */
export async function readEntities(session: Session, of: keyof typeof TABLES): Promise<string> {
  const [row] = await session.query<{ entities: number }>(
    `SELECT count(DISTINCT coalesce(entity, 1))::integer AS entities FROM public.${TABLES[of]}`,
  );
  return formatCount(row!.entities, "entity", "entities");
}

/** What a row is named by. */
export interface Referenced {
  /** `rowid` */
  id: number;
  entity: number | null;
  ref: string | null;
}

/**
 * The name of each of these rows of `table`, in their order: its reference, with its entity before it where that is not the
 * first, `2/FA2511-0003`, and with its number where others of the entity have the same reference, `FA2511-0003 (row 7)`, or
 * it has none, `row 7`.
 */
export async function readNames(
  session: Session,
  table: "llx_facture" | "llx_facture_fourn" | "llx_paiement",
  rows: readonly Referenced[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const repeated = await session.query<{ entity: number; ref: string }>(
    `SELECT coalesce(entity, 1)::integer AS entity, ref FROM public.${table} WHERE ref = ANY($1::text[])
      GROUP BY 1, 2 HAVING count(*) > 1`,
    [rows.map(({ ref }) => ref ?? "")],
  );
  const isRepeated = new Set(repeated.map(({ entity, ref }) => `${entity}/${ref}`));
  return rows.map(({ id, entity, ref }) => {
    const company = entity ?? 1;
    const row = !ref ? `row ${id}` : isRepeated.has(`${company}/${ref}`) ? `${ref} (row ${id})` : ref;
    return company === 1 ? row : `${company}/${row}`;
  });
}
