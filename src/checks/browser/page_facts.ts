/** What lists, tabs and statistics must show: read once, before the first page is opened, so that no page can change it. */

import type { Invoice } from "../../dolibarr/books/invoices.ts";
import { type LinkedFiles, readLinkedFiles } from "../../dolibarr/papers/linked_files.ts";
import { type Listing, readSupplierInvoices, readThirdParties } from "../../dolibarr/listings.ts";
import { type CountingRules, readCountingRules } from "../../dolibarr/books/statistics.ts";
import type { Session } from "../../postgres/connection/session.ts";

export interface PageFacts {
  thirdParties: Listing;
  supplierInvoices: Listing;
  /** Of the invoice whose tabs are opened; undefined where none of those that are opened has a PDF. */
  linkedFiles: LinkedFiles | undefined;
  /** How the statistics count invoices. */
  counting: CountingRules;
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
    counting: await readCountingRules(session),
  };
}
