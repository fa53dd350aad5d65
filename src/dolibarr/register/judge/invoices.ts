/**
 * What may have become of a validated invoice and its lines. Dolibarr reopens one, lets its lines be corrected, and
 * validates it again; deletes the last of a series; and moves all papers of a third party when it is merged into another.
 * Each of these leaves a trace where a log of it is kept (docs/facts.md, "What may change in a validated record").
 */

import { formatCount } from "../../../base/numbers.ts";
import type { Fault } from "../../fault.ts";
import type { RegisterChange } from "../rows.ts";
import {
  agendaKept,
  differences,
  factsOf,
  isPutInLate,
  isSealed,
  type JudgeContext,
  logKept,
  type RegisterJudgement,
  traceInWords,
  traceOf,
  tracesAbout,
} from "./context.ts";

/** Customers' or suppliers' invoices. */
interface InvoiceKind {
  /** `invoice`, `supplier invoice`. */
  noun: string;
  table: string;
  lines: string;
  /** How the logs name one. */
  elements: readonly string[];
  /** The events of the agenda, without `AC_`. */
  events: { validate: string; reopen: string; remove: string; modify?: string };
  /** Whether the unalterable log tells of it. */
  logged: boolean;
  /** What is told of one that is altered. */
  told: readonly string[];
}

const CUSTOMER: InvoiceKind = {
  noun: "invoice",
  table: "llx_facture",
  lines: "llx_facturedet",
  elements: ["invoice", "facture"],
  events: { validate: "BILL_VALIDATE", reopen: "BILL_UNVALIDATE", remove: "BILL_DELETE" },
  logged: true,
  told: ["ref", "date", "total"],
};

const SUPPLIER: InvoiceKind = {
  noun: "supplier invoice",
  table: "llx_facture_fourn",
  lines: "llx_facture_fourn_det",
  elements: ["invoice_supplier"],
  events: {
    validate: "BILL_SUPPLIER_VALIDATE",
    reopen: "BILL_SUPPLIER_UNVALIDATE",
    remove: "BILL_SUPPLIER_DELETE",
    modify: "BILL_SUPPLIER_MODIFY",
  },
  logged: false,
  told: ["ref", "total"],
};

/** One invoice with all of it that differs. */
interface ChangedInvoice {
  id: number;
  head?: RegisterChange;
  lines: RegisterChange[];
}

type Verdict =
  | { kind: string; what: string }
  | { note: string }
  | { reopened: string | undefined }
  | undefined;

export const judgeCustomerInvoices = (changes: readonly RegisterChange[], context: JudgeContext) =>
  judgeInvoices(CUSTOMER, changes, context);
export const judgeSupplierInvoices = (changes: readonly RegisterChange[], context: JudgeContext) =>
  judgeInvoices(SUPPLIER, changes, context);

function judgeInvoices(
  of: InvoiceKind,
  changes: readonly RegisterChange[],
  context: JudgeContext,
): RegisterJudgement {
  const judgement: RegisterJudgement = { faults: [], reopened: [], notes: [] };
  let unlogged = 0;
  for (const invoice of groupedBy(of, changes)) {
    const { head, lines } = invoice;
    const all = [...(head ? [head] : []), ...lines];
    const verdict = verdictOf(of, invoice, context);
    if (!verdict) continue;
    if ("note" in verdict) {
      if (verdict.note === NO_LOG) unlogged++;
      else judgement.notes.push(`${nameOf(of, invoice, context)}: ${verdict.note}`);
    } else if ("reopened" in verdict) {
      judgement.reopened.push(...all);
      if (verdict.reopened) {
        judgement.notes.push(`${nameOf(of, invoice, context)}: ${verdict.reopened}`);
      }
    } else judgement.faults.push({ fault: faultOf(of, invoice, verdict, context), changes: all });
  }
  if (unlogged > 0) {
    judgement.notes.push(
      `${formatCount(unlogged, of.noun)} changed since ${context.before}: this ERP keeps no log of it`,
    );
  }
  return judgement;
}

/** Of changes that are only told by their number. */
const NO_LOG = "";

function groupedBy(of: InvoiceKind, changes: readonly RegisterChange[]): ChangedInvoice[] {
  const invoices = new Map<number, ChangedInvoice>();
  const at = (id: number) => {
    const known = invoices.get(id) ?? { id, lines: [] };
    invoices.set(id, known);
    return known;
  };
  for (const change of changes) {
    if (change.table === of.table) at(change.id).head = change;
    else if (change.table === of.lines) {
      for (
        const id of new Set([change.was, change.is].flatMap((row) => row ? [Number(row.values.invoice)] : []))
      ) {
        at(id).lines.push(change); // a line that was moved changes both
      }
    }
  }
  return [...invoices.values()];
}

