/**
 * What may have become of a payment, of its parts, and of discounts. A payment may be deleted whole; its parts never move
 * while it stays. A discount may be split, used and freed, and deleted while nobody used it.
 */

import { formatCount } from "../../../base/numbers.ts";
import type { Fault } from "../../fault.ts";
import type { RegisterChange } from "../rows.ts";
import {
  differences,
  factsOf,
  isPutInLate,
  type JudgeContext,
  logKept,
  type RegisterJudgement,
  traceInWords,
  traceOf,
} from "./context.ts";

interface PaymentKind {
  noun: string;
  table: string;
  parts: string;
  /** What they pay. */
  invoices: string;
  /** Whether the unalterable log tells of it. */
  logged: boolean;
}

/** What the page lets people change until a payment is validated. */
const CHANGE_UNTIL_VALIDATED = ["payment date", "number"];

const CUSTOMER: PaymentKind = {
  noun: "payment",
  table: "llx_paiement",
  parts: "llx_paiement_facture",
  invoices: "llx_facture",
  logged: true,
};
const SUPPLIER: PaymentKind = {
  noun: "supplier payment",
  table: "llx_paiementfourn",
  parts: "llx_paiementfourn_facturefourn",
  invoices: "llx_facture_fourn",
  logged: false,
};

export const judgeCustomerPayments = (changes: readonly RegisterChange[], context: JudgeContext) =>
  judgePayments(CUSTOMER, changes, context);
export const judgeSupplierPayments = (changes: readonly RegisterChange[], context: JudgeContext) =>
  judgePayments(SUPPLIER, changes, context);

function judgePayments(
  of: PaymentKind,
  changes: readonly RegisterChange[],
  context: JudgeContext,
): RegisterJudgement {
  const judgement: RegisterJudgement = { faults: [], reopened: [], notes: [] };
  const heads = new Map(
    changes.filter(({ table }) => table === of.table).map((change) => [change.id, change]),
  );
  const parts = Map.groupBy(
    changes.filter(({ table }) => table === of.parts),
    ({ was, is }) => Number((was ?? is)!.values.payment),
  );
  for (const id of new Set([...heads.keys(), ...parts.keys()])) {
    const head = heads.get(id);
    const own = parts.get(id) ?? [];
    const found = verdictOf(of, head, own, changes, context);
    if (!found) continue;
    const ref = (head?.was ?? head?.is)?.values.ref ?? context.nowOf(of.table, id)?.ref;
    const name = `${of.noun} ${ref ?? `row ${id}`}`;
    if ("note" in found) judgement.notes.push(`${name}: ${found.note}`);
    else {
      const fault: Fault = {
        subject: name,
        key: `${of.table}:${id}`,
        kind: found.kind,
        sentence: `${name}: ${found.what}`,
        facts: factsOf(
          [...(head ? [head] : []), ...own],
          head?.was?.values.status === "1" ? CHANGE_UNTIL_VALIDATED : [],
        ),
      };
      judgement.faults.push({ fault, changes: [...(head ? [head] : []), ...own] });
    }
  }
  return judgement;
}

function verdictOf(
  of: PaymentKind,
  head: RegisterChange | undefined,
  parts: readonly RegisterChange[],
  all: readonly RegisterChange[],
  context: JudgeContext,
): { kind: string; what: string } | { note: string } | undefined {
  if (head?.was && !head.is) return removed(of, head, parts, all, context);
  if (head && !head.was) return added(of, head, context);
  if (head && head.was!.hash !== head.is!.hash) {
    const what = differences(head.was!, head.is!, ["ref", "amount"]);
    return { kind: "altered", what: what.join(", ") || "what makes it what it is has changed" };
  }
  if (head && head.was!.values.status === "1" && head.is!.values.status !== "0") {
    const what = differences(head.was!, head.is!, CHANGE_UNTIL_VALIDATED); // the page refuses it of a validated one
    if (what.length > 0) return { kind: "altered", what: what.join(", ") };
  }
  const moved = parts.find(({ was, is }) => was && is);
  if (moved) {
    return {
      kind: "part-moved",
      what: differences(moved.was!, moved.is!, ["invoice", "amount"]).join(", ") || "a part of it changed",
    };
  }
  const gone = parts.filter(({ is }) => !is).length;
  if (gone > 0) {
    return { kind: "part-gone", what: `${formatCount(gone, "part")} of it gone, while it is there` };
  }
  return parts.length > 0
    ? { kind: "part-added", what: `${formatCount(parts.length, "part")} added to it later` }
    : undefined;
}

