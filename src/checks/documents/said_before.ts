/**
 * What a changed PDF said in the earlier set and says no more: the date of its invoice, and the name of its third party. How
 * a template and a language print these nobody knows, so only what the old text has is looked for in the new one.
 */

import { limits } from "../../base/limits.ts";
import { formatCount } from "../../base/numbers.ts";
import { feedTool, startTool } from "../../base/process/processes.ts";
import { type Bytes, bytesOf, sha256Of } from "../../base/streams.ts";
import type { Invoice } from "../../dolibarr/books/invoices.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { nameOfInvoice } from "../../dolibarr/papers/invoice_paper.ts";
import { saysDate, saysName } from "../../dolibarr/papers/invoice_pdf.ts";
import { documentFacts } from "../../dolibarr/papers/lost_papers.ts";
import type { ProvedPapers } from "./proved_papers.ts";

/** A PDF that says its reference and its total. */
export interface ReadPaper {
  invoice: Invoice;
  bytes: Uint8Array;
  text: string;
}

/** More are not compared with what they said before. */
const MOST = 200;

interface Looked {
  faults: Fault[];
  notes: string[];
}

/**
 * @param papers those that changed since the set of `before`. Its archive is read only where one of them lacks something.
 * @param parties the names of their third parties, by the id of the invoice, where a template prints these.
 */
export async function saidNoMore(
  papers: readonly ReadPaper[],
  before: ProvedPapers,
  { parties, pdftotext, signal }: {
    parties: ReadonlyMap<number, string>;
    pdftotext: string;
    signal: AbortSignal;
  },
): Promise<Looked> {
  const lacking = papers.flatMap((paper) => {
    const { date, id } = paper.invoice;
    const party = parties.get(id);
    const facts = [
      ...(date === null ? [] : [{ what: `the date ${date}`, isIn: (text: string) => saysDate(text, date) }]),
      ...(party === undefined
        ? []
        : [{ what: "the third party's name", isIn: (text: string) => saysName(text, party) }]),
    ].filter(({ isIn }) => !isIn(paper.text));
    return facts.length > 0 ? [{ paper, facts }] : [];
  });
  const asked = lacking.slice(0, MOST);
  const notes = lacking.length > MOST
    ? [
      `NOT RUN for ${formatCount(lacking.length - MOST, "PDF")}: too many to be compared with what they said`,
    ]
    : [];
  if (asked.length === 0) return { faults: [], notes };
  const old = await before.documents(asked.map(({ paper }) => paper.invoice.mainDocument!), signal);
  if (typeof old === "string") {
    return { faults: [], notes: [...notes, `changed PDFs are not compared: ${old}`] };
  }
  const faults: Fault[] = [];
  for (const { paper: { invoice, bytes }, facts } of asked) {
    const path = invoice.mainDocument!;
    const was = old.get(path);
    const text = was && await textOf(pdftotext, was);
    if (text === undefined) continue; // it was made since then
    const said = facts.filter(({ isIn }) => isIn(text)).map(({ what }) => what);
    if (said.length === 0) continue;
    const lacks = said.join(" and ");
    const name = nameOfInvoice(invoice);
    const { facts: about, document } = documentFacts(path, sha256Of(bytes));
    faults.push({
      subject: name,
      kind: "other-text",
      sentence: `${name}: ${path} does not say ${lacks}, as it did in ${before.set}`,
      facts: { ...about, lacks },
      document,
    });
  }
  return { faults, notes };
}

/** Undefined where nothing can be read. */
async function textOf(pdftotext: string, bytes: Bytes): Promise<string | undefined> {
  await using tool = startTool(pdftotext, {
    args: ["-layout", "-enc", "UTF-8", "-", "-"],
    stdin: "piped",
    signal: AbortSignal.timeout(limits.pdfIsRead),
  });
  await using _fed = feedTool(tool, bytesOf(bytes));
  const [text, { code }] = await Promise.all([new Response(tool.stdout).text(), tool.ended]);
  return code === 0 ? text : undefined;
}
