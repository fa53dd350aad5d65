/** Accounting entries: in each transaction (`piece_num`) debit and credit are equal. */

import type { Session } from "../../postgres/connection/session.ts";
import { type Fault, FAULTS_AT_MOST } from "../fault.ts";

interface BookkeepingFound {
  lines: number;
  transactions: number;
  /** One for each unbalanced transaction, at most `FAULTS_AT_MOST`, and how many there are. */
  faults: Fault[];
  total: number;
}

interface Found extends Omit<BookkeepingFound, "faults"> {
  wrong: { subject: string; ref: string; debit: string; credit: string }[];
}

const SQL =
  `WITH t AS (SELECT entity, piece_num, coalesce(min(doc_ref), '') AS ref, count(*) AS lines, sum(coalesce(debit, 0)) AS debit,
      sum(coalesce(credit, 0)) AS credit FROM public.llx_accounting_bookkeeping GROUP BY 1, 2),
  wrong AS (SELECT * FROM t WHERE abs(debit - credit) >= 0.005)
  SELECT json_build_object('lines', (SELECT coalesce(sum(lines), 0) FROM t), 'transactions', (SELECT count(*) FROM t),
    'total', (SELECT count(*) FROM wrong),
    'wrong', coalesce((SELECT json_agg(json_build_object(
        'subject', 'transaction ' || CASE WHEN entity = 1 THEN '' ELSE entity || '/' END || coalesce(piece_num::text, 'without a number'),
        'ref', ref, 'debit', trim_scale(debit)::text, 'credit', trim_scale(credit)::text) ORDER BY entity, piece_num)
      FROM (SELECT * FROM wrong ORDER BY entity, piece_num LIMIT ${FAULTS_AT_MOST}) AS w), '[]'::json)) AS found`;

/** Compares debit and credit of every transaction. */
export async function compareBookkeeping(session: Session): Promise<BookkeepingFound> {
  const [row] = await session.query<{ found: Found }>(SQL);
  const { wrong, ...found } = row!.found;
  return { ...found, faults: wrong.map(faultOf) };
}

const faultOf = ({ subject, ref, debit, credit }: Found["wrong"][number]): Fault => ({
  subject,
  kind: "unbalanced",
  sentence: `${subject} (${ref}): ${debit} debit, ${credit} credit`,
  facts: { debit, credit },
});
