/** What the rules of the register know beside the rows that differ, and what they decide. */

import { sha256Of } from "../../../base/streams.ts";
import type { Fault } from "../../fault.ts";
import type { RegisterLogs, Trace } from "../read.ts";
import { idColumnOf, isHashed } from "../tables.ts";
import type { RegisterChange, RegisterRow } from "../rows.ts";

export interface JudgeContext {
  /** The set that is compared with, for sentences. */
  before: string;
  /** What both logs say since then. */
  traces: readonly Trace[];
  /** Which logs the ERP kept then, and keeps now. */
  logsBefore: RegisterLogs;
  logsNow: RegisterLogs;
  /** The highest id that each table had then. */
  highest: ReadonlyMap<string, number>;
  /** How many rows each table had then, of those that are compared row by row. */
  rowsBefore?: ReadonlyMap<string, number>;
  /** Whether that row is a finding since an earlier night. */
  isStanding?(table: string, id: number): boolean;
  /** Whether that row is known to be lawfully open since an earlier night. */
  isReopened(table: string, id: number): boolean;
  /** Whether that third party is gone, and its papers are those of the other one. */
  isMerged(from: number, to: number): boolean;
  /** What is there now of a paper or a payment of which only parts differ: its reference, and its status. */
  nowOf(table: string, id: number): PaperNow | undefined;
  /** Whether that customer invoice, by its reference, cannot have been the last of its series. */
  isInsideSeries(ref: string): boolean;
}

/** A paper or a payment that is there now. */
export interface PaperNow {
  ref: string;
  /** `0` open, `1` validated, `2` closed as paid, `3` abandoned. */
  status: string;
}

/** What was made of the rows that differ. */
export interface RegisterJudgement {
  /** What nothing explains, with the rows that go on standing as they were. */
  faults: { fault: Fault; changes: RegisterChange[] }[];
  /** Invoices that are lawfully open: their rows go on standing too, until they are validated again. */
  reopened: RegisterChange[];
  /** What is explained, or cannot be judged, in a sentence each. */
  notes: string[];
}

/**
 * How many ids may be given away while a backup's instant is taken: a transaction that had one and committed later puts a
 * row in below the highest, lawfully.
 */
export const IN_FLIGHT = 50;

/** Whether a row that is new has an id that was given away long before. */
export const isPutInLate = ({ table, id }: RegisterChange, { highest }: JudgeContext): boolean =>
  id <= (highest.get(table) ?? 0) - IN_FLIGHT;

/** Whether the agenda wrote that event by itself, then and now: one that is missing was then not made by Dolibarr. */
export const agendaKept = ({ logsBefore, logsNow }: JudgeContext, code: string): boolean =>
  logsBefore.agenda.includes(code) && logsNow.agenda.includes(code);

/** Whether the unalterable log was kept, then and now. */
export const logKept = ({ logsBefore, logsNow }: JudgeContext): boolean =>
  logsBefore.unalterable && logsNow.unalterable;

/** The newest trace of one of these actions on that object. */
export const traceOf = (
  { traces }: JudgeContext,
  elements: readonly string[],
  actions: readonly string[],
  object: number,
): Trace | undefined =>
  tracesAbout(traces, object).findLast(({ element, action }) =>
    elements.includes(element) && actions.includes(action)
  );

/** A year has a hundred thousand of them, and as many rows are asked for. */
const BY_OBJECT = new WeakMap<readonly Trace[], Map<number, Trace[]>>();

/** All traces that name an object of that id, of whatever kind; oldest first. */
export function tracesAbout(traces: readonly Trace[], object: number): readonly Trace[] {
  const known = BY_OBJECT.get(traces) ?? Map.groupBy(traces, ({ object }) => object);
  BY_OBJECT.set(traces, known);
  return known.get(object) ?? [];
}

/** `by admin at 2026-11-02 10:04:11 (agenda: BILL_UNVALIDATE)` */
export const traceInWords = ({ by, at, log, action }: Trace): string =>
  `by ${by || "nobody named"} at ${at || "no time"} (${
    log === "agenda" ? "agenda" : "unalterable log"
  }: ${action})`;

export const isSealed = (row: RegisterRow | undefined): row is RegisterRow =>
  row !== undefined && row.hash !== "";

/** `total 120 is now 100, date 2026-10-02 is now 2025-10-02` of the values that differ, each as far as both have it. */
export const differences = (was: RegisterRow, is: RegisterRow, names: readonly string[]): string[] =>
  names.filter((name) => was.values[name] !== is.values[name] && name in was.values && name in is.values)
    .map((name) => `its ${name} ${was.values[name] ?? "none"} is now ${is.values[name] ?? "none"}`);

/** So many rows of each side are told one by one. */
const ROWS_TOLD = 5;

/**
 * What makes a fault of these changes: what the rows were and are, each by its id with amounts, dates, references and the
 * hash, and which rows an earlier set still has as they were: `llx_facture:42 llx_facturedet:17`, with the column of the id
 * where it is another one than `rowid`: `llx_actioncomm.id:3`.
 *
 * What may change lawfully while the record is the same is not told: it would make another finding of the same change.
 *
 * @param also values that are told all the same: those that the fault is about.
 */
export function factsOf(
  changes: readonly RegisterChange[],
  also: readonly string[] = [],
): Record<string, string> {
  const rows = changes.filter(({ was }) => was).map(({ table, id }) => {
    const column = idColumnOf(table);
    return `${table}${column === "rowid" ? "" : `.${column}`}:${id}`;
  });
  return {
    was: rowsInWords(changes.flatMap(({ table, was }) => was ? [{ table, ...was }] : []), also),
    is: rowsInWords(changes.flatMap(({ table, is }) => is ? [{ table, ...is }] : []), also),
    ...(rows.length > 0 ? { rows: rows.slice(0, ROWS_TOLD).join(" ") } : {}),
  };
}

function rowsInWords(rows: readonly (RegisterRow & { table: string })[], also: readonly string[]): string {
  const texts = rows.map(({ table, id, hash, values }) =>
    [
      `${id}`,
      ...Object.entries(values).filter(([name, value]) =>
        value !== null && (isHashed(table, name) || also.includes(name))
      ).map(([name, value]) => `${name} ${value}`),
      `hash ${hash || "none"}`,
    ].join(", ")
  );
  if (texts.length === 0) return "not there";
  const more = texts.length - ROWS_TOLD;
  const rest = more > 0 ? [`and ${more} more (${sha256Of(texts.join("\n")).slice(0, 16)})`] : [];
  return [...texts.slice(0, ROWS_TOLD), ...rest].join("; ");
}
