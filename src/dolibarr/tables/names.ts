/** The names of Dolibarr's tables: their prefix, and the kinds that the code tells apart. */

/** The prefix of every table of Dolibarr. */
export const TABLE_PREFIX = "llx_";

/**
 * A fresh install of 22.0.4 has 276 tables (docs/facts.md, Installing). Fewer than this is no Dolibarr; more proves
 * nothing, because an empty ERP has them too.
 */
export const FEWEST_TABLES = 250;

/**
 * The tables whose rows let a Dolibarr act: its modules, mail server, keys and scheduled jobs. A staged restore loads
 * them in its last transaction, together with the neutralising. No foreign key refers to them. Names without schema.
 */
export const ACTIVATING_TABLES: readonly string[] = ["const", "cronjob"].map((name) =>
  `${TABLE_PREFIX}${name}`
);

/** Whether it is a table of Dolibarr: true for `public.llx_facture`. */
export const isErpTable = (table: string): boolean => table.startsWith(`public.${TABLE_PREFIX}`);

/**
 * Whether it is a dictionary (payment terms, paper formats, ...). The rows of a dictionary are inserted with fixed
 * numbers, and on a fresh 22.0.4 the sequences of eleven of them are behind (tried). `table` is without its schema.
 */
export const isDictionary = (table: string): boolean => table.startsWith(`${TABLE_PREFIX}c_`);

/**
 * Up to which number the rows of a table are those of Dolibarr's own data file: undefined where it has none. Of all files in
 * `install/mysql/data` of 22.0.4 these alone insert fixed numbers into a table that is no dictionary by its name; no step of
 * an install or an upgrade moves its sequence, so that it gives 1 next in a healthy ERP (tried). Charts of accounts are
 * loaded with numbers from 100,000,000 on, which no sequence comes to.
 */
export const numberedByDataFile = (table: string): number | undefined =>
  table === `${TABLE_PREFIX}expensereport_ik` ? 15 : undefined;

/** The number of tables of Dolibarr among `tables`. */
export const countErpTables = (tables: readonly { table: string }[]): number =>
  tables.filter(({ table }) => isErpTable(table)).length;
