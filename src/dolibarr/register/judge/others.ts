/** What nothing that Dolibarr does changes: reconciled lines of a bank account, validated entries, lines of the unalterable log; and expense reports. */

import type { Fault } from "../../fault.ts";
import type { RegisterChange } from "../rows.ts";
import {
  agendaKept,
  differences,
  factsOf,
  isPutInLate,
  isSealed,
  type JudgeContext,
  type RegisterJudgement,
  traceInWords,
  traceOf,
} from "./context.ts";

/** Rows that stay as they are once they are sealed. */
interface SealedKind {
  table: string;
  name(row: { id: number; values: Readonly<Record<string, string | null>> }): string;
  told: readonly string[];
  /** Whether a row with an old id can only have been put in by hand. */
  ordered?: boolean;
}

const SEALED: readonly SealedKind[] = [
  {
    table: "llx_bank",
    name: ({ id, values }) => `reconciled line ${id} of the bank account ${values.account}`,
    told: ["amount", "date", "account"],
  },
  {
    table: "llx_accounting_bookkeeping",
    name: ({ id, values }) => `validated entry ${id} (piece ${values.piece}, ${values.document})`,
    told: ["account", "debit", "credit", "date", "document"],
  },
  {
    table: "llx_blockedlog",
    name: ({ id, values }) => `line ${id} of the unalterable log (${values.action}, ${values.ref})`,
    told: ["action", "object", "ref"],
    ordered: true,
  },
];

export function judgeSealedRows(
  changes: readonly RegisterChange[],
  context: JudgeContext,
): RegisterJudgement {
  const faults = SEALED.flatMap((kind) =>
    changes.filter(({ table }) => table === kind.table).flatMap((change) => {
      const { was, is, id } = change;
      if (!was) {
        return kind.ordered && isPutInLate(change, context)
          ? [
            faultOf(
              kind.table,
              kind.name(is!),
              change,
              "inserted",
              "it was not there before, and its id is older than those of its neighbours",
            ),
          ]
          : [];
      }
      if (!isSealed(was)) return [];
      const name = kind.name({ id, values: was.values });
      if (!is) return [faultOf(kind.table, name, change, "gone", "it is gone")];
      if (was.hash === is.hash) return [];
      const what = is.hash === "" && kind.table === "llx_bank"
        ? undefined // a person freed it, which the page offers
        : differences(was, is, kind.told).join(", ") || "what makes it what it is has changed";
      return what === undefined ? [] : [faultOf(kind.table, name, change, "altered", what)];
    })
  );
  return { faults, reopened: [], notes: [] };
}

function faultOf(table: string, subject: string, change: RegisterChange, kind: string, what: string) {
  const { id } = change;
  const fault: Fault = {
    subject,
    key: `${table}:${id}`,
    kind,
    sentence: `${subject}: ${what}`,
    facts: factsOf([change]),
  };
  return { fault, changes: [change] };
}

/** Expense reports that are approved or paid, with their lines. One that is not any more may change again. */
export function judgeExpenseReports(
  changes: readonly RegisterChange[],
  context: JudgeContext,
): RegisterJudgement {
  const judgement: RegisterJudgement = { faults: [], reopened: [], notes: [] };
  const reports = new Map(
    changes.filter(({ table }) => table === "llx_expensereport").map((change) => [change.id, change]),
  );
  const name = ({ was, is, id }: RegisterChange) => `expense report ${(was ?? is)?.values.ref ?? id}`;
  for (const change of reports.values()) {
    const { was, is, id } = change;
    if (!isSealed(was)) continue;
    if (is) {
      if (isSealed(is) && is.hash !== was.hash) {
        const what = differences(was, is, ["ref", "total"]).join(", ") ||
          "what makes it what it is has changed";
        judgement.faults.push(faultOf("llx_expensereport", name(change), change, "altered", what));
      }
      continue;
    }
    const trace = traceOf(context, ["expensereport"], ["EXPENSE_REPORT_DELETE"], id);
    if (trace) judgement.notes.push(`${name(change)}: deleted ${traceInWords(trace)}`);
    else if (agendaKept(context, "EXPENSE_REPORT_DELETE")) {
      judgement.faults.push(
        faultOf(
          "llx_expensereport",
          name(change),
          change,
          "gone",
          "it is gone, and no log tells who deleted it",
        ),
      );
    } else judgement.notes.push(`${name(change)}: deleted; this ERP keeps no log of that`);
  }
  for (const change of changes.filter(({ table }) => table === "llx_expensereport_det")) {
    const report = reports.get(Number((change.was ?? change.is)?.values.report));
    if (!change.was || report && !(isSealed(report.was) && isSealed(report.is))) continue; // it was open in between
    const kind = change.is ? "altered" : "gone";
    const what = change.is
      ? differences(change.was, change.is, ["total"]).join(", ") || "it changed"
      : "it is gone";
    judgement.faults.push(
      faultOf(
        "llx_expensereport_det",
        `line ${change.id} of the expense report ${change.was.values.report}`,
        change,
        kind,
        what,
      ),
    );
  }
  return judgement;
}
