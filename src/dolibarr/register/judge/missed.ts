/**
 * Rows that no law freezes, and that a company misses: contracts, orders, users, modules. Each may be deleted lawfully, so
 * that it is told and is no finding, unless many of a table go between two backups.
 */

import { formatCount } from "../../../base/numbers.ts";
import type { RegisterChange } from "../rows.ts";
import { type DeletionEvents, MISSED_TABLES, type MissedTable } from "../tables.ts";
import { factsOf, type JudgeContext, type RegisterJudgement, tracesAbout } from "./context.ts";

/** More than so many rows, and more than that part of the table, are no tidying up. */
const MANY = 20;
const PART = 0.1;
/** So many are named. */
const NAMED = 10;

/**
 * What is gone without an event of its deletion, table by table. A row that came anew under the same name is not gone, and
 * what belonged to a user or a group that is gone goes with it.
 */
export function judgeMissedRows(
  changes: readonly RegisterChange[],
  context: JudgeContext,
): RegisterJudgement {
  const judgement: RegisterJudgement = { faults: [], reopened: [], notes: [] };
  for (const kind of MISSED_TABLES) {
    const { table, noun } = kind;
    const gone = untraced(kind, changes, context);
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

function untraced(
  { table, events, countedEvents, owner }: MissedTable,
  changes: readonly RegisterChange[],
  context: JudgeContext,
): RegisterChange[] {
  const own = changes.filter((change) => change.table === table);
  const came = new Set(own.filter(({ was }) => !was).map(({ is }) => is!.values.name));
  const owners = new Set(changes.filter((one) => one.table === owner?.table && !one.is).map(({ id }) => id));
  const goesWithOwner = (name: string) => {
    const of = Number(name.split(":", 1)[0]);
    return owners.has(of) || owner?.events !== undefined && isTold(of, owner.events, context);
  };
  const gone = own.filter(({ was, is, id }) =>
    was && !is && !came.has(was.values.name ?? null) &&
    !(events && isTold(id, events, context)) &&
    !(owner && goesWithOwner(was.values.name ?? ""))
  );
  const counted = context.traces.filter(({ log, action }) => log === "agenda" && action === countedEvents);
  return gone.slice(counted.length);
}

const isTold = (id: number, { actions, element }: DeletionEvents, { traces }: JudgeContext): boolean =>
  tracesAbout(traces, id).some((trace) =>
    trace.log === "agenda" && trace.element === element && actions.includes(trace.action)
  );

/** `3 contracts gone since 20261101T030000Z: CT1, CT2, CT3` */
function goneInWords(noun: string, gone: readonly RegisterChange[], since?: string): string {
  const names = gone.slice(0, NAMED).map(({ was }) => was!.values.name ?? "without a name");
  const more = gone.length > NAMED ? ` and ${formatCount(gone.length - NAMED, "other")}` : "";
  return `${formatCount(gone.length, noun)} gone${since ? ` since ${since}` : ""}: ${
    names.join(", ")
  }${more}`;
}
