/** What lists, tabs and statistics must show: read once, before the first page is opened, so that no page can change it. */

import { join } from "node:path";
import { digestOf, readFile } from "../../base/streams.ts";
import { findInIndex } from "../../documents/find_in_index.ts";
import type { DocumentsIndex } from "../../documents/index.ts";
import type { Invoice } from "../../dolibarr/books/invoices.ts";
import { type LinkedFiles, readLinkedFiles } from "../../dolibarr/papers/linked_files.ts";
import { type ExpectedList, readSupplierInvoices, readThirdParties } from "../../dolibarr/books/list_rows.ts";
import { readStatisticsRules, type StatisticsRules } from "../../dolibarr/books/statistics.ts";
import { isPaper, sizeOf } from "../documents/paper_files.ts";
import type { Session } from "../../postgres/connection/session.ts";

export interface PageFacts {
  thirdParties: ExpectedList;
  supplierInvoices: ExpectedList;
  /** The papers of the invoices that are opened; of another invoice where of none of them a paper was ever made. */
  papers: SamplePapers;
  /** Of the invoice whose tabs are opened; undefined where none of those that are opened has its PDF in the backup. */
  linkedFiles: LinkedFiles | undefined;
  /** How the statistics count invoices. */
  counting: StatisticsRules;
}

/**
 * The papers of the invoices that are opened: those that the ERP must serve, and those that neither the backup nor the
 * restored documents have. The ERP has lost the latter, which `documents.invoices` says: no page can show them.
 */
export interface SamplePapers {
  /** With the SHA-256 of the file as it was backed up. */
  there: { invoice: Invoice; path: string; sha256: string }[];
  /** With the reference of each: `FA2610-0004`. */
  lacking: string[];
}

/**
 * @param documents the sandbox's folder, as it was restored
 * @param index of the backup's documents
 * @param invoices all of them, oldest first
 */
export async function readPageFacts(
  session: Session,
  documents: string,
  index: Pick<DocumentsIndex, "files" | "links">,
  samples: readonly Invoice[],
  invoices: readonly Invoice[] = samples,
): Promise<PageFacts> {
  const withPaper = samples.some(isPaper) ? samples : invoices.filter(isPaper).slice(-1);
  const papers = await readSamplePapers(documents, index, withPaper);
  return {
    thirdParties: await readThirdParties(session),
    supplierInvoices: await readSupplierInvoices(session),
    papers,
    linkedFiles: readLinkedFiles(documents, papers.there.map(({ invoice }) => invoice)),
    counting: await readStatisticsRules(session),
  };
}

async function readSamplePapers(
  documents: string,
  index: Pick<DocumentsIndex, "files" | "links">,
  samples: readonly Invoice[],
): Promise<SamplePapers> {
  const find = findInIndex(index);
  const papers: SamplePapers = { there: [], lacking: [] };
  for (const invoice of samples) {
    const path = invoice.mainDocument;
    if (path === null) continue;
    const sha256 = find(path)?.sha256 ?? await hashOf(join(documents, path));
    if (sha256 === undefined) papers.lacking.push(invoice.ref);
    else papers.there.push({ invoice, path, sha256 });
  }
  return papers;
}

/** The SHA-256 of a file; undefined where there is none. */
const hashOf = async (file: string): Promise<string | undefined> =>
  sizeOf(file) === undefined ? undefined : (await digestOf(readFile(file))).sha256;
