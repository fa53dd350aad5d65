/** Where the paper of a customer invoice lies: found as Dolibarr's own pages find it. Pure but for one question. */

import type { Session } from "../../postgres/connection/session.ts";

/** What the database says of the paper of an invoice. */
export interface PaperRow extends Record<string, unknown> {
  ref: string;
  /** `last_main_doc`, below the documents folder; null where it names none. */
  named: string | null;
}

/** The list of files (`llx_ecm_files`), as far as it is of customer invoices. */
export interface RecordedFiles {
  /** The MD5 that Dolibarr recorded of the file at a path; null: none, undefined: no row names it. */
  md5Of(path: string): string | null | undefined;
  /** The names of the files that rows have in a folder, in their order. */
  namesIn(folder: string): readonly string[];
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
 */
export function paperOf({ ref, named }: PaperRow, recorded: RecordedFiles, isThere: IsThere): string | null {
  const folder = `facture/${sanitizedName(ref)}`;
  if (named?.startsWith(`${folder}/`)) return named;
  const own = `${folder}/${sanitizedName(ref)}.pdf`;
  if (recorded.md5Of(own) !== undefined || isThere(own)) return own;
  const [other] = recorded.namesIn(folder).filter((name) => name.toLowerCase().endsWith(".pdf"));
  if (other !== undefined) return `${folder}/${other}`;
  if (named !== null) return isThere(named) ? named : isProvisional(named) ? own : named;
  return null;
}

/** Where the paper of this reference lies unless somebody chose another place. */
export const usualPaper = (ref: string): string => `facture/${sanitizedName(ref)}/${sanitizedName(ref)}.pdf`;

const isProvisional = (path: string): boolean => /^facture\/\(PROV/.test(path);

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

/** The validated invoices of the first entity, oldest first, and what the list of files has of them. */
export interface InvoicePapers {
  invoices: readonly PaperRow[];
  recorded: RecordedFiles;
}

/** Reads them. */
export async function readInvoicePapers(session: Session): Promise<InvoicePapers> {
  const invoices = await session.query<PaperRow>(
    `SELECT ref, nullif(last_main_doc, '') AS named FROM public.llx_facture
      WHERE entity = 1 AND fk_statut > 0 ORDER BY datef NULLS FIRST, rowid`,
  );
  return { invoices, recorded: await readRecordedFiles(session) };
}

/** Reads the list of files of customer invoices, of those that `last_main_doc` names included. */
export async function readRecordedFiles(session: Session): Promise<RecordedFiles> {
  const rows = await session.query<{ folder: string; name: string; md5: string | null }>(
    `SELECT filepath AS folder, filename AS name, min(nullif(label, '')) AS md5 FROM public.llx_ecm_files
      WHERE entity = 1 AND (filepath ~ '^facture(/|$)'
         OR filepath || '/' || filename IN (SELECT last_main_doc FROM public.llx_facture WHERE last_main_doc <> ''))
      GROUP BY 1, 2 ORDER BY min(rowid)`,
  );
  const [md5s, names] = [new Map<string, string | null>(), new Map<string, string[]>()];
  for (const { folder, name, md5 } of rows) {
    md5s.set(`${folder}/${name}`, md5);
    const there = names.get(folder);
    if (there) there.push(name);
    else names.set(folder, [name]);
  }
  return { md5Of: (path) => md5s.get(path), namesIn: (folder) => names.get(folder) ?? [] };
}
