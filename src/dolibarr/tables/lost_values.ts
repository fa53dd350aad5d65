/**
 * Losses that leave every row where it was: columns that are filled no more, functions and triggers of Dolibarr's own that
 * are gone. Against an earlier set; pure.
 */

import { formatCount, formatNumber } from "../../base/numbers.ts";
import type { FilledTable } from "../../postgres/catalogue/filled.ts";
import { roleOf } from "./identifying_columns.ts";
import type { OwnObjects } from "./own_objects.ts";

/** From this many filled rows on, a column that lost more than half of them is lost. */
const FEWEST_FILLED = 20;

/** From this many rows on, a column that Dolibarr always fills and that nothing fills any more is lost. */
const FEWEST_ROWS = 3;

/** What of a database is compared, beside its rows. */
export interface Shape extends OwnObjects {
  filled: FilledTable[];
}

export interface LostValues {
  /** Why the state is suspect, as sentences. */
  reasons: string[];
  /** What is worth a line and makes nothing suspect. */
  notes: string[];
}

/** @param set the name of the set that `before` is of, for what is told. */
export function lostValues(now: Shape, before: Shape, set: string): LostValues {
  if (now.version !== before.version) {
    const [is, was] = [now, before].map(({ version }) => version || "unknown");
    return {
      reasons: [],
      notes: [`Dolibarr is ${is}, in ${set} it was ${was}: what each column fills is not compared`],
    };
  }
  const tables = new Map(now.filled.map((one) => [one.table, one]));
  const losses = before.filled.flatMap((was) => lostColumns(tables.get(was.table), was, set));
  return {
    reasons: [
      ...losses.filter(({ role }) => role === "always" || role === "mostly").map(({ sentence }) => sentence),
      ...lostObjects(now, before, tables),
    ],
    notes: losses.filter(({ role }) => role === "other").map(({ sentence }) => sentence),
  };
}

interface LostColumn {
  role: ReturnType<typeof roleOf>;
  sentence: string;
}

/** A table that is gone, lost most of its rows or has other columns is not judged by what its columns fill. */
function lostColumns(now: FilledTable | undefined, was: FilledTable, set: string): LostColumn[] {
  if (!now || now.rows < was.rows / 2 || !hasSameColumns(now, was)) return [];
  return was.columns.flatMap((column, at) => {
    const name = column.slice(0, column.indexOf(" "));
    const role = roleOf(was.table, name);
    const [left, filled] = [now.filled[at]!, was.filled[at]!];
    if (!isLost({ rows: now.rows, filled: left }, { rows: was.rows, filled }, role === "always")) return [];
    return {
      role,
      sentence: `${was.table}.${name} is filled in ${formatNumber(left)} of ${
        formatCount(now.rows, "row")
      }, in ${set} it was in ${formatNumber(filled)} of ${formatNumber(was.rows)}`,
    };
  });
}

interface Filled {
  rows: number;
  filled: number;
}

/** Rows that went may all have been filled ones: only what the others lost counts. */
function isLost(now: Filled, was: Filled, isAlwaysFilled: boolean): boolean {
  const stayed = was.filled - Math.max(0, was.rows - now.rows);
  if (stayed >= FEWEST_FILLED && now.filled < stayed / 2) return true;
  return isAlwaysFilled && was.filled === was.rows && stayed >= FEWEST_ROWS && now.filled === 0;
}

const hasSameColumns = (now: FilledTable, was: FilledTable): boolean =>
  now.columns.length === was.columns.length && now.columns.every((column, at) => column === was.columns[at]);

/** Triggers are told by their name: one function that is dropped with all that needs it takes every trigger along. */
function lostObjects(now: Shape, before: Shape, tables: ReadonlyMap<string, FilledTable>): string[] {
  const functions = before.functions.filter((name) => !now.functions.includes(name));
  const there = new Set(now.triggers.map(keyOf));
  const known = new Map(before.filled.map((one) => [one.table, one]));
  const triggers = before.triggers.filter((trigger) => {
    const [is, was] = [tables.get(trigger.table), known.get(trigger.table)];
    return !there.has(keyOf(trigger)) && is && was && hasSameColumns(is, was);
  });
  return [
    ...functions.map((name) => `Dolibarr's function ${name} is gone`),
    ...[...Map.groupBy(triggers, ({ name }) => name)].map(([name, [first, ...others]]) =>
      `Dolibarr's trigger ${name} is gone from ${first!.table}${
        others.length > 0 ? ` and ${formatCount(others.length, "more table")}` : ""
      }`
    ),
  ];
}

const keyOf = ({ table, name }: OwnObjects["triggers"][number]): string => `${table} ${name}`;
