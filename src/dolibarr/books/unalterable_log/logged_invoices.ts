/**
 * What the unalterable log recorded of a customer invoice when it was last validated, against the invoice. Read in
 * 22.0.4 (`interface_50_modBlockedlog`, `Facture::validate`, `CommonInvoice::is_erasable`):
 *
 * - `amounts` is the total with tax in the company's own currency, below zero for a credit note, with the revenue stamp,
 *   and without rounding; what the invoice has is rounded to MAIN_MAX_DECIMALS_TOT.
 * - An invoice that goes back to a draft may be changed or deleted, and the log says nothing of it: a draft's total is not
 *   judged, and one that was validated anew has a newer line.
 * - It has no line of a deletion either, unless BLOCKEDLOG_ADD_ACTIONS_SUPPORTED asks for it. But only the last of a series
 *   can be deleted: one that is gone was lost where later numbers of its series are there, and nobody has its own.
 * - While the module is off (MODULE_RESET) it records nothing: lines of before are not judged. Nor is an invoice that was
 *   validated on a later day than its line says: a module may do that without a word to the log.
 */

import { readAmountRules } from "../amount_rules.ts";
import { findLostReferences, readInvoiceReferences } from "../invoice_numbers.ts";
import type { Session } from "../../../postgres/connection/session.ts";

export interface LoggedInvoicesFound {
  /** Invoices whose line was compared, drafts too, and how many of them are drafts again. */
  checked: number;
  drafts: number;
  /** Whether the log has no line at all. */
  empty: boolean;
  /** Sentences: `FA2512-0007: its total with tax is 868, the unalterable log has 768` */
  wrong: string[];
}

interface Found extends Record<string, unknown> {
  there: number;
  drafts: number;
  empty: boolean;
  /** At most 100. Amounts are decimal texts. */
  wrong: { ref: string; total: string; logged: string }[];
  gone: { ref: string; logged: string }[];
}

/** The versions that write such lines as was read, as those whose signatures are computed. */
const VERSIONS = "^(18|19|20|21|22)[.]";

const FOUND_SQL = `
  WITH last AS MATERIALIZED (
    SELECT DISTINCT ON (fk_object) rowid, action, fk_object, amounts::numeric AS amounts, ref_object, date_creation, object_version
      FROM public.llx_blockedlog
     WHERE entity = 1 AND element = 'facture' AND action IN ('BILL_VALIDATE', 'BILL_UNVALIDATE', 'BILL_DELETE')
     ORDER BY fk_object, rowid DESC),
  logged AS MATERIALIZED (
    SELECT l.ref_object AS ref, l.amounts, f.rowid AS id, f.fk_statut AS status, f.total_ttc::numeric AS total
      FROM last l LEFT JOIN public.llx_facture f ON f.rowid = l.fk_object
     WHERE l.action = 'BILL_VALIDATE' AND l.object_version ~ $1
       AND l.rowid > (SELECT coalesce(max(rowid), 0) FROM public.llx_blockedlog WHERE entity = 1 AND action = 'MODULE_RESET')
       AND (f.date_valid IS NULL OR f.date_valid <= l.date_creation::date))
  SELECT (SELECT count(*)::integer FROM logged WHERE id IS NOT NULL) AS there,
    (SELECT count(*)::integer FROM logged WHERE status = 0) AS drafts,
    NOT EXISTS (SELECT FROM public.llx_blockedlog) AS empty,
    (SELECT coalesce(json_agg(w), '[]'::json) FROM (
       SELECT ref, trim_scale(total)::text AS total, trim_scale(amounts)::text AS logged FROM logged
        WHERE status > 0 AND abs(coalesce(total, 0) - amounts) > 0.5 * 10::numeric ^ (- $2::integer) ORDER BY id LIMIT 100) AS w) AS wrong,
    (SELECT coalesce(json_agg(g), '[]'::json) FROM (
       SELECT ref, trim_scale(amounts)::text AS logged FROM logged WHERE id IS NULL ORDER BY ref) AS g) AS gone`;

/** Compares every line of a validation with its invoice; of the first entity. */
export async function compareLoggedInvoices(session: Session): Promise<LoggedInvoicesFound> {
  const { decimals } = await readAmountRules(session);
  const [found] = await session.query<Found>(FOUND_SQL, [VERSIONS, decimals]);
  const { there, drafts, empty, wrong, gone } = found!;
  const lost = gone.length > 0 ? await lostOf(session, gone) : [];
  return {
    checked: there + lost.length,
    drafts,
    empty,
    wrong: [
      ...wrong.map(({ ref, total, logged }) =>
        `${ref}: its total with tax is ${total}, the unalterable log has ${logged}`
      ),
      ...lost.map(({ ref, logged }) => `${ref} is gone, the unalterable log has it with ${logged}`),
    ],
  };
}

/** Those that nobody could delete. */
async function lostOf(session: Session, gone: Found["gone"]): Promise<Found["gone"]> {
  const { refs, removable } = await readInvoiceReferences(session);
  if (removable) return [];
  const lost = new Set(findLostReferences(gone.map(({ ref }) => ref), refs));
  return gone.filter(({ ref }) => lost.has(ref));
}
