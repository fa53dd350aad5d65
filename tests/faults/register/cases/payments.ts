/** What Dolibarr does to payments of customers, to suppliers' papers and to lines of the bank account. */

import { aCase, type Case } from "../../../support/lab/nights/expected.ts";
import { DAY, type World } from "../../../support/lab/nights/world.ts";

const pay = async (world: World, amount?: number) =>
  await world.act("pay", { invoice: await world.invoice(), date: DAY, account: world.account, amount });

const onPayment = (what: string, action: string, given: object = {}): Case =>
  aCase<number>({
    what,
    before: (world) => pay(world, 60),
    does: ({ act }, id) => act(action, { id, ...given }),
    expected: "quiet",
  });

export const PAYMENT_CASES: readonly Case[] = [
  aCase<number>({
    what: "an invoice paid in full",
    before: (world) => world.invoice(),
    does: ({ act, account }, invoice) => act("pay", { invoice, date: DAY, account }),
    expected: "quiet",
  }),
  aCase({ what: "an invoice paid in part", does: (world) => pay(world, 20), expected: "quiet" }),
  {
    ...onPayment("a payment deleted", "deletePayment"),
    expected: { told: /^payment PAY\S+: deleted by .*unalterable log: PAYMENT_CUSTOMER_DELETE/ },
    with: {
      "no unalterable log": { told: /deleted with its line of the bank account/ },
      neither: { told: /deleted with its line of the bank account/ },
    },
  },
  onPayment("a payment's date", "paymentDate", { date: "2026-11-19" }),
  onPayment("a payment's number", "paymentNumber"),
  onPayment("a payment validated", "validatePayment"),
  onPayment("a payment rejected", "rejectPayment"),
];

const supplier = (
  what: string,
  action: string,
  given: object,
  expected: Case["expected"],
  more: Partial<Case> = {},
) =>
  aCase<number>({
    what,
    before: (world) => world.supplierInvoice(),
    does: ({ act }, id) => act(action, { id, ...given }),
    expected,
    ...more as Partial<Case<number>>,
  });

const NO_LOG = { told: /this ERP keeps no log of that/ };

export const SUPPLIER_CASES: readonly Case[] = [
  supplier("a supplier's invoice validated", "validateSupplier", {}, "quiet", {
    before: (world) => world.supplierInvoice({ draft: true }),
  }),
  supplier("a supplier's invoice edited", "editSupplier", { date: "2026-11-19" }, {
    told: /^supplier invoice SI\S+: its date 2026-11-20 is now 2026-11-19, .*BILL_SUPPLIER_MODIFY/,
  }, { with: { "no agenda": NO_LOG, neither: NO_LOG } }),
  supplier("a supplier's invoice recalculated, where nothing differs", "recalculate", { mode: 0 }, "quiet"),
  supplier("a supplier's invoice recalculated by cents", "recalculate", { mode: 1 }, {
    told: /^supplier invoice SI\S+: recalculated: 2 lines changed$/,
  }),
  supplier("a supplier's invoice reopened", "reopenSupplier", {}, {
    told: /^supplier invoice SI\S+: open again, by admin at .*BILL_SUPPLIER_UNVALIDATE/,
  }, { with: { "no agenda": NO_LOG, neither: NO_LOG } }),
  supplier("a supplier's invoice reopened, corrected and validated again", "", {}, {
    told: /^supplier invoice SI\S+: changed by admin at .*BILL_SUPPLIER_UNVALIDATE/,
  }, {
    does: async ({ act }, id) => {
      await act("reopenSupplier", { id });
      await act("correctSupplierLines", { id, price: 4 });
      await act("validateSupplier", { id });
    },
    with: {
      "no agenda": { told: /^1 supplier invoice changed/ },
      neither: { told: /^1 supplier invoice changed/ },
    },
  }),
  supplier("a supplier's invoice deleted", "deleteSupplier", {}, {
    told: /^supplier invoice SI\S+: deleted by admin at .*BILL_SUPPLIER_DELETE/,
  }, { with: { "no agenda": NO_LOG, neither: NO_LOG } }),
  supplier("a supplier's invoice abandoned", "abandonSupplier", {}, "quiet"),
  supplier("the rate of a supplier's invoice changed past the page", "supplierRate", { rate: 2 }, {
    found: "altered",
  }, {
    with: {
      "no agenda": { told: /^1 supplier invoice changed/ },
      neither: { told: /^1 supplier invoice changed/ },
    },
  }),
  aCase<number>({
    what: "a supplier paid",
    before: (world) => world.supplierInvoice(),
    does: ({ act, account }, invoice) => act("paySupplier", { invoice, date: DAY, account }),
    expected: "quiet",
  }),
  aCase<number>({
    what: "a supplier's payment deleted",
    before: async (world) =>
      await world.act("paySupplier", {
        invoice: await world.supplierInvoice(),
        date: DAY,
        account: world.account,
        amount: 5,
      }),
    does: ({ act }, id) => act("deleteSupplierPayment", { id }),
    expected: {
      told:
        /^supplier payment SPAY\S+: deleted with its line of the bank account; this ERP keeps no log of that$/,
    },
  }),
];

const line = (world: World) =>
  world.act("bankLine", { account: world.account, date: DAY, label: "Rent", amount: -20 });
const reconciled = async (world: World) => {
  const id = await line(world);
  await world.act("reconcile", { id });
  return id;
};

export const BANK_CASES: readonly Case[] = [
  aCase<number>({
    what: "a line of the bank account edited before it is reconciled",
    before: line,
    does: ({ act }, id) => act("editBankLine", { id, amount: -99 }),
    expected: "quiet",
  }),
  aCase<number>({
    what: "the line of a payment edited before it is reconciled",
    before: async (world) => await world.act("bankLineOf", { table: "paiement", id: await pay(world) }),
    does: ({ act }, id) => act("editBankLine", { id, amount: 99 }),
    expected: "quiet",
  }),
  aCase<number>({
    what: "a line reconciled",
    before: line,
    does: ({ act }, id) => act("reconcile", { id }),
    expected: "quiet",
  }),
  aCase<number>({
    what: "a line freed",
    before: reconciled,
    does: ({ act }, id) => act("free", { id }),
    expected: "quiet",
  }),
  aCase<number>({
    what: "a line deleted before it is reconciled",
    before: line,
    does: ({ act }, id) => act("deleteBankLine", { id }),
    expected: "quiet",
  }),
  aCase<number>({
    what: "a line freed, edited and reconciled again, of which no log tells",
    before: reconciled,
    does: async ({ act }, id) => {
      await act("free", { id });
      await act("editBankLine", { id, amount: -99 });
      await act("reconcile", { id });
    },
    expected: { found: "altered" },
  }),
];
