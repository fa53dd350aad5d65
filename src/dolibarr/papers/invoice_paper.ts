/** Where the paper of a customer invoice lies: found as Dolibarr's own pages find it. Pure but for one question. */

import type { Session } from "../../postgres/connection/session.ts";

/** What the database says of the paper of an invoice. */
export interface PaperRow extends Record<string, unknown> {
  ref: string;
  /** Its company; default: the first. */
  entity?: number;
  /** `last_main_doc`, below the documents folder; null where it names none. */
  named: string | null;
}

/** The list of files (`llx_ecm_files`), as far as it is of customer invoices. */
export interface RecordedFiles {
  /** The MD5 that Dolibarr recorded of the file at a path for a company (default: the first); null: none, undefined: no row of it names it. */
  md5Of(path: string, entity?: number): string | null | undefined;
  /** The names of the files that rows of a company have in a folder, in their order. */
  namesIn(folder: string, entity?: number): readonly string[];
}

/** @param documents paths below the documents folder: whether a file is there. */
export type IsThere = (path: string) => boolean;

/**
 * Where the paper of a validated invoice lies or should lie; null where none was ever made.
 *
 * A draft's paper is in a folder of its provisional number, `facture/(PROV51)/(PROV51).pdf`. Facture::validate of 22.0.4
 * moves that folder, its files and their rows to the final number, and leaves `last_main_doc` as it was until the paper is
 * made again. The pages list what lies in the folder of the reference (facture/card.php). So what `last_main_doc` names in
 * that folder is the paper; else the one of the reference itself there, by its row or by its file; else another that a row
 * has there; and at last what `last_main_doc` names elsewhere, where it is there.
 *
 * Another company's papers lie below a folder with its number, `2/facture/FA2511-0001`; or, where the companies share their
 * documents, in the first one's, which has invoices of the same references: there only what names it counts.
 */
export function paperOf(
  { ref, entity = 1, named }: PaperRow,
  recorded: RecordedFiles,
  isThere: IsThere,
): string | null {
  const own = usualPaper(ref, entity);
  const folder = folderOf(own);
  const shared = usualPaper(ref);
  if (named?.startsWith(`${folder}/`) || named?.startsWith(`${folderOf(shared)}/`)) return named;
  if (recorded.md5Of(own, entity) !== undefined || isThere(own)) return own;
  if (recorded.md5Of(shared, entity) !== undefined) return shared;
  const [other] = recorded.namesIn(folder, entity).filter((name) => name.toLowerCase().endsWith(".pdf"));
  if (other !== undefined) return `${folder}/${other}`;
  if (named !== null) return isThere(named) ? named : isProvisional(named) ? own : named;
  return null;
}

/** Where the paper of this reference lies unless somebody chose another place. */
export const usualPaper = (ref: string, entity = 1): string =>
  `${entity === 1 ? "" : `${entity}/`}facture/${sanitizedName(ref)}/${sanitizedName(ref)}.pdf`;

/** How an invoice is named beside those of other companies: `2/FA2511-0003`. */
export const nameOfInvoice = ({ ref, entity = 1 }: { ref: string; entity?: number }): string =>
  entity === 1 ? ref : `${entity}/${ref}`;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
const isProvisional = (path: string): boolean => /^(\d+\/)?facture\/\(PROV/.test(path);

/** What has another letter in a file's name. The last one is Dolibarr's own choice. */
const UNACCENTED: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ["ÀÁÂÃÄÅ", "A"],
    ["Ç", "C"],
    ["ÈÉÊË", "E"],
    ["ÌÍÎÏ", "I"],
    ["Ñ", "N"],
    ["ÒÓÔÕÖ", "O"],
    ["Š", "S"],
    ["ÙÚÛÜ", "U"],
    ["Ý", "Y"],
    ["àáâãäå", "a"],
    ["ç", "c"],
    ["èéêë", "e"],
    ["ìíîï", "i"],
    ["ñ", "n"],
    ["òóôõö", "o"],
    ["š", "s"],
    ["ùúûü", "u"],
    ["ýÿ", "y"],
    ["Ÿ", "y"],
  ].flatMap(([from, to]) => [...from!].map((letter) => [letter, to!])),
);

/** A reference as the name of a folder or file (dol_sanitizeFileName of 22.0.4). */
export const sanitizedName = (ref: string): string =>
  [...ref].map((letter) => UNACCENTED[letter] ?? letter).join("")
    .replace(/[<>/\\?*|":°$;`]/g, "_")
    .replace(/--+/g, "_")
    .replace(/\s+-([^\s])/g, " _$1")
    .replace(/\s+-$/, "")
    .replaceAll("..", "");

/** The validated invoices of every company, oldest first, and what the list of files has of them. */
export interface InvoicePapers {
  invoices: readonly PaperRow[];
  recorded: RecordedFiles;
}

/** Reads them. */
export async function readInvoicePapers(session: Session): Promise<InvoicePapers> {
  const invoices = await session.query<PaperRow>(
    `SELECT ref, entity::integer AS entity, nullif(last_main_doc, '') AS named FROM public.llx_facture
      WHERE fk_statut > 0 ORDER BY datef NULLS FIRST, rowid`,
  );
  return { invoices, recorded: await readRecordedFiles(session) };
}

/** Reads the list of files of customer invoices, of those that `last_main_doc` names included. */
export async function readRecordedFiles(session: Session): Promise<RecordedFiles> {
  const rows = await session.query<{ entity: number; folder: string; name: string; md5: string | null }>(
    `SELECT entity::integer AS entity, filepath AS folder, filename AS name, min(nullif(label, '')) AS md5
       FROM public.llx_ecm_files
      WHERE filepath ~ '^([0-9]+/)?facture(/|$)'
         OR filepath || '/' || filename IN (SELECT last_main_doc FROM public.llx_facture WHERE last_main_doc <> '')
      GROUP BY 1, 2, 3 ORDER BY min(rowid)`,
  );
  const of = (entity: number, path: string) => `${entity} ${path}`;
  const [md5s, names] = [new Map<string, string | null>(), new Map<string, string[]>()];
  for (const { entity, folder, name, md5 } of rows) {
    md5s.set(of(entity, `${folder}/${name}`), md5);
    const there = names.get(of(entity, folder));
    if (there) there.push(name);
    else names.set(of(entity, folder), [name]);
  }
  return {
    md5Of: (path, entity = 1) => md5s.get(of(entity, path)),
    namesIn: (folder, entity = 1) => names.get(of(entity, folder)) ?? [],
  };
}
