/**
 * What of Dolibarr's tables the law keeps unchanged: which rows, and which of their columns. Tried with 22.0.4
 * (docs/facts.md, "What may change in a validated record"): the columns of each list change in no action of Dolibarr's own
 * without a trace, but for those that the rules in this folder explain.
 */

/** One part of a register: rows of one table. */
export interface RegisterTable {
  /** `llx_facture` */
  table: string;
  /** The column of its ids; default `rowid`. */
  id?: string;
  /** SQL after FROM; the table's own alias is `t`. */
  from: string;
  /** SQL: which of its rows are in the register. */
  where: string;
  /** The columns that make a row what it is. They are hashed together, as far as the table has them. */
  columns: readonly string[];
  /** SQL: whether the columns are hashed. Rows that are not sealed are in the register with an empty hash. */
  sealed?: string;
  /** What is compared on its own, or told of a row: name and SQL, each read as text. Never more than a report holds. */
  values: Readonly<Record<string, string>>;
  /** The tables whose content decides these rows: while none of them changes the rows are those of the last register. */
  dependsOn: readonly string[];
}

const MULTICURRENCY_TOTALS = ["multicurrency_total_ht", "multicurrency_total_tva", "multicurrency_total_ttc"];

/** An amount as a text without the zeros that it is stored with. */
const amount = (column: string): string => `trim_scale(${column}::numeric)`;

/** What is neither a draft nor numbered provisionally: a draft with a real reference was reopened. */
const NUMBERED = "(t.fk_statut > 0 OR t.ref NOT LIKE '(PROV%')";

/** The lines of those. The few drafts are looked up in a hash: to join every line with its paper costs as much as its hash. */
const linesOfNumbered = (paper: string, table: string): string =>
  `t.${paper} NOT IN (SELECT p.rowid FROM public.${table} p WHERE p.fk_statut <= 0 AND p.ref LIKE '(PROV%')`;

const invoices: RegisterTable = {
  table: "llx_facture",
  from: "public.llx_facture t",
  where: "true", // a draft that is validated later has an id below the highest
  sealed: NUMBERED,
  columns: [
    ...["entity", "ref", "type", "subtype", "datec", "datef", "date_pointoftax", "date_valid"],
    ...["total_ht", "total_tva", "localtax1", "localtax2", "revenuestamp", "total_ttc"],
    ...["fk_facture_source", "fk_fac_rec_source", "fk_user_author"],
    ...["multicurrency_code", "multicurrency_tx", ...MULTICURRENCY_TOTALS],
    ...["module_source", "pos_source", "remise_percent", "remise_absolue", "retained_warranty"],
  ],
  values: {
    ref: "t.ref",
    entity: "t.entity",
    status: "t.fk_statut",
    date: "t.datef",
    total: amount("t.total_ttc"),
    party: "t.fk_soc",
  },
  dependsOn: ["llx_facture"],
};

const invoiceLines: RegisterTable = {
  table: "llx_facturedet",
  from: "public.llx_facturedet t",
  where: linesOfNumbered("fk_facture", "llx_facture"),
  columns: [
    ...["fk_facture", "fk_parent_line", "label", "description", "vat_src_code", "tva_tx"],
    ...[
      "localtax1_tx",
      "localtax1_type",
      "localtax2_tx",
      "localtax2_type",
      "qty",
      "remise_percent",
      "subprice",
    ],
    ...["total_ht", "total_tva", "total_localtax1", "total_localtax2", "total_ttc", "product_type"],
    ...["date_start", "date_end", "info_bits", "fk_remise_except", "fk_unit"],
    ...["multicurrency_code", "multicurrency_subprice", ...MULTICURRENCY_TOTALS],
  ],
  values: { invoice: "t.fk_facture", total: amount("t.total_ttc") },
  dependsOn: ["llx_facturedet", "llx_facture"],
};

const supplierInvoices: RegisterTable = {
  table: "llx_facture_fourn",
  from: "public.llx_facture_fourn t",
  where: "true",
  sealed: NUMBERED,
  columns: [
    ...["entity", "ref", "type", "subtype", "datec"],
    ...["total_ht", "total_tva", "localtax1", "localtax2", "revenuestamp", "total_ttc"],
    ...[
      "fk_facture_source",
      "fk_user_author",
      "multicurrency_code",
      "multicurrency_tx",
      ...MULTICURRENCY_TOTALS,
    ],
  ],
  values: {
    ref: "t.ref",
    entity: "t.entity",
    status: "t.fk_statut",
    total: amount("t.total_ttc"),
    net: amount("t.total_ht"),
    party: "t.fk_soc",
    /** The page lets people change these while the invoice is not closed. */
    date: "t.datef",
    theirs: "md5(coalesce(t.ref_supplier, '') || chr(1) || coalesce(t.libelle, ''))",
  },
  dependsOn: ["llx_facture_fourn"],
};

