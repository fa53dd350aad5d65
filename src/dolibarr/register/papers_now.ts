/** What is there now of the papers and payments of which only parts differ. */

import type { Session } from "../../postgres/connection/session.ts";
import type { PaperNow } from "./judge/context.ts";
import type { RegisterChange } from "./rows.ts";

/** What a judgement asks for by `nowOf`, keyed `llx_facture:12`. One statement for each of the four tables. */
export async function readPapersNow(
  session: Session,
  changes: readonly RegisterChange[],
): Promise<Map<string, PaperNow>> {
  const now = new Map<string, PaperNow>();
  for (const { table, status, named } of PAPERS) {
    const ids = new Set(
      changes.flatMap(named).map(Number).filter((id) => Number.isSafeInteger(id) && id > 0),
    );
    if (ids.size === 0) continue;
    const rows = await session.ask<[id: number, ref: string, status: string][]>(
      `SELECT coalesce(json_agg(json_build_array(rowid, coalesce(ref, rowid::text), ${status}::text)), '[]'::json)
         FROM public.${table} WHERE rowid IN (${[...ids].join(", ")})`,
    );
    for (const [id, ref, status] of rows) now.set(`${table}:${id}`, { ref, status });
  }
  return now;
}

/** The values by which rows of these parts name another row. */
const namedBy = (value: string, ...tables: string[]) => ({ table, was, is }: RegisterChange) =>
  tables.includes(table) ? [was?.values[value], is?.values[value]] : [];

/** `c12` names the customer invoice 12, `s12` the supplier's. */
const sources = (letter: string) => (change: RegisterChange) =>
  namedBy("source", "llx_societe_remise_except")(change).map((source) =>
    source?.startsWith(letter) ? source.slice(1) : undefined
  );

const linesOf = namedBy("invoice", "llx_facturedet", "llx_paiement_facture");
const supplierLinesOf = namedBy("invoice", "llx_facture_fourn_det", "llx_paiementfourn_facturefourn");

/** What rows of the register are parts of, or name. */
const PAPERS: readonly {
  table: string;
  /** The column of its status. */
  status: string;
  named(change: RegisterChange): (string | null | undefined)[];
}[] = [
  {
    table: "llx_facture",
    status: "fk_statut",
    named: (change) => [...linesOf(change), ...sources("c")(change)],
  },
  {
    table: "llx_facture_fourn",
    status: "fk_statut",
    named: (change) => [...supplierLinesOf(change), ...sources("s")(change)],
  },
  { table: "llx_paiement", status: "statut", named: namedBy("payment", "llx_paiement_facture") },
  {
    table: "llx_paiementfourn",
    status: "statut",
    named: namedBy("payment", "llx_paiementfourn_facturefourn"),
  },
];
