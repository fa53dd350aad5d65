/** What to make of the rows of two registers that differ: what explains each, and what nothing does. Pure. */

import { findLostReferences } from "../books/numbering/invoice_numbers.ts";
import type { JudgeContext, RegisterJudgement } from "./judge/context.ts";
import { judgeCustomerInvoices, judgeSupplierInvoices, referenceIn } from "./judge/invoices.ts";
import { judgeExpenseReports, judgeSealedRows } from "./judge/others.ts";
import { judgeMissedRows } from "./judge/missed.ts";
import { judgeCustomerPayments, judgeDiscounts, judgeSupplierPayments } from "./judge/payments.ts";
import type { RegisterChange } from "./rows.ts";
import type { StayingReferences } from "./staying.ts";

export type { JudgeContext, RegisterJudgement };

/** What can be wrong with a row: the last part of a finding's id. */
export const REGISTER_KINDS = [
  "altered",
  "gone",
  "inserted",
  "moved",
  "part-added",
  "part-gone",
  "part-moved",
  "reopened",
] as const;

/** What the caller knows; the rest of the context follows from it and from the changes. */
export interface JudgeInput extends Omit<JudgeContext, "isMerged" | "isInsideSeries"> {
  changes: readonly RegisterChange[];
  numbering: StayingReferences;
}

/** Every rule on every change. A row that no rule speaks of may change. */
export function judgeRegister({ changes, numbering, ...known }: JudgeInput): RegisterJudgement {
  const context: JudgeContext = {
    ...known,
    isMerged: mergesAmong(changes),
    isInsideSeries: insideSeries(changes, numbering),
  };
  const parts = [
    judgeCustomerInvoices(changes, context),
    judgeSupplierInvoices(changes, context),
    judgeCustomerPayments(changes, context),
    judgeSupplierPayments(changes, context),
    judgeDiscounts(changes, context),
    judgeSealedRows(changes, context),
    judgeExpenseReports(changes, context),
    judgeMissedRows(changes, context),
  ];
  return {
    faults: parts.flatMap(({ faults }) => faults),
    reopened: parts.flatMap(({ reopened }) => reopened),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

/**
 * Of all invoices that are gone together, for the last three of a series may go one after the other; and of all that are
 * new, which lawfully come after the last.
 */
function insideSeries(
  changes: readonly RegisterChange[],
  { staying, rules }: StayingReferences,
): JudgeContext["isInsideSeries"] {
  const refs = (side: "was" | "is", other: "was" | "is") =>
    changes.flatMap((change) => {
      const row = change[side];
      return change.table === "llx_facture" && row && row.hash !== "" && !change[other]?.hash
        ? [referenceIn(row.values.entity, row.values.ref)]
        : [];
    });
  const inside = new Set(
    [refs("was", "is"), refs("is", "was")].flatMap((of) =>
      of.length === 0 ? [] : findLostReferences(of, staying, rules)
    ),
  );
  return (ref) => inside.has(ref);
}

/** A third party was merged into another where it is gone, and all papers that left it went to that one. */
function mergesAmong(changes: readonly RegisterChange[]): JudgeContext["isMerged"] {
  const gone = new Set(changes.filter(({ table, is }) => table === "llx_societe" && !is).map(({ id }) => id));
  const went = new Map<number, Set<string>>();
  for (const { table, was, is } of changes) {
    if (table !== "llx_facture" && table !== "llx_facture_fourn" || !was || !is) continue;
    if (was.values.party === is.values.party) continue;
    const from = Number(was.values.party);
    went.set(from, (went.get(from) ?? new Set()).add(is.values.party ?? ""));
  }
  return (from, to) => {
    const targets = went.get(from) ?? new Set();
    return gone.has(from) && targets.size === 1 && targets.has(String(to));
  };
}
