/**
 * Which state of a Dolibarr looks lost, so that its backup is suspect: tables, users or most rows are gone. Pure.
 * A suspect set is never `latest`.
 */

import type { TableContent } from "../../postgres/catalogue/content.ts";
import { countErpTables, FEWEST_TABLES, TABLE_PREFIX } from "./names.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";

/** From this many rows on, a table that lost more than half of them is suspect. */
const LARGE_TABLE = 100;

/** From this many files on, a documents tree that lost more than half of them is suspect. */
const LARGE_TREE = 20;

/** Tables that are not emptied in ordinary use: losing the last row is suspect, however few there were. */
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

/** Dolibarr only adds to its unalterable log: losing any row is suspect. */
const NEVER_SHRINKS = `public.${TABLE_PREFIX}blockedlog`;

/** The part of a backed-up state that is judged. */
export interface BackedUpState {
  tables: readonly TableContent[];
  files: number;
}

/** Why this state is suspect, whatever the set before holds; empty where it is not. */
export function suspectReasons(now: BackedUpState): string[] {
  const reasons: string[] = [];
  const count = countErpTables(now.tables);
  const elsewhere = count === 0 ? otherPlace(now.tables) : undefined;
  if (elsewhere !== undefined) {
    return [
      `Dolibarr's tables are ${elsewhere}*: this tool knows the prefix ${TABLE_PREFIX} and the schema public alone`,
    ];
  }
  if (count < FEWEST_TABLES) {
    reasons.push(
      `only ${formatCount(count, `${TABLE_PREFIX} table`)}: Dolibarr has at least ${FEWEST_TABLES}`,
    );
  }
  const users = now.tables.find(({ table }) => table === `public.${TABLE_PREFIX}user`);
  if (!users || users.rows === 0) reasons.push("no users");
  return reasons;
}

/** Where Dolibarr's tables are under another prefix or in another schema: `erp.llx_`; undefined where they are nowhere. */
function otherPlace(tables: BackedUpState["tables"]): string | undefined {
  const names = new Set(tables.map(({ table }) => table));
  const [, place] =
    tables.map(({ table }) => /^(.+)facturedet$/.exec(table)).find((found) => found !== null) ?? [];
  return place !== undefined && names.has(`${place}facture`) && names.has(`${place}const`)
    ? place
    : undefined;
}

/** Why this state is suspect compared with the newest good set before it; empty where it is not. */
export function lossesSince(now: BackedUpState, before: BackedUpState): string[] {
  const reasons: string[] = [];
  const rowsNow = new Map(now.tables.map(({ table, rows }) => [table, rows]));
  for (const { table, rows } of before.tables) {
    const left = rowsNow.get(table) ?? 0;
    const lost = rows >= LARGE_TABLE && left < rows / 2 ||
      left === 0 && rows > 0 && NEVER_EMPTIED.includes(table) ||
      left < rows && table === NEVER_SHRINKS;
    if (lost) {
      reasons.push(`${table} has ${formatCount(left, "row")}, the set before has ${formatNumber(rows)}`);
    }
  }
  if (before.files >= LARGE_TREE && now.files < before.files / 2) {
    reasons.push(`${formatCount(now.files, "document")}, the set before has ${formatNumber(before.files)}`);
  }
  return reasons;
}
