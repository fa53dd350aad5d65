/** The files of papers that rows name, in the restored documents. */

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
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

/** Where an invoice's PDF must lie. */
export function fileOf(
  { sandbox }: { sandbox: { documents: string } },
  invoice: Invoice | undefined,
): string {
  if (!invoice?.mainDocument) throw new TypeError("there is no invoice with a PDF");
  return join(sandbox.documents, invoice.mainDocument);
}