function added(of: PaymentKind, head: RegisterChange, context: JudgeContext) {
  if (of.logged && traceOf(context, ["payment"], ["PAYMENT_CUSTOMER_CREATE"], head.id)) return undefined;
  if (isPutInLate(head, context)) {
    return {
      kind: "inserted",
      what: "it was not there before, and its id is older than those of its neighbours",
    };
  }
  return of.logged && logKept(context)
    ? { kind: "inserted", what: "the unalterable log has no line of it" }
    : undefined;
}

function removed(
  of: PaymentKind,
  head: RegisterChange,
  parts: readonly RegisterChange[],
  all: readonly RegisterChange[],
  context: JudgeContext,
) {
  const trace = of.logged && traceOf(context, ["payment"], ["PAYMENT_CUSTOMER_DELETE"], head.id);
  if (trace) return { note: `deleted ${traceInWords(trace)}` };
  if (of.logged && logKept(context)) {
    return { kind: "gone", what: "it is gone, and no log tells who deleted it" };
  }
  const bank = Number(head.was!.values.bank ?? 0);
  const line = all.find(({ table, id, is }) => table === "llx_bank" && id === bank && !is);
  if (bank > 0 && (!line || line.was?.hash !== "")) {
    const which = line ? "which was reconciled" : "which is still there";
    return { kind: "gone", what: `it is gone without its line of the bank account, ${which}` };
  }
  const closed = parts.map(({ was }) => Number(was?.values.invoice)).find((invoice) =>
    isStillClosed(of, invoice, all, context)
  );
  if (closed !== undefined) {
    const { ref } = context.nowOf(of.invoices, closed)!;
    return { kind: "gone", what: `it is gone, and ${ref}, which it paid, is still closed as paid` };
  }
  return { note: "deleted with its line of the bank account; this ERP keeps no log of that" };
}

/** Dolibarr deletes no payment of a closed invoice: that is opened first, and closed again by another payment. */
const isStillClosed = (
  { invoices, parts }: PaymentKind,
  id: number,
  all: readonly RegisterChange[],
  context: JudgeContext,
): boolean =>
  context.nowOf(invoices, id)?.status === "2" &&
  !all.some(({ table, id: row, was, is }) =>
    table === invoices && row === id && was?.values.status !== is?.values.status ||
    table === parts && !was && Number(is?.values.invoice) === id
  );

/**
 * Discounts of one source may be split into others of the same sum; those that nobody used may be deleted, which opens the
 * credit note again that they were made of.
 */
export function judgeDiscounts(
  changes: readonly RegisterChange[],
  context: JudgeContext,
): RegisterJudgement {
  const judgement: RegisterJudgement = { faults: [], reopened: [], notes: [] };
  const own = changes.filter(({ table }) => table === "llx_societe_remise_except");
  const sources = Map.groupBy(own, ({ was, is }) => (was ?? is)!.values.source ?? "");
  for (const [source, changed] of sources) {
    const altered = changed.filter(({ was, is }) => was && is && was.hash !== is.hash);
    const gone = changed.filter(({ is }) => !is);
    const sum = (side: "was" | "is", of: readonly RegisterChange[]) =>
      of.reduce((total, change) => total + Number(change[side]?.values.amount ?? 0), 0);
    const isSplit = gone.length > 0 &&
      Math.abs(sum("was", gone) - sum("is", changed.filter(({ was }) => !was))) < 0.005;
    const isOpened = isSourceOpen(source, changes, context);
    const lost = isSplit
      ? []
      : gone.filter(({ was }) => was!.values.used !== null || was!.values.reopens === "yes" && !isOpened);
    for (const change of [...altered, ...lost]) {
      const name = `discount ${change.id} of ${change.was!.values.amount}`;
      judgement.faults.push({
        fault: {
          subject: name,
          key: `llx_societe_remise_except:${change.id}`,
          kind: change.is ? "altered" : "gone",
          sentence: change.is
            ? `${name}: ${
              differences(change.was!, change.is, ["amount", "source"]).join(", ") ||
              "what makes it what it is has changed"
            }`
            : `${name}: it is gone, ${
              change.was!.values.used === null
                ? "and the credit note that it was made of is still closed"
                : "although it was used"
            }`,
          facts: factsOf([change]),
        },
        changes: [change],
      });
    }
  }
  return judgement;
}

/** Whether the paper that the discounts were made of, `c12` or `s12`, is open or gone; or was paid back since then. */
function isSourceOpen(source: string, changes: readonly RegisterChange[], context: JudgeContext): boolean {
  const { invoices, parts } = source.startsWith("s") ? SUPPLIER : CUSTOMER;
  const id = Number(source.slice(1));
  const now = context.nowOf(invoices, id);
  return now?.status !== "2" ||
    changes.some(({ table, was, is }) => table === parts && !was && Number(is?.values.invoice) === id);
}
