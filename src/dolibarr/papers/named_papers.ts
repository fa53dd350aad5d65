/** The files that the database names: the papers of every object that is there, and every file with a row in the list of files. */

import type { Session } from "../../postgres/connection/session.ts";
import { type ListedFile, readOwned } from "./paper_owners.ts";

export interface NamedPaper {
  /** What names it: `supplier invoice SI2511-0001`, `contract CT2511-0001`, `the list of files`. */
  by: string;
  /** Relative to the documents folder. */
  path: string;
  /** The MD5 that Dolibarr recorded for it, or several, where it is listed for several companies; none: nothing is recorded. */
  md5: string[];
}

export interface NamedPapers {
  papers: NamedPaper[];
  /** Of how many companies the rows are. */
  entities: number;
  /** Rows of the list of files that belong to no object which is there: they are no claim. */
  ownerless: number;
}

/**
 * The papers of every object that is there, drafts included: those that a supplier invoice or a contract names as its last
 * document, and those of the list of files that lie in the folder of an object. The PDFs of customer invoices are among
 * them, which are judged by themselves: `paperOf`.
 */
export async function readNamedPapers(session: Session): Promise<NamedPapers> {
  const lastOnes = await session.query<{ by: string; path: string }>(
    `SELECT 'supplier invoice ' || ref AS by, last_main_doc AS path FROM public.llx_facture_fourn WHERE last_main_doc <> ''
     UNION ALL SELECT 'contract ' || coalesce(ref, rowid::text), last_main_doc FROM public.llx_contrat WHERE last_main_doc <> ''`,
  );
  const listed = await session.query<ListedRow>(
    `SELECT filepath || '/' || filename AS path, src_object_type AS type, src_object_id::integer AS id, entity::integer AS entity,
       array_remove(ARRAY[CASE WHEN label ~ '^[0-9a-f]{32}$' THEN label END], NULL) AS md5
       FROM public.llx_ecm_files ORDER BY 1, rowid`,
  );
  const isOwned = await readOwned(session, listed);
  const owned = listed.filter(isOwned);
  const md5s = Map.groupBy(listed, ({ path }) => path);
  const named = new Map<string, NamedPaper>();
  for (const { by, path } of [...lastOnes, ...owned.map(({ path }) => ({ by: "the list of files", path }))]) {
    if (named.has(path)) continue;
    named.set(path, { by, path, md5: [...new Set((md5s.get(path) ?? []).flatMap(({ md5 }) => md5))] });
  }
  return {
    papers: [...named.values()].toSorted((a, b) => a.path < b.path ? -1 : 1),
    entities: new Set(owned.map(({ entity }) => entity)).size,
    ownerless: listed.length - owned.length,
  };
}

interface ListedRow extends ListedFile, Record<string, unknown> {
  md5: string[];
  entity: number;
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
  if (patterns.length === 0) return new Set();
  const sources = patterns.map(({ source }) => `(?:${source.replaceAll(/\$(?=\||$)/g, "(?:/.*)?$")})`);
  const rows = await session.query<{ path: string }>(
    `SELECT path FROM (${await namedPathsSql(session)}) AS named WHERE path ~ $1`,
    [sources.join("|")],
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
