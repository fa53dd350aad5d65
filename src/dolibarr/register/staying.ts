/** The customer invoices that stayed: what tells whether one that is gone was the last of its series. */

import type { Session } from "../../postgres/connection/session.ts";
import { NO_MASKS, type NumberingRules, readInvoiceReferences } from "../books/numbering/invoice_numbers.ts";
import type { Trace } from "./read.ts";
import type { RegisterChange } from "./rows.ts";

export interface StayingReferences {
  /** The references of the customer invoices that are there now and were there then, each entity's own. */
  staying: readonly string[];
  /** How this ERP makes references. */
  rules: NumberingRules;
}

/**
 * The references of the customer invoices that were there in the earlier register and still are, with their entity as
 * `readInvoiceReferences` writes it, and the masks that make them. They are read only where one of `changes` is an invoice
 * that is gone, or one that is new and of which no log tells.
 */
export async function readStayingReferences(
  session: Session,
  changes: readonly RegisterChange[],
  traces: readonly Trace[],
  highest: ReadonlyMap<string, number>,
): Promise<StayingReferences> {
  const validated = new Set(
    traces.filter(({ action }) => action === "BILL_VALIDATE").map(({ object }) => object),
  );
  const own = changes.filter(({ table }) => table === "llx_facture");
  const added = own.filter(({ was }) => !was?.hash).map(({ id }) => id);
  if (!own.some(({ is }) => !is) && added.every((id) => validated.has(id))) {
    return { staying: [], rules: NO_MASKS };
  }
  const { forms, shared } = await readInvoiceReferences(session);
  const staying = await session.ask<string[]>(
    `SELECT coalesce(json_agg(CASE WHEN entity = 1 THEN ref ELSE entity || '/' || ref END), '[]'::json)
       FROM public.llx_facture WHERE rowid <= ${Number(highest.get("llx_facture") ?? 0)}
        AND ref NOT LIKE '(PROV%' AND rowid NOT IN (${[0, ...added].join(", ")})`,
  );
  return { staying, rules: { forms, shared } };
}
