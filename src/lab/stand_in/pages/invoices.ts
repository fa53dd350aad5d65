/** The stand-in's card of a customer invoice, and its tabs: contacts, notes, linked files. */

import { existsSync } from "node:fs";
import { isListedFile } from "../../../dolibarr/papers/linked_files.ts";
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

/** The card of an invoice. As in Dolibarr, an SQL error looks like a row that does not exist. */
export async function answerInvoiceCard(visit: Visit): Promise<Reply> {
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

/** The invoice of the address; undefined where it does not exist. */
async function readInvoice({ url, sql }: Visit): Promise<InvoiceRow | undefined> {
  const id = Number(url.searchParams.get("id") ?? url.searchParams.get("facid"));
  if (!Number.isInteger(id)) return undefined;
  const asked = sql.query<InvoiceRow>(`SELECT ${COLUMNS} ${FROM} AND f.rowid = $1`, [id]);
  return (await asked.catch(() => []))[0]; // as in Dolibarr, an error looks like a row that does not exist
}

/** The tabs of an invoice, with the page of each. */
const TABS = {
  "Customer invoice": "card",
  "Contacts/Addresses": "contact",
  "Notes": "note",
  "Linked files": "document",
};

/** The tabs, the reference and the status, and the beginning of the content below them. */
function banner(
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

export const answerContacts = (visit: Visit): Promise<Reply> =>
  tab(visit, "Contacts/Addresses", () => `<p class="opacitymedium">No contact</p>`);

export const answerNotes = (visit: Visit): Promise<Reply> =>
  tab(visit, "Notes", () => `<p class="opacitymedium">No note</p>`);

export const answerLinkedFiles = (visit: Visit): Promise<Reply> =>
  tab(visit, "Linked files", ({ ref }) => {
    const rows = namesIn(`${visit.site.config.documents}/facture/${ref}`).map((name) =>
      `<tr class="oddeven"><td class="minwidth200imp tdoverflowmax500" title="${
        escape(name)
      }"><a class="paddingright valignmiddle" href="/document.php?modulepart=facture&amp;entity=1&amp;file=${
        encodeURIComponent(`${ref}/${name}`)
      }">${escape(name)}</a></td></tr>`
    );
    return `<table id="tablelines" class="centpercent liste noborder nobottom">
<tr class="liste_titre"><th>Documents</th></tr>
${rows.join("\n") || `<tr><td><span class="opacitymedium">None</span></td></tr>`}</table>`;
  });

async function tab(visit: Visit, title: string, content: (row: InvoiceRow) => string): Promise<Reply> {
  if (!visit.user?.rights.has("facture.lire")) return forbidden(visit);
  const row = await readInvoice(visit);
  if (!row) return recordNotFound(visit, title);
  const displayed = visit.fault.mode === "other-invoice" ? { ...row, ref: "FA9999-0001" } : row;
  return page(visit, `${row.ref} - ${title}`, `${banner(displayed, title)}\n${content(row)}</div>`);
}

function namesIn(folder: string): string[] {
  try {
    const files = [...Deno.readDirSync(folder)].filter(({ name, isFile }) => isFile && isListedFile(name));
    return files.map(({ name }) => name).toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
