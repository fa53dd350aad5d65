/** What the number that a check found counts, so that no report shows a bare one. */

import { formatCount } from "../base/numbers.ts";
import type { CheckResult, Compared } from "../checks/result.ts";
import { formatSide } from "./words.ts";

const counted = (one: string, many?: string) => (count: number): string => formatCount(count, one, many);

/** By the check's id. A new one belongs here, or among those that compare texts. */
const UNITS: Readonly<Record<string, (found: number) => string>> = {
  "backup.objects": counted("object"),
  "backup.sets": counted("set"),
  "backup.suspect": counted("bad set"),
  "backup.in_use": counted("database"),
  "data.tables": counted("table"),
  "data.rows": counted("table"),
  "data.not_empty": counted("fact"),
  "data.objects": counted("kind"),
  "data.sequences": counted("sequence"),
  "data.new_rows": counted("table"),
  "data.foreign_keys": counted("key"),
  "data.indexes": counted("index", "indexes"),
  "data.index_contents": counted("index", "indexes"),
  "data.owners": counted("object"),
  "data.neutralised": counted("rule"),
  "data.invoice_totals": counted("invoice"),
  "data.supplier_invoice_totals": counted("invoice"),
  "data.payments": counted("record"),
  "data.numbering": counted("number"),
  "data.bookkeeping": counted("entry", "entries"),
  "data.unalterable_log": counted("line"),
  "data.logged_invoices": counted("invoice"),
  "data.register": counted("record"),
  "documents.files": counted("file"),
  "documents.times": counted("file"),
  "documents.invoices": counted("PDF"),
  "documents.invoice_texts": counted("PDF"),
  "documents.papers": counted("paper"),
  "documents.links": counted("file"),
  "documents.more": counted("folder"),
  "browser.sign_in": (found) => `status ${found}`,
  "browser.invoice_list": counted("invoice"),
  "browser.supplier_invoice_list": counted("invoice"),
  "browser.third_party_list": counted("third party", "third parties"),
  "browser.statistics": counted("year or chart", "years and charts"),
  "browser.invoices": counted("invoice"),
  "browser.pdfs": counted("PDF"),
  "browser.tabs": counted("tab or file", "tabs and files"),
};

/** The checks whose two sides are texts: a hash, a version, a name. */
const TEXTS: readonly string[] = [
  ...["backup.age", "data.user_lookup", "documents.logo", "drill.duration"],
  ...["browser.sandbox", "browser.version", "browser.documents_mark", "browser.company", "browser.logo"],
];

/** Whether it is known what the check of this id counts, or that it counts nothing. */
export const hasUnit = (id: string): boolean => id in UNITS || TEXTS.includes(id);

/** A number of what a check counts, with its unit: `279 tables`; a text as it is. */
export function withUnit({ id }: Pick<CheckResult, "id">, side: Compared["found"]): string {
  const unit = UNITS[id];
  return typeof side === "number" && unit ? unit(side) : formatSide(side);
}
