/**
 * Breaks a restored ERP on purpose, in one way for each check, so that the tests and the negative control of a drill can
 * show that the check fails. Each breakage works with the login of the sandbox's owner, on any Dolibarr, also where it has
 * no rows of that kind yet, and never makes a sandbox act on the world.
 */

import { quoteLiteral } from "../../postgres/connection/database.ts";
import type { Session } from "../../postgres/connection/session.ts";

/** Each is one statement, which finds the row that it changes. */
const STATEMENTS = {
  "a third party renamed": `UPDATE public.llx_societe SET nom = left(coalesce(nom, ''), 120) || '!'
     WHERE rowid = (SELECT min(rowid) FROM public.llx_societe)`,
  /** As if no invoice had been sent to a customer. */
  "every invoice a draft": "UPDATE public.llx_facture SET fk_statut = 0",
  /** At the newest invoice, whatever the numbers of the oldest ones. */
  "a sequence restarted":
    `DO $$ BEGIN EXECUTE format('ALTER SEQUENCE public.llx_facture_rowid_seq RESTART WITH %s',
     (SELECT coalesce(max(rowid), 1) FROM public.llx_facture)); END $$`,
  "no number for a new third party": "ALTER TABLE public.llx_societe ALTER COLUMN rowid DROP DEFAULT",
  /** Of all rules of neutralising, the one whose absence lets nothing leave the sandbox. */
  "the banner gone": "UPDATE public.llx_const SET value = 'Welcome' WHERE name = 'MAIN_HOME'",
  "another message": "UPDATE public.llx_const SET value = 'another ERP' WHERE name = 'MAIN_HOME'",
  "another company":
    "UPDATE public.llx_const SET value = 'Another company' WHERE name = 'MAIN_INFO_SOCIETE_NOM'",
  "another version in the database": `UPDATE public.llx_const SET value = '99.0.0'
     WHERE name IN ('MAIN_VERSION_LAST_UPGRADE', 'MAIN_VERSION_LAST_INSTALL')`,
  "a line raised by a cent":
    `UPDATE public.llx_facturedet SET total_ht = total_ht + 0.01, total_ttc = total_ttc + 0.01
     WHERE rowid = (SELECT max(d.rowid) FROM public.llx_facturedet d JOIN public.llx_facture f ON f.rowid = d.fk_facture
       WHERE f.fk_statut > 0 AND coalesce(d.product_type, 0) <> 9)`,
  /** The lines still add up to the total: only the unalterable log shows the change. */
  "an invoice and its line raised by 1.00": `WITH one AS (
      SELECT f.rowid AS id, (SELECT min(d.rowid) FROM public.llx_facturedet d
          WHERE d.fk_facture = f.rowid AND coalesce(d.product_type, 0) <> 9) AS line
        FROM public.llx_facture f JOIN public.llx_blockedlog b ON b.fk_object = f.rowid AND b.element = 'facture'
       WHERE b.action = 'BILL_VALIDATE' AND b.entity = 1 AND f.fk_statut > 0 ORDER BY b.rowid DESC LIMIT 1),
    line AS (UPDATE public.llx_facturedet SET total_ht = total_ht + 1, total_ttc = total_ttc + 1
      WHERE rowid = (SELECT line FROM one))
    UPDATE public.llx_facture SET total_ht = total_ht + 1, total_ttc = total_ttc + 1 WHERE rowid = (SELECT id FROM one)`,
  "a supplier's line lost": `DELETE FROM public.llx_facture_fourn_det
     WHERE rowid = (SELECT max(rowid) FROM public.llx_facture_fourn_det WHERE total_ttc <> 0)`,
  /** The payment itself is a cent less than its part. */
  "a part of a payment raised by a cent":
    `UPDATE public.llx_paiement_facture SET amount = amount + 0.01 * sign(amount)
     WHERE rowid = (SELECT max(rowid) FROM public.llx_paiement_facture WHERE amount <> 0)`,
  /** An invoice of the longest series gets a reference of another form, so that its number is missing between two others. */
  "a number missing": `UPDATE public.llx_facture SET ref = left('GONE' || ref, 30) WHERE rowid = (
     SELECT rowid FROM (SELECT rowid, ref, number, lag(number) OVER w AS before, lead(number) OVER w AS after,
         count(*) OVER (PARTITION BY shape) AS size
       FROM (SELECT rowid, ref, regexp_replace(ref, '[0-9]', '0', 'g') AS shape,
           substring(ref from '([0-9]{1,9})[^0-9]*$')::bigint AS number
         FROM public.llx_facture WHERE entity = 1 AND ref ~ '[0-9]' AND ref !~ '^[(]PROV') AS s
       WINDOW w AS (PARTITION BY shape ORDER BY ref)) AS n
      WHERE before = number - 1 AND after = number + 1 ORDER BY size DESC, ref DESC LIMIT 1)`,
  "an entry without its counterpart": `INSERT INTO public.llx_accounting_bookkeeping
      (entity, piece_num, doc_date, doc_type, doc_ref, fk_doc, fk_docdet, numero_compte, label_compte, debit, credit, fk_user_author, code_journal)
     SELECT 1, coalesce(max(piece_num), 0) + 1, current_date, 'import', 'drill twin', 0, 0, '411', 'drill twin', 0.01, 0, 1, 'OD'
       FROM public.llx_accounting_bookkeeping`,
  /** Not before an attempt to switch the log off, whose line follows no other. */
  "a line of the log gone": `DELETE FROM public.llx_blockedlog WHERE rowid = (
     SELECT rowid FROM (SELECT rowid, lead(signature) OVER (PARTITION BY entity ORDER BY rowid) AS after FROM public.llx_blockedlog) AS l
      WHERE after <> '0000000000' ORDER BY rowid DESC LIMIT 1)`,
  "a paper that is not there": `INSERT INTO public.llx_ecm_files (ref, label, entity, filepath, filename)
     SELECT md5('drill twin'), md5('drill twin'), 1, 'societe/' || min(rowid), 'drill-twin.pdf' FROM public.llx_societe`,
} as const;

