/** What nobody does in Dolibarr: the books altered past it, so that one night's copy agrees with itself. */

import { aCase, type Case } from "../../../support/lab/nights/expected.ts";
import { DAY, type World } from "../../../support/lab/nights/world.ts";

interface Altered<Given> {
  what: string;
  before(world: World): Promise<Given>;
  /** Statements. */
  by(given: Given, world: World): string[];
  /** The kinds of findings, in the order in which they are told. */
  found: string[];
  with?: Case["with"];
}

const altered = <Given>({ what, before, by, found, with: others }: Altered<Given>): Case =>
  aCase<Given>({
    what,
    before,
    does: async (world, given) => {
      for (const sql of by(given, world)) await world.session.query(sql);
    },
    expected: { found },
    ...(others ? { with: others } : {}),
  });

const paid = async (world: World) => {
  const invoice = await world.invoice();
  const payment = await world.act("pay", { invoice, date: DAY, account: world.account });
  return { invoice, payment, line: await world.act("bankLineOf", { table: "paiement", id: payment }) };
};
const goneSql = ({ invoice, payment, line }: Awaited<ReturnType<typeof paid>>) => [
  `DELETE FROM llx_paiement_facture WHERE fk_paiement = ${payment}`,
  `DELETE FROM llx_paiement WHERE rowid = ${payment}`,
  `DELETE FROM llx_bank_url WHERE fk_bank = ${line}`,
  `DELETE FROM llx_bank WHERE rowid = ${line}`,
  `DELETE FROM llx_blockedlog WHERE (element, fk_object) IN (('facture', ${invoice}), ('payment', ${payment}))`,
  `DELETE FROM llx_facturedet WHERE fk_facture = ${invoice}`,
  `DELETE FROM llx_facture WHERE rowid = ${invoice}`,
];
const booked = async ({ act }: World) => {
  const ids = await act<number[]>("book", { date: DAY, ref: "FA-X", amount: 120 });
  await act("validateEntries", { from: "2026-01-01", to: "2026-12-31" });
  return ids;
};
const copyOf = (table: string, id: number, set: Record<string, string>) =>
  `INSERT INTO ${table} SELECT (json_populate_record(t, '${
    JSON.stringify(set)
  }'::json)).* FROM ${table} t WHERE rowid = ${id}`;
const oneOf = async (world: World) => await world.invoice();
const paidSupplier = async (world: World) => {
  const invoice = await world.supplierInvoice();
  const payment = await world.act("paySupplier", { invoice, date: DAY, account: world.account });
  return { invoice, payment, line: await world.act("bankLineOf", { table: "paiementfourn", id: payment }) };
};

