/** One day of a busy company, of actions that leave no finding: chosen by a seeded random, done by Dolibarr's classes. */

import type { World } from "./world.ts";

/** What the company has to act on, and how often it did what. */
export interface Company {
  world: World;
  random: () => number;
  parties: number[];
  /** Validated invoices that nobody paid. */
  open: number[];
  drafts: number[];
  /** Payments that were not reconciled. */
  payments: number[];
  supplierOpen: number[];
  discounts: number[];
  counts: Record<string, number>;
}

export const foundCompany = (world: World, random: () => number): Company => ({
  ...{ world, random, parties: [world.party, world.other], open: [], drafts: [], payments: [] },
  ...{ supplierOpen: [], discounts: [], counts: {} },
});

const take = <T>({ random }: Company, from: T[]): T | undefined =>
  from.length === 0 ? undefined : from.splice(Math.floor(random() * from.length), 1)[0];
const pick = <T>({ random }: Company, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

type Deed = (company: Company, date: string) => Promise<unknown>;

/** What is done, how often in 100 deeds. A deed for which there is nothing does nothing. */
export const DEEDS: Record<string, [share: number, Deed]> = {
  invoice: [20, async (company, date) => {
    const prices = [1, 2, 3].slice(0, 1 + Math.floor(company.random() * 3)).map(() =>
      Math.round(company.random() * 90_000) / 100 + 1
    );
    const draft = company.random() < 0.2;
    const id = await company.world.invoice({ party: pick(company, company.parties), date, prices, draft });
    (draft ? company.drafts : company.open).push(id);
  }],
  validateDraft: [5, (company) =>
    on(company, company.drafts, async (id) => {
      await company.world.act("validate", { id });
      company.open.push(id);
    })],
  pay: [15, (company, date) =>
    on(company, company.open, async (invoice) => {
      const { world: { act, account } } = company;
      company.payments.push(await act("pay", { invoice, date, account }));
    })],
  payInPart: [
    3,
    (company, date) =>
      on(
        company,
        company.open,
        (invoice) => company.world.act("pay", { invoice, date, account: company.world.account, amount: 1 }),
      ),
  ],
  deletePayment: [2, (company, date) =>
    on(company, company.open, async (invoice) => {
      const { world: { act, account } } = company;
      await act("deletePayment", { id: await act("pay", { invoice, date, account, amount: 1 }) });
      company.open.push(invoice);
    })],
  reconcile: [12, (company) =>
    on(company, company.payments, async (payment) => {
      const { act } = company.world;
      await act("reconcile", { id: await act("bankLineOf", { table: "paiement", id: payment }) });
    })],
  correct: [5, (company) =>
    on(company, company.open, async (id) => {
      const { act } = company.world;
      await act("reopen", { id });
      if (company.random() < 0.5) await act("correctLines", { id, price: 11 });
      if (company.random() < 0.3) company.drafts.push(id); // it stays open for some nights
      else await act("validate", { id }).then(() => company.open.push(id));
    })],
  creditNote: [4, (company, date) =>
    on(company, company.open, async (source) => {
      const { world } = company;
      const [{ party } = { party: 0 }] = await world.session.query<{ party: number }>(
        `SELECT fk_soc AS party FROM llx_facture WHERE rowid = ${source}`,
      );
      const note = await world.invoice({ party, date, prices: [30], source });
      company.discounts.push(await world.act("toDiscount", { id: note }));
    })],
  splitDiscount: [
    2,
    (company) =>
      on(company, company.discounts, (id) => company.world.act("splitDiscount", { id, first: 10 })),
  ],
  deleteDiscount: [
    1,
    (company) => on(company, company.discounts, (id) => company.world.act("deleteDiscount", { id })),
  ],
  abandon: [1, (company) => on(company, company.open, (id) => company.world.act("abandon", { id }))],
  deleteLast: [2, async ({ world }, date) => {
    const id = await world.invoice({ date, prices: [5] });
    await world.act("deleteInvoice", { id });
  }],
  edit: [6, (company) =>
    on(company, company.open, async (id) => {
      const { world } = company;
      await world.act(pick(company, ["note", "terms", "clientReference", "makePdf", "updateUnchanged"]), {
        id,
      });
      company.open.push(id);
    })],
  supplierInvoice: [
    6,
    async (company, date) => void company.supplierOpen.push(await company.world.supplierInvoice({ date })),
  ],
  supplierEdit: [3, (company, date) =>
    on(company, company.supplierOpen, async (id) => {
      const { act } = company.world;
      await act(pick(company, ["editSupplier", "recalculate"]), { id, date, mode: 1 });
      company.supplierOpen.push(id);
    })],
  supplierCorrect: [2, (company) =>
    on(company, company.supplierOpen, async (id) => {
      const { act } = company.world;
      await act("reopenSupplier", { id });
      await act("correctSupplierLines", { id, price: 9 });
      await act("validateSupplier", { id });
      company.supplierOpen.push(id);
    })],
  paySupplier: [
    4,
    (company, date) =>
      on(
        company,
        company.supplierOpen,
        (invoice) => company.world.act("paySupplier", { invoice, date, account: company.world.account }),
      ),
  ],
  deleteSupplier: [
    1,
    (company) => on(company, company.supplierOpen, (id) => company.world.act("deleteSupplier", { id })),
  ],
  expense: [2, async ({ world: { act } }, date) => {
    const id = await act("expenseReport", { date });
    await act("expensePaid", { id: Number(id) });
  }],
  contract: [
    2,
    async ({ world: { act, party } }) =>
      void await act("editContract", { id: await act("contract", { party }) }),
  ],
  book: [
    4,
    async ({ world: { act } }, date) => void await act("book", { date, ref: `FA-${date}`, amount: 12 }),
  ],
  newCustomer: [
    3,
    async (company) =>
      void company.parties.push(
        await company.world.act("party", { name: `Customer ${company.parties.length}` }),
      ),
  ],
  merge: [1, async (company) => {
    if (company.parties.length < 4) return; // the first two are named elsewhere
    const [gone] = company.parties.splice(2 + Math.floor(company.random() * (company.parties.length - 2)), 1);
    await company.world.act("mergeParties", { id: pick(company, company.parties), gone });
  }],
};

async function on(company: Company, from: number[], does: (id: number) => Promise<unknown>): Promise<void> {
  const id = take(company, from);
  if (id !== undefined) await does(id);
}

/** A day with that many deeds. */
export async function busyDay(company: Company, date: string, deeds: number): Promise<void> {
  const all = Object.entries(DEEDS).flatMap(([name, [share]]) => Array<string>(share).fill(name));
  for (let done = 0; done < deeds; done++) {
    const name = pick(company, all);
    company.counts[name] = (company.counts[name] ?? 0) + 1;
    await DEEDS[name]![1](company, date);
  }
}
