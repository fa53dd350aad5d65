/** The files of papers that rows name, in the restored documents. */

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RestorableSet } from "../../store/sets/restorable_set.ts";
import type { DocumentsIndex } from "../../documents/index.ts";
import { type Invoice, isValidated } from "../../dolibarr/books/invoices.ts";
import { isPdfName } from "../../dolibarr/papers/invoice_pdf.ts";

/** Of a file, in bytes; undefined where there is none, also where a file stands in the place of its folder. */
export function sizeOf(path: string): number | undefined {
  const found = existsSync(path) ? statSync(path) : undefined;
  return found?.isFile() ? found.size : undefined;
}

/** Whether it is a validated invoice that names a PDF. */
export const isPaper = (invoice: Invoice): boolean =>
  isValidated(invoice) && invoice.mainDocument !== null && isPdfName(invoice.mainDocument);

/** Where an invoice's PDF must lie, below the documents. */
export function pathOf(invoice: Invoice | undefined): string {
  if (!invoice?.mainDocument) throw new TypeError("there is no invoice with a PDF");
  return invoice.mainDocument;
}

/** The same as a path of this machine. */
export const fileOf = (
  { sandbox }: { sandbox: { documents: string } },
  invoice: Invoice | undefined,
): string => join(sandbox.documents, pathOf(invoice));

/**
 * Which papers were written while the backup ran, so that the rows, which are older, may say something else of them. The next
 * backup reads both again, and its drill judges them. One that is newer than the whole backup cannot be of it, and is judged.
 */
export function writtenMeanwhile(
  { files }: Pick<DocumentsIndex, "files">,
  { takenAt, endedAt = takenAt }: Pick<RestorableSet, "takenAt" | "endedAt">,
): (path: string) => boolean {
  const [since, until] = [takenAt.getTime(), endedAt.getTime()];
  const written = new Set(
    files.filter(({ mtimeMs }) => mtimeMs >= since && mtimeMs < until).map(({ path }) => path),
  );
  return (path) => written.has(path);
}