const INVOICES: readonly Case[] = [
  altered({
    what:
      "the last invoice gone with its lines, its payment, its line of the bank account and its lines of the log",
    before: paid,
    by: goneSql,
    found: ["gone", "gone", "gone", "gone"],
    with: {
      "no agenda": { found: ["gone", "gone", "gone"] },
      "no unalterable log": { found: "gone" },
      neither: { told: /deleted; this ERP keeps no log of that, and it was the last of its series/ },
    },
  }),
  altered({
    what: "a total, its lines and its line of the log recomputed",
    before: oneOf,
    by: (id) => [
      `UPDATE llx_facturedet SET subprice = subprice * 2, total_ht = total_ht * 2, total_tva = total_tva * 2, total_ttc = total_ttc * 2 WHERE fk_facture = ${id}`,
      `UPDATE llx_facture SET total_ht = total_ht * 2, total_tva = total_tva * 2, total_ttc = total_ttc * 2 WHERE rowid = ${id}`,
      `UPDATE llx_blockedlog SET amounts = amounts * 2, signature = md5('a'), signature_line = md5('b') WHERE fk_object = ${id} AND action = 'BILL_VALIDATE'`,
    ],
    found: ["altered", "altered"],
    with: { "no unalterable log": { found: "altered" }, neither: { told: /^1 invoice changed/ } },
  }),
  altered({
    what: "two invoices with their third parties exchanged",
    before: async (world) => [await world.invoice(), await world.invoice({ party: world.other })],
    by: ([one, two], { party, other }) => [
      `UPDATE llx_facture SET fk_soc = ${other} WHERE rowid = ${one}`,
      `UPDATE llx_facture SET fk_soc = ${party} WHERE rowid = ${two}`,
    ],
    found: ["moved", "moved"],
  }),
  altered({
    what: "the customer of a paid invoice exchanged",
    before: paid,
    by: ({ invoice }, { other }) => [`UPDATE llx_facture SET fk_soc = ${other} WHERE rowid = ${invoice}`],
    found: ["moved"],
  }),
  altered({
    what: "a third party gone, and its papers another's, without a merge that the agenda tells of",
    before: async (world) => {
      const party = await world.act("party", { name: "Soon gone" });
      return { party, invoice: await world.invoice({ party }) };
    },
    by: ({ party, invoice }, { other }) => [
      `UPDATE llx_facture SET fk_soc = ${other} WHERE rowid = ${invoice}`,
      `DELETE FROM llx_societe WHERE rowid = ${party}`,
    ],
    found: ["moved"],
    with: { "no agenda": { told: /they were merged/ }, neither: { told: /they were merged/ } },
  }),
  altered({
    what: "an invoice put in with a new id, which the log does not know",
    before: oneOf,
    by: (
      id,
    ) => [copyOf("llx_facture", id, { rowid: String(id + 1), ref: "FA2510-0000", datef: "2025-10-02" })],
    found: ["inserted"],
    with: { "no unalterable log": { found: "inserted" }, neither: { found: "inserted" } },
  }),
  aCase<number>({
    what: "an invoice that an import put in already validated, with the next number",
    before: oneOf,
    does: async ({ session }, id) => {
      await session.query(copyOf("llx_facture", id, { rowid: String(id + 1), ref: "FA2611-9000" }));
    },
    expected: { told: /^invoice FA2611-9000: it came validated, as from an import/ },
    with: { "no unalterable log": "quiet", neither: "quiet" },
  }),
  altered({
    what: "an invoice put in with an id of long ago",
    before: async (world) => {
      const id = await world.invoice();
      await world.session.query(`SELECT setval('llx_facture_rowid_seq', ${id + 100})`);
      await world.invoice();
      return id;
    },
    by: (id) => [copyOf("llx_facture", id, { rowid: String(id + 20), ref: "FA2510-0000" })],
    found: ["inserted"],
  }),
  altered({
    what: "a draft made valid past Dolibarr",
    before: (world) => world.invoice({ draft: true }),
    by: (id) => [`UPDATE llx_facture SET ref = 'FA2611-9000', fk_statut = 1 WHERE rowid = ${id}`],
    found: ["inserted"],
    with: { "no unalterable log": "quiet", neither: "quiet" },
  }),
  altered({
    what: "a line moved to another invoice",
    before: async (world) => [await world.invoice(), await world.invoice({ prices: [7] })],
    by: ([one, two]) => [
      `UPDATE llx_facturedet SET fk_facture = ${two} WHERE rowid = (SELECT max(rowid) FROM llx_facturedet WHERE fk_facture = ${one})`,
    ],
    found: ["altered", "altered"],
    with: { neither: { told: /^2 invoices changed/ } },
  }),
];

const PAYMENTS: readonly Case[] = [
  altered({
    what: "a payment moved to another invoice",
    before: paid,
    by: ({ payment, invoice }) => [
      `UPDATE llx_paiement_facture SET fk_facture = (SELECT min(rowid) FROM llx_facture WHERE rowid <> ${invoice}) WHERE fk_paiement = ${payment}`,
    ],
    found: ["part-moved"],
  }),
  altered({
    what: "a payment put in past Dolibarr",
    before: paid,
    by: ({ payment }) => [copyOf("llx_paiement", payment, { rowid: String(payment + 1), ref: "PAYX" })],
    found: ["inserted"],
    with: { "no unalterable log": "quiet", neither: "quiet" },
  }),
  altered({
    what: "the date of a validated payment",
    before: async (world) => {
      const { payment } = await paid(world);
      await world.act("validatePayment", { id: payment });
      return payment;
    },
    by: (id) => [`UPDATE llx_paiement SET datep = datep - interval '1 year' WHERE rowid = ${id}`],
    found: ["altered"],
  }),
  altered({
    what: "a discount gone that nobody used, while its credit note is closed",
    before: async (world) =>
      await world.act("toDiscount", { id: await world.invoice({ source: await world.invoice() }) }),
    by: (id) => [`DELETE FROM llx_societe_remise_except WHERE rowid = ${id}`],
    found: ["gone"],
  }),
  altered({
    what: "the amount of a reconciled line of the bank account",
    before: async (world) => {
      const { line } = await paid(world);
      await world.act("reconcile", { id: line });
      return line;
    },
    by: (id) => [`UPDATE llx_bank SET amount = amount + 1 WHERE rowid = ${id}`],
    found: ["altered"],
  }),
];

