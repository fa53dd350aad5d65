/**
 * To which object of the ERP a file belongs, by the folder in which it lies. Dolibarr renames that folder with its object, and
 * leaves rows of the list of files behind that name the old one; so a row is a claim only where the folder is that of an
 * object which is there. Places as in 22.0.4; before them may stand the number of another company, `2/facture/FA2511-0001`.
 */

import type { Session } from "../../postgres/connection/session.ts";

/** Folders of each kind of object; below them one is named after the object: by its reference, a third party's by its number. */
const PLACES: readonly (readonly [folder: string, table: string])[] = [
  ["facture", "llx_facture"],
  ["commande", "llx_commande"],
  ["propale", "llx_propal"],
  ["fournisseur/facture", "llx_facture_fourn"],
  ["fournisseur/commande", "llx_commande_fournisseur"],
  ["supplier_proposal", "llx_supplier_proposal"],
  ["contract", "llx_contrat"],
  ["expensereport", "llx_expensereport"],
  ["ficheinter", "llx_fichinter"],
  ["expedition/sending", "llx_expedition"],
  ["expedition/receipt", "llx_delivery"],
  ["reception", "llx_reception"],
  ["societe", "llx_societe"],
  ["produit", "llx_product"],
  ["product", "llx_product"],
  ["projet", "llx_projet"],
  ["ticket", "llx_ticket"],
  ["holiday", "llx_holiday"],
  ["bank", "llx_bank_account"],
  ["ecm", "llx_ecm_directories"],
];

/** A row of the list of files, as far as its owner is concerned. */
export interface ListedFile {
  path: string;
  /** The object that the row itself names: `mymodule_myobject@mymodule` and its number. */
  type: string | null;
  id: number | null;
}

/** Which of the rows belong to an object that is there. Each object is looked up once. */
export async function readOwned(
  session: Session,
  rows: readonly ListedFile[],
): Promise<(row: ListedFile) => boolean> {
  const places = rows.map(placeOf);
  const wanted = new Set(places.flatMap((place) => place?.table ?? []));
  const there = await readNames(session, wanted);
  const placed = new Map(rows.map((row, at) => [row, places[at]]));
  return (row) => {
    const place = placed.get(row);
    const names = place && there.get(place.table);
    if (!names) return false;
    if (place.table === "llx_ecm_directories") return place.names.every((name) => names.has(name));
    if (place.table === "llx_societe") return place.names.some((name) => names.has(rowName(name)));
    if (place.id === undefined) return place.names.some((name) => names.has(name));
    const id = place.id;
    return names.has(rowName(id)) && place.names.some((name) => name === id || names.has(name));
  };
}

interface Place {
  table: string;
  /** The folders below that of the kind, by which the object may be named. */
  names: string[];
  /** The object's number, where only the row says of what kind it is. */
  id?: string;
}

/** The kind of object, by the folder; of a module that is not known here by what the row says. Pure. */
function placeOf({ path, type, id }: ListedFile): Place | undefined {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/"))).replace(/^\d+\//, "");
  const known = PLACES.find(([top]) => folder === top || folder.startsWith(`${top}/`));
  if (known) return { table: known[1], names: namesIn(folder.slice(known[0].length + 1)) };
  const [, table] = /^([a-z0-9_]{1,50})(?:@|$)/.exec(type ?? "") ?? [];
  if (table === undefined || !id) return undefined;
  return { table: `llx_${table}`, names: namesIn(folder), id: `${id}` };
}

const namesIn = (folder: string): string[] => folder === "" ? [] : folder.split("/").map(looseName);
const rowName = (id: string): string => `row ${id}`;

/** Of each of the tables that are there: the references of its rows, and their numbers as `row 7`. */
async function readNames(session: Session, tables: ReadonlySet<string>): Promise<Map<string, Set<string>>> {
  const found = await session.query<{ table: string; name: "ref" | "label" | null }>(
    `SELECT c.relname AS "table", (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
         AND a.attname = CASE c.relname WHEN 'llx_ecm_directories' THEN 'label' ELSE 'ref' END) AS name
       FROM pg_catalog.pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND c.relname = ANY($1::text[]) AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = c.oid AND a.attname = 'rowid' AND NOT a.attisdropped)`,
    [[...tables]],
  );
  const names = new Map<string, Set<string>>();
  for (const { table, name } of found) {
    const rows = await session.query<{ id: string; name: string | null }>(
      `SELECT rowid::text AS id, ${name ?? "NULL"}::text AS name FROM public.${table}`,
    );
    names.set(
      table,
      new Set(rows.flatMap(({ id, name }) => [rowName(id), ...(name ? [looseName(name)] : [])])),
    );
  }
  return names;
}

/** A name as it may be compared with that of a folder: Dolibarr takes accents and special signs out of it. Pure. */
const looseName = (name: string): string =>
  name.normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll(/[^A-Za-z0-9]+/g, "_").toLowerCase();
