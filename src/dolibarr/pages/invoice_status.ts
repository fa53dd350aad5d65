/** How Dolibarr 22 tells an invoice's status on a page: by a badge whose class does not depend on the language. */

export interface InvoiceState {
  /** `llx_facture.fk_statut`: 0 draft, 1 validated, 2 closed, 3 abandoned. */
  status: number;
  /** `llx_facture.paye`. */
  paid: boolean;
  /** What was paid on it, and what credit notes, deposits and excesses were used on it, in all: a decimal text. */
  settled: string;
}

/** The badge, and what an English page writes in it for an ordinary invoice. */
export interface StatusBadge {
  /** The number in the class `badge-statusN`. */
  badge: number;
  meaning: string;
}

/** What the card of an invoice in this state must show (`CommonInvoice::LibStatut` of 22.0.4, asked by `dol_banner_tab`). */
export function expectedBadge({ status, paid, settled }: InvoiceState): StatusBadge {
  if (paid) return { badge: 6, meaning: "paid" };
  if (status === 0) return { badge: 0, meaning: "draft" };
  const something = /[1-9]/.test(settled);
  if (status === 2 || status === 3) {
    if (something && !settled.startsWith("-")) return { badge: 9, meaning: "closed, paid in part" };
    return { badge: 5, meaning: status === 3 ? "abandoned" : "closed, not paid" };
  }
  return something ? { badge: 3, meaning: "paid in part" } : { badge: 1, meaning: "not paid" };
}

/** The number N of the class `badge-statusN`, or undefined when there is none. */
export function badgeOf(className: string): number | undefined {
  const found = className.match(/\bbadge-status(\d+)\b/);
  return found ? Number(found[1]) : undefined;
}
