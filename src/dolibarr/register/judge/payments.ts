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
  /** Whether the unalterable log tells of it. */
  logged: boolean;
}

const CUSTOMER: PaymentKind = {
  noun: "payment",
  table: "llx_paiement",
  parts: "llx_paiement_facture",
  logged: true,
};
const SUPPLIER: PaymentKind = {
  noun: "supplier payment",
  table: "llx_paiementfourn",
  parts: "llx_paiementfourn_facturefourn",
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
    const found = verdictOf(of, id, head, own, changes, context);
    if (!found) continue;
    const name = `${of.noun} ${(head?.was ?? head?.is)?.values.ref ?? `row ${id}`}`;
    if ("note" in found) judgement.notes.push(`${name}: ${found.note}`);
    else {
      const fault: Fault = {
        subject: name,
        key: `${of.table}:${id}`,
        kind: found.kind,
        sentence: `${name}: ${found.what}`,
        facts: factsOf([...(head ? [head] : []), ...own]),
      };
      judgement.faults.push({ fault, changes: [...(head ? [head] : []), ...own] });
    }
  }
  return judgement;
}

function verdictOf(
  of: PaymentKind,
  id: number,
  head: RegisterChange | undefined,
  parts: readonly RegisterChange[],
  all: readonly RegisterChange[],
  context: JudgeContext,
): { kind: string; what: string } | { note: string } | undefined {
  if (head?.was && !head.is) return removed(of, head, all, context);
  if (head && !head.was) {
    const logged = traceOf(context, ["payment"], ["PAYMENT_CUSTOMER_CREATE"], id);
    return isPutInLate(head, context) && !logged
      ? {
        kind: "inserted",
        what: "it was not there before, and its id is older than those of its neighbours",
      }
      : undefined;
  }
  if (head && head.was!.hash !== head.is!.hash) {
    const what = differences(head.was!, head.is!, ["ref", "amount"]);
    return { kind: "altered", what: what.join(", ") || "what makes it what it is has changed" };
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

function removed(
  of: PaymentKind,
  head: RegisterChange,
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
  return { note: "deleted with its line of the bank account; this ERP keeps no log of that" };
}

/** Discounts of one source may be split into others of the same sum; those that nobody used may be deleted. */
export function judgeDiscounts(changes: readonly RegisterChange[]): RegisterJudgement {
  const judgement: RegisterJudgement = { faults: [], reopened: [], notes: [] };
  const own = changes.filter(({ table }) => table === "llx_societe_remise_except");
  const sources = Map.groupBy(own, ({ was, is }) => (was ?? is)!.values.source ?? "");
  for (const changed of sources.values()) {
    const altered = changed.filter(({ was, is }) => was && is && was.hash !== is.hash);
    const gone = changed.filter(({ is }) => !is);
    const sum = (side: "was" | "is", of: readonly RegisterChange[]) =>
      of.reduce((total, change) => total + Number(change[side]?.values.amount ?? 0), 0);
    const isSplit = gone.length > 0 &&
      Math.abs(sum("was", gone) - sum("is", changed.filter(({ was }) => !was))) < 0.005;
    const lost = isSplit ? [] : gone.filter(({ was }) => was!.values.used !== null);
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
            : `${name}: it is gone, although it was used`,
          facts: factsOf([change]),
        },
        changes: [change],
      });
    }
  }
  return judgement;
}
