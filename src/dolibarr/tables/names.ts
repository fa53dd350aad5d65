/** Dolibarr's tables, as far as we must know them by name. */

/** What every table of Dolibarr's begins with. */
export const TABLE_PREFIX = "llx_";

/** A bare install of 22.0.4 has 276: fewer than this is no Dolibarr, but more proves nothing yet (FACTS, Install). */
export const FEWEST_TABLES = 250;

/**
 * Without these rows no Dolibarr does anything by itself: its modules, its mail server, its keys, its jobs. A restore in
 * stages loads them in its last transaction, with what switches them off. No other table's key points at them. Plain names.
 */
export const ACTIVATING_TABLES: readonly string[] = ["const", "cronjob"].map((name) =>
  `${TABLE_PREFIX}${name}`
);

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
