/** Wounds of the demo company's books, with the findings that each gives; and what is healthy, however strange. */

import { sha256Of } from "../../../src/base/streams.ts";
import type { DataContext } from "../../../src/checks/data/context.ts";
import type { Fault } from "../../../src/dolibarr/fault.ts";

/** One way to break the books, by a superuser without foreign keys and triggers, or in the documents' folder. */
interface Breakage {
  sql?: string;
  file?: (documents: string) => Promise<void>;
}

export interface Wound extends Breakage {
  check: string;
  what: string;
  /** The findings of that check: exactly these, in this order. */
  expected: Expected[] | ((whole: DataContext) => Expected[] | Promise<Expected[]>);
  /** The same wound with another amount: the same ids, and other findings. */
  other?: Breakage;
  /** Of two such wounds of a check none hides the other. */
  pairs?: true;
}

export type Expected = Pick<Fault, "subject" | "kind" | "facts" | "document">;

const entry = (entity: number, debit: number, credit: number) =>
  `INSERT INTO llx_accounting_bookkeeping (entity, piece_num, doc_date, doc_type, doc_ref, fk_doc, fk_docdet,
     numero_compte, label_compte, debit, credit, fk_user_author, code_journal)
   VALUES (${entity}, 7, '2026-01-31', 'customer_invoice', 'FA2511-0001', 1, 0, '411', '411', ${debit}, 0, 1, 'VT'),
          (${entity}, 7, '2026-01-31', 'customer_invoice', 'FA2511-0001', 1, 0, '707', '707', 0, ${credit}, 1, 'VT');`;

/** The folder of a supplier's invoice, of a third party, and of a customer's invoice beside its PDF. */
const SUPPLIERS = "fournisseur/facture/2/0/SI2605-0002";
const PARTYS = "societe/3";
const CUSTOMERS = "facture/FA2511-0001";

/** A row of the list of files whose MD5 is that of its name. */
const paper = (name: string, folder = SUPPLIERS) =>
  `INSERT INTO llx_ecm_files (ref, label, entity, filepath, filename)
   VALUES (md5('${folder}/${name}'), md5('${name}'), 1, '${folder}', '${name}');`;