const SUPPLIERS: readonly Case[] = [
  altered({
    what: "the date of a supplier's invoice",
    before: (world) => world.supplierInvoice(),
    by: (id) => [`UPDATE llx_facture_fourn SET datef = datef - interval '1 year' WHERE rowid = ${id}`],
    found: ["altered"],
    with: { "no agenda": { told: /no log of that/ }, neither: { told: /no log of that/ } },
  }),
  altered({
    what: "the text of a supplier's line, with a cent of its tax as if it was recalculated",
    before: (world) => world.supplierInvoice(),
    by: (id) => [
      `UPDATE llx_facture_fourn_det SET description = 'Other', tva = tva + 0.01, total_ttc = total_ttc + 0.01 WHERE fk_facture_fourn = ${id}`,
    ],
    found: ["altered"],
    with: {
      "no agenda": { told: /^1 supplier invoice changed/ },
      neither: { told: /^1 supplier invoice changed/ },
    },
  }),
  altered({
    what: "the date of a supplier's invoice, with a cent of its tax as if it was recalculated",
    before: (world) => world.supplierInvoice(),
    by: (id) => [
      `UPDATE llx_facture_fourn SET datef = datef - interval '1 year', total_tva = total_tva + 0.01, total_ttc = total_ttc + 0.01 WHERE rowid = ${id}`,
    ],
    found: ["altered"],
    with: { "no agenda": { told: /recalculated/ }, neither: { told: /recalculated/ } },
  }),
  altered({
    what: "a supplier's payment gone with its line of the bank account, while its invoice is closed",
    before: paidSupplier,
    by: ({ payment, line }) => [
      `DELETE FROM llx_paiementfourn_facturefourn WHERE fk_paiementfourn = ${payment}`,
      `DELETE FROM llx_paiementfourn WHERE rowid = ${payment}`,
      `DELETE FROM llx_bank_url WHERE fk_bank = ${line}`,
      `DELETE FROM llx_bank WHERE rowid = ${line}`,
    ],
    found: ["gone"],
  }),
];

const LEDGER: readonly Case[] = [
  altered({
    what: "an accounting entry altered with its counterpart",
    before: booked,
    by: (ids) => [
      `UPDATE llx_accounting_bookkeeping SET debit = debit / 2, credit = credit / 2, montant = montant / 2 WHERE rowid IN (${ids})`,
    ],
    found: ["altered", "altered"],
  }),
  altered({
    what: "an accounting entry gone with its counterpart",
    before: booked,
    by: (ids) => [`DELETE FROM llx_accounting_bookkeeping WHERE rowid IN (${ids})`],
    found: ["gone", "gone"],
  }),
  altered({
    what: "an entry that is not validated any more",
    before: booked,
    by: ([id]) => [`UPDATE llx_accounting_bookkeeping SET date_validated = NULL WHERE rowid = ${id}`],
    found: ["gone"],
  }),
  altered({
    what: "an approved expense report and its line",
    before: ({ act }) => act("expenseReport", { date: DAY }),
    by: (id) => [
      `UPDATE llx_expensereport SET total_ttc = total_ttc + 5 WHERE rowid = ${id}`,
      `UPDATE llx_expensereport_det SET total_ttc = total_ttc + 5 WHERE fk_expensereport = ${id}`,
    ],
    found: ["altered", "altered"],
  }),
  altered({
    what: "a line of the log that names another invoice",
    before: oneOf,
    by: (
      id,
    ) => [`UPDATE llx_blockedlog SET fk_object = 1 WHERE fk_object = ${id} AND action = 'BILL_VALIDATE'`],
    found: ["altered"],
    with: { "no unalterable log": "quiet", neither: "quiet" },
  }),
];

export const ALTERATIONS: readonly Case[] = [...INVOICES, ...PAYMENTS, ...SUPPLIERS, ...LEDGER];
