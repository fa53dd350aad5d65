/**
 * Rows that no law freezes, and that a company misses: contracts, orders, users, modules. Each may be deleted lawfully, so
 * that it is told and is no finding, unless many of a table go between two backups.
 */

import { formatCount } from "../../../base/numbers.ts";
import type { RegisterChange } from "../rows.ts";
import { MISSED_TABLES } from "../tables.ts";
import { factsOf, type JudgeContext, type RegisterJudgement } from "./context.ts";

/** More than so many rows, and more than that part of the table, are no tidying up. */
const MANY = 20;
const PART = 0.1;
/** So many are named. */
const NAMED = 10;

/** What is gone without an event of its deletion, table by table. A row that came anew under the same name is not gone. */
export function judgeMissedRows(
  changes: readonly RegisterChange[],
  context: JudgeContext,
): RegisterJudgement {
  const judgement: RegisterJudgement = { faults: [], reopened: [], notes: [] };
  for (const { table, noun, elements } of MISSED_TABLES) {
    const own = changes.filter((change) => change.table === table);
    const came = new Set(own.filter(({ was }) => !was).map(({ is }) => is!.values.name));
    const gone = own.filter((change) =>
      change.was && !change.is && !came.has(change.was.values.name ?? null) &&
      !traceOfDeletion(change.id, elements, context)
    );
    const told = gone.filter(({ id }) => context.isStanding?.(table, id));
    const fresh = gone.filter((change) => !told.includes(change));
    const isLoss = fresh.length > MANY && fresh.length > PART * (context.rowsBefore?.get(table) ?? 0);
    const lost = isLoss ? gone : told;
    if (fresh.length > 0 && !isLoss) judgement.notes.push(goneInWords(noun, fresh, context.before));
    if (lost.length === 0) continue;
    const fault = {
      subject: `table ${table}`,
      key: table,
      kind: "gone",
      sentence: `table ${table}: ${goneInWords(noun, lost)}`,
      facts: factsOf(lost, ["name"]),
    };
    judgement.faults.push({ fault, changes: lost });
  }
  return judgement;
}

const traceOfDeletion = (id: number, elements: readonly string[], { traces }: JudgeContext): boolean =>
  traces.some(({ log, object, element, action }) =>
    log === "agenda" && object === id && elements.includes(element) && action.endsWith("_DELETE")
  );

/** `3 contracts gone since 20261101T030000Z: CT1, CT2, CT3` */
function goneInWords(noun: string, gone: readonly RegisterChange[], since?: string): string {
  const names = gone.slice(0, NAMED).map(({ was }) => was!.values.name ?? "without a name");
  const more = gone.length > NAMED ? ` and ${formatCount(gone.length - NAMED, "other")}` : "";
  return `${formatCount(gone.length, noun)} gone${since ? ` since ${since}` : ""}: ${
    names.join(", ")
  }${more}`;
}
