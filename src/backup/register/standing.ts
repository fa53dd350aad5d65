/** The rows of earlier nights that go on standing against those of this one, and what they tell of a finding. Pure. */

import type { RegisterJudgement } from "../../dolibarr/register/judge.ts";
import { lineOfRow, type RegisterChange, type RegisterRow } from "../../dolibarr/register/rows.ts";
import type { FindingHistory } from "../../checks/findings/history.ts";
import type { RegisterHead, StandingRow } from "../../store/records/register/head.ts";

/** What is known of the rows that stand: those of the earlier register, and the set that is compared now. */
export interface StandingKnown {
  /** The set that the register is made for. */
  set: string;
  /** Of the register that it is compared with. */
  before: Pick<RegisterHead, "set" | "standing">;
}

/**
 * The rows that later nights are compared with in place of those of this night. One of a table that could not be compared
 * this time goes on standing.
 *
 * @param forms the names of the values of each table's rows; a table without one was not compared.
 */
export function standingAfter(
  { faults, reopened }: RegisterJudgement,
  known: StandingKnown,
  forms: ReadonlyMap<string, string[]>,
): StandingRow[] {
  const before = rowsByKey(known.before.standing);
  const rowOf = ({ table, id, was }: RegisterChange, why: StandingRow["why"]): StandingRow => {
    const earlier = before.get(keyOf({ table, id }));
    const since = earlier ? earlier.since : known.set;
    return {
      table,
      id,
      was: lineOf(was, forms.get(table) ?? []),
      in: earlier?.in ?? known.before.set,
      ...(since === undefined ? {} : { since }),
      why,
    };
  };
  const rows = [
    ...known.before.standing.filter(({ table }) => !forms.has(table)),
    ...reopened.map((change) => rowOf(change, "reopened")),
    ...faults.flatMap(({ changes }) => changes.map((change) => rowOf(change, "unexplained"))),
  ];
  return [...rowsByKey(rows).values()];
}

/**
 * Since when each fault is there, and the set in which all of its rows are still right: whatever looked at the sets in
 * between, the register knows it. In the order of the faults; undefined where an earlier register did not record it.
 */
export function historiesOf(
  { faults }: Pick<RegisterJudgement, "faults">,
  standing: readonly StandingRow[],
): (FindingHistory | undefined)[] {
  const rows = rowsByKey(standing);
  return faults.map(({ changes }) => {
    const own = changes.flatMap((change) => rows.get(keyOf(change)) ?? []);
    const since = own.map((row) => row.since).filter((one) => one !== undefined).sort()[0];
    const stillRightIn = own.map((row) => row.in).sort()[0];
    return since === undefined || stillRightIn === undefined ? undefined : { since, stillRightIn };
  });
}

const rowsByKey = (rows: readonly StandingRow[]): Map<string, StandingRow> =>
  new Map(rows.map((row) => [keyOf(row), row]));

const keyOf = ({ table, id }: { table: string; id: number }): string => `${table}:${id}`;

const lineOf = (row: RegisterRow | undefined, names: readonly string[]): string | null =>
  row ? lineOfRow(row, names) : null;
