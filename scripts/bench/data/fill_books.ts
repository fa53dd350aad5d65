/** Books of an ERP of many years: invoices with their lines, payments, entries and lines of the log, put in by the server itself. */

import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import type { DataLab } from "./data_lab.ts";

/** How many rows each table gets for one invoice. */
export const BOOKS = { lines: 2.4, entries: 2 };
/** Every year has so many invoices. */
const A_YEAR = 5_000;
const ALL_TABLES =
  "llx_facture, llx_facturedet, llx_paiement, llx_paiement_facture, llx_bank, llx_accounting_bookkeeping, llx_blockedlog";

/** Replaces the lab's books by `invoices` validated and paid invoices with all that belongs to them, under rising ids. */
export async function fillBooks({ prod }: DataLab, invoices: number): Promise<void> {
  await using session = await connect(prod.database);
  await session.query(`TRUNCATE ${ALL_TABLES} CASCADE`);
  const day = (n: string) => `(date '2016-01-01' + (${n} * 365 / ${A_YEAR})::integer)`;
  const ref = (n: string) =>
    `'FA' || to_char(${day(n)}, 'YYMM') || '-' || lpad((${n} % ${A_YEAR})::text, 5, '0')`;
  const rows = (sql: string, count: number) =>
    session.query(`${sql} FROM generate_series(1, ${count}) n`).then(() => {});
  await rows(
    `INSERT INTO llx_facture (rowid, ref, fk_soc, datec, datef, date_valid, fk_statut, paye, total_ht, total_tva, total_ttc,
        fk_user_author, fk_user_valid, multicurrency_code, multicurrency_total_ht, multicurrency_total_tva, multicurrency_total_ttc, last_main_doc)
      SELECT n, ${ref("n")}, (SELECT min(rowid) FROM llx_societe), ${day("n")}, ${day("n")}, ${
      day("n")
    }, 2, 1,
        100 + n % 900, 20, 120 + n % 900, 1, 1, 'EUR', 100 + n % 900, 20, 120 + n % 900,
        'facture/' || ${ref("n")} || '/' || ${ref("n")} || '.pdf'`,
    invoices,
  );
  await rows(
    `INSERT INTO llx_facturedet (rowid, fk_facture, description, tva_tx, qty, subprice, total_ht, total_tva, total_ttc, multicurrency_code)
      SELECT n, 1 + n % ${invoices}, 'Maintenance of the plant, as agreed in the order of ' || n, 20, 1, 50, 50, 10, 60 + n % 7, 'EUR'`,
    Math.round(invoices * BOOKS.lines),
  );
  await rows(
    `INSERT INTO llx_paiement (rowid, ref, datec, datep, amount, fk_paiement, fk_bank, fk_user_creat)
      SELECT n, 'PAY' || n, ${day("n")}, ${day("n")}, 120 + n % 900, 4, n, 1`,
    invoices,
  );
  await rows(
    `INSERT INTO llx_paiement_facture (rowid, fk_paiement, fk_facture, amount, multicurrency_code)
      SELECT n, n, n, 120 + n % 900, 'EUR'`,
    invoices,
  );
  await rows(
    `INSERT INTO llx_bank (rowid, datec, dateo, datev, amount, label, fk_account, fk_user_author, rappro)
      SELECT n, ${day("n")}, ${day("n")}, ${day("n")}, 120 + n % 900, '(CustomerInvoicePayment)', 1, 1, 1`,
    invoices,
  );
  await rows(
    `INSERT INTO llx_accounting_bookkeeping (rowid, piece_num, doc_date, doc_type, doc_ref, fk_doc, fk_docdet, numero_compte,
        label_compte, label_operation, debit, credit, montant, sens, fk_user_author, date_creation, code_journal, date_validated)
      SELECT n, n / 2, ${
      day("n / 2")
    }, 'customer_invoice', 'FA' || n / 2, n / 2, n, '411' || n % 90, 'Customers', 'Invoice ' || n / 2,
        120 * (n % 2), 120 * ((n + 1) % 2), 120, 'D', 1, ${day("n / 2")}, 'VT', ${day("n / 2")}`,
    Math.round(invoices * BOOKS.entries),
  );
  await rows(
    `INSERT INTO llx_blockedlog (rowid, date_creation, action, amounts, ref_object, date_object, user_fullname, object_data,
        signature, element, fk_user, fk_object, signature_line)
      SELECT n, ${day("n")}, 'BILL_VALIDATE', 120 + n % 900, ${ref("n")}, ${
      day("n")
    }, 'admin', repeat('a:1:{s:3:"ref";}', 90),
        md5(n::text) || md5(n::text), 'facture', 1, n, md5(n::text) || md5('x' || n)`,
    invoices,
  );
  await session.query(`VACUUM (ANALYZE) ${ALL_TABLES}`); // now, and not by the server during a run
}

/** Changes one row of each table in a column that no register has, and adds a part of a payment, so that no part of it is taken over unread. */
export async function changeBooks(session: Session): Promise<void> {
  for (
    const change of [
      "llx_facture SET note_private",
      "llx_facturedet SET import_key",
      "llx_paiement SET note",
      "llx_bank SET note",
      "llx_accounting_bookkeeping SET import_key",
      "llx_blockedlog SET debuginfo",
      "llx_societe SET note_private",
    ]
  ) {
    const [table] = change.split(" ", 1);
    await session.query(
      `UPDATE ${change} = left(gen_random_uuid()::text, 14) WHERE rowid = (SELECT min(rowid) FROM ${table})`,
    );
  }
  await session.query(
    "INSERT INTO llx_paiement_facture (rowid, fk_paiement, amount) SELECT max(rowid) + 1, 1, 0.01 FROM llx_paiement_facture",
  );
}

/** A paper of Dolibarr has so many bytes. */
const PAPER_BYTES = 20_000;

/** Adds a folder with a paper for each invoice, as large as one of Dolibarr's; most of it cannot be compressed. */
export function fillPapers(folder: string, invoices: number): void {
  const paper = new Uint8Array(PAPER_BYTES);
  for (let invoice = 1; invoice <= invoices; invoice++) {
    const place = `${folder}/bench-${invoice}`;
    Deno.mkdirSync(place, { recursive: true });
    crypto.getRandomValues(paper.subarray(0, PAPER_BYTES * 3 / 4));
    Deno.writeFileSync(`${place}/bench-${invoice}.pdf`, paper);
  }
}