function verdictOf(of: InvoiceKind, invoice: ChangedInvoice, context: JudgeContext): Verdict {
  const { id, head, lines } = invoice;
  if (!head) {
    return lines.length === 0
      ? undefined
      : altered(of, invoice, [`${formatCount(lines.length, "line")} changed`], context);
  }
  const { was, is } = head;
  if (!isSealed(was)) return isSealed(is) ? added(of, head, context) : undefined;
  if (!is) return removed(of, invoice, context);
  const open = is.values.status === "0";
  const hasChanged = was.hash !== is.hash || lines.length > 0;
  if (open && was.values.status !== "0") return reopened(of, id, context);
  const moved = was.values.party === is.values.party ? undefined : partyVerdict(head, context);
  if (hasChanged) {
    const what = [
      ...differences(was, is, of.told),
      ...(lines.length > 0 ? [`${formatCount(lines.length, "line")} changed`] : []),
    ];
    const verdict = altered(
      of,
      invoice,
      what.length > 0 ? what : ["what makes it what it is has changed"],
      context,
    );
    return moved && "kind" in moved ? moved : verdict;
  }
  return moved ?? headerVerdict(of, head, context);
}

function altered(
  of: InvoiceKind,
  { id, head, lines }: ChangedInvoice,
  what: string[],
  context: JudgeContext,
): Verdict {
  if (of === SUPPLIER && isRecalculated(head, lines)) {
    const edited = head && headerVerdict(of, head, context);
    return edited && "kind" in edited ? edited : { note: `recalculated: ${what.join(", ")}` };
  }
  const { validate, reopen } = of.events;
  if (context.isReopened(of.table, id)) return { note: `validated again: ${what.join(", ")}` };
  const trace = traceOf(context, of.elements, [reopen], id) ??
    validatedAgain(of, id, head?.is?.values.total, context);
  if (trace) return { note: `changed ${traceInWords(trace)}: ${what.join(", ")}` };
  if (
    head?.was?.values.status === "0" && !agendaKept(context, validate) && !(of.logged && logKept(context))
  ) {
    return { note: NO_LOG };
  }
  const couldTell = agendaKept(context, reopen) || of.logged && logKept(context);
  return couldTell ? { kind: "altered", what: what.join(", ") } : { note: NO_LOG };
}

/** The supplier's invoice has a button that computes its taxes anew, by cents, and leaves no trace. */
function isRecalculated(head: RegisterChange | undefined, lines: readonly RegisterChange[]): boolean {
  const isNear = ({ was, is }: RegisterChange, by: number) => {
    const cents = Math.abs(Number(was?.values.total) - Number(is?.values.total));
    const others = ["net", "rest", "ref"].every((name) => was?.values[name] === is?.values[name]);
    return others && cents > 0 && cents <= by + 1e-9; // equal totals: something else makes the hash another
  };
  return lines.every((line) => isNear(line, 0.01)) &&
    (!head || head.was?.hash === head.is?.hash || isNear(head, 0.01 * Math.max(1, lines.length)));
}

/** A line of a new validation explains new amounts where it recorded them: this needs no agenda. */
const validatedAgain = (
  of: InvoiceKind,
  id: number,
  total: string | null | undefined,
  context: JudgeContext,
) =>
  tracesAbout(context.traces, id).findLast((trace) =>
    trace.log === "unalterable" && trace.action === of.events.validate &&
    of.elements.includes(trace.element) && (total === undefined || Number(trace.amount) === Number(total))
  );

function reopened(of: InvoiceKind, id: number, context: JudgeContext): Verdict {
  if (context.isReopened(of.table, id)) return { reopened: undefined };
  const trace = traceOf(context, of.elements, [of.events.reopen], id);
  if (trace) return { reopened: `open again, ${traceInWords(trace)}` };
  return agendaKept(context, of.events.reopen)
    ? { kind: "reopened", what: "it is a draft again, and no log tells who reopened it" }
    : { reopened: "open again; this ERP keeps no log of that" };
}

