/** What lists, tabs and statistics must show: read once, before the first page is opened, so that no page can change it. */

import type { Invoice } from "../../dolibarr/books/invoices.ts";
import { type LinkedFiles, readLinkedFiles } from "../../dolibarr/papers/linked_files.ts";
import { type ExpectedList, readSupplierInvoices, readThirdParties } from "../../dolibarr/books/list_rows.ts";
import { readStatisticsRules, type StatisticsRules } from "../../dolibarr/books/statistics.ts";
import type { Session } from "../../postgres/connection/session.ts";

export interface PageFacts {
  thirdParties: ExpectedList;
  supplierInvoices: ExpectedList;
  /** Of the invoice whose tabs are opened; undefined where none of those that are opened has a PDF. */
  linkedFiles: LinkedFiles | undefined;
  /** How the statistics count invoices. */
  counting: StatisticsRules;
}

/** @param documents the sandbox's folder, as it was restored */
export async function readPageFacts(
  session: Session,
  documents: string,
  samples: readonly Invoice[],
): Promise<PageFacts> {
  return {
    thirdParties: await readThirdParties(session),
    supplierInvoices: await readSupplierInvoices(session),
    linkedFiles: readLinkedFiles(documents, samples),
    counting: await readStatisticsRules(session),
  };
}