const supplierInvoiceLines: RegisterTable = {
  table: "llx_facture_fourn_det",
  from: "public.llx_facture_fourn_det t",
  where: linesOfNumbered("fk_facture_fourn", "llx_facture_fourn"),
  columns: [
    ...["fk_facture_fourn", "ref", "label", "description", "pu_ht", "pu_ttc", "qty", "remise_percent"],
    ...["vat_src_code", "tva_tx", "localtax1_tx", "localtax1_type", "localtax2_tx", "localtax2_type"],
    ...["total_ht", "tva", "total_localtax1", "total_localtax2", "total_ttc", "product_type"],
    ...["date_start", "date_end", "info_bits", "fk_remise_except", "fk_unit"],
    ...["multicurrency_code", "multicurrency_subprice", ...MULTICURRENCY_TOTALS],
  ],
  values: {
    invoice: "t.fk_facture_fourn",
    total: amount("t.total_ttc"),
    net: amount("t.total_ht"),
    /** What a recalculation, which leaves no trace, does not change. */
    rest:
      "hashtextextended(ROW(t.ref, t.label, t.description, t.qty, t.remise_percent, t.tva_tx, t.product_type, t.date_start, t.date_end)::text, 0)",
  },
  dependsOn: ["llx_facture_fourn_det", "llx_facture_fourn"],
};

const payments: RegisterTable = {
  table: "llx_paiement",
  from: "public.llx_paiement t",
  where: "true",
  columns: [
    ...["entity", "ref", "datec", "amount", "multicurrency_amount", "fk_paiement", "fk_user_creat"],
    ...["ext_payment_id", "ext_payment_site", "pos_change"],
  ],
  values: {
    ref: "t.ref",
    amount: amount("t.amount"),
    status: "t.statut",
    bank: "t.fk_bank",
    /** The page lets people change these while the payment is not validated. */
    "payment date": "t.datep::date",
    number: "t.num_paiement",
  },
  dependsOn: ["llx_paiement"],
};

const paymentParts: RegisterTable = {
  table: "llx_paiement_facture",
  from: "public.llx_paiement_facture t",
  where: "true",
  columns: [
    ...["fk_paiement", "fk_facture", "amount"],
    ...["multicurrency_code", "multicurrency_tx", "multicurrency_amount"],
  ],
  values: { payment: "t.fk_paiement", invoice: "t.fk_facture", amount: amount("t.amount") },
  dependsOn: ["llx_paiement_facture"],
};

const supplierPayments: RegisterTable = {
  table: "llx_paiementfourn",
  from: "public.llx_paiementfourn t",
  where: "true",
  columns: ["entity", "ref", "datec", "amount", "multicurrency_amount", "fk_paiement", "fk_user_author"],
  values: { ref: "t.ref", amount: amount("t.amount"), bank: "t.fk_bank" },
  dependsOn: ["llx_paiementfourn"],
};

const supplierPaymentParts: RegisterTable = {
  table: "llx_paiementfourn_facturefourn",
  from: "public.llx_paiementfourn_facturefourn t",
  where: "true",
  columns: [
    ...["fk_paiementfourn", "fk_facturefourn", "amount"],
    ...["multicurrency_code", "multicurrency_tx", "multicurrency_amount"],
  ],
  values: { payment: "t.fk_paiementfourn", invoice: "t.fk_facturefourn", amount: amount("t.amount") },
  dependsOn: ["llx_paiementfourn_facturefourn"],
};

const bankLines: RegisterTable = {
  table: "llx_bank",
  from: "public.llx_bank t",
  where: "true", // a line that is not reconciled tells that a payment's line is still there
  sealed: "t.rappro = 1",
  columns: ["datec", "amount", "dateo", "datev", "label", "fk_account", "fk_user_author"],
  values: { account: "t.fk_account", date: "t.dateo", amount: amount("t.amount") },
  dependsOn: ["llx_bank"],
};

