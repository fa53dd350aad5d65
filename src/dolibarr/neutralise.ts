/** A restored sandbox must not act on the world: what is switched off in it, and why. A table of rows, read from 22.0.4 (FACTS). */

import { quoteIdentifier, quoteLiteral } from "../postgres/database.ts";

/** A constant of Dolibarr's setup that gets a value, in every entity that has it, else in all of them (entity 0). */
interface ConstantRule {
  constant: string;
  value: string;
  why: string;
}

/** Rows that get a value in a column. */
interface RowsRule {
  table: string;
  column: string;
  value: number;
  why: string;
}

export type NeutraliseRule = ConstantRule | RowsRule;

export const NEUTRALISE_RULES: readonly NeutraliseRule[] = [
  { constant: "MAIN_DISABLE_ALL_MAILS", value: "1", why: "no mail may leave a sandbox" },
  { constant: "MAIN_DISABLE_ALL_SMS", value: "1", why: "no text message may leave a sandbox" },
  { table: "llx_cronjob", column: "status", value: 0, why: "scheduled jobs send, import and delete" },
  {
    table: "llx_emailcollector_emailcollector",
    column: "status",
    value: 0,
    why: "a collector reads and moves real mail",
  },
  {
    table: "llx_webhook_target",
    column: "status",
    value: 0,
    why: "a webhook tells other systems what happens here",
  },
];

/** What was changed, for the report. */
export interface Neutralised {
  what: string;
  rows: number;
  why: string;
}

/** The transaction that it happens in. */
interface Transaction {
  ask<T>(sql: string): Promise<T>;
}

/** Applies every rule whose table is there, in the restoring transaction. Tables that a rule may change: `neutralisedTables`. */
export async function neutralise(tx: Transaction): Promise<Neutralised[]> {
  const done: Neutralised[] = [];
  for (const rule of NEUTRALISE_RULES) {
    const what = "constant" in rule
      ? `${rule.constant} = ${rule.value}`
      : `${rule.table}.${rule.column} = ${rule.value}`;
    const rows = await tableIsThere(tx, tableOf(rule))
      ? await tx.ask<number>("constant" in rule ? constantSql(rule) : rowsSql(rule))
      : 0;
    done.push({ what, rows, why: rule.why });
  }
  return done;
}

/**
 * What of `rules` does not hold: read again after it was written, so that no trigger of a dump can undo it unseen.
 * @returns a sentence for each; empty when the sandbox is quiet.
 */
export async function stillActive(tx: Transaction): Promise<string[]> {
  const active: string[] = [];
  for (const rule of NEUTRALISE_RULES) {
    if (!await tableIsThere(tx, tableOf(rule))) continue;
    if (await tx.ask<boolean>(activeSql(rule))) {
      active.push(
        "constant" in rule
          ? `${rule.constant} is not ${rule.value}`
          : `${rule.table} has rows whose ${rule.column} is not ${rule.value}`,
      );
    }
  }
  return active;
}

/** `public.llx_const`, ...: the tables that differ from the backup because of us. */
export const neutralisedTables =
  (): string[] => [...new Set(NEUTRALISE_RULES.map((rule) => `public.${tableOf(rule)}`))];

const tableOf = (rule: NeutraliseRule): string => "constant" in rule ? "llx_const" : rule.table;

const tableIsThere = (tx: Transaction, table: string): Promise<boolean> =>
  tx.ask<boolean>(`SELECT to_json(to_regclass(${quoteLiteral(`public.${table}`)}) IS NOT NULL)`);

/** SQL that gives a constant its value and returns how many rows it wrote. */
export function constantSql({ constant, value }: { constant: string; value: string }): string {
  const name = quoteLiteral(constant);
  return `WITH changed AS (
      UPDATE public.llx_const SET value = ${
    quoteLiteral(value)
  } WHERE name = ${name} AND value IS DISTINCT FROM ${quoteLiteral(value)} RETURNING 1
    ), added AS (
      INSERT INTO public.llx_const (name, entity, value, type, visible, note)
      SELECT ${name}, 0, ${quoteLiteral(value)}, 'chaine', 0, 'dolibarr-drill'
       WHERE NOT EXISTS (SELECT FROM public.llx_const WHERE name = ${name}) RETURNING 1
    ) SELECT to_json((SELECT count(*) FROM changed) + (SELECT count(*) FROM added))`;
}

const rowsSql = ({ table, column, value }: RowsRule): string =>
  `WITH changed AS (
      UPDATE public.${quoteIdentifier(table)} SET ${quoteIdentifier(column)} = ${value}
       WHERE ${quoteIdentifier(column)} IS DISTINCT FROM ${value} RETURNING 1
    ) SELECT to_json(count(*)) FROM changed`;

const activeSql = (rule: NeutraliseRule): string =>
  "constant" in rule
    ? `SELECT to_json(NOT EXISTS (SELECT FROM public.llx_const WHERE name = ${quoteLiteral(rule.constant)})
         OR EXISTS (SELECT FROM public.llx_const WHERE name = ${
      quoteLiteral(rule.constant)
    } AND value IS DISTINCT FROM ${quoteLiteral(rule.value)}))`
    : `SELECT to_json(EXISTS (SELECT FROM public.${quoteIdentifier(rule.table)} WHERE ${
      quoteIdentifier(rule.column)
    } IS DISTINCT FROM ${rule.value}))`;
