/** The setup of the stand-in's ERP: constants, accounts and their rights, and what acts on the world. Pure. */

import type { DemoCompany } from "../../demo_company.ts";
import type { StandInRow } from "./papers.ts";

/** The version of Dolibarr whose tables and pages the stand-in has. */
export const STOOD_IN_FOR = "22.0.4";

/** The random values of a setup. */
interface SetupSecrets {
  /** MAIN_SECURITY_SALT */
  salt: string;
  /** BLOCKEDLOG_ENTITY_FINGERPRINT */
  fingerprint: string;
  /** bcrypt hashes: the administrator's and the clerk's. */
  passwords: readonly [string, string];
}

export function setupRows(company: DemoCompany, secrets: SetupSecrets): [string, StandInRow[]][] {
  const since = `${company.invoices.first} 08:00:00`;
  return [
    ["const", constants(company, secrets)],
    ["user", users(company, secrets, since)],
    ["rights_def", RIGHTS.map(right)],
    ["user_rights", userRights()],
    ["usergroup", [{ rowid: 1, nom: "Comptabilité", datec: since }]],
    ["usergroup_user", [{ rowid: 1, fk_user: 2, fk_usergroup: 1 }]],
    ["user_param", [{ fk_user: 2, param: "MAIN_LANG_DEFAULT", value: "fr_FR" }]],
    [
      "c_country",
      COUNTRIES.map(([rowid, code, iso, label]) => ({ rowid, code, code_iso: iso, label, eec: 1 })),
    ],
    ["c_paiement", PAYMENTS.map(([id, code, libelle]) => ({ id, code, libelle, type: 2 }))],
    [
      "c_payment_term",
      TERMS.map(([rowid, code, nbjour]) => ({
        rowid,
        code,
        sortorder: rowid,
        nbjour,
        libelle: code,
        type_cdr: 0,
      })),
    ],
    ["document_model", [{ rowid: 1, nom: "sponge", type: "invoice", libelle: "sponge" }]],
    ...actors(since),
  ];
}

function constants(company: DemoCompany, { salt, fingerprint }: SetupSecrets): StandInRow[] {
  const dot = company.logo.lastIndexOf(".");
  const thumb = (size: string) => `${company.logo.slice(0, dot)}_${size}${company.logo.slice(dot)}`;
  const everywhere = {
    MAIN_VERSION_FIRST_INSTALL: STOOD_IN_FOR,
    MAIN_VERSION_LAST_INSTALL: STOOD_IN_FOR,
    MAIN_SECURITY_SALT: salt,
    MAIN_SECURITY_HASH_ALGO: "password_hash",
  };
  const here = {
    MAIN_INFO_SOCIETE_NOM: company.name,
    MAIN_INFO_SOCIETE_ADDRESS: company.address,
    MAIN_INFO_SOCIETE_ZIP: company.zip,
    MAIN_INFO_SOCIETE_TOWN: company.town,
    MAIN_INFO_SOCIETE_COUNTRY: `1:${company.country}:France`,
    MAIN_INFO_SOCIETE_TEL: company.phone,
    MAIN_INFO_SOCIETE_MAIL: company.email,
    MAIN_INFO_SIREN: company.siren,
    MAIN_INFO_SIRET: company.siret,
    MAIN_INFO_TVAINTRA: company.vat,
    MAIN_INFO_SOCIETE_LOGO: company.logo,
    MAIN_INFO_SOCIETE_LOGO_SMALL: thumb("small"),
    MAIN_INFO_SOCIETE_LOGO_MINI: thumb("mini"),
    MAIN_MONNAIE: company.currency,
    MAIN_LANG_DEFAULT: "auto",
    MAIN_THEME: "eldy",
    FACTURE_ADDON: "mod_facture_terre",
    FACTURE_ADDON_PDF: "sponge",
    FACTURE_TVAOPTION: "1",
    BLOCKEDLOG_ENTITY_FINGERPRINT: fingerprint,
    ...Object.fromEntries(MODULES.map((name) => [`MAIN_MODULE_${name}`, "1"])),
  };
  const rows = [
    ...Object.entries(everywhere).map((pair) => [0, ...pair] as const),
    ...Object.entries(here).map((pair) => [1, ...pair] as const),
  ];
  return rows.map(([entity, name, value], at) => ({
    rowid: at + 1,
    name,
    entity,
    value,
    type: "chaine",
    visible: 0,
  }));
}

const MODULES = [
  "USER",
  "SOCIETE",
  "FACTURE",
  "FOURNISSEUR",
  "PRODUCT",
  "BANQUE",
  "ECM",
  "BLOCKEDLOG",
  "CRON",
  "EMAILCOLLECTOR",
  "WEBHOOK",
];

function users(company: DemoCompany, { passwords }: SetupSecrets, since: string): StandInRow[] {
  const clerk = {
    rowid: 2,
    entity: 1,
    login: "lea",
    lastname: "Kermarrec",
    firstname: "Léa",
    admin: 0,
    job: "Comptable",
  };
  const admin = {
    rowid: 1,
    entity: 0,
    login: "admin",
    lastname: "SuperAdmin",
    admin: 1,
    email: company.email,
  };
  return [admin, clerk].map((user, at) => ({
    ...user,
    statut: 1,
    employee: 1,
    datec: since,
    pass_crypted: passwords[at],
  }));
}

