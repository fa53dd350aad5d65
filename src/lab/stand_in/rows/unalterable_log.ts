/** The lines of the stand-in's unalterable log, signed in a chain as 22.0.4 does (docs/facts.md, Unalterable log). Pure. */

import { createHash } from "node:crypto";
import type { DemoCompany } from "../../demo_company.ts";
import { decimalOf, type Paper, timeOf } from "./papers.ts";

/** An event that is logged. Times are UTC: `2025-11-03 09:00:00`. */
interface LoggedEvent {
  at: string;
  action: string;
  /** A decimal text. */
  amount: string;
  ref: string;
  date: string;
  element: string;
  objectId: number;
  data: unknown;
}

interface LogRow extends Record<string, unknown> {
  date_creation: string;
  action: string;
  amounts: string;
  ref_object: string;
  date_object: string;
  user_fullname: string;
  object_data: string;
  signature: string;
  signature_line: string;
  debuginfo: string;
}

/**
 * The rows of `llx_blockedlog`, each signed over the one before.
 * @param salt the constant MAIN_SECURITY_SALT
 * @param first the constant BLOCKEDLOG_ENTITY_FINGERPRINT
 */
export function chainLines(
  events: readonly LoggedEvent[],
  salt: string,
  first: string,
  user: string,
): LogRow[] {
  let previous = first;
  return events.map((event, index) => {
    // PHP escapes every slash and every letter outside ASCII
    const data = JSON.stringify(event.data).replaceAll("/", "\\/")
      .replace(/[\u0080-\uffff]/g, (letter) => "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0"));
    const amount = event.amount.includes(".") ? event.amount.replace(/\.?0+$/, "") : event.amount;
    const short = [epoch(event.at), event.action, amount, event.ref, epoch(event.date), user].join("|");
    const key = `${short}|${data}`;
    const signature = sha256(salt + previous + key);
    previous = signature;
    return {
      rowid: index + 1,
      entity: 1,
      date_creation: event.at,
      action: event.action,
      amounts: event.amount,
      ref_object: event.ref,
      date_object: event.date,
      user_fullname: user,
      object_data: data,
      signature,
      element: event.element,
      fk_user: 1,
      fk_object: event.objectId,
      signature_line: sha256(salt + key),
      object_version: "22.0.4",
      certified: 0,
      debuginfo: short,
    };
  });
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const epoch = (moment: string): number => Date.parse(`${moment.replace(" ", "T")}Z`) / 1000;

/** The events of the log, in order: the module was enabled, each validated invoice, each payment. */
export function eventsOf(company: DemoCompany, papers: readonly Paper[]): LoggedEvent[] {
  const mine = {
    name: company.name,
    address: company.address,
    zip: company.zip,
    town: company.town,
    idprof1: company.siren,
  };
  const opened = timeOf(company.invoices.first);
  const start: LoggedEvent = {
    ...{
      at: opened,
      date: opened,
      action: "MODULE_SET",
      amount: "0",
      ref: "systemevent",
      element: "module",
      objectId: 0,
    },
    data: { mycompany: mine, ref: "systemevent" },
  };
  const events = papers.filter((paper) => paper.state !== "draft").flatMap((paper): LoggedEvent[] => {
    const { name, town } = company.customers[paper.customerId - 1]!;
    const amount = decimalOf(paper.net + paper.tax);
    const thirdparty = { name, town, country_code: company.country };
    const common = { amount, at: timeOf(paper.date), date: `${paper.date} 12:00:00` };
    const lines = paper.lines.map((line) => ({
      ref: line.product.ref,
      qty: line.quantity,
      total_ht: decimalOf(line.net),
    }));
    const bill = {
      ...common,
      action: "BILL_VALIDATE",
      ref: paper.ref,
      element: "facture",
      objectId: paper.id,
    };
    const data = {
      thirdparty,
      mycompany: mine,
      ref: paper.ref,
      total_ht: decimalOf(paper.net),
      total_ttc: amount,
      invoiceline: { ...lines },
    };
    if (!paper.payment) return [{ ...bill, data }];
    const came = {
      at: timeOf(paper.payment.date),
      date: `${paper.payment.date} 00:00:00`,
      ref: paper.payment.ref,
    };
    const paid = {
      ...common,
      ...came,
      action: "PAYMENT_CUSTOMER_CREATE",
      element: "payment",
      objectId: paper.payment.id,
    };
    return [{ ...bill, data }, {
      ...paid,
      data: { thirdparty, mycompany: mine, ref: came.ref, type_code: "VIR", amount },
    }];
  });
  return [start, ...events.toSorted((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : 0)];
}
