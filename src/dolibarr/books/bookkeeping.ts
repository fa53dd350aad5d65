/** Accounting entries: in each transaction (`piece_num`) debit and credit are equal. */

import type { Session } from "../../postgres/connection/session.ts";

interface BookkeepingFound {
  lines: number;
  transactions: number;
  /** One sentence for each unbalanced transaction, at most 100. */
  wrong: string[];
}

const SQL =
  `WITH t AS (SELECT entity, piece_num, min(doc_ref) AS ref, count(*) AS lines, sum(debit) AS debit, sum(credit) AS credit
    FROM public.llx_accounting_bookkeeping GROUP BY 1, 2),
  wrong AS (SELECT * FROM t WHERE abs(debit - credit) >= 0.005 ORDER BY piece_num LIMIT 100)
  SELECT json_build_object('lines', (SELECT coalesce(sum(lines), 0) FROM t), 'transactions', (SELECT count(*) FROM t),
    'wrong', coalesce((SELECT json_agg('transaction ' || piece_num || ' (' || ref || '): ' || trim_scale(debit) || ' debit, '
      || trim_scale(credit) || ' credit' ORDER BY piece_num) FROM wrong), '[]'::json)) AS found`;

/** Compares debit and credit of every transaction. */
export async function compareBookkeeping(session: Session): Promise<BookkeepingFound> {
  const [row] = await session.query<{ found: BookkeepingFound }>(SQL);
  return row!.found;
}
