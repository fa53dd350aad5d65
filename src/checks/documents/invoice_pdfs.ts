/** The check on the PDFs of invoices: each is there, whole, with the bytes that Dolibarr recorded. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { md5Of, sha256Of } from "../../base/streams.ts";
import { isPdfName } from "../../dolibarr/papers/invoice_pdf.ts";
import { documentFacts, lostInvoicePdf } from "../../dolibarr/papers/lost_papers.ts";
import { type Invoice, isValidated } from "../../dolibarr/books/invoices.ts";
import { whyLeftOut } from "../../documents/index.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import type { BooksCheck } from "../check.ts";
import { notRestored, outcomeOfFaults } from "../findings/outcome.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";
import { pdfDamage } from "../../dolibarr/papers/file_integrity.ts";
import { fileOf, isPaper, sizeOf } from "./paper_files.ts";

export const invoicePdfs: BooksCheck<DataContext> = {
  id: "documents.invoices",
  part: "documents",
  judges: "books",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "Every validated invoice has its PDF, whole, with the bytes that Dolibarr recorded",
  required: true,
  run({ invoices, sandbox, proof: { index } }) {
    const validated = invoices.filter(isValidated);
    const found = validated.flatMap((invoice) => {
      const fault = faultOf(invoice, sandbox.documents);
      return fault ? [{ ...fault, leftOut: fault.document && whyLeftOut(index, fault.document.path) }] : [];
    });
    const faults = found.filter(({ leftOut }) => leftOut === undefined);
    const recorded = validated.filter(({ recordedMd5 }) => recordedMd5).length;
    const outcome = outcomeOfFaults(faults, {
      check: invoicePdfs.id,
      checked: validated.length,
      with:
        `last_main_doc of each invoice against the restored file, from its header to its trailer; ${recorded} with the md5 that Dolibarr recorded`,
    });
    const leftOut = found.flatMap(({ subject, document, leftOut }) =>
      leftOut === undefined ? [] : [`${subject}: ${document?.path} is not in the backup: ${leftOut}`]
    );
    return Promise.resolve(notRestored(outcome, leftOut));
  },
  twin: {
    by: "the newest invoice's PDF removed",
    async apply(context) {
      await Deno.remove(fileOf(context, context.invoices.findLast(isPaper)));
      return context;
    },
  },
};

/** What is wrong with an invoice's paper; undefined: nothing. */
function faultOf(invoice: Invoice, documents: string): Fault | undefined {
  const lost = lostInvoicePdf(invoice, (path) => sizeOf(join(documents, path)));
  if (lost) return lost;
  const { ref, recordedMd5 } = invoice;
  const path = invoice.mainDocument!;
  const bytes = readFileSync(join(documents, path));
  const fault = (kind: string, what: string): Fault => ({
    subject: ref,
    kind,
    sentence: `${ref}: ${path} ${what}`,
    ...documentFacts(path, sha256Of(bytes)),
  });
  const damage = isPdfName(path) ? pdfDamage(bytes) : undefined;
  if (damage !== undefined) return fault("damaged", damage);
  const md5 = recordedMd5 ? md5Of(bytes) : recordedMd5;
  return md5 === recordedMd5
    ? undefined
    : fault("other-bytes", `has md5 ${md5}, Dolibarr recorded ${recordedMd5}`);
}
