/** The check on what the PDFs of invoices say. */

import { findTool, runTool } from "../../base/process/processes.ts";
import { limits } from "../../base/limits.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { md5Of, sha256Of } from "../../base/streams.ts";
import { type Invoice, isValidated } from "../../dolibarr/books/invoices.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { isEncryptedPdf, pdfDamage } from "../../dolibarr/papers/file_integrity.ts";
import { nameOfInvoice } from "../../dolibarr/papers/invoice_paper.ts";
import { missingInPdfText } from "../../dolibarr/papers/invoice_pdf.ts";
import { readPrintedParties } from "../../dolibarr/papers/printed_party.ts";
import { documentFacts } from "../../dolibarr/papers/lost_papers.ts";
import { type BooksCheck, cannotRun, nothingToCheck } from "../check.ts";
import { outcomeOfFaults } from "../findings/outcome.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";
import { changedSince, PAPERS_CHECK } from "./proved_papers.ts";
import { type ReadPaper, saidNoMore } from "./said_before.ts";
import { fileOf, isPaper, pathOf, sizeOf, writtenMeanwhile } from "./paper_files.ts";
import { copyDocument } from "../../documents/tree/one_file.ts";

/** Two are read at a time: more wait for each other on a small machine. */
const READ_AT_ONCE = 2;

/** A PDF that is not there or not whole is for `documents.invoices`; here it is left out, and counted. */
export const invoicePdfTexts: BooksCheck<DataContext> = {
  id: PAPERS_CHECK,
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
    const isDeep = context.level === "deep";
    const validated = context.invoices.filter(isValidated);
    const isNew = writtenMeanwhile(context.proof.index, context.proof.source);
    const { changed, notes } = isDeep ? { changed: [], notes: [] } : await changedPapers(context, validated);
    const papers = [...new Set(isDeep ? validated : [...context.samples, ...changed])].filter(isPaper)
      .filter(({ mainDocument }) => !isNew(mainDocument!));
    const read = await readTexts(pdftotext, papers, (invoice) => fileOf(context, invoice));
    const readable = read.filter((one) => one !== "not whole" && one !== "no text");
    const isChanged = new Set(changed);
    const again = readable.filter((one) => "text" in one).filter(({ invoice }) => isChanged.has(invoice));
    const said = context.provedPapers
      ? await saidNoMore(again, context.provedPapers, {
        parties: await readPrintedParties(context.session, again.map(({ invoice }) => invoice.id)),
        pdftotext,
        signal: AbortSignal.timeout(limits.oldPapersAreRead),
      })
      : { faults: [], notes: [] };
    if (readable.length === 0 && validated.length > 0) {
      throw nothingToCheck(
        `none of ${isDeep ? "the" : "the opened"} invoices has a whole PDF that can be read`,
      );
    }
    const left = read.filter((one) => one === "not whole").length;
    const textless = read.filter((one) => one === "no text").length;
    return outcomeOfFaults([...readable.flatMap((one) => "text" in one ? [] : one), ...said.faults], {
      check: invoicePdfTexts.id,
      checked: readable.length,
      with: `reference and total with tax of ${
        isDeep
          ? "each invoice"
          : `each opened invoice${changed.length > 0 ? " and each whose PDF changed" : ""}`
      } against the text of its PDF (pdftotext)`,
      notes: [
        ...notes,
        ...said.notes,
        ...(left === 0 ? [] : [
          `${formatNumber(left)} are missing or not whole, and are not read: documents.invoices judges them`,
        ]),
        ...(textless === 0 ? [] : [
          `NOT RUN for ${
            formatCount(textless, "PDF")
          } that cannot be read as text, because they are encrypted, scans, or in a writing that needs the package poppler-data: documents.invoices compares their bytes`,
        ]),
      ],
    });
  },
  twin: {
    by: "an invoice's PDF in the place of another's",
    apply(context) {
      const isNew = writtenMeanwhile(context.proof.index, context.proof.source);
      const there = (invoice: Invoice) =>
        isPaper(invoice) && !isNew(invoice.mainDocument!) && sizeOf(fileOf(context, invoice)) !== undefined;
      const one = context.samples.find(there);
      const other = context.invoices.find((invoice) => there(invoice) && invoice.id !== one?.id);
      copyDocument(context.sandbox.documents, pathOf(other), pathOf(one));
      return Promise.resolve(context);
    },
  },
};

