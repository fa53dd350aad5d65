/**
 * Compares each customer invoice with what the unalterable log recorded when it was last validated. Read in 22.0.4
 * (`interface_50_modBlockedlog`, `Facture::validate`, `CommonInvoice::is_erasable`):
 *
 * - `amounts` is the total with tax in the company's own currency, negative for a credit note, with the revenue stamp, and
 *   not rounded; the total of the invoice is rounded to MAIN_MAX_DECIMALS_TOT.
 * - An invoice that is set back to a draft may be changed or deleted without a line in the log. So the total of a draft is
 *   not judged; an invoice that was validated again has a newer line.
 * - A deletion is logged only where BLOCKEDLOG_ADD_ACTIONS_SUPPORTED asks for it. But only the last invoice of a series can
 *   be deleted: a missing one was lost if later numbers of its series exist and no other invoice has its number.
 * - While the module is off (MODULE_RESET) nothing is logged: lines before that are not judged. But after an attempt to switch
 *   it off (signature 0000000000) it stays on, unless a line says that it was switched on again (MODULE_SET). Nor is an invoice that was
 *   validated on a later day than its line says: a module may do that without a line in the log.
 */

import { readAmountRules } from "../amount_rules.ts";
import { findLostReferences, notJudged, readInvoiceReferences } from "../numbering/invoice_numbers.ts";
import type { Session } from "../../../postgres/connection/session.ts";
import { type Fault, FAULTS_AT_MOST } from "../../fault.ts";

interface LoggedInvoicesFound {
  /** Invoices that were compared with their line, drafts included, and the number of drafts among them. */
  checked: number;
  drafts: number;
  /** References that the log has and no invoice has. Their form does not show whether an invoice is lost. */
  unjudged: string[];
  /** How many entities have such lines. */
  entities: number;
  /** The log has no line at all. */
  empty: boolean;
  /** `FA2512-0007: its total with tax is 868, the unalterable log recorded 768`, and how many there are. */
  faults: Fault[];
  total: number;
}

interface Found extends Record<string, unknown> {
  there: number;
  drafts: number;
  entities: number;
  empty: boolean;
  /** At most `FAULTS_AT_MOST`, and how many there are. Amounts are decimal texts. */
  wrong: { ref: string; total: string; logged: string }[];
  differing: number;
  gone: { ref: string; logged: string }[];
}

/** The versions that write lines in this form; they are those whose signatures can be recomputed. */
const VERSIONS = "^(18|19|20|21|22)[.]";

const FOUND_SQL = `
  WITH last AS MATERIALIZED (
    SELECT DISTINCT ON (fk_object) rowid, entity, action, fk_object, amounts::numeric AS amounts, ref_object, date_creation, object_version
      FROM public.llx_blockedlog
     WHERE element = 'facture' AND action IN ('BILL_VALIDATE', 'BILL_UNVALIDATE', 'BILL_DELETE')
     ORDER BY fk_object, rowid DESC),
  resets AS MATERIALIZED (
    SELECT off.entity, max(off.rowid) AS at FROM public.llx_blockedlog off
     WHERE off.action = 'MODULE_RESET'
       AND NOT (off.signature = '0000000000'
         AND EXISTS (SELECT FROM public.llx_const WHERE name = 'MAIN_MODULE_BLOCKEDLOG' AND entity IN (0, off.entity) AND value = '1')
         AND NOT EXISTS (SELECT FROM public.llx_blockedlog later
           WHERE later.entity = off.entity AND later.action = 'MODULE_SET' AND later.rowid > off.rowid))
     GROUP BY off.entity),
  logged AS MATERIALIZED (
    SELECT CASE WHEN l.entity = 1 THEN '' ELSE l.entity || '/' END || coalesce(nullif(l.ref_object, ''), 'invoice ' || l.fk_object) AS ref,
       l.entity, coalesce(l.amounts, 0) AS amounts, f.rowid AS id, f.fk_statut AS status, f.total_ttc::numeric AS total
      FROM last l LEFT JOIN public.llx_facture f ON f.rowid = l.fk_object LEFT JOIN resets r ON r.entity = l.entity
     WHERE l.action = 'BILL_VALIDATE' AND l.object_version ~ $1
       AND l.rowid > coalesce(r.at, 0)
       AND (f.date_valid IS NULL OR f.date_valid <= l.date_creation::date)),
  differing AS (
    SELECT * FROM logged WHERE status > 0 AND abs(coalesce(total, 0) - amounts) > 0.5 * 10::numeric ^ (- $2::integer))
  SELECT (SELECT count(*)::integer FROM logged WHERE id IS NOT NULL) AS there,
    (SELECT count(*)::integer FROM logged WHERE status = 0) AS drafts,
    (SELECT count(DISTINCT entity)::integer FROM logged) AS entities,
    NOT EXISTS (SELECT FROM public.llx_blockedlog) AS empty,
    (SELECT coalesce(json_agg(w), '[]'::json) FROM (
       SELECT ref, trim_scale(coalesce(total, 0))::text AS total, trim_scale(amounts)::text AS logged FROM differing
        ORDER BY id LIMIT ${FAULTS_AT_MOST}) AS w) AS wrong,
    (SELECT count(*)::integer FROM differing) AS differing,
    (SELECT coalesce(json_agg(g), '[]'::json) FROM (
       SELECT ref, trim_scale(amounts)::text AS logged FROM logged WHERE id IS NULL ORDER BY ref) AS g) AS gone`;

/** Compares every line of a validation with its invoice, in every entity. */
export async function compareLoggedInvoices(session: Session): Promise<LoggedInvoicesFound> {
  const { decimals } = await readAmountRules(session);
  const [found] = await session.query<Found>(FOUND_SQL, [VERSIONS, decimals]);
  const { there, drafts, entities, empty, wrong, differing, gone } = found!;
  const { lost, unjudged } = gone.length > 0 ? await lostOf(session, gone) : { lost: [], unjudged: [] };
  return {
    checked: there + lost.length,
    drafts,
    unjudged,
    entities,
    empty,
    faults: [...lost.map(missing), ...wrong.map(otherTotal)],
    total: differing + lost.length,
  };
}

const otherTotal = ({ ref, total, logged }: Found["wrong"][number]): Fault => ({
  subject: ref,
  kind: "other-total",
  sentence: `${ref}: its total with tax is ${total}, the unalterable log recorded ${logged}`,
  facts: { total, logged },
});

const missing = ({ ref, logged }: Found["gone"][number]): Fault => ({
  subject: ref,
  kind: "missing",
  sentence: `${ref} is missing: the unalterable log recorded it with ${logged}`,
  facts: { logged },
});

/** Those that Dolibarr does not let anybody delete, and those of which that cannot be said. */
async function lostOf(
  session: Session,
  gone: Found["gone"],
): Promise<{ lost: Found["gone"]; unjudged: string[] }> {
  const { refs, removable, ...rules } = await readInvoiceReferences(session);
  const names = gone.map(({ ref }) => ref);
  if (removable) return { lost: [], unjudged: names };
  const lost = new Set(findLostReferences(names, refs, rules));
  return { lost: gone.filter(({ ref }) => lost.has(ref)), unjudged: notJudged(names, rules) };
}
