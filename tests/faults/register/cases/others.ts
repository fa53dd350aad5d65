/** What Dolibarr does to accounting entries, expense reports and contracts. */

import { aCase, type Case } from "../../../support/lab/nights/expected.ts";
import { DAY, type World } from "../../../support/lab/nights/world.ts";

const booked = async ({ act }: World, date = DAY) =>
  await act<number[]>("book", { date, ref: "FA-X", amount: 120 });
const validated = async (world: World, date?: string) => {
  const ids = await booked(world, date);
  await world.act("validateEntries", { from: "2025-01-01", to: "2026-12-31" });
  return ids;
};

export const ACCOUNTING_CASES: readonly Case[] = [
  aCase<number[]>({
    what: "entries validated",
    before: booked,
    does: ({ act }) => act("validateEntries", { from: "2026-11-01", to: "2026-11-30" }),
    expected: "quiet",
  }),
  aCase<number[]>({
    what: "entries that are not validated changed and deleted",
    before: booked,
    does: async ({ act }, [one, two]) => {
      await act("changeEntry", { id: one });
      await act("deleteEntry", { id: two });
    },
    expected: "quiet",
  }),
  aCase<number[]>({
    what: "validated entries lettered",
    before: validated,
    does: ({ act }, ids) => act("letter", { ids }),
    expected: "quiet",
  }),
  aCase<number[]>({
    what: "validated entries exported",
    before: validated,
    does: ({ act }, ids) => act("export", { ids }),
    expected: "quiet",
  }),
  aCase<number[]>({
    what: "a validated entry changed, which the ledger's page offers",
    before: validated,
    does: ({ act }, [id]) => act("changeEntry", { id }),
    expected: { found: "altered" },
  }),
  aCase<number[]>({
    what: "a validated entry deleted, which the ledger's page offers",
    before: validated,
    does: ({ act }, [id]) => act("deleteEntry", { id }),
    expected: { found: "gone" },
  }),
  aCase<number[]>({
    what: "a year closed",
    before: (world) => validated(world, "2025-11-20"),
    does: ({ act, years: [year, next] }) => act("closeYear", { year, next }),
    expected: "quiet",
  }),
];

const expense = (
  what: string,
  action: string,
  expected: Case["expected"],
  more: Partial<Case<number>> = {},
) =>
  aCase<number>({
    what,
    before: ({ act }) => act("expenseReport", { date: DAY }),
    does: ({ act }, id) => act(action, { id }),
    expected,
    ...more,
  });

export const OTHER_CASES: readonly Case[] = [
  expense("an expense report made and approved", "", "quiet", {
    before: () => Promise.resolve(0),
    does: ({ act }) => act("expenseReport", { date: DAY }),
  }),
  expense("an expense report paid", "expensePaid", "quiet"),
  expense("an expense report unpaid again", "expenseUnpaid", "quiet", {
    before: async ({ act }) => {
      const id = Number(await act("expenseReport", { date: DAY }));
      await act("expensePaid", { id });
      return id;
    },
  }),
  expense("an expense report cancelled", "cancelExpense", "quiet"),
  expense("an approved expense report deleted", "deleteExpense", {
    told: /^expense report ER\S+: deleted by admin at .*EXPENSE_REPORT_DELETE/,
  }, {
    with: {
      "no agenda": { told: /this ERP keeps no log of that/ },
      neither: { told: /this ERP keeps no log of that/ },
    },
  }),
  aCase<number>({
    what: "a contract edited",
    before: ({ act, party }) => act("contract", { party }),
    does: ({ act }, id) => act("editContract", { id }),
    expected: "quiet",
  }),
];
