/**
 * Compares what was paid on each invoice with its total. Read in 22.0.4, CommonInvoice::getRemainToPay: payments
 * (llx_paiement_facture), and credit notes, deposits and excesses used as payments (llx_societe_remise_except.fk_facture),
 * count against the total with tax. An excess that was converted into a discount (its fk_facture_source is then the
 * invoice, its description `(EXCESS RECEIVED)`) is deducted. A discount that became a line (fk_facture_line) is already in
 * the total. On an invoice in another currency the amounts in that currency are compared, because the rate of the day of
 * payment differs. The total of a credit note, and what was paid back, are negative.
 */

import type { Session } from "../../postgres/connection/session.ts";
import { type Fault, FAULTS_AT_MOST } from "../fault.ts";
import { readNames, type Referenced } from "./references.ts";

interface PaymentsFound {
  /** Invoices with a payment, and payments, that were compared. */
  invoices: number;
  payments: number;
  /** Invoices on which more than the total was received, and whose excess can still be converted into a credit. */
  excess: number;
  /** Deposits, and invoices of the other types, on which more than the total was received: theirs cannot be converted. */
  deposits: number;
  others: number;
  /** One for each invoice and each payment, at most `FAULTS_AT_MOST`, and how many there are. */
  faults: Fault[];
  total: number;
}

interface Found extends Omit<PaymentsFound, "faults"> {
  wrong: Wrong[];
}

/** Amounts are decimal texts. `side`: an invoice's total, or the sum of a payment's parts. */
interface Wrong extends Referenced {
  kind: "overpaid" | "other-sign" | "parts";
  amount: string;
  side: string;
}

const SQL = `WITH main AS (SELECT max(value) AS currency FROM public.llx_const WHERE name = 'MAIN_MONNAIE'),
  paid AS (SELECT fk_facture AS id, sum(coalesce(amount, 0)) AS amount, sum(coalesce(multicurrency_amount, 0)) AS foreign_amount
             FROM public.llx_paiement_facture GROUP BY 1),
  used AS (SELECT fk_facture AS id, sum(amount_ttc) AS amount, sum(multicurrency_amount_ttc) AS foreign_amount
             FROM public.llx_societe_remise_except WHERE fk_facture IS NOT NULL GROUP BY 1),
  excess AS (SELECT fk_facture_source AS id, sum(amount_ttc) AS amount, sum(multicurrency_amount_ttc) AS foreign_amount
               FROM public.llx_societe_remise_except WHERE description LIKE '(EXCESS RECEIVED%' GROUP BY 1),
  both_sides AS (
    SELECT f.rowid AS id, f.entity, f.ref, f.type, foreigner.is,
           CASE WHEN foreigner.is THEN f.multicurrency_total_ttc ELSE f.total_ttc END AS total,
           CASE WHEN foreigner.is THEN coalesce(p.foreign_amount, 0) + coalesce(u.foreign_amount, 0) - coalesce(e.foreign_amount, 0)
                ELSE coalesce(p.amount, 0) + coalesce(u.amount, 0) - coalesce(e.amount, 0) END AS paid
      FROM public.llx_facture f CROSS JOIN main
      CROSS JOIN LATERAL (SELECT coalesce(f.multicurrency_code <> '' AND f.multicurrency_code <> main.currency, false) AS is) AS foreigner
      LEFT JOIN paid p ON p.id = f.rowid LEFT JOIN used u ON u.id = f.rowid LEFT JOIN excess e ON e.id = f.rowid
     WHERE p.id IS NOT NULL OR u.id IS NOT NULL),
  parts AS (SELECT fk_paiement AS id, sum(coalesce(amount, 0)) AS amount FROM public.llx_paiement_facture GROUP BY 1),
  wrong AS (
    SELECT 1 AS at, id, CASE WHEN abs(paid) - abs(coalesce(total, 0)) >= 0.005 THEN 'overpaid' ELSE 'other-sign' END AS kind, entity, ref,
           paid AS amount, coalesce(total, 0) AS side, type IN (0, 5) AND total > 0 AND paid > total AS excess,
           type = 3 AND abs(paid) > abs(total) AS deposit, type IN (1, 2) AND abs(paid) > abs(total) AS other
      FROM both_sides WHERE (abs(paid) - abs(coalesce(total, 0)) >= 0.005 OR paid * coalesce(total, 0) < 0) AND abs(paid) >= 0.005
    UNION ALL
    SELECT 2, p.rowid, 'parts', p.entity, p.ref, coalesce(p.amount, 0), coalesce(parts.amount, 0), false, false, false
      FROM public.llx_paiement p LEFT JOIN parts ON parts.id = p.rowid
     WHERE abs(coalesce(p.amount, 0) - coalesce(parts.amount, 0)) >= 0.005)
  SELECT json_build_object('invoices', (SELECT count(*) FROM both_sides), 'payments', (SELECT count(*) FROM public.llx_paiement),
    'excess', (SELECT count(*) FROM wrong WHERE excess), 'deposits', (SELECT count(*) FROM wrong WHERE deposit),
    'others', (SELECT count(*) FROM wrong WHERE other), 'total', (SELECT count(*) FROM wrong),
    'wrong', coalesce((SELECT json_agg(json_build_object('kind', kind, 'id', id, 'entity', entity, 'ref', ref, 'amount', trim_scale(amount)::text,
        'side', trim_scale(side)::text) ORDER BY at, id)
      FROM (SELECT * FROM wrong ORDER BY at, id LIMIT ${FAULTS_AT_MOST}) AS s), '[]'::json)) AS found`;

