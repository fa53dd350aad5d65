/** The stand-in's pages of customer invoices: the list and the card. */

import { existsSync } from "node:fs";
import { day, escape, forbidden, money, page, recordNotFound, type Reply } from "./html.ts";
import type { Visit } from "./site.ts";

interface InvoiceRow extends Record<string, unknown> {
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

const COLUMNS =
  `f.rowid, f.ref, f.type, f.datef::text, f.fk_statut, f.paye, f.total_ht::text, f.total_tva::text, f.total_ttc::text, s.nom,
  (SELECT coalesce(sum(p.amount), 0)::text FROM llx_paiement_facture p WHERE p.fk_facture = f.rowid) AS paid`;
const FROM = "FROM llx_facture f JOIN llx_societe s ON s.rowid = f.fk_soc WHERE f.entity = 1";
const SORTS = ["f.ref", "f.datef", "s.nom", "f.total_ht", "f.total_ttc", "f.fk_statut"];

/** `limit`, `page` from 0, `sortfield`, `sortorder`, `search_ref` as Dolibarr has them. */
export async function invoiceList(visit: Visit): Promise<Reply> {
  const { url, sql, user, fault } = visit;
  if (!user?.rights.has("facture.lire")) return forbidden(visit);
  const asked = url.searchParams;
  const limit = Math.max(
    1,
    Number(asked.get("limit")) || Number(visit.constants.get("MAIN_SIZE_LISTE_LIMIT")) || 20,
  );
  const at = Math.max(0, Number(asked.get("page")) || 0);
  const sort = SORTS.find((name) => name === asked.get("sortfield")) ?? "f.datef";
  const order = asked.get("sortorder")?.toUpperCase() === "ASC" ? "ASC" : "DESC";
  const search = `%${(asked.get("search_ref") ?? "").replace(/[\\%_]/g, "\\$&")}%`;
  const [{ count } = { count: 0 }] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count ${FROM} AND f.ref ILIKE $1`,
    [search],
  );
  const rows = await sql.query<InvoiceRow>(
    `SELECT ${COLUMNS} ${FROM} AND f.ref ILIKE $1 ORDER BY ${sort} ${order}, f.rowid DESC LIMIT $2 OFFSET $3`,
    [search, limit, at * limit],
  );
  if (fault.mode === "empty-list") rows.length = 0;
  if (fault.mode === "short-list") rows.splice(0, 1);
  const total = fault.mode === "empty-list" ? 0 : fault.mode === "short-list" ? count - 1 : count;
  const lines = rows.map((row) => {
    const [badge, label] = statusOf(row);
    return `<tr data-rowid="${row.rowid}" class="oddeven status${row.fk_statut}"><td class="nowraponall"><a href="/compta/facture/card.php?id=${row.rowid}&save_lastsearch_values=1">${
      escape(row.ref)
    }</a></td><td class="center">${day(row.datef)}</td><td>${
      escape(row.nom)
    }</td><td class="right"><span class="amount">${money(row.total_ht)}</span></td>` +
      `<td class="right amount">${
        money(row.total_ttc)
      }</td><td class="center"><span class="badge badge-status${badge} badge-status" title="${label}">${label}</span></td></tr>`;
  });
  const none = `<tr><td colspan="6"><span class="opacitymedium">No record found</span></td></tr>`;
  return page(
    visit,
    "Customer invoices",
    `<div class="titre"><span class="print-barre-liste">Customer invoices </span><span class="opacitymedium totalnboflines">(${total})</span></div>
${pagination(visit.url, at, Math.ceil(total / limit))}
<table class="tagtable nobottomiftotal liste listwithfilterbefore">
<tr class="liste_titre"><th>Ref.</th><th class="center">Invoice date</th><th>Third party</th><th class="right">Amount (excl. tax)</th><th class="right">Amount (inc. tax)</th><th class="center">Status</th></tr>
${lines.join("\n") || none}
</table>`,
  );
}

function pagination(url: URL, at: number, pages: number): string {
  if (pages < 2) return `<div class="pagination"><ul></ul></div>`;
  const link = (page: number) => {
    const query = new URLSearchParams(url.searchParams);
    query.set("page", String(page));
    return escape(`${url.pathname}?${query}`);
  };
  const last = at + 1 < pages
    ? `<li class="pagination paginationlastpage"><a href="${link(pages - 1)}">${pages}</a></li>`
    : `<li>${pages}</li>`;
  return `<div class="pagination"><ul><li class="pagination pageplusone">${at + 1}</li>/${last}</ul></div>`;
}

/** The card of one invoice. A database that refuses looks like a row that is not there, as in Dolibarr. */
export async function invoiceCard(visit: Visit): Promise<Reply> {
  const { url, sql, user, fault, constants } = visit;
  if (!user?.rights.has("facture.lire")) return forbidden(visit);
  const id = Number(url.searchParams.get("id") ?? url.searchParams.get("facid"));
  const [row] = Number.isInteger(id)
    ? await sql.query<InvoiceRow>(`SELECT ${COLUMNS} ${FROM} AND f.rowid = $1`, [id]).catch(() => []) // see above
    : [];
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
    `<div id="dragDropAreaTabBar" class="tabBar">
<div class="arearef heightref"><div class="statusref"><span class="badge badge-status${badge} badge-status" title="${label}">${label}</span></div><div class="inline-block refid refidpadding">${
      escape(row.ref)
    }<div class="refidno">${escape(row.nom)}</div></div></div>
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
function statusOf({ paye, fk_statut, type, paid }: InvoiceRow): readonly [number, string] {
  const some = Number(paid) > 0;
  if (paye === 1) return [6, type === 2 ? "Credit note refund or marked as credit available" : "Paid"];
  if (fk_statut === 0) return [0, "Draft (needs to be validated)"];
  if (fk_statut >= 2) {
    return some ? [9, "Paid (partially)"] : [5, fk_statut === 3 ? "Abandoned" : "Closed (unpaid)"];
  }
  return some ? [3, "Started"] : [1, "Not paid"];
}

const addCent = (numeric: string): string => (Math.round(Number(numeric) * 100) / 100 + 0.01).toFixed(2);