const lay = (path: string, text: string) => async (documents: string) => {
  await Deno.mkdir(`${documents}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
  await Deno.writeTextFile(`${documents}/${path}`, text);
};

const PDF = "facture/FA2511-0001/FA2511-0001.pdf";
const NEWEST_PDF = "facture/FA2609-0046/FA2609-0046.pdf";
const NOT_READABLE = "%PDF-1.4\nnothing\n%%EOF\n";
const sha256 = (text: string) => sha256Of(new TextEncoder().encode(text));
/** A fault about this document and what lies there now. */
const about = (path: string, sha256?: string): Pick<Expected, "facts" | "document"> => {
  const known = { path, ...(sha256 ? { sha256 } : {}) };
  return { facts: known, document: known };
};

const logLine = async ({ session }: DataContext, id: number) => {
  const [line] = await session.query<{ signature: string; said: string }>(
    `SELECT signature, concat_ws('|', to_char(date_creation, 'YYYY-MM-DD HH24:MI:SS'), to_char(date_object, 'YYYY-MM-DD HH24:MI:SS'), action,
       '#', ref_object, user_fullname, object_data) AS said FROM llx_blockedlog WHERE rowid = ${id}`,
  );
  return line!;
};

/** Two lines as Dolibarr 22.0.4 writes them: an attempt to switch the log off, and what comes after it. */
const SWITCHED_OFF = [["MODULE_RESET", "'0000000000'"], ["DOC_PREVIEW", ""]].map(([action, forced]) =>
  `INSERT INTO llx_blockedlog (rowid, entity, date_creation, action, amounts, element, fk_user, user_fullname, fk_object, ref_object,
     date_object, object_data, object_version, certified, signature, signature_line)
   SELECT last.rowid + 1, 1, '2026-09-30 12:00:00', '${action}', 0, 'module', 1, 'SuperAdmin', 1, 'systemevent', '2026-09-30 12:00:00', '{}',
     '22.0.4', 0, ${
    forced || "encode(sha256(convert_to(salt.value || last.signature || key, 'UTF8')), 'hex')"
  },
     encode(sha256(convert_to(salt.value || key, 'UTF8')), 'hex')
    FROM (SELECT rowid, signature FROM llx_blockedlog WHERE entity = 1 ORDER BY rowid DESC LIMIT 1) AS last,
     (SELECT value FROM llx_const WHERE name = 'MAIN_SECURITY_SALT' LIMIT 1) AS salt,
     (SELECT concat_ws('|', e, '${action}', '0', 'systemevent', e, 'SuperAdmin', '{}') AS key FROM (
       SELECT extract(epoch FROM timestamp '2026-09-30 12:00:00' AT TIME ZONE 'UTC')::bigint AS e) AS at) AS keyed`
).join("; ");

/** All invoices as if the mask of the module "mercure" had numbered them: on through the months. */
const BY_MASK =
  `INSERT INTO llx_const (name, entity, value) VALUES ('FACTURE_MERCURE_MASK_INVOICE', 1, 'FV{yyyy}-{0000}');
  UPDATE llx_facture SET ref = 'FV2026-' || split_part(ref, '-', 2) WHERE ref LIKE 'FA%';
  UPDATE llx_blockedlog SET ref_object = 'FV2026-' || split_part(ref_object, '-', 2) WHERE ref_object LIKE 'FA%';`;

/** Copies the rows of a table into the second company, their numbers and those that they name 1000 higher. */
const copied = (table: string, columns: readonly string[], where = "true") =>
  `CREATE TEMPORARY TABLE copy_${table} ON COMMIT DROP AS SELECT * FROM ${table} WHERE ${where};
   UPDATE copy_${table} SET ${columns.map((column) => `${column} = ${column} + 1000`).join(", ")};`;

/** The first invoice again as one of the second company: number 1001. */
const SECOND_COMPANY = `${
  copied("llx_facture", ["rowid"], "rowid = 1")
} UPDATE copy_llx_facture SET entity = 2;
  INSERT INTO llx_facture SELECT * FROM copy_llx_facture;`;

export const WOUNDS: readonly Wound[] = [
  {
    check: "data.foreign_keys",
    what: "a line names an invoice that is not there",
    sql: "UPDATE llx_facturedet SET fk_facture = 99999 WHERE rowid = 5",
    expected: [{
      ...{ subject: "llx_facturedet 5 fk_facture", kind: "without-parent" },
      facts: { names: "llx_facture 99999" },
    }],
    other: { sql: "UPDATE llx_facturedet SET fk_facture = 88888 WHERE rowid = 5" },
    pairs: true,
  },
  {
    check: "data.foreign_keys",
    what: "a payment is gone, and its part is not",
    sql: "DELETE FROM llx_paiement WHERE rowid = 3",
    expected: [{
      ...{ subject: "llx_paiement_facture 3 fk_paiement", kind: "without-parent" },
      facts: { names: "llx_paiement 3" },
    }],
    pairs: true,
  },
  {
    check: "data.invoice_totals",
    what: "a line is a cent too high",
    sql: "UPDATE llx_facturedet SET total_ht = total_ht + 0.01, total_ttc = total_ttc + 0.01 WHERE rowid = 1",
    expected: [{
      ...{ subject: "FA2511-0001", kind: "totals" },
      facts: {
        ...{ "total without tax": "640", "total without tax of the lines": "640.01" },
        ...{ "total with tax": "768", "total with tax of the lines": "768.01" },
      },
    }],
    other: {
      sql:
        "UPDATE llx_facturedet SET total_ht = total_ht + 0.02, total_ttc = total_ttc + 0.02 WHERE rowid = 1",
    },
    pairs: true,
  },
  {
    check: "data.invoice_totals",
    what: "the tax of another company's invoice is a cent too low",
    sql: "UPDATE llx_facture SET entity = 2, total_tva = total_tva - 0.01 WHERE rowid = 5",
    expected: [{
      ...{ subject: "2/FA2512-0005", kind: "totals" },
      facts: { "tax": "975.49", "tax of the lines": "975.5" },
    }],
    pairs: true,
  },
  {
    check: "data.invoice_totals",
    what: "two invoices of one number have lost their lines",
    sql: `DROP INDEX uk_facture_ref_entity; UPDATE llx_facture SET ref = 'FA2511-0001' WHERE rowid = 5;
      DELETE FROM llx_facturedet WHERE fk_facture IN (1, 5)`,
    expected: [["FA2511-0001 (row 1)", "640", "128", "768"], [
      "FA2511-0001 (row 5)",
      "4877.5",
      "975.5",
      "5853",
    ]]
      .map(([subject, net, tax, total]) => ({
        ...{ subject: subject!, kind: "totals" },
        facts: {
          ...{ "total without tax": net!, "total without tax of the lines": "0" },
          ...{ "tax": tax!, "tax of the lines": "0" },
          ...{ "total with tax": total!, "total with tax of the lines": "0" },
        },
      })),
  },
  {
    check: "data.supplier_invoice_totals",
    what: "a supplier invoice is a cent too high",
    sql: "UPDATE llx_facture_fourn SET total_ht = total_ht + 0.01 WHERE rowid = 2",
    expected: [{
      ...{ subject: "SI2605-0002", kind: "totals" },
      facts: { "total without tax": "417.41", "total without tax of the lines": "417.4" },
    }],
    other: { sql: "UPDATE llx_facture_fourn SET total_ht = total_ht + 0.02 WHERE rowid = 2" },
    pairs: true,
  },
  {
    check: "data.supplier_invoice_totals",
    what: "a supplier invoice's total is a euro too low",
    sql: "UPDATE llx_facture_fourn SET total_ttc = total_ttc - 1 WHERE rowid = 3",
    expected: [{
      ...{ subject: "SI2609-0003", kind: "totals" },
      facts: { "total with tax": "2272.1", "total with tax of the lines": "2273.1" },
    }],
    pairs: true,
  },
  {
    check: "data.payments",
    what: "an invoice is paid a euro too much",
    sql: `UPDATE llx_paiement SET amount = 769 WHERE rowid = 1;
      UPDATE llx_paiement_facture SET amount = 769 WHERE rowid = 1`,
    expected: [{
      ...{ subject: "FA2511-0001", kind: "overpaid" },
      facts: { paid: "769", total: "768" },
    }],
    other: {
      sql: `UPDATE llx_paiement SET amount = 770 WHERE rowid = 1;
        UPDATE llx_paiement_facture SET amount = 770 WHERE rowid = 1`,
    },
    pairs: true,
  },
  {
    check: "data.payments",
    what: "a payment is a euro less than its parts",
    sql: "UPDATE llx_paiement SET amount = amount - 1 WHERE rowid = 2",
    expected: [{
      ...{ subject: "payment PAY2511-0002", kind: "parts" },
      facts: { amount: "16364", parts: "16365" },
    }],
    other: { sql: "UPDATE llx_paiement SET amount = amount - 2 WHERE rowid = 2" },
    pairs: true,
  },
  {
    check: "data.payments",
    what: "money was paid back on an invoice",
    sql: `UPDATE llx_paiement SET amount = -768 WHERE rowid = 1;
      UPDATE llx_paiement_facture SET amount = -768 WHERE rowid = 1`,
    expected: [{
      ...{ subject: "FA2511-0001", kind: "other-sign" },
      facts: { paid: "-768", total: "768" },
    }],
  },
  {
    check: "data.payments",
    what: "two payments of one reference, one without any and one of another company lost a euro",
    sql:
      `UPDATE llx_paiement SET ref = 'PAY' WHERE rowid IN (1, 2); UPDATE llx_paiement SET ref = NULL WHERE rowid = 3;
      UPDATE llx_paiement SET entity = 2 WHERE rowid = 4; UPDATE llx_paiement SET amount = 1 WHERE rowid <= 4`,
    expected: [
      ["payment PAY (row 1)", "768"],
      ["payment PAY (row 2)", "16365"],
      ["payment row 3", "5562.6"],
      ["payment 2/PAY2512-0004", "11019.8"],
    ].map(([subject, parts]) => ({
      ...{ subject: subject!, kind: "parts" },
      facts: { amount: "1", parts: parts! },
    })),
  },
  {
    check: "data.numbering",
    what: "a number is missing",
    sql: "UPDATE llx_facture SET ref = 'GONE-3' WHERE rowid = 3",
    expected: [{
      ...{ subject: "FA 3 after FA2511-0002", kind: "missing" },
      facts: { first: 3, last: 3, next: "FA2511-0004" },
    }],
    other: { sql: "UPDATE llx_facture SET ref = 'GONE-' || rowid WHERE rowid IN (3, 4)" },
    pairs: true,
  },
  {
    check: "data.numbering",
    what: "another number is there twice",
    sql: "DROP INDEX uk_facture_ref_entity; UPDATE llx_facture SET ref = 'FA2512-0007' WHERE rowid = 8",
    expected: [
      { subject: "FA2512-0007", kind: "repeated", facts: { times: 2 } },
      {
        ...{ subject: "FA 8 after FA2512-0007", kind: "missing" },
        facts: { first: 8, last: 8, next: "FA2512-0009" },
      },
    ],
    pairs: true,
  },
  {
    check: "data.bookkeeping",
    what: "a transaction is not balanced",
    sql: entry(1, 60, 50),
    expected: [{
      ...{ subject: "transaction 7", kind: "unbalanced" },
      facts: { debit: "60", credit: "50" },
    }],
    other: { sql: entry(1, 60, 40) },
    pairs: true,
  },
  {
    check: "data.bookkeeping",
    what: "a transaction of another company, of the same number, is not balanced",
    sql: entry(2, 60, 50),
    expected: [{
      ...{ subject: "transaction 2/7", kind: "unbalanced" },
      facts: { debit: "60", credit: "50" },
    }],
    pairs: true,
  },
  {
    check: "data.unalterable_log",
    what: "a line was altered",
    sql: "UPDATE llx_blockedlog SET amounts = 1 WHERE rowid = 3",
    expected: async (whole) => {
      const { signature, said } = await logLine(whole, 3);
      return [{
        ...{ subject: "line 3", kind: "altered" },
        facts: { content: sha256(said.replace("|#|", "|1|")), signature },
      }];
    },
    other: { sql: "UPDATE llx_blockedlog SET amounts = 2 WHERE rowid = 3" },
    pairs: true,
  },
  {
    check: "data.unalterable_log",
    what: "a line is gone",
    sql: "DELETE FROM llx_blockedlog WHERE rowid = 6",
    expected: async (whole) => [{
      ...{ subject: "line 7", kind: "not-following" },
      facts: {
        after: 5,
        signature: (await logLine(whole, 7)).signature,
        previous: (await logLine(whole, 5)).signature,
      },
    }],
    pairs: true,
  },
  {
    check: "data.unalterable_log",
    what: "every line is gone",
    sql: "DELETE FROM llx_blockedlog",
    expected: [{ subject: "unalterable log", kind: "all-gone" }],
  },
  {
    check: "data.unalterable_log",
    what: "somebody tried to switch it off, and a line was written after that",
    sql: SWITCHED_OFF,
    expected: async ({ session }) => {
      const [next] = await session.query<{ id: number }>(
        "SELECT max(rowid)::integer + 1 AS id FROM llx_blockedlog",
      );
      const said = "2026-09-30 12:00:00|2026-09-30 12:00:00|MODULE_RESET|0|systemevent|SuperAdmin|{}";
      return [{
        ...{ subject: `line ${next!.id}`, kind: "switch-off" },
        facts: { on: "2026-09-30 12:00:00", user: "SuperAdmin", content: sha256(said) },
      }];
    },
  },
  {
    check: "data.logged_invoices",
    what: "an invoice's total is a euro too high, and somebody tried to switch the log off after that",
    sql: `UPDATE llx_facture SET total_ttc = total_ttc + 1 WHERE rowid = 5; ${SWITCHED_OFF}`,
    expected: [{
      ...{ subject: "FA2512-0005", kind: "other-total" },
      facts: { total: "5854", logged: "5853" },
    }],
  },
  {
    check: "data.logged_invoices",
    what: "an invoice's total is a euro too high",
    sql: "UPDATE llx_facture SET total_ttc = total_ttc + 1 WHERE rowid = 5",
    expected: [{
      ...{ subject: "FA2512-0005", kind: "other-total" },
      facts: { total: "5854", logged: "5853" },
    }],
    other: { sql: "UPDATE llx_facture SET total_ttc = total_ttc + 2 WHERE rowid = 5" },
    pairs: true,
  },
  {
    check: "data.logged_invoices",
    what: "an invoice is gone",
    sql: "DELETE FROM llx_facture WHERE rowid = 7",
    expected: [{ subject: "FA2512-0007", kind: "missing", facts: { logged: "10002.2" } }],
    pairs: true,
  },
  {
    check: "data.logged_invoices",
    what: "every line of the log is gone",
    sql: "DELETE FROM llx_blockedlog",
    expected: [{ subject: "unalterable log", kind: "all-gone" }],
  },
  {
    check: "data.numbering",
    what: "an invoice that a mask numbered is gone",
    sql: `${BY_MASK} DELETE FROM llx_facture WHERE ref = 'FV2026-0002'`,
    expected: [{
      ...{ subject: "FV 2 after FV2026-0001", kind: "missing" },
      facts: { first: 2, last: 2, next: "FV2026-0003" },
    }],
  },
  {
    check: "data.logged_invoices",
    what: "an invoice that a mask numbered is gone",
    sql: `${BY_MASK} DELETE FROM llx_facture WHERE ref = 'FV2026-0007'`,
    expected: [{ subject: "FV2026-0007", kind: "missing", facts: { logged: "10002.2" } }],
  },
  {
    check: "data.logged_invoices",
    what: "an invoice of the second company is gone, and one has another total",
    sql: `UPDATE llx_facture SET entity = 2; UPDATE llx_blockedlog SET entity = 2;
      DELETE FROM llx_facture WHERE rowid = 7; UPDATE llx_facture SET total_ttc = total_ttc + 1 WHERE rowid = 5`,
    expected: [
      { subject: "2/FA2512-0007", kind: "missing", facts: { logged: "10002.2" } },
      { subject: "2/FA2512-0005", kind: "other-total", facts: { total: "5854", logged: "5853" } },
    ],
  },
  {
    check: "documents.invoices",
    what: "a PDF is gone",
    file: (documents) => Deno.remove(`${documents}/${PDF}`),
    expected: [{ subject: "FA2511-0001", kind: "missing", ...about(PDF) }],
    pairs: true,
  },
  {
    check: "documents.invoices",
    what: "a PDF of the second company is gone, whose first company has one of that name",
    sql: `${SECOND_COMPANY}
      INSERT INTO llx_ecm_files (ref, label, entity, filepath, filename)
      SELECT md5('second'), label, 2, '2/' || filepath, filename FROM llx_ecm_files WHERE filename = 'FA2511-0001.pdf';
      UPDATE llx_facture SET last_main_doc = '2/' || last_main_doc WHERE rowid = 1001`,
    expected: [{ subject: "2/FA2511-0001", kind: "missing", ...about(`2/${PDF}`) }],
  },
  {
    check: "documents.invoices",
    what: "a PDF of the second company in the shared place is another one",
    sql: `${SECOND_COMPANY}
      UPDATE llx_facture SET ref = 'FX1', last_main_doc = 'facture/FX1/FX1.pdf' WHERE rowid = 1001;
      INSERT INTO llx_ecm_files (ref, label, entity, filepath, filename) VALUES (md5('second'), md5('x'), 2, 'facture/FX1', 'FX1.pdf')`,
    file: lay("facture/FX1/FX1.pdf", NOT_READABLE),
    expected: [{
      ...{ subject: "2/FX1", kind: "other-bytes" },
      ...about("facture/FX1/FX1.pdf", sha256(NOT_READABLE)),
    }],
  },
  {
    check: "documents.invoices",
    what: "a PDF is another one",
    file: (documents) => Deno.writeTextFile(`${documents}/${NEWEST_PDF}`, NOT_READABLE),
    expected: [{ subject: "FA2609-0046", kind: "other-bytes", ...about(NEWEST_PDF, sha256(NOT_READABLE)) }],
    other: { file: (documents) => Deno.writeTextFile(`${documents}/${NEWEST_PDF}`, `%${NOT_READABLE}`) },
    pairs: true,
  },
  {
    check: "documents.invoice_texts",
    what: "a PDF cannot be read",
    file: (documents) => Deno.writeTextFile(`${documents}/${NEWEST_PDF}`, NOT_READABLE),
    expected: [{ subject: "FA2609-0046", kind: "unreadable", ...about(NEWEST_PDF, sha256(NOT_READABLE)) }],
    other: { file: (documents) => Deno.writeTextFile(`${documents}/${NEWEST_PDF}`, `${NOT_READABLE}\n`) },
    pairs: true,
  },
  {
    check: "documents.invoice_texts",
    what: "an invoice says another total than its PDF",
    sql: "UPDATE llx_facture SET total_ttc = 800 WHERE rowid = 1",
    expected: async ({ sandbox }) => {
      const known = about(PDF, sha256Of(await Deno.readFile(`${sandbox.documents}/${PDF}`)));
      return [{
        ...{ subject: "FA2511-0001", kind: "other-text", ...known },
        facts: { ...known.facts, lacks: "the total 800.00" },
      }];
    },
    other: { sql: "UPDATE llx_facture SET total_ttc = 801 WHERE rowid = 1" },
    pairs: true,
  },
  {
    check: "documents.papers",
    what: "a supplier's paper is gone",
    sql: paper("gone.pdf"),
    expected: [{
      ...{ subject: `${SUPPLIERS}/gone.pdf`, kind: "missing" },
      ...about(`${SUPPLIERS}/gone.pdf`),
    }],
    pairs: true,
  },
  {
    check: "documents.papers",
    what: "a supplier's paper is empty",
    sql: paper("scan.pdf"),
    file: lay(`${SUPPLIERS}/scan.pdf`, ""),
    expected: [{
      ...{ subject: `${SUPPLIERS}/scan.pdf`, kind: "empty" },
      ...about(`${SUPPLIERS}/scan.pdf`, sha256("")),
    }],
    pairs: true,
  },
  {
    check: "documents.papers",
    what: "a third party's paper is cut",
    sql: paper("contract.pdf", PARTYS),
    file: lay(`${PARTYS}/contract.pdf`, "%PDF-1.4\ncut"),
    expected: [{
      ...{ subject: `${PARTYS}/contract.pdf`, kind: "damaged" },
      ...about(`${PARTYS}/contract.pdf`, sha256("%PDF-1.4\ncut")),
    }],
    other: { sql: paper("contract.pdf", PARTYS), file: lay(`${PARTYS}/contract.pdf`, "%PDF-1.4\n") },
  },
  {
    check: "documents.papers",
    what: "what is attached to an invoice has other bytes",
    sql: paper("order.txt", CUSTOMERS),
    file: lay(`${CUSTOMERS}/order.txt`, "other"),
    expected: [{
      ...{ subject: `${CUSTOMERS}/order.txt`, kind: "other-bytes" },
      ...about(`${CUSTOMERS}/order.txt`, sha256("other")),
    }],
    other: { sql: paper("order.txt", CUSTOMERS), file: lay(`${CUSTOMERS}/order.txt`, "another") },
  },
  {
    check: "documents.papers",
    what: "a file of the second company is zeroed at the same length",
    sql: paper("order.txt", `2/${PARTYS}`),
    file: lay(`2/${PARTYS}/order.txt`, "\0".repeat(9)),
    expected: [{
      ...{ subject: `2/${PARTYS}/order.txt`, kind: "other-bytes" },
      ...about(`2/${PARTYS}/order.txt`, sha256("\0".repeat(9))),
    }],
  },
];

export const HEALTHY: readonly (Breakage & { what: string })[] = [
  { what: "in the demo company, with its drafts and credit notes" },
  {
    what: "where rows of the list of files are left of objects that are gone, or got another name",
    sql: [
      paper("scan.pdf", "fournisseur/facture/1/0/(PROV9)"),
      paper("scan.pdf", "facture/(PROV48)"),
      paper("scan.pdf", "societe/99999"),
      paper("plan.pdf", "produit/OLD-NAME"),
      paper("plan.pdf", "ecm/Renamed"),
      paper("logo.png", "mycompany/logos"),
    ].join("\n"),
  },
  {
    what: "where papers have the bytes that are recorded, and a script got another ending on the disk",
    sql: paper("order.txt", PARTYS) + paper("script.php", PARTYS),
    async file(documents) {
      await lay(`${PARTYS}/order.txt`, "order.txt")(documents);
      await lay(`${PARTYS}/script.php.noexe`, "script.php")(documents);
    },
  },
  {
    what: "where the newest invoice is a draft again, without its number and its PDF",
    sql:
      `UPDATE llx_facture SET fk_statut = 0, ref = '(PROV48)', last_main_doc = NULL, total_ttc = total_ttc + 5,
        total_ht = total_ht + 5 WHERE ref = 'FA2609-0046';
      UPDATE llx_facturedet SET total_ht = total_ht + 5, total_ttc = total_ttc + 5
       WHERE rowid = (SELECT min(rowid) FROM llx_facturedet WHERE fk_facture = 48)`,
  },
  {
    what: "where a situation invoice is less what its cycle invoiced before, and another is not",
    sql: `UPDATE llx_facture SET type = 5, situation_cycle_ref = 1, situation_counter = 1 WHERE rowid = 5;
      UPDATE llx_facture SET type = 5, situation_cycle_ref = 1, situation_counter = 2 WHERE rowid = 10;
      UPDATE llx_facture SET type = 5, situation_cycle_ref = 1, situation_counter = 3 WHERE rowid = 1;
      UPDATE llx_facturedet SET total_ht = total_ht + 4877.5, total_tva = total_tva + 975.5, total_ttc = total_ttc + 5853
       WHERE rowid = (SELECT min(rowid) FROM llx_facturedet WHERE fk_facture = 10)`,
  },
  {
    what: "where a title has an amount, and a stamp is in the total alone",
    sql: `CREATE TEMPORARY TABLE title ON COMMIT DROP AS SELECT * FROM llx_facturedet WHERE rowid = 1;
      UPDATE title SET rowid = 99999, product_type = 9; INSERT INTO llx_facturedet SELECT * FROM title;
      UPDATE llx_facture SET revenuestamp = 1 WHERE rowid = 5;
      UPDATE llx_facturedet SET total_ttc = total_ttc - 1 WHERE rowid = 11`,
  },
  {
    what: "where a second company has the same numbers, and transactions of the same numbers",
    sql: `${copied("llx_facture", ["rowid"])} UPDATE copy_llx_facture SET entity = 2;
      INSERT INTO llx_facture SELECT * FROM copy_llx_facture;
      ${
      copied("llx_facturedet", ["rowid", "fk_facture"])
    } INSERT INTO llx_facturedet SELECT * FROM copy_llx_facturedet;
      ${copied("llx_paiement", ["rowid"])} UPDATE copy_llx_paiement SET entity = 2;
      INSERT INTO llx_paiement SELECT * FROM copy_llx_paiement;
      ${copied("llx_paiement_facture", ["rowid", "fk_paiement", "fk_facture"])}
      INSERT INTO llx_paiement_facture SELECT * FROM copy_llx_paiement_facture;
      ${entry(1, 60, 60)} ${entry(2, 50, 50)}`,
  },
  {
    what: "where payments have no reference, or the same one, and one is in another currency",
    sql:
      `UPDATE llx_paiement SET ref = NULL WHERE rowid > 5; UPDATE llx_paiement SET ref = 'PAY' WHERE rowid IN (3, 4);
      UPDATE llx_facture SET multicurrency_code = 'USD', multicurrency_tx = 1, multicurrency_total_ttc = 844.8 WHERE rowid = 1;
      UPDATE llx_paiement SET amount = 770 WHERE rowid = 1;
      UPDATE llx_paiement_facture SET amount = 770, multicurrency_amount = 844.8 WHERE rowid = 1`,
  },
  {
    what: "where a credit note pays a part of its invoice",
    sql:
      `INSERT INTO llx_societe_remise_except (entity, fk_soc, discount_type, amount_ht, amount_tva, amount_ttc, tva_tx, fk_user,
        fk_facture, fk_facture_source, description)
      SELECT 1, fk_soc, 0, -total_ht, -total_tva, -total_ttc, 20, 1, 5, rowid, '(CREDIT_NOTE)' FROM llx_facture
       WHERE type = 2 AND -total_ttc < 5853 ORDER BY rowid LIMIT 1`,
  },
];
