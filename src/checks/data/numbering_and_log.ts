/** Checks on what the law requires without a gap: the numbers of invoices, and the unalterable log. */

import { recomputeLog } from "../../dolibarr/books/unalterable_log/recompute.ts";
import type { DrillError } from "../../base/errors.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { type Invoice, isValidated } from "../../dolibarr/books/invoices.ts";
import { compareLoggedInvoices } from "../../dolibarr/books/unalterable_log/logged_invoices.ts";
import { findNumberHoles, readInvoiceReferences } from "../../dolibarr/books/invoice_numbers.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { type Check, checkFailed, expectNone, nothingToCheck } from "../check.ts";
import { type DataContext, RESTORED_DATABASE, rowsTwin } from "./context.ts";
import { isLogInUse } from "../../dolibarr/books/unalterable_log/lines.ts";

export const invoiceNumbering: Check<DataContext> = {
  id: "data.numbering",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Customer invoices are numbered without a gap, per type and period",
  required: true,
  async run({ session }) {
    const { refs, removable } = await readInvoiceReferences(session);
    if (removable) {
      throw nothingToCheck("INVOICE_CAN_ALWAYS_BE_REMOVED is set: a missing number may be lawful");
    }
    const { checked, otherForms, holes, series } = findNumberHoles(refs);
    if (checked === 0) {
      throw nothingToCheck("no reference is of a form whose numbers can be read: FA2511-0003");
    }
    const outcome = expectNone(
      holes,
      checked,
      "each number between the first and the last of its series, by the references themselves",
    );
    const others = otherForms === 0 ? [] : [`${otherForms} references of another form, which are not judged`];
    return holes.length > 0 ? outcome : { ...outcome, details: [series.join(", "), ...others] };
  },
  twin: rowsTwin("a number missing"),
};

export const unalterableLog: Check<DataContext> = {
  id: "data.unalterable_log",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "The chain of the unalterable log is complete, line by line",
  required: true,
  async run({ session, invoices }) {
    const found = await recomputeLog(session);
    if (!found) throw await noLine(session, invoices);
    const { checked, otherVersions, wrong, zone } = found;
    if (checked === 0) {
      throw nothingToCheck(
        `all ${
          formatCount(otherVersions, "line")
        } of the unalterable log are of versions that sign otherwise`,
      );
    }
    const outcome = expectNone(
      wrong,
      checked,
      `signature of each line, computed anew over the one before it (dates in ${zone}), against the one that is stored`,
    );
    if (wrong.length > 0 || otherVersions === 0) return outcome;
    return {
      ...outcome,
      details: [
        `${formatCount(otherVersions, "line")} of versions that sign otherwise, which are not judged`,
      ],
    };
  },
  twin: rowsTwin("a line of the log gone"),
};

/** What to throw of a log without a line: it is not in use, or it is lost. */
async function noLine(session: Session, invoices: readonly Invoice[]): Promise<DrillError> {
  return await isLogInUse(session) && invoices.some(isValidated)
    ? checkFailed("the unalterable log is empty, although it is in use and invoices are validated")
    : nothingToCheck("the unalterable log has no line: it is not in use");
}

export const loggedInvoices: Check<DataContext> = {
  id: "data.logged_invoices",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Every customer invoice that was validated exists, with the total that the unalterable log has",
  required: true,
  async run({ session, invoices }) {
    const { checked, drafts, empty, wrong } = await compareLoggedInvoices(session);
    if (empty) throw await noLine(session, invoices);
    if (checked === 0) {
      throw nothingToCheck(
        "the unalterable log has no line of an invoice's validation that can be compared",
      );
    }
    const outcome = expectNone(
      wrong,
      checked,
      "the total with tax that the unalterable log recorded when each invoice was last validated against the invoice",
    );
    if (wrong.length > 0 || drafts === 0) return outcome;
    return {
      ...outcome,
      details: [`${formatNumber(drafts)} of them are drafts again, whose totals are not judged`],
    };
  },
  twin: rowsTwin("an invoice and its line raised by 1.00"),
};