function removed(of: InvoiceKind, { id, head }: ChangedInvoice, context: JudgeContext): Verdict {
  const trace = traceOf(context, of.elements, [of.events.remove], id);
  if (trace) return { note: `deleted ${traceInWords(trace)}` };
  const { ref, entity } = head!.was!.values;
  const inside = of === CUSTOMER && context.isInsideSeries(referenceIn(entity, ref));
  if (inside) return { kind: "gone", what: "it is gone, and later ones of its series are there" };
  return agendaKept(context, of.events.remove)
    ? { kind: "gone", what: "it is gone, and no log tells who deleted it" }
    : { note: "deleted; this ERP keeps no log of that, and it was the last of its series" };
}

/**
 * One that is validated and was not before. An import writes no line of the log: with a number above all of its series it is
 * told, below the highest it was put into the past.
 */
function added(of: InvoiceKind, { id, was, is }: RegisterChange, context: JudgeContext): Verdict {
  if (traceOf(context, of.elements, [of.events.validate], id)) return undefined;
  if (!was && isPutInLate({ table: of.table, id }, context)) {
    return {
      kind: "inserted",
      what: "it was not there before, and its id is older than those of its neighbours",
    };
  }
  if (is!.values.status === "0") return undefined;
  if (of === CUSTOMER && context.isInsideSeries(referenceIn(is!.values.entity, is!.values.ref))) {
    return { kind: "inserted", what: "it was not there before, and later ones of its series were" };
  }
  if (!of.logged || !logKept(context)) return undefined;
  return was
    ? { kind: "inserted", what: "it is validated, and the unalterable log has no line of that" }
    : { note: "it came validated, as from an import: the unalterable log has no line of that" };
}

/** A third party that is gone since then was merged into another, if all of its papers went to the same one. */
function partyVerdict(head: RegisterChange, context: JudgeContext): Verdict {
  const [from, to] = [head.was!.values.party, head.is!.values.party];
  const merged = context.traces.some(({ action, party, note }) =>
    action === "COMPANY_MODIFY" && String(party) === to && note.includes("was merged")
  );
  const what = `its third party ${from} is now ${to}`;
  if (context.isMerged(Number(from), Number(to)) && (merged || !agendaKept(context, "COMPANY_MODIFY"))) {
    return { note: `${what}: they were merged` };
  }
  return { kind: "moved", what };
}

/** What the page of a supplier's invoice lets people change while it is not closed. */
function headerVerdict(
  { elements, events, noun }: InvoiceKind,
  head: RegisterChange,
  context: JudgeContext,
): Verdict {
  const { was, is } = head;
  const changed = differences(was!, is!, ["date", "theirs"]).map((text) =>
    text.replace(/^its theirs .*/, "its label or the supplier's reference changed")
  );
  if (changed.length === 0 || !events.modify) return undefined;
  const trace = traceOf(context, elements, [events.modify], head.id);
  if (trace && Number(was!.values.status) < 2) {
    return { note: `${changed.join(", ")} ${traceInWords(trace)}` };
  }
  if (!agendaKept(context, events.modify)) {
    return { note: `${changed.join(", ")}; this ERP keeps no log of that` };
  }
  return { kind: "altered", what: `${changed.join(", ")}, and no log tells who changed this ${noun}` };
}

/** As `readInvoiceReferences` writes it. */
export const referenceIn = (entity: string | null | undefined, ref: string | null | undefined): string =>
  entity && entity !== "1" ? `${entity}/${ref}` : ref ?? "";

const nameOf = (
  { noun, table }: InvoiceKind,
  { head, id }: ChangedInvoice,
  context: JudgeContext,
): string => {
  const { entity, ref } = (head?.was ?? head?.is)?.values ?? {};
  return `${noun} ${ref ? referenceIn(entity, ref) : context.nowOf(table, id)?.ref ?? `row ${id}`}`;
};

function faultOf(
  of: InvoiceKind,
  invoice: ChangedInvoice,
  { kind, what }: { kind: string; what: string },
  context: JudgeContext,
): Fault {
  const { head, lines, id } = invoice;
  const isMoved = head?.was && head.is && head.was.values.party !== head.is.values.party;
  const others = isMoved ? ["party"] : [];
  const own = head && (head.was?.hash !== head.is?.hash || isMoved || lines.length === 0) ? [head] : [];
  return {
    subject: nameOf(of, invoice, context),
    key: `${of.table}:${id}`,
    kind,
    sentence: `${nameOf(of, invoice, context)}: ${what}`,
    facts: factsOf(
      [...own, ...lines],
      of === SUPPLIER && lines.length === 0 ? [...others, "theirs"] : others,
    ),
  };
}
