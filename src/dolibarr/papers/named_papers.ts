/** The files that the database names: papers of suppliers, contracts, and every file with a row in the list of files. */

import type { Session } from "../../postgres/connection/session.ts";

export interface NamedPaper extends Record<string, unknown> {
  /** What names it: `supplier invoice SI2511-0001`, `contract CT2511-0001`, `the list of files`. */
  by: string;
  /** Relative to the documents folder. */
  path: string;
}

/**
 * The papers of supplier invoices (drafts included) and of contracts: those that a row names as its last document, and
 * those of the list of files that lie in the folders of 22.0.4 for them.
 */
export async function readNamedPapers(session: Session): Promise<NamedPaper[]> {
  return await session.query<NamedPaper>(
    `SELECT DISTINCT ON (path) by, path FROM (
       SELECT 1 AS at, 'supplier invoice ' || ref AS by, last_main_doc AS path FROM public.llx_facture_fourn WHERE last_main_doc <> ''
       UNION ALL SELECT 2, 'contract ' || coalesce(ref, rowid::text), last_main_doc FROM public.llx_contrat WHERE last_main_doc <> ''
       UNION ALL SELECT 3, 'the list of files', filepath || '/' || filename FROM public.llx_ecm_files
        WHERE filepath ~ '^(fournisseur|contract|contracts|contrat)(/|$)') AS named ORDER BY path, at`,
  );
}

/** Every path in the list of files, and every last document of an object: an invoice, an order, a proposal, ... */
export async function readNamedPaths(session: Session): Promise<Set<string>> {
  const rows = await session.query<{ path: string }>(await namedPathsSql(session));
  return new Set(rows.map(({ path }) => path));
}

/**
 * Those of them that one of these patterns of what is left out fits (documents/tree/globs.ts), or of which it fits a folder.
 * Their paths alone are read: there may be a million rows.
 */
export async function readNamedPathsAmong(
  session: Session,
  patterns: readonly RegExp[],
): Promise<Set<string>> {
  const sources = patterns.map(({ source }) => source.replaceAll(/\$(?=\||$)/g, "(?:/.*)?$"));
  const rows = await session.query<{ path: string }>(
    `SELECT path FROM (${await namedPathsSql(session)}) AS named WHERE path ~ ANY($1::text[])`,
    [sources],
  );
  return new Set(rows.map(({ path }) => path));
}

async function namedPathsSql(session: Session): Promise<string> {
  const tables = await session.query<{ name: string }>(
    `SELECT quote_ident(c.relname) AS name FROM pg_catalog.pg_attribute a
       JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname LIKE 'llx\\_%' AND a.attname = 'last_main_doc'
        AND NOT a.attisdropped ORDER BY 1`,
  );
  return [
    "SELECT filepath || '/' || filename AS path FROM public.llx_ecm_files",
    ...tables.map(({ name }) => `SELECT last_main_doc FROM public.${name} WHERE last_main_doc <> ''`),
  ].join(" UNION ");
}

/** Whether it lies in a folder of Dolibarr's own business papers, where a file that no row names is reported. */
export const isBusinessPaper = (path: string): boolean =>
  /^(facture|fournisseur|contract|commande|propale|societe|produit|expedition|ficheinter)\//.test(path);
