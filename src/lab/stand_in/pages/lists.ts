/** The stand-in's lists: customer invoices, supplier invoices, third parties. */

import { day, escape, forbidden, money, page, type Reply } from "./html.ts";
import { COLUMNS, FROM, type InvoiceRow, statusOf } from "./invoices.ts";
import type { Visit } from "../site.ts";

interface List<Row extends Record<string, unknown>> {
  title: string;
  /** The right to open the list. */
  right: string;
  columns: string;
  /** FROM and WHERE. */
  from: string;
  /** The column that `search_ref` searches. */
  searched: string;
  order: string;
  /** The cells of the header, with their class. */
  titles: [label: string, css?: string][];
  /** The cells of a row, and the row's further class. */
  cells(row: Row): string;
  css?(row: Row): string;
}

const INVOICES: List<InvoiceRow> = {
  title: "Customer invoices",
  right: "facture.lire",
  columns: COLUMNS,
  from: FROM,
  searched: "f.ref",
  order: "f.datef DESC, f.rowid DESC",
  titles: [
    ["Ref."],
    ["Invoice date", "center"],
    ["Third party"],
    ["Amount (excl. tax)", "right"],
    ["Amount (inc. tax)", "right"],
    ["Status", "center"],
  ],
  css: ({ fk_statut }) => ` status${fk_statut}`,
  cells(row) {
    const [badge, label] = statusOf(row);
    return cell(link(`/compta/facture/card.php?id=${row.rowid}`, row.ref), "nowraponall") +
      cell(day(row.datef), "center") + cell(escape(row.nom)) +
      cell(`<span class="amount">${money(row.total_ht)}</span>`, "right") +
      cell(money(row.total_ttc), "right amount") +
      cell(
        `<span class="badge badge-status${badge} badge-status" title="${label}">${label}</span>`,
        "center",
      );
  },
};

const SUPPLIER_INVOICES: List<Record<string, string>> = {
  title: "Vendor invoices",
  right: "fournisseur.facture.lire",
  columns: "f.rowid, f.ref, f.ref_supplier, f.datef::text, s.nom, f.total_ttc::text",
  from: "FROM llx_facture_fourn f JOIN llx_societe s ON s.rowid = f.fk_soc WHERE f.entity = 1",
  searched: "f.ref",
  order: "f.datef DESC, f.rowid DESC",
  titles: [["Ref."], ["Ref. vendor"], ["Invoice date", "center"], ["Third party"], [
    "Amount (inc. tax)",
    "right",
  ]],
  cells: (row) =>
    cell(link(`/fourn/facture/card.php?facid=${row.rowid}`, row.ref), "nowraponall") +
    cell(escape(row.ref_supplier)) + cell(day(row.datef ?? ""), "center") + cell(escape(row.nom)) +
    cell(`<span class="amount">${money(row.total_ttc)}</span>`, "right"),
};

const THIRD_PARTIES: List<Record<string, string>> = {
  title: "Third parties",
  right: "societe.lire",
  columns: "s.rowid, s.nom, coalesce(s.code_client, s.code_fournisseur) AS code, s.town, s.email",
  from: "FROM llx_societe s WHERE s.entity = 1",
  searched: "s.nom",
  order: "s.nom, s.rowid",
  titles: [["Third-party name"], ["Code"], ["Town"], ["Email"]],
  cells: (row) =>
    `<td class="tdoverflowmax200" data-key="ref">${
      link(`/societe/card.php?socid=${row.rowid}`, row.nom, "refurl valignmiddle")
    }</td>` + cell(escape(row.code)) + cell(escape(row.town)) + cell(escape(row.email)),
};

export const answerInvoiceList = (visit: Visit): Promise<Reply> => list(visit, INVOICES);
export const answerSupplierInvoiceList = (visit: Visit): Promise<Reply> => list(visit, SUPPLIER_INVOICES);

/** The third parties that are open, or those of another `search_status`; -1 is all of them. */
export function answerThirdPartyList(visit: Visit): Promise<Reply> {
  const asked = Number(visit.url.searchParams.get("search_status") ?? 1);
  const status = Number.isInteger(asked) && asked >= 0 ? ` AND s.status = ${asked}` : "";
  return list(visit, { ...THIRD_PARTIES, from: THIRD_PARTIES.from + status });
}

/** A list with Dolibarr's parameters `limit`, `page` (from 0) and `search_ref`. */
async function list<Row extends Record<string, unknown>>(visit: Visit, of: List<Row>): Promise<Reply> {
  const { url, sql, user, fault: { mode } } = visit;
  if (!user?.rights.has(of.right)) return forbidden(visit);
  const asked = url.searchParams;
  const limit = Math.max(
    1,
    Number(asked.get("limit")) || Number(visit.constants.get("MAIN_SIZE_LISTE_LIMIT")) || 20,
  );
  const at = Math.max(0, Number(asked.get("page")) || 0);
  const search = `%${(asked.get("search_ref") ?? "").replace(/[\\%_]/g, "\\$&")}%`;
  const from = `${of.from} AND ${of.searched} ILIKE $1`;
  const [{ count } = { count: 0 }] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count ${from}`,
    [search],
  );
  const rows = await sql.query<Row>(
    `SELECT ${of.columns} ${from} ORDER BY ${of.order} LIMIT $2 OFFSET $3`,
    [search, limit, at * limit],
  );
  if (mode === "empty-list") rows.length = 0;
  if (mode === "short-list") rows.splice(0, 1);
  const total = mode === "empty-list" ? 0 : mode === "short-list" ? count - 1 : count;
  const lines = rows.map((row) =>
    `<tr data-rowid="${row.rowid}" class="oddeven${of.css?.(row) ?? ""}">${of.cells(row)}</tr>`
  );
  const titles = of.titles.map(([label, css]) =>
    css ? `<th class="${css}">${label}</th>` : `<th>${label}</th>`
  );
  const none =
    `<tr><td colspan="${titles.length}"><span class="opacitymedium">No record found</span></td></tr>`;
  return page(
    visit,
    of.title,
    `<div class="titre"><span class="print-barre-liste">${of.title} </span><span class="opacitymedium totalnboflines">(${total})</span></div>
${pagination(visit.url, at, Math.ceil(total / limit))}
<table class="tagtable nobottomiftotal liste listwithfilterbefore">
<tr class="liste_titre">${titles.join("")}</tr>
${lines.join("\n") || none}
</table>`,
  );
}

const cell = (content: string, css = ""): string =>
  css ? `<td class="${css}">${content}</td>` : `<td>${content}</td>`;

const link = (path: string, text: unknown, css = ""): string =>
  `<a href="${path}&save_lastsearch_values=1"${css && ` class="${css}"`}>${escape(text)}</a>`;

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
