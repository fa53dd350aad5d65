/**
 * Which state of a Dolibarr looks lost, so that its backup is suspect: tables, users or most rows are gone. Pure.
 * A suspect set is never `latest`.
 */

import type { TableContent } from "../../postgres/catalogue/content.ts";
import { countErpTables, FEWEST_TABLES, TABLE_PREFIX } from "./names.ts";

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
export function suspectReasons(now: BackedUpState): string[] {
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
export function lossesSince(now: BackedUpState, before: BackedUpState): string[] {
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