/**
 * What to do about an excess. Read in 22.0.4: a payment may be higher than what remains to pay (paiement.php warns of it),
 * and the excess is not converted by itself; the invoice's card (facture/card.php) has this button for a standard or a
 * situation invoice that is not closed.
 */
const EXCESS_HINT =
  'If the customer really paid too much: open the invoice in the ERP and press "Convert excess received into available credit" (if it is closed, "Re-Open" it first). The check then counts the excess as a credit of the customer.';

/**
 * The same of a deposit: facture/card.php converts one only where the amount paid is its total, and refuses its button
 * otherwise ("AmountPaidMustMatchAmountOfDownPayment").
 */
const DEPOSIT_HINT =
  "If the customer really paid too much on a deposit: Dolibarr converts a deposit only where its total was paid. Delete that payment in the ERP and enter it again, the deposit's total on the deposit and the rest on the final invoice.";

/** A replacement invoice and a credit note have no button for an excess at all. */
const OTHER_HINT =
  "If too much was really paid on a replacement invoice or paid back on a credit note: Dolibarr cannot convert that. Delete the payment in the ERP and enter it again, the rest on another invoice.";

/** What to do about what was found, by the types of the invoices; undefined where no invoice is overpaid. */
export function hintOfOverpaid({ excess, deposits, others }: PaymentsFound): string | undefined {
  const hints = [
    ...(excess > 0 ? [EXCESS_HINT] : []),
    ...(deposits > 0 ? [DEPOSIT_HINT] : []),
    ...(others > 0 ? [OTHER_HINT] : []),
  ];
  return hints.length === 0 ? undefined : hints.join(" ");
}

/** Compares every invoice with what was paid on it, and every payment with the sum of its parts. */
export async function comparePayments(session: Session): Promise<PaymentsFound> {
  const [row] = await session.query<{ found: Found }>(SQL);
  const { wrong, ...found } = row!.found;
  const [payments, invoices] = [wrong.filter(isPayment), wrong.filter((one) => !isPayment(one))];
  const ofPayments = await readNames(session, "llx_paiement", payments);
  const ofInvoices = await readNames(session, "llx_facture", invoices);
  return {
    ...found,
    faults: [
      ...invoices.map((one, at) => overpaid(ofInvoices[at]!, one)),
      ...payments.map((one, at) => otherParts(`payment ${ofPayments[at]}`, one)),
    ],
  };
}

const isPayment = ({ kind }: Wrong): boolean => kind === "parts";

const otherParts = (subject: string, { kind, amount, side }: Wrong): Fault => ({
  subject,
  kind,
  sentence: `${subject} is of ${amount}, its parts make ${side}`,
  facts: { amount, parts: side },
});

const overpaid = (subject: string, { kind, amount, side }: Wrong): Fault => ({
  subject,
  kind,
  sentence: `${subject}: ${amount} was paid, its total is ${side}`,
  facts: { paid: amount, total: side },
});
