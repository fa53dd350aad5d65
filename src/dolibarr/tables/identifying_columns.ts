/**
 * The columns that make a record what it is, and those whose emptying says nothing. Tables without their prefix; read in
 * 22.0.4. A column that a version of Dolibarr does not have is passed over.
 */

import { VOLATILE_ROWS } from "./volatile_rows.ts";
import { TABLE_PREFIX } from "./names.ts";

interface Identifying {
  /** Filled in every row that Dolibarr writes: where all of these go empty the table is lost, however small it is. */
  always: string;
  /** Filled in most rows: amounts, states, what a draft does not have yet. */
  mostly?: string;
}

const LINE_AMOUNTS = "qty subprice total_ht total_ttc";
const PAPER_AMOUNTS = "total_ht total_ttc fk_statut";

/** Names, references, dates, amounts, third party, status, login and password hash; nothing that is emptied in use. */
const IDENTIFYING: Readonly<Record<string, Identifying>> = {
  // people and companies
  societe: { always: "nom", mostly: "code_client code_fournisseur" },
  socpeople: { always: "lastname", mostly: "fk_soc" },
  user: { always: "login pass_crypted", mostly: "lastname statut" },
  usergroup: { always: "nom" },
  user_rights: { always: "fk_user fk_id" },
  adherent: { always: "ref", mostly: "lastname" },
  subscription: { always: "fk_adherent", mostly: "dateadh subscription" },
  categorie: { always: "label" },
  // papers of customers
  facture: { always: "ref fk_soc datef", mostly: `${PAPER_AMOUNTS} date_valid` },
  facturedet: { always: "fk_facture", mostly: LINE_AMOUNTS },
  facture_rec: { always: "titre fk_soc", mostly: "total_ht total_ttc" },
  propal: { always: "ref fk_soc", mostly: `datep ${PAPER_AMOUNTS}` },
  propaldet: { always: "fk_propal", mostly: LINE_AMOUNTS },
  commande: { always: "ref fk_soc", mostly: `date_commande ${PAPER_AMOUNTS}` },
  commandedet: { always: "fk_commande", mostly: LINE_AMOUNTS },
  contrat: { always: "ref fk_soc", mostly: "date_contrat statut" },
  contratdet: { always: "fk_contrat", mostly: LINE_AMOUNTS },
  expedition: { always: "ref fk_soc", mostly: "fk_statut" },
  fichinter: { always: "ref fk_soc", mostly: "fk_statut" },
  ticket: { always: "ref track_id", mostly: "subject" },
  // papers of suppliers
  facture_fourn: { always: "ref fk_soc", mostly: `ref_supplier datef ${PAPER_AMOUNTS}` },
  facture_fourn_det: { always: "fk_facture_fourn", mostly: "qty pu_ht total_ht total_ttc" },
  commande_fournisseur: { always: "ref fk_soc", mostly: PAPER_AMOUNTS },
  commande_fournisseurdet: { always: "fk_commande", mostly: LINE_AMOUNTS },
  supplier_proposal: { always: "ref fk_soc", mostly: PAPER_AMOUNTS },
  // money
  paiement: { always: "ref", mostly: "datep amount" },
  paiement_facture: { always: "fk_paiement fk_facture", mostly: "amount" },
  paiementfourn: { always: "ref", mostly: "datep amount" },
  paiementfourn_facturefourn: { always: "fk_paiementfourn fk_facturefourn", mostly: "amount" },
  bank: { always: "fk_account", mostly: "dateo datev amount" },
  bank_account: { always: "ref label" },
  bank_url: { always: "fk_bank", mostly: "url_id type" },
  societe_remise_except: { always: "fk_soc", mostly: "amount_ht amount_ttc" },
  societe_rib: { always: "fk_soc", mostly: "iban_prefix" },
  prelevement_bons: { always: "ref", mostly: "amount" },
  accounting_bookkeeping: {
    always: "piece_num doc_date numero_compte",
    mostly: "doc_ref code_journal debit credit montant sens",
  },
  accounting_account: { always: "account_number", mostly: "label" },
  salary: { always: "fk_user", mostly: "amount datesp dateep" },
  chargesociales: { always: "libelle", mostly: "amount date_ech" },
  tva: { always: "label", mostly: "amount datev" },
  don: { always: "ref", mostly: "amount datedon" },
  loan: { always: "label", mostly: "capital datestart dateend" },
  expensereport: { always: "ref fk_user_author date_debut date_fin", mostly: PAPER_AMOUNTS },
  expensereport_det: { always: "fk_expensereport date", mostly: "total_ht total_ttc" },
  // goods, work, files and the log
  product: { always: "ref label", mostly: "price price_ttc" },
  stock_mouvement: { always: "fk_product fk_entrepot", mostly: "datem value" },
  entrepot: { always: "ref" },
  bom_bom: { always: "ref" },
  mrp_mo: { always: "ref" },
  projet: { always: "ref", mostly: "title fk_statut" },
  projet_task: { always: "ref label", mostly: "fk_projet" },
  actioncomm: { always: "label", mostly: "code datep" },
  ecm_files: { always: "filename", mostly: "filepath" },
  const: { always: "name" },
  blockedlog: {
    always: "action element signature",
    mostly: "amounts ref_object date_object object_data",
  },
};

/** Emptied in use by Dolibarr itself: undone lettering, an invoice that is open again, what one supplier's save drops. */
const EMPTIED_IN_USE: Readonly<Record<string, string>> = {
  accounting_bookkeeping: "lettering_code date_lettering",
  facture: "date_closing fk_user_closing close_code close_note paye",
  facture_fourn: "fk_user_valid date_closing fk_user_closing close_code close_note paye",
  propal: "date_cloture fk_user_cloture",
  commande: "date_cloture fk_user_cloture facture",
  contrat: "date_cloture fk_user_cloture",
  contratdet: "date_cloture fk_user_cloture",
  projet: "date_close fk_user_close",
  bank: "rappro num_releve fk_user_rappro fk_bordereau",
  user: "pass pass_temp flagdelsessionsbefore",
};

/** Each table whose columns are judged: `public.llx_societe`. */
export const IDENTIFYING_TABLES: readonly string[] = Object.keys(IDENTIFYING).map(fullName);

/** What a column is: of every record, of most, or none that makes a record what it is. `table`: `public.llx_societe`. */
export function roleOf(table: string, column: string): "always" | "mostly" | "other" | "not judged" {
  if (table.endsWith("_extrafields") || NOT_JUDGED.has(table) || NOT_JUDGED.has(`${table} ${column}`)) {
    return "not judged";
  }
  return ROLES.get(`${table} ${column}`) ?? "other";
}

/** All columns that are named here, as `table column`. */
export const ROLES: ReadonlyMap<string, "always" | "mostly"> = new Map(
  Object.entries(IDENTIFYING).flatMap(([name, { always, mostly = "" }]) => [
    ...words(always).map((column) => [`${fullName(name)} ${column}`, "always"] as const),
    ...words(mostly).map((column) => [`${fullName(name)} ${column}`, "mostly"] as const),
  ]),
);

/** Tables, and columns as `table column`. */
const NOT_JUDGED: ReadonlySet<string> = new Set([
  ...Object.entries(EMPTIED_IN_USE).flatMap(([name, columns]) =>
    words(columns).map((column) => `${fullName(name)} ${column}`)
  ),
  ...VOLATILE_ROWS.flatMap(({ table, columns, rows }) =>
    columns ? columns.map((column) => `${table} ${column}`) : rows ? [] : [table]
  ),
]);

function fullName(name: string): string {
  return `public.${TABLE_PREFIX}${name}`;
}

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}