/**
 * The invoices whose PDF is another file than in the earlier set in which all that were read were right: Dolibarr makes it
 * again at each payment, and nothing but its text tells that from another file in its place.
 */
async function changedPapers(
  { provedPapers, proof: { index } }: DataContext,
  validated: readonly Invoice[],
): Promise<{ changed: readonly Invoice[]; notes: string[] }> {
  if (!provedPapers) return { changed: [], notes: [] };
  const before = await provedPapers.read();
  if (typeof before === "string") return { changed: [], notes: [`changed PDFs are not read: ${before}`] };
  const isChanged = changedSince(before, provedPapers.set, index);
  const changed = validated.filter((invoice) => isPaper(invoice) && isChanged(invoice.mainDocument!));
  const files = formatCount(changed.length, "PDF");
  return { changed, notes: changed.length > 0 ? [`${files} made or changed since ${provedPapers.set}`] : [] };
}

/** `no text`: it is encrypted, a scan, or in a writing that this machine's pdftotext cannot read. */
type TextRead = Fault | ReadPaper | "not whole" | "no text";

/** What each PDF says, in their order. */
async function readTexts(
  pdftotext: string,
  invoices: readonly Invoice[],
  fileOf: (invoice: Invoice) => string,
): Promise<TextRead[]> {
  const read: TextRead[] = [];
  const waiting = [...invoices.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [at, invoice] = next;
      read[at] = await readText(pdftotext, invoice, fileOf(invoice));
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, work));
  return read;
}

async function readText(pdftotext: string, invoice: Invoice, file: string): Promise<TextRead> {
  if (sizeOf(file) === undefined) return "not whole";
  const bytes = await Deno.readFile(file);
  if (pdfDamage(bytes) !== undefined) return "not whole";
  const { ref, printedTotal } = invoice;
  const name = nameOfInvoice(invoice);
  const path = invoice.mainDocument!;
  const { facts, document } = documentFacts(path, sha256Of(bytes));
  const end = await runTool(pdftotext, {
    args: ["-layout", "-enc", "UTF-8", file, "-"],
    signal: AbortSignal.timeout(limits.pdfIsRead),
  });
  if (isTextless(end, bytes, invoice)) return "no text";
  if (end.code !== 0) {
    const why = end.stderr.trim().split("\n")[0] || `status ${end.code}`;
    return {
      subject: name,
      kind: "unreadable",
      sentence: `${name}: ${path} cannot be read: ${why}`,
      facts,
      document,
    };
  }
  const missing = missingInPdfText(end.stdout, { ref, total: printedTotal });
  if (missing.length === 0) return { invoice, bytes, text: end.stdout };
  const lacks = missing.join(" and ");
  return {
    subject: name,
    kind: "other-text",
    sentence: `${name}: ${path} does not say ${lacks}`,
    facts: { ...facts, lacks },
    document,
  };
}

/**
 * Whether nothing can be read although it is whole: it is encrypted (PDF_SECURITY_ENCRYPTION of Dolibarr), its pages are
 * pictures, or it is Chinese, Japanese or Korean: Dolibarr embeds no font of these, and pdftotext knows their letters by
 * poppler-data alone. Then its bytes must be those that Dolibarr recorded: else a page without text may be one that was lost.
 */
const isTextless = (
  { code, stdout, stderr }: { code: number; stdout: string; stderr: string },
  bytes: Uint8Array,
  { recordedMd5, ref, printedTotal }: Invoice,
): boolean => {
  if (recordedMd5 === null || md5Of(bytes) !== recordedMd5) return false;
  if (code !== 0) return isEncryptedPdf(bytes);
  const isUnknown = /Missing language pack/.test(stderr) &&
    missingInPdfText(stdout, { ref, total: printedTotal }).length > 0;
  return stdout.trim() === "" || isUnknown;
};
