/** The stand-in's card of a customer invoice, and what its tabs and the list share with it. */

import { existsSync } from "node:fs";
import { day, escape, forbidden, money, page, recordNotFound, type Reply } from "./html.ts";
import type { Visit } from "../site.ts";

export interface InvoiceRow extends Record<string, unknown> {
  rowid: number;
  ref: string;
  type: number;
  datef: string;
  fk_statut: number;
  paye: number;
  total_ht: string;
  total_tva: string;
  total_ttc: string;
  nom: string;
  paid: string;
}

export const COLUMNS =
  `f.rowid, f.ref, f.type, f.datef::text, f.fk_statut, f.paye, f.total_ht::text, f.total_tva::text, f.total_ttc::text, s.nom,
  (SELECT coalesce(sum(p.amount), 0)::text FROM llx_paiement_facture p WHERE p.fk_facture = f.rowid) AS paid`;
export const FROM = "FROM llx_facture f JOIN llx_societe s ON s.rowid = f.fk_soc WHERE f.entity = 1";

/** The card of one invoice. A database that refuses looks like a row that is not there, as in Dolibarr. */
export async function invoiceCard(visit: Visit): Promise<Reply> {
  const { user, fault, constants } = visit;
  if (!user?.rights.has("facture.lire")) return forbidden(visit);
  const row = await readInvoice(visit);
  if (!row) return recordNotFound(visit, "Invoice");
  const [badge, label] = fault.mode === "wrong-status"
    ? [0, "Draft (needs to be validated)"] as const
    : statusOf(row);
  const gross = fault.mode === "wrong-total" ? addCent(row.total_ttc) : row.total_ttc;
  const currency = constants.get("MAIN_MONNAIE") === "EUR" ? " €" : ` ${constants.get("MAIN_MONNAIE") ?? ""}`;
  const amount = (title: string, value: string) =>
    `<tr><td class="titlefieldmiddle">${title}</td><td class="nowraponall amountcard right">${
      money(value)
    }${currency}</td></tr>`;
  return page(
    visit,
    `${row.ref} - Card`,
    `${banner(row, "Customer invoice", [badge, label])}
<div class="fichecenter"><table class="border tableforfield"><tr><td>Type</td><td>${
      row.type === 2 ? "Credit note" : "Standard"
    }</td></tr>
<tr><td>Invoice date</td><td><span class="valuedate">${day(row.datef)}</span></td></tr></table>
<table class="border tableforfield">${amount("Amount (excl. tax)", row.total_ht)}${
      amount("Amount tax", row.total_tva)
    }${amount("Amount (inc. tax)", gross)}</table></div>
${await lines(visit, row.rowid)}
${files(visit, row)}
</div>`,
  );
}

/** The invoice that the address names, where it is there. */
export async function readInvoice({ url, sql }: Visit): Promise<InvoiceRow | undefined> {
  const id = Number(url.searchParams.get("id") ?? url.searchParams.get("facid"));
  if (!Number.isInteger(id)) return undefined;
  const asked = sql.query<InvoiceRow>(`SELECT ${COLUMNS} ${FROM} AND f.rowid = $1`, [id]);
  return (await asked.catch(() => []))[0]; // a refusal looks like a row that is not there
}

/** The tabs of an invoice, by the page that shows each. */
const TABS = {
  "Customer invoice": "card",
  "Contacts/Addresses": "contact",
  "Notes": "note",
  "Linked files": "document",
};

/** Tabs, reference and status, and the beginning of what stands below them. */
export function banner(
  row: InvoiceRow,
  active: string,
  [badge, label]: readonly [number, string] = statusOf(row),
): string {
  const tabs = Object.entries(TABS).map(([title, name]) =>
    `<div class="tab tab${
      title === active ? "active" : "unactive"
    }"><a id="${name}" class="tab" href="/compta/facture/${name}.php?id=${row.rowid}" title="${title}">${title}</a></div>`
  );
  return `<div class="tabs">${tabs.join("")}</div>
<div id="dragDropAreaTabBar" class="tabBar">
<div class="arearef heightref"><div class="statusref"><span class="badge badge-status${badge} badge-status" title="${label}">${label}</span></div><div class="inline-block refid refidpadding">${
    escape(row.ref)
  }<div class="refidno">${escape(row.nom)}</div></div></div>`;
}

async function lines({ sql }: Visit, id: number): Promise<string> {
  const rows = await sql.query<Record<string, string>>(
    `SELECT description, tva_tx::real::text AS tva_tx, qty::text, subprice::text, total_ht::text FROM llx_facturedet WHERE fk_facture = $1 ORDER BY rang`,
    [id],
  );
  const cells = rows.map((row) =>
    `<tr class="oddeven"><td>${
      escape(row.description)
    }</td><td class="right">${row.tva_tx}%</td><td class="right">${money(row.subprice)}</td>` +
    `<td class="right">${row.qty}</td><td class="right">${money(row.total_ht)}</td></tr>`
  );
  return `<h3>Lines</h3><table id="tablelines" class="noborder noshadow"><tr class="liste_titre"><td>Description</td><td class="right">Sales tax</td>
<td class="right">U.P. (net)</td><td class="right">Qty</td><td class="right">Total (net)</td></tr>${
    cells.join("\n")
  }</table>`;
}

function files({ site }: Visit, { ref }: InvoiceRow): string {
  const name = `${ref}/${ref}.pdf`;
  const row = existsSync(`${site.config.documents}/facture/${name}`)
    ? `<tr class="oddeven"><td><a href="/document.php?modulepart=facture&amp;file=${
      encodeURIComponent(name)
    }&amp;entity=1" class="documentdownload">${escape(ref)}.pdf</a></td></tr>`
    : `<tr class="oddeven"><td class="opacitymedium">None</td></tr>`;
  return `<h3>Linked files</h3><table class="noborder">${row}</table>`;
}

/** The badge's number and its English text (`CommonInvoice::LibStatut` of 22.0.4). */
export function statusOf({ paye, fk_statut, type, paid }: InvoiceRow): readonly [number, string] {
  const some = Number(paid) > 0;
  if (paye === 1) return [6, type === 2 ? "Credit note refund or marked as credit available" : "Paid"];
  if (fk_statut === 0) return [0, "Draft (needs to be validated)"];
  if (fk_statut >= 2) {
    return some ? [9, "Paid (partially)"] : [5, fk_statut === 3 ? "Abandoned" : "Closed (unpaid)"];
  }
  return some ? [3, "Started"] : [1, "Not paid"];
}

const addCent = (numeric: string): string => (Math.round(Number(numeric) * 100) / 100 + 0.01).toFixed(2);