const discounts: RegisterTable = {
  table: "llx_societe_remise_except",
  from: "public.llx_societe_remise_except t",
  where: "true",
  columns: [
    ...[
      "entity",
      "discount_type",
      "datec",
      "amount_ht",
      "amount_tva",
      "amount_ttc",
      "tva_tx",
      "vat_src_code",
    ],
    ...["fk_facture_source", "fk_invoice_supplier_source", "description"],
    ...["multicurrency_amount_ht", "multicurrency_amount_tva", "multicurrency_amount_ttc"],
  ],
  values: {
    source: "coalesce('c' || t.fk_facture_source, 's' || t.fk_invoice_supplier_source)",
    amount: amount("t.amount_ttc"),
    used: "coalesce(t.fk_facture, t.fk_facture_line, t.fk_invoice_supplier, t.fk_invoice_supplier_line)",
    /** Whether its source is open again once it is deleted; one of what was paid too much is not. */
    reopens: "CASE WHEN t.description IN ('(CREDIT_NOTE)', '(DEPOSIT)') THEN 'yes' ELSE 'no' END",
  },
  dependsOn: ["llx_societe_remise_except"],
};

const entries: RegisterTable = {
  table: "llx_accounting_bookkeeping",
  from: "public.llx_accounting_bookkeeping t",
  where: "t.date_validated IS NOT NULL",
  columns: [
    ...["entity", "piece_num", "doc_date", "doc_type", "doc_ref", "fk_doc", "fk_docdet", "thirdparty_code"],
    ...["subledger_account", "numero_compte", "label_operation", "debit", "credit", "montant", "sens"],
    ...["multicurrency_amount", "multicurrency_code", "code_journal", "date_creation", "date_validated"],
  ],
  values: {
    piece: "t.piece_num",
    document: "t.doc_ref",
    date: "t.doc_date",
    account: "t.numero_compte",
    debit: amount("t.debit"),
    credit: amount("t.credit"),
  },
  dependsOn: ["llx_accounting_bookkeeping"],
};

/** A line of the log is its own signature, which is much shorter than the line. */
const logLines: RegisterTable = {
  table: "llx_blockedlog",
  from: "public.llx_blockedlog t",
  where: "true",
  columns: ["entity", "action", "element", "fk_object", "amounts", "signature", "signature_line"],
  values: { action: "t.action", element: "t.element", object: "t.fk_object", ref: "t.ref_object" },
  dependsOn: ["llx_blockedlog"],
};

const expenseReports: RegisterTable = {
  table: "llx_expensereport",
  from: "public.llx_expensereport t",
  where: "true",
  sealed: "t.fk_statut IN (5, 6)",
  columns: [
    ...["entity", "ref", "fk_user_author", "date_create", "date_debut", "date_fin"],
    ...["total_ht", "total_tva", "localtax1", "localtax2", "total_ttc", ...MULTICURRENCY_TOTALS],
  ],
  values: { ref: "t.ref", status: "t.fk_statut", total: amount("t.total_ttc") },
  dependsOn: ["llx_expensereport"],
};

const expenseLines: RegisterTable = {
  table: "llx_expensereport_det",
  from: "public.llx_expensereport_det t JOIN public.llx_expensereport p ON p.rowid = t.fk_expensereport",
  where: "p.fk_statut IN (5, 6)",
  columns: [
    ...["fk_expensereport", "fk_c_type_fees", "comments", "qty", "value_unit", "tva_tx"],
    ...["total_ht", "total_tva", "total_ttc", "date"],
  ],
  values: { report: "t.fk_expensereport", total: amount("t.total_ttc") },
  dependsOn: ["llx_expensereport_det", "llx_expensereport"],
};

const thirdParties: RegisterTable = {
  table: "llx_societe",
  from: "public.llx_societe t",
  where: "true",
  columns: ["entity"],
  values: { name: "t.nom" },
  dependsOn: ["llx_societe"],
};

/** What events of the agenda about one object tell that rows are gone lawfully. */
export interface DeletionEvents {
  /** Without `AC_`. */
  actions: readonly string[];
  /** As `ActionComm::create` writes it: of `commande` and `contrat` it makes `order` and `contract`. */
  element: string;
}

