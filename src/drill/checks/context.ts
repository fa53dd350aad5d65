/** What the checks on the restored database and documents look at, read once. */

import { type CompanyFacts, readCompany } from "../../dolibarr/company.ts";
import { type Invoice, readInvoices } from "../../dolibarr/invoices.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import type { TableContent } from "../../postgres/content.ts";
import type { Session } from "../../postgres/session.ts";
import type { RestoreProof } from "../../restore/restore.ts";
import type { PassedOver } from "../../store/catalogue.ts";

export interface DataContext {
  proof: RestoreProof;
  /** Newer sets than the one that was restored, which were passed over because they are no good ones. */
  newer: readonly PassedOver[];
  sandbox: OpenEnvironment;
  session: Session;
  /** How old the set may be, in ms. */
  maxAgeMs: number;
  /** Every table, as it is now that the restore is committed. */
  content: TableContent[];
  company: CompanyFacts;
  invoices: Invoice[];
}

/** Reads once what several checks look at. */
export async function readDataContext(
  known: Omit<DataContext, "content" | "company" | "invoices">,
  readContentNow: () => Promise<TableContent[]>,
): Promise<DataContext> {
  const { session } = known;
  return {
    ...known,
    content: await readContentNow(),
    company: await readCompany(session),
    invoices: await readInvoices(session),
  };
}
