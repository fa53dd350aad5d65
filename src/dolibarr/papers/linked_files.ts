/** The files that the tab of linked files of an invoice must list. */

import { basename, dirname, join } from "node:path";
import { type Invoice, isValidated } from "../books/invoices.ts";
import { isPdfName } from "./invoice_pdf.ts";

export interface LinkedFiles {
  /** The invoice whose folder they lie in. */
  invoice: Invoice;
  /** Sorted by name. */
  names: string[];
}

/** Names that 22.0.4 leaves out (compta/facture/document.php and dol_dir_list): hidden files, metadata, previews. */
const NOT_LISTED = /^\.|(\.meta|_preview.*\.png)$/i;

/** Whether the tab lists a file of this name. Pure. */
export const isListedFile = (name: string): boolean => !NOT_LISTED.test(name);

/** The files in the folder of the first of `invoices` that names a PDF, with that PDF; undefined where none does. */
export function readLinkedFiles(documents: string, invoices: readonly Invoice[]): LinkedFiles | undefined {
  const invoice = invoices.find((one) =>
    isValidated(one) && one.mainDocument !== null && isPdfName(one.mainDocument)
  );
  if (!invoice) return undefined;
  const { mainDocument } = invoice;
  const names = namesIn(join(documents, dirname(mainDocument!)));
  return { invoice, names: [...new Set([...names, basename(mainDocument!)])].toSorted() };
}

/** The names of the listed files in `folder`, without those in its subfolders. */
function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ name, isDirectory, isSymlink }) =>
        isListedFile(name) && !isDirectory && !(isSymlink && leadsToFolder(join(folder, name)))
      )
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return []; // the PDF is expected anyway
    throw error;
  }
}

function leadsToFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // a dangling link is listed as a file
    throw error;
  }
}
