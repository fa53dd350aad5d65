/** Which files the database names: papers of suppliers and contracts, and whatever else has a row in the list of files. */

import type { Session } from "../../postgres/connection/session.ts";

export interface NamedPaper extends Record<string, unknown> {
  /** Who names it: `supplier invoice SI2511-0001`, `contract CT2511-0001`, `the list of files`. */
  by: string;
  /** Below the documents folder. */
  path: string;
}

/**
 * Papers of supplier invoices (drafts too) and of contracts, that a row names: as its last document, or in the list of
 * files under the folders in which 22.0.4 keeps them.
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

/** Every path that a row names, in the list of files or as an invoice's last document. */
export async function readNamedPaths(session: Session): Promise<Set<string>> {
  const rows = await session.query<{ path: string }>(
    `SELECT filepath || '/' || filename AS path FROM public.llx_ecm_files
      UNION SELECT last_main_doc FROM public.llx_facture WHERE last_main_doc <> ''
      UNION SELECT last_main_doc FROM public.llx_facture_fourn WHERE last_main_doc <> ''`,
  );
  return new Set(rows.map(({ path }) => path));
}

/** Folders of Dolibarr's own business papers, where a file that no row names is worth a line. */
export const isBusinessPaper = (path: string): boolean =>
  /^(facture|fournisseur|contract|commande|propale|societe|produit|expedition|ficheinter)\//.test(path);
