/** Customer invoices as the database has them. Amounts are decimal texts: none is converted to a floating-point number. */

import { formatCount } from "../../base/numbers.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { type IsThere, paperOf, readRecordedFiles } from "../papers/invoice_paper.ts";

export interface Invoice extends Record<string, unknown> {
  id: number;
  /** Its company: 1 unless the module Multicompany is in use. */
  entity: number;
  ref: string;
  /** 0 draft, 1 validated, 2 closed, 3 abandoned. */
  status: number;
  paid: boolean;
  /** The sum of its payments and of the credit notes, deposits and excesses used on it (`dol_banner_tab` of 22.0.4). */
  settled: string;
  /** 0 standard, 1 replacement, 2 credit note, 3 deposit, 5 situation. */
  type: number;
  /** `2026-09-17`; null where it has no date. */
  date: string | null;
  /** Why it was abandoned: `replaced` by another invoice, or the reason that a person chose. */
  closeCode: string | null;
  totalWithoutTax: string;
  totalWithTax: string;
  /** The total that its PDF shows: in the customer's currency where the invoice is in another one. */
  printedTotal: string;
  /** Its paper below the documents folder, `facture/FA2511-0003/FA2511-0003.pdf`; null where none was ever made: see `paperOf`. */
  mainDocument: string | null;
  /** The MD5 that Dolibarr recorded for that file in llx_ecm_files; null where it has no row. */
  recordedMd5: string | null;
}

/**
 * Every invoice of every company, oldest first.
 *
 * @param isThere whether a file lies at a path below the documents folder; default: what rows say alone counts
 */
export async function readInvoices(session: Session, isThere: IsThere = () => false): Promise<Invoice[]> {
  const recorded = await readRecordedFiles(session);
  const rows = await session.query<Invoice & { named: string | null }>(`
    WITH paid AS (SELECT fk_facture AS id, sum(amount) AS amount FROM public.llx_paiement_facture GROUP BY 1),
         used AS (SELECT r.fk_facture AS id, sum(r.amount_ttc) AS amount FROM public.llx_societe_remise_except r
                    JOIN public.llx_facture s ON s.rowid = r.fk_facture_source AND s.type IN (0, 2, 3, 5) GROUP BY 1)
    SELECT f.rowid::integer AS id, f.entity::integer AS entity, f.ref, f.fk_statut::integer AS status, coalesce(f.paye, 0) <> 0 AS paid,
           coalesce(f.type, 0)::integer AS type,
           f.datef::text AS date, f.close_code AS "closeCode", coalesce(f.total_ht, 0)::text AS "totalWithoutTax",
           f.total_ttc::text AS "totalWithTax",
           (CASE WHEN coalesce(f.multicurrency_tx, 1) <> 1 AND f.multicurrency_total_ttc <> 0 THEN f.multicurrency_total_ttc
              ELSE f.total_ttc END)::text AS "printedTotal", nullif(f.last_main_doc, '') AS named,
           (coalesce(paid.amount, 0) + coalesce(used.amount, 0))::text AS settled
      FROM public.llx_facture f LEFT JOIN paid ON paid.id = f.rowid LEFT JOIN used ON used.id = f.rowid
     ORDER BY f.datef NULLS FIRST, f.rowid`);
  return rows.map(({ named, ...invoice }) => {
    // a draft's paper is what it names: it is no paper for a customer yet
    const path = isValidated(invoice)
      ? paperOf({ ref: invoice.ref, entity: invoice.entity, named }, recorded, isThere)
      : named;
    return {
      ...invoice,
      mainDocument: path,
      recordedMd5: path === null ? null : recorded.md5Of(path, invoice.entity) ?? null,
    };
  });
}

/** Whether it is validated. Validated invoices have a final reference and a PDF; drafts may have neither. */
export const isValidated = ({ status }: Invoice): boolean => status > 0;

/** Those of the first company: what its pages show. Pure. */
export const ofFirstCompany = (invoices: readonly Invoice[]): Invoice[] =>
  invoices.filter(({ entity }) => entity === 1);

/** How many companies they are of, in words: `1 entity`. Pure. */
export const companiesOf = (invoices: readonly Invoice[]): string =>
  formatCount(new Set(invoices.map(({ entity }) => entity)).size, "entity", "entities");