/** A part of rows that no law freezes, and that a company misses all the same: only that they are there is in the register. */
export interface MissedTable extends RegisterTable {
  /** What one row is. */
  noun: string;
  /** How the agenda tells of the deletion of one; none: it never does. */
  events?: DeletionEvents;
  /** Events that name no object, as those of a contact: each tells of one. */
  countedEvents?: string;
  /** The names begin with the id of what they belong to, `7:112`: with that they go. */
  owner?: { table: string; events?: DeletionEvents };
}

const missed = (
  table: string,
  noun: string,
  name: string,
  { where = "true", ...more }: Partial<MissedTable> = {},
): MissedTable => ({
  ...{ table, noun, where },
  from: `public.${table} t`,
  sealed: "false",
  columns: [],
  values: { name },
  dependsOn: [table],
  ...more,
});

const deletion = (action: string, element: string) => ({ events: { actions: [action], element } });

/** `User::delrights` and `RemoveFromGroup` say only that the user was changed. */
const OF_A_USER = {
  owner: { table: "llx_user", events: { actions: ["USER_MODIFY", "USER_DELETE"], element: "user" } },
};
const OF_A_GROUP = { owner: { table: "llx_usergroup" } };

/**
 * Which events tell of a deletion was read in 22.0.4: `call_trigger` of each class, and what `interface_50_modAgenda` and
 * `ActionComm::create` make of it. Nothing tells of bank accounts, groups, files and modules, nor of a deleted event itself.
 * A contact is told by its id: a register has no names of people but logins.
 */
export const MISSED_TABLES: readonly MissedTable[] = [
  missed("llx_contrat", "contract", "t.ref", deletion("CONTRACT_DELETE", "contract")),
  missed("llx_propal", "proposal", "t.ref", deletion("PROPAL_DELETE", "propal")),
  missed("llx_commande", "order", "t.ref", deletion("ORDER_DELETE", "order")),
  missed(
    "llx_commande_fournisseur",
    "supplier order",
    "t.ref",
    deletion("ORDER_SUPPLIER_DELETE", "order_supplier"),
  ),
  missed("llx_socpeople", "contact", "'contact ' || t.rowid", { countedEvents: "CONTACT_DELETE" }),
  missed("llx_bank_account", "bank account", "t.ref"),
  missed("llx_user", "user", "t.login", deletion("USER_DELETE", "user")),
  missed("llx_user_rights", "user right", "t.fk_user || ':' || t.fk_id", OF_A_USER),
  missed("llx_usergroup", "user group", "t.nom"),
  missed("llx_usergroup_user", "group member", "t.fk_user || ':' || t.fk_usergroup", OF_A_USER),
  missed("llx_usergroup_rights", "group right", "t.fk_usergroup || ':' || t.fk_id", OF_A_GROUP),
  missed("llx_actioncomm", "event", "t.code || ' ' || t.id", { id: "id" }),
  missed("llx_ecm_files", "listed file", "t.filename"),
  missed("llx_const", "module", "t.name", {
    where: "t.name ~ '^MAIN_MODULE_[A-Z0-9]+$' AND coalesce(t.value, '') NOT IN ('', '0')",
  }),
];

/** Whether rows of that part may vanish: a restored database is not compared with them, for a sandbox has modules off. */
export const mayVanish = (table: string): boolean => MISSED_TABLES.some((one) => one.table === table);

/** In the order in which they are read: a paper before its lines. */
export const REGISTER_TABLES: readonly RegisterTable[] = [
  thirdParties,
  logLines,
  invoices,
  invoiceLines,
  payments,
  paymentParts,
  discounts,
  supplierInvoices,
  supplierInvoiceLines,
  supplierPayments,
  supplierPaymentParts,
  bankLines,
  entries,
  expenseReports,
  expenseLines,
  ...MISSED_TABLES,
];

const HASHED = new Map(
  REGISTER_TABLES.map(({ table, columns, values }) => {
    const names = Object.entries(values).filter(([, sql]) =>
      columns.includes(/\bt\.(\w+)/.exec(sql)?.[1] ?? "")
    );
    return [table, new Set(names.map(([name]) => name))];
  }),
);

/** Whether what is told of a row under that name is one of the columns that make it what it is; others may change. */
export const isHashed = (table: string, value: string): boolean => HASHED.get(table)?.has(value) ?? false;

const IDS = new Map(REGISTER_TABLES.map(({ table, id = "rowid" }) => [table, id]));

/** The column of a table's ids. */
export const idColumnOf = (table: string): string => IDS.get(table) ?? "rowid";