/** id, module, perms, subperms, type, label: rights of 22.0.4 that a drill needs. */
const RIGHTS: readonly (readonly [number, string, string, string, string, string])[] = [
  [11, "facture", "lire", "", "a", "Read customer invoices"],
  [12, "facture", "creer", "", "a", "Write customer invoices"],
  [16, "facture", "paiement", "", "a", "Enter payments"],
  [19, "facture", "supprimer", "", "a", "Delete customer invoices"],
  [31, "produit", "lire", "", "r", "Read products"],
  [32, "produit", "creer", "", "w", "Write products"],
  [111, "banque", "lire", "", "r", "Read bank accounts"],
  [112, "banque", "modifier", "", "w", "Write bank lines"],
  [121, "societe", "lire", "", "r", "Read third parties"],
  [122, "societe", "creer", "", "w", "Write third parties"],
  [125, "societe", "supprimer", "", "d", "Delete third parties"],
  [251, "user", "user", "lire", "w", "Read users"],
  [262, "societe", "client", "voir", "r", "See all third parties"],
  [281, "societe", "contact", "lire", "r", "Read contacts"],
  [1181, "fournisseur", "lire", "", "r", "Read suppliers"],
  [1231, "fournisseur", "facture", "lire", "r", "Read supplier invoices"],
  [1232, "fournisseur", "facture", "creer", "w", "Write supplier invoices"],
  [2501, "ecm", "read", "", "r", "Read documents"],
];

const right = ([id, module, perms, subperms, type, libelle]: typeof RIGHTS[number]): StandInRow => ({
  ...{
    id,
    entity: 1,
    libelle,
    module,
    module_position: 0,
    perms,
    subperms: subperms || null,
    type,
    bydefault: 0,
    enabled: "1",
  },
});

/** The administrator has all rights, the clerk those to read. */
function userRights(): StandInRow[] {
  const pairs = [
    ...RIGHTS.map(([id]) => [1, id]),
    ...RIGHTS.filter(([, , perms]) => perms === "lire").map(([id]) => [2, id]),
  ];
  return pairs.map(([fk_user, fk_id], at) => ({ rowid: at + 1, entity: 1, fk_user, fk_id }));
}

/** Rows that act on the world and are enabled: a restore into a sandbox must disable them. */
function actors(since: string): [string, StandInRow[]][] {
  return [
    ["cronjob", [
      {
        rowid: 1,
        entity: 1,
        jobtype: "method",
        label: "SendEmailsReminders",
        classesname: "comm/action/class/actioncomm.class.php",
        objectname: "ActionComm",
        methodename: "sendEmailsReminder",
        module_name: "agenda",
        frequency: 5,
        unitfrequency: "60",
        status: 1,
        datec: since,
      },
      {
        rowid: 2,
        entity: 1,
        jobtype: "method",
        label: "RecurringInvoicesJob",
        classesname: "compta/facture/class/facture-rec.class.php",
        objectname: "FactureRec",
        methodename: "createRecurringInvoices",
        module_name: "facture",
        frequency: 1,
        unitfrequency: "86400",
        status: 1,
        datec: since,
      },
    ]],
    ["emailcollector_emailcollector", [
      {
        rowid: 1,
        ref: "Factures",
        label: "Supplier invoices by mail",
        host: "imap.ateliers-morvan.example",
        login: "factures",
        status: 1,
        fk_user_creat: 1,
        date_creation: since,
      },
    ]],
    ["webhook_target", [
      {
        rowid: 1,
        ref: "compta",
        label: "Accountant",
        url: "https://hooks.comptable.example/dolibarr",
        status: 1,
        fk_user_creat: 1,
        trigger_codes: "BILL_VALIDATE",
        date_creation: since,
      },
    ]],
    ["notify_def", [{
      rowid: 1,
      fk_action: 1,
      fk_soc: 1,
      email: "compta@brasserie-du-port.example",
      datec: since.slice(0, 10),
    }]],
    ["oauth_token", [{ rowid: 1, service: "Google", token: "dolcrypt:AES-256-CTR:none:none", datec: since }]],
  ];
}

const COUNTRIES: readonly [number, string, string, string][] = [
  [1, "FR", "FRA", "France"],
  [2, "BE", "BEL", "Belgium"],
  [3, "IT", "ITA", "Italy"],
  [4, "ES", "ESP", "Spain"],
  [5, "DE", "DEU", "Germany"],
];
const PAYMENTS: readonly [number, string, string][] = [
  [2, "VIR", "Credit transfer"],
  [3, "PRE", "Debit order"],
  [4, "LIQ", "Cash"],
  [7, "CHQ", "Cheque"],
];
const TERMS: readonly [number, string, number][] = [[1, "RECEP", 0], [2, "30D", 30], [3, "60D", 60]];
