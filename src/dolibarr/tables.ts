/** Dolibarr's tables, as far as we must know them by name. */

import type { TableContent } from "../postgres/catalogue/content.ts";

/** What every table of Dolibarr's begins with. */
export const TABLE_PREFIX = "llx_";

/** A bare install of 22.0.4 has 276: fewer than this is no Dolibarr, but more proves nothing yet (FACTS, Install). */
export const FEWEST_TABLES = 250;

/**
 * Without these rows no Dolibarr does anything by itself: its modules, its mail server, its keys, its jobs. A restore in
 * stages loads them in its last transaction, with what switches them off. No other table's key points at them. Plain names.
 */
export const WAKES_IT_UP: readonly string[] = ["const", "cronjob"].map((name) => `${TABLE_PREFIX}${name}`);

/** `public.llx_facture` -> true */
export const isErpTable = (table: string): boolean => table.startsWith(`public.${TABLE_PREFIX}`);

/**
 * Dictionaries (payment terms, paper formats, ...): their rows come with numbers of their own, and on a fresh 22.0.4
 * the sequences of eleven of them lag behind (tried). `table` is the plain name.
 */
export const isDictionary = (table: string): boolean => table.startsWith(`${TABLE_PREFIX}c_`);

/** How many of `tables` are Dolibarr's. */
export const countErpTables = (tables: readonly { table: string }[]): number =>
  tables.filter(({ table }) => isErpTable(table)).length;

/** A table with so many rows or more is large: when it loses half of them, that is no ordinary day. */
const LARGE_TABLE = 100;
/** A tree with so many files or more, likewise. */
const LARGE_TREE = 20;

/** What no company loses the last row of on an ordinary day, however few it has. */
const NEVER_EMPTIED = [
  "societe",
  "facture",
  "facturedet",
  "facture_fourn",
  "paiement",
  "product",
  "contrat",
  "accounting_bookkeeping",
  "paiement_facture",
  "user_rights",
  "bank",
  "bank_account",
  "ecm_files",
  "socpeople",
  "propal",
  "commande",
  "categorie",
].map((name) => `public.${TABLE_PREFIX}${name}`);
/** Dolibarr adds to its unalterable log, and never takes from it. */
const NEVER_SHRINKS = `public.${TABLE_PREFIX}blockedlog`;

/** What of a backup's state the judgement looks at. */
export interface BackedUpState {
  tables: readonly TableContent[];
  files: number;
}

/** Why the state that was backed up looks lost by itself, whatever there was before; empty for a good one. Pure. */
export function suspicions(now: BackedUpState): string[] {
  const reasons: string[] = [];
  const count = countErpTables(now.tables);
  if (count < FEWEST_TABLES) {
    reasons.push(`only ${count} ${TABLE_PREFIX} tables, a Dolibarr has ${FEWEST_TABLES} and more`);
  }
  const users = now.tables.find(({ table }) => table === `public.${TABLE_PREFIX}user`);
  if (!users || users.rows === 0) reasons.push("no users");
  return reasons;
}

/** Why it looks lost compared with the newest good one before it; empty for an ordinary day. Pure. */
export function shrinkages(now: BackedUpState, before: BackedUpState): string[] {
  const reasons: string[] = [];
  const rowsNow = new Map(now.tables.map(({ table, rows }) => [table, rows]));
  for (const { table, rows } of before.tables) {
    const left = rowsNow.get(table) ?? 0;
    const lost = rows >= LARGE_TABLE && left < rows / 2 ||
      left === 0 && rows > 0 && NEVER_EMPTIED.includes(table) ||
      left < rows && table === NEVER_SHRINKS;
    if (lost) reasons.push(`${table} has ${left} rows, the set before has ${rows}`);
  }
  if (before.files >= LARGE_TREE && now.files < before.files / 2) {
    reasons.push(`${now.files} documents, the set before has ${before.files}`);
  }
  return reasons;
}
