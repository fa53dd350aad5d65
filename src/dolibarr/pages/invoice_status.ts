/** The status badge with which Dolibarr 22 shows an invoice's status; its class does not depend on the language. Pure. */

interface InvoiceState {
  /** `llx_facture.fk_statut`: 0 draft, 1 validated, 2 closed, 3 abandoned. */
  status: number;
  /** `llx_facture.paye`. */
  paid: boolean;
  /** The sum of its payments and of the credit notes, deposits and excesses used on it: a decimal text. */
  settled: string;
}

/** A badge and its meaning. */
interface StatusBadge {
  /** The number in the class `badge-statusN`. */
  badge: number;
  meaning: string;
}

/** The badge on the card of an invoice in this state (`CommonInvoice::LibStatut` of 22.0.4, called by `dol_banner_tab`). */
export function expectedBadge({ status, paid, settled }: InvoiceState): StatusBadge {
  if (paid) return { badge: 6, meaning: "paid" };
  if (status === 0) return { badge: 0, meaning: "draft" };
  const settledInPart = /[1-9]/.test(settled);
  if (status === 2 || status === 3) {
    if (settledInPart && !settled.startsWith("-")) return { badge: 9, meaning: "closed, paid in part" };
    return { badge: 5, meaning: status === 3 ? "abandoned" : "closed, not paid" };
  }
  return settledInPart ? { badge: 3, meaning: "paid in part" } : { badge: 1, meaning: "not paid" };
}

/** The number N of the class `badge-statusN`; undefined where there is none. */
export function badgeOf(className: string): number | undefined {
  const found = className.match(/\bbadge-status(\d+)\b/);
  return found ? Number(found[1]) : undefined;
}