export type RowBreakage = keyof typeof STATEMENTS;

/** Breaks the database in this way. */
export async function breakRows(session: Session, breakage: RowBreakage): Promise<void> {
  await session.query(STATEMENTS[breakage]);
}

/** Hides an invoice from its company by moving it to another entity. */
export async function hideInvoice(session: Session, id: number): Promise<void> {
  await session.query("UPDATE public.llx_facture SET entity = 9 WHERE rowid = $1", [id]);
}

/** The tables behind Dolibarr's other lists. */
const LISTS = { "a third party": "llx_societe", "a supplier invoice": "llx_facture_fourn" } as const;

/** Hides a row of one of these lists by moving it to another entity. */
export async function hideListRow(session: Session, which: keyof typeof LISTS, id: number): Promise<void> {
  await session.query(`UPDATE public.${LISTS[which]} SET entity = 9 WHERE rowid = $1`, [id]);
}

/** Raises an invoice's total without tax by 1.00. */
export async function raiseNetTotal(session: Session, id: number): Promise<void> {
  await session.query("UPDATE public.llx_facture SET total_ht = total_ht + 1 WHERE rowid = $1", [id]);
}

/** Raises an invoice's total by a cent. */
export async function raiseTotal(session: Session, id: number): Promise<void> {
  await session.query("UPDATE public.llx_facture SET total_ttc = total_ttc + 0.01 WHERE rowid = $1", [id]);
}

/** Makes signing in with an account impossible. */
export async function closeAccount(session: Session, login: string): Promise<void> {
  await session.query("UPDATE public.llx_user SET pass_crypted = 'none', pass = NULL WHERE login = $1", [
    login,
  ]);
}

/** Drops the trigger that sets a table's time of change. */
export async function dropTrigger(session: Session): Promise<void> {
  const [trigger] = await session.query<{ name: string; table: string }>(
    `SELECT quote_ident(tgname) AS name, tgrelid::regclass::text AS table FROM pg_catalog.pg_trigger
      WHERE NOT tgisinternal AND tgrelid = ${quoteLiteral("public.llx_societe")}::regclass LIMIT 1`,
  );
  if (!trigger) throw new TypeError("public.llx_societe has no trigger");
  await session.query(`DROP TRIGGER ${trigger.name} ON ${trigger.table}`);
}

/** The foreign key that `loseParent` breaks: from an invoice's line to its invoice. */
export const LINE_AND_INVOICE = ["public.llx_facturedet", "public.llx_facture"] as const;
