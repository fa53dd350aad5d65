/** Which files of an invoice's folder its tab of linked files lists. */

import { basename, dirname, join } from "node:path";
import { type Invoice, isValidated } from "../books/invoices.ts";
import { isPdfName } from "./invoice_pdf.ts";

export interface LinkedFiles {
  /** The invoice that they belong to. */
  invoice: Invoice;
  /** In the order of their names. */
  names: string[];
}

/** What 22.0.4 leaves out (compta/facture/document.php and dol_dir_list): hidden files, notes about files, previews. */
const NOT_LISTED = /^\.|(\.meta|_preview.*\.png)$/i;

/** Whether the tab lists a file of that name. Pure. */
export const isListedFile = (name: string): boolean => !NOT_LISTED.test(name);

/** The files of the first of these invoices that has a PDF, as they lie in `documents`, and that PDF; undefined: none has. */
export function readLinkedFiles(documents: string, samples: readonly Invoice[]): LinkedFiles | undefined {
  const invoice = samples.find((sample) =>
    isValidated(sample) && sample.mainDocument !== null && isPdfName(sample.mainDocument)
  );
  if (!invoice) return undefined;
  const { mainDocument } = invoice;
  const names = namesIn(join(documents, dirname(mainDocument!)));
  return { invoice, names: [...new Set([...names, basename(mainDocument!)])].toSorted() };
}

/** Folders are not listed, nor what lies in them. */
function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ name, isDirectory, isSymlink }) =>
        isListedFile(name) && !isDirectory && !(isSymlink && leadsToFolder(join(folder, name)))
      )
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return []; // the PDF is expected all the same
    throw error;
  }
}

function leadsToFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // a link that leads nowhere is listed as a file
    throw error;
  }
}
