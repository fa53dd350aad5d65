/** Checks on what the law requires without a gap: the numbers of invoices, and the unalterable log. */

import { recomputeLog } from "../../dolibarr/books/unalterable_log/recompute.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { type Invoice, isValidated } from "../../dolibarr/books/invoices.ts";
import { compareLoggedInvoices } from "../../dolibarr/books/unalterable_log/logged_invoices.ts";
import { findNumberHoles, readInvoiceReferences } from "../../dolibarr/books/numbering/invoice_numbers.ts";
import { readEntities } from "../../dolibarr/books/references.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { type BooksCheck, nothingToCheck } from "../check.ts";
import { type BooksOutcome, outcomeOfFaults } from "../findings/outcome.ts";
import { type DataContext, RESTORED_DATABASE, rowsTwin } from "./context.ts";
import { EMPTY_LOG, isLogInUse } from "../../dolibarr/books/unalterable_log/lines.ts";

export const invoiceNumbering: BooksCheck<DataContext> = {
  id: "data.numbering",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Customer invoices are numbered without a gap, per type and period",
  required: true,
  async run({ session }) {
    const { refs, removable, entities, ...rules } = await readInvoiceReferences(session);
    if (removable) {
      throw nothingToCheck("INVOICE_CAN_ALWAYS_BE_REMOVED is set: a missing number may be lawful");
    }
    const { checked, otherForms, faults, series, earlier } = findNumberHoles(refs, rules);
    if (checked === 0) {
      throw nothingToCheck(
        refs.length === 0
          ? "no customer invoice has a number yet"
          : `${
            formatCount(otherForms, "reference")
          }, of which none is of a mask that Dolibarr has now, or like FA2511-0003`,
      );
    }
    const others = otherForms === 0
      ? []
      : [`${formatCount(otherForms, "reference")} of a mask that Dolibarr has no more, which are not judged`];
    const masks = [...earlier].map(([mask, count]) => `${mask} (${formatNumber(count)})`).join(", ");
    const told = masks === "" ? [] : [`masks of earlier years, which the references show: ${masks}`];
    return outcomeOfFaults(faults, {
      check: invoiceNumbering.id,
      checked,
      with: `each number between the first and the last of its series, by the masks and the references of ${
        formatCount(entities, "entity", "entities")
      }`,
      notes: [series.join(", "), ...told, ...others],
    });
  },
  twin: rowsTwin("a number missing"),
};

export const unalterableLog: BooksCheck<DataContext> = {
  id: "data.unalterable_log",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "The chain of the unalterable log is complete, line by line",
  required: true,
  async run({ session, invoices }) {
    const found = await recomputeLog(session);
    if (!found) return await outcomeOfNoLine(session, invoices, unalterableLog);
    const { checked, otherVersions, faults, zones } = found;
    if (checked === 0) {
      throw nothingToCheck(
        `all ${
          formatCount(otherVersions, "line")
        } of the unalterable log are of versions that sign otherwise`,
      );
    }
    return outcomeOfFaults(faults, {
      check: unalterableLog.id,
      checked,
      with: `signature of each line of ${await readEntities(
        session,
        "the unalterable log",
      )}, computed anew over the one before it (dates ${zones}), against the one that is stored`,
      notes: otherVersions === 0
        ? []
        : [`${formatCount(otherVersions, "line")} of versions that sign otherwise, which are not judged`],
    });
  },
  twin: rowsTwin("a line of the log gone"),
};

/** The outcome over a log without a line: it is lost. @throws DrillError `NOTHING_TO_CHECK` where it is not in use. */
async function outcomeOfNoLine(
  session: Session,
  invoices: readonly Invoice[],
  { id }: BooksCheck<DataContext>,
): Promise<BooksOutcome> {
  const validated = invoices.filter(isValidated).length;
  if (validated === 0 || !await isLogInUse(session)) {
    throw nothingToCheck("the unalterable log has no line: it is not in use");
  }
  return outcomeOfFaults([EMPTY_LOG], {
    check: id,
    checked: validated,
    wrong: validated,
    with: "the unalterable log, which is in use, against the validated invoices",
  });
}

export const loggedInvoices: BooksCheck<DataContext> = {
  id: "data.logged_invoices",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Every customer invoice that was validated exists, with the total that the unalterable log has",
  required: true,
  async run({ session, invoices }) {
    const { checked, drafts, unjudged, entities, empty, faults, total } = await compareLoggedInvoices(
      session,
    );
    if (empty) return await outcomeOfNoLine(session, invoices, loggedInvoices);
    const gone = unjudged.length === 0 ? [] : [
      `${formatCount(unjudged.length, "validated invoice")} of the log that ${
        unjudged.length === 1 ? "is" : "are"
      } there no more, of no mask that Dolibarr has now: not judged, first ${unjudged[0]}`,
    ];
    if (checked === 0) {
      throw nothingToCheck(
        gone[0] ?? "the unalterable log has no line of an invoice's validation that can be compared",
      );
    }
    return outcomeOfFaults(faults, {
      check: loggedInvoices.id,
      checked,
      with:
        `the total with tax that the unalterable log recorded when each invoice was last validated against the invoice, in ${
          formatCount(entities, "entity", "entities")
        }`,
      total,
      notes: [
        ...(drafts === 0
          ? []
          : [`${formatNumber(drafts)} of them are drafts again, whose totals are not judged`]),
        ...gone,
      ],
    });
  },
  twin: rowsTwin("an invoice and its line raised by 1.00"),
};
