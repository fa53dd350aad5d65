/** The twins of the checks in the browser. They change what the pages are made from, so they work on every ERP. */

import { logoPath, readCompany } from "../../dolibarr/company.ts";
import {
  breakRows,
  closeAccount,
  hideInvoice,
  hideListRow,
  raiseNetTotal,
  raiseTotal,
} from "../../dolibarr/sandbox/breakages.ts";
import { randomPicture } from "../../dolibarr/sandbox/mark_picture.ts";
import { isInStatistics } from "../../dolibarr/books/statistics.ts";
import type { Changes, Twin } from "../check.ts";
import type { BrowserContext } from "./context.ts";
import { overwriteDocument, removeDocument } from "../../documents/tree/one_file.ts";

const twin = (
  by: string,
  changes: Changes,
  change: (context: BrowserContext) => Promise<void> | void,
): Twin<BrowserContext> => ({
  by,
  changes,
  async apply(context) {
    await change(context);
    return context;
  },
});

/** The twin of a check that looks for a mark: what it makes looks like another ERP, and no page of another ERP is judged. */
function anotherErp(twin: Twin<BrowserContext>): Twin<BrowserContext> {
  return { ...twin, answersWith: "MARK_NOT_SEEN" };
}

export const otherMessage = anotherErp(twin(
  "another message on the sign-in page",
  "database",
  ({ session }) => breakRows(session, "another message"),
));

export const closedAccount = twin(
  "the account's password lost",
  "database",
  ({ session, account }) => closeAccount(session, account.login),
);

export const otherVersion: Twin<BrowserContext> = {
  by: "another version in the database",
  changes: "database",
  async apply(context) {
    await breakRows(context.session, "another version in the database");
    return { ...context, company: await readCompany(context.session) };
  },
};

export const otherMarkFile = anotherErp(twin(
  "the mark's picture changed",
  "documents",
  ({ documents, marks }) => overwriteDocument(documents, `mycompany/${marks.file.path}`, randomPicture()),
));

export const otherCompany = twin(
  "the company renamed in the database",
  "database",
  ({ session }) => breakRows(session, "another company"),
);

export const lostLogo = twin(
  "the logo's file removed",
  "documents",
  ({ documents, company }) => removeDocument(documents, logoPath(company.logo)),
);

export const hiddenInvoice = twin(
  "an invoice taken out of the company",
  "database",
  ({ session, samples }) => hideInvoice(session, first(samples).id),
);

export const raisedTotal = twin(
  "a total raised by a cent in the database",
  "database",
  ({ session, samples }) => raiseTotal(session, first(samples).id),
);

/** The ERP serves the file as it is now: only the hash of what was backed up shows that it is another file. */
export const otherPdf = twin(
  "a PDF overwritten",
  "documents",
  ({ documents, pages }) =>
    overwriteDocument(documents, first(pages.papers.there).path, "%PDF-1.4\nof another invoice\n%%EOF\n"),
);

export const hiddenSupplierInvoice = twin(
  "a supplier invoice taken out of the company",
  "database",
  ({ session, pages }) => hideListRow(session, "a supplier invoice", first(pages.supplierInvoices.rows).id),
);

export const hiddenThirdParty = twin(
  "a third party taken out of the company",
  "database",
  ({ session, pages }) => hideListRow(session, "a third party", first(pages.thirdParties.rows).id),
);

export const lostLinkedFile = twin(
  "an invoice's PDF removed from its folder",
  "documents",
  ({ documents, pages }) => removeDocument(documents, pages.linkedFiles!.invoice.mainDocument!),
);

export const raisedNetTotal = twin(
  "a total without tax raised by 1.00 in the database",
  "database",
  ({ session, invoices, pages }) =>
    raiseNetTotal(session, first(invoices.filter((invoice) => isInStatistics(invoice, pages.counting))).id),
);

function first<T>(of: readonly T[]): T {
  const [one] = of;
  if (one === undefined) throw new TypeError("there is none of this kind, so none can be broken");
  return one;
}
