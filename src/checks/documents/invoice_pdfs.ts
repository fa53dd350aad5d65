/** Checks on the papers that the database names. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findTool, runTool } from "../../base/process/processes.ts";
import { limits } from "../../base/limits.ts";
import { md5Of, sha256Of } from "../../base/streams.ts";
import { isPdfName, missingInPdfText } from "../../dolibarr/papers/invoice_pdf.ts";
import { documentFacts, lostInvoicePdf } from "../../dolibarr/papers/lost_papers.ts";
import { type Invoice, isValidated } from "../../dolibarr/books/invoices.ts";
import { whyLeftOut } from "../../documents/index.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { cannotRun, type Check, expectNone } from "../check.ts";
import { notRestored, outcomeOfFaults } from "../findings/judge.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";
import { pdfDamage } from "../../dolibarr/papers/file_integrity.ts";

export const invoicePdfs: Check<DataContext> = {
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

/** Of a file, in bytes; undefined where there is none. */
function sizeOf(path: string): number | undefined {
  const found = existsSync(path) ? statSync(path) : undefined;
  return found?.isFile() ? found.size : undefined;
}

/** Two are read at a time: more wait for each other on a small machine. */
const READ_AT_ONCE = 2;

export const invoicePdfTexts: Check<DataContext> = {
  id: "documents.invoice_texts",
  part: "documents",
  judges: "books",
  level: "standard",
  given: RESTORED_DOCUMENTS,
  title: "The PDFs of invoices say their reference and their total",
  required: false,
  async run(context) {
    const pdftotext = findTool("pdftotext");
    if (!pdftotext) {
      throw cannotRun("the program pdftotext is not installed", "apt-get install poppler-utils");
    }
    const read = (context.level === "deep" ? context.invoices.filter(isValidated) : context.samples).filter(
      isPaper,
    );
    const waiting = [...read];
    const wrong: string[] = [];
    const work = async () => {
      for (let invoice = waiting.shift(); invoice; invoice = waiting.shift()) {
        const fault = await textFault(pdftotext, invoice, fileOf(context, invoice));
        if (fault !== undefined) wrong.push(`${invoice.ref}: ${invoice.mainDocument} ${fault}`);
      }
    };
    await Promise.all(Array.from({ length: READ_AT_ONCE }, work));
    return expectNone(
      wrong.sort(),
      read.length,
      `reference and total with tax of ${
        context.level === "deep" ? "each invoice" : "each opened invoice"
      } against the text of its PDF (pdftotext)`,
    );
  },
  twin: {
    by: "an invoice's PDF in the place of another's",
    async apply(context) {
      const [one] = context.samples.filter(isPaper);
      const other = context.invoices.find((invoice) => isPaper(invoice) && invoice.id !== one?.id);
      await Deno.copyFile(fileOf(context, other), fileOf(context, one));
      return context;
    },
  },
};

async function textFault(pdftotext: string, invoice: Invoice, file: string): Promise<string | undefined> {
  const end = await runTool(pdftotext, {
    args: ["-layout", "-enc", "UTF-8", file, "-"],
    signal: AbortSignal.timeout(limits.pdfIsRead),
  });
  if (end.code !== 0) return `cannot be read: ${end.stderr.trim().split("\n")[0] || `status ${end.code}`}`;
  const missing = missingInPdfText(end.stdout, { ref: invoice.ref, total: invoice.printedTotal });
  return missing.length === 0 ? undefined : `does not say ${missing.join(" and ")}`;
}

const isPaper = (invoice: Invoice): boolean =>
  isValidated(invoice) && invoice.mainDocument !== null && isPdfName(invoice.mainDocument);

function fileOf({ sandbox }: DataContext, invoice: Invoice | undefined): string {
  if (!invoice?.mainDocument) throw new TypeError("there is no invoice with a PDF");
  return join(sandbox.documents, invoice.mainDocument);
}
