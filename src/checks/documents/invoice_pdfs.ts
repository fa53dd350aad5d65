/** The check on the PDFs of invoices: each is there, whole, with the bytes that Dolibarr recorded. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatCount } from "../../base/numbers.ts";
import { md5Of, sha256Of } from "../../base/streams.ts";
import { nameOfInvoice } from "../../dolibarr/papers/invoice_paper.ts";
import { isPdfName } from "../../dolibarr/papers/invoice_pdf.ts";
import { documentFacts, lostInvoicePdf, neverMade } from "../../dolibarr/papers/lost_papers.ts";
import { companiesOf, isValidated } from "../../dolibarr/books/invoices.ts";
import { whyLeftOut } from "../../documents/index.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { type BooksCheck, nothingToCheck } from "../check.ts";
import type { Finding } from "../result.ts";
import { notRestored, outcomeOfFaults } from "../findings/outcome.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";
import { pdfDamage } from "../../dolibarr/papers/file_integrity.ts";
import { isPaper, pathOf, sizeOf, writtenMeanwhile } from "./paper_files.ts";
import { removeDocument } from "../../documents/tree/one_file.ts";

export const invoicePdfs: BooksCheck<DataContext> = {
  id: "documents.invoices",
  part: "documents",
  judges: "books",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title:
    "Every PDF that was made of a validated invoice is there, whole, with the bytes that Dolibarr recorded",
  required: true,
  run({ invoices, sandbox, proof: { source, index } }) {
    const validated = invoices.filter(isValidated);
    const lost = lostAtBackup(source.findings);
    const papers = validated.flatMap(({ recordedMd5, mainDocument, ...invoice }): Paper[] => {
      const ref = nameOfInvoice(invoice);
      const path = mainDocument ?? lost.get(ref);
      return path === undefined ? [] : [{ ref, recordedMd5, path }];
    });
    const never = validated.filter(({ mainDocument }) => mainDocument === null).map(nameOfInvoice)
      .filter((ref) => !lost.has(ref));
    const notMade = neverMade(never);
    if (papers.length === 0 && never.length > 0) return Promise.reject(nothingToCheck(notMade!));
    const isNew = writtenMeanwhile(index, source);
    const gone = new Set(source.meanwhile);
    const found = papers.flatMap((paper) => {
      const fault = faultOf(paper, sandbox.documents, isNew);
      return fault && !(fault.kind === "missing" && gone.has(paper.path))
        ? [{ ...fault, leftOut: fault.document && whyLeftOut(index, fault.document.path) }]
        : [];
    });
    const faults = found.filter(({ leftOut }) => leftOut === undefined);
    const recorded = papers.filter(({ recordedMd5 }) => recordedMd5).length;
    const meanwhile = papers.filter(({ path }) => isNew(path) || gone.has(path)).length;
    const outcome = outcomeOfFaults(faults, {
      check: invoicePdfs.id,
      checked: papers.length,
      with: `the paper of each invoice of ${
        companiesOf(validated)
      } against the restored file, from its header to its trailer; ${recorded} with the md5 that Dolibarr recorded`,
      notes: [
        ...(notMade === undefined ? [] : [notMade]),
        ...(meanwhile > 0
          ? [`${formatCount(meanwhile, "PDF")} written while the backup ran: not compared`]
          : []),
      ],
    });
    const leftOut = found.flatMap(({ subject, document, leftOut }) =>
      leftOut === undefined ? [] : [`${subject}: ${document?.path} is not in the backup: ${leftOut}`]
    );
    return Promise.resolve(notRestored(outcome, leftOut));
  },
  twin: {
    by: "the newest invoice's PDF removed",
    apply(context) {
      removeDocument(context.sandbox.documents, pathOf(context.invoices.findLast(isPaper)));
      return Promise.resolve(context);
    },
  },
};

/** An invoice with a paper, and where that lies or should lie. */
interface Paper {
  /** With its company: see `nameOfInvoice`. */
  ref: string;
  recordedMd5: string | null;
  path: string;
}

/** The paths of papers that the set's backup missed, by the references of their invoices: an earlier set has them. */
const lostAtBackup = (findings: readonly Finding[] = []): Map<string, string> =>
  new Map(
    findings.filter(({ id }) => id.startsWith(`${invoicePdfs.id}/`) && id.endsWith("/missing"))
      .flatMap(({ subject, document }) => document ? [[subject, document.path]] : []),
  );

/** What is wrong with an invoice's paper; undefined: nothing. */
function faultOf(
  { ref, recordedMd5, path }: Paper,
  documents: string,
  isNew: (path: string) => boolean,
): Fault | undefined {
  const lost = lostInvoicePdf(ref, path, (path) => sizeOf(join(documents, path)));
  if (lost?.kind === "missing") return lost;
  if (isNew(path)) return undefined;
  if (lost) return lost;
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
