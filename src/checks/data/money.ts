/** Checks on amounts: totals, payments and accounting entries add up to the cent. */

import { compareBookkeeping } from "../../dolibarr/books/bookkeeping.ts";
import {
  compareCustomerTotals,
  type ComparedTotals,
  compareSupplierTotals,
  readTotalsModule,
} from "../../dolibarr/books/invoice_totals.ts";
import { comparePayments, hintOfOverpaid } from "../../dolibarr/books/payments.ts";
import { readEntities } from "../../dolibarr/books/references.ts";
import { type BooksCheck, nothingToCheck } from "../check.ts";
import { type BooksOutcome, outcomeOfFaults } from "../findings/outcome.ts";
import { type DataContext, RESTORED_DATABASE, rowsTwin } from "./context.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";

export const invoiceTotals: BooksCheck<DataContext> = {
  id: "data.invoice_totals",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Every customer invoice's totals are the sums of its lines, to the cent",
  required: true,
  async run({ session }) {
    const module = await readTotalsModule(session, "customer");
    if (module !== "") throw totalsOfTheirOwn(module);
    const entities = await readEntities(session, "customer invoices");
    return outcomeOf(await compareCustomerTotals(session), "customer", entities, invoiceTotals);
  },
  twin: rowsTwin("a line raised by a cent"),
};

export const supplierInvoiceTotals: BooksCheck<DataContext> = {
  id: "data.supplier_invoice_totals",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Every supplier invoice's totals are the sums of its lines, to the cent",
  required: true,
  async run({ session }) {
    const module = await readTotalsModule(session, "supplier");
    if (module !== "") throw totalsOfTheirOwn(module);
    const entities = await readEntities(session, "supplier invoices");
    return outcomeOf(await compareSupplierTotals(session), "supplier", entities, supplierInvoiceTotals);
  },
  twin: rowsTwin("a supplier's line lost"),
};

const totalsOfTheirOwn = (module: string) =>
  nothingToCheck(
    `Dolibarr's setup lets another module make the totals (${module}), so its rule is not known`,
  );

function outcomeOf(
  { checked, situations, faults, total }: ComparedTotals,
  of: string,
  entities: string,
  { id }: BooksCheck<DataContext>,
): BooksOutcome {
  if (checked === 0) throw nothingToCheck(`there are no ${of} invoices`);
  return outcomeOfFaults(faults, {
    check: id,
    checked,
    with:
      `total without tax, taxes and total with tax of each ${of} invoice of ${entities} against the sums of its lines`,
    total,
    notes: situations === 0
      ? []
      : [`${formatNumber(situations)} of them with or less what their cycle invoiced before`],
  });
}

export const paymentTotals: BooksCheck<DataContext> = {
  id: "data.payments",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "No invoice is paid more than its total, and every payment is the sum of its parts",
  required: true,
  async run({ session }) {
    const found = await comparePayments(session);
    const { invoices, payments, faults, total } = found;
    const hint = hintOfOverpaid(found);
    if (invoices + payments === 0) throw nothingToCheck("there are no payments");
    return outcomeOfFaults(faults, {
      check: paymentTotals.id,
      checked: invoices + payments,
      with: `payments, credit notes and discounts of ${
        formatCount(invoices, "invoice")
      } against their totals, less what was received in excess and made a discount; ${
        formatCount(payments, "payment")
      } of ${await readEntities(session, "payments")} against their parts`,
      total,
      ...(hint !== undefined
        ? {
          hint:
            `${hint} If data.rows passed, the restore is equal to the backup, and it is the ERP's own books that are to be put right.`,
        }
        : {}),
    });
  },
  twin: rowsTwin("a part of a payment raised by a cent"),
};

export const bookkeepingBalance: BooksCheck<DataContext> = {
  id: "data.bookkeeping",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Accounting entries are balanced",
  required: true,
  async run({ session }) {
    const { lines, transactions, faults, total } = await compareBookkeeping(session);
    if (transactions === 0) throw nothingToCheck("there are no accounting entries");
    return outcomeOfFaults(faults, {
      check: bookkeepingBalance.id,
      checked: transactions,
      with: `debit against credit of each transaction, ${formatCount(lines, "line")} of ${await readEntities(
        session,
        "accounting entries",
      )} in all`,
      total,
    });
  },
  twin: rowsTwin("an entry without its counterpart"),
};
