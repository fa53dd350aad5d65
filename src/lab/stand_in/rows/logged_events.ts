/** What the stand-in's unalterable log tells: that it was opened, each validated invoice, each payment. Pure. */

import type { Company } from "../../company.ts";
import type { LoggedEvent } from "./blocked_log.ts";
import { decimalOf, type Paper, written } from "./amounts.ts";

/** In the order in which they happened. */
export function eventsOf(company: Company, papers: readonly Paper[]): LoggedEvent[] {
  const mine = {
    name: company.name,
    address: company.address,
    zip: company.zip,
    town: company.town,
    idprof1: company.siren,
  };
  const opened = written(company.invoices.first);
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
    const common = { amount, at: written(paper.date), date: `${paper.date} 12:00:00` };
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
      at: written(paper.payment.date),
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
