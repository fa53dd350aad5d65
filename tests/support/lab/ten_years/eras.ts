/** Ten years of a company, done by Dolibarr's own classes: years of one way to number, one time zone, one entity. */

import type { ActsOptions, DolibarrActs } from "../dolibarr_acts.ts";

/** What is done in one process of PHP. */
export interface Era extends ActsOptions {
  /** Modules that are switched on before, which only a process that starts later can use. */
  modules?: readonly string[];
  does(acts: DolibarrActs): Promise<void>;
}

const MODULES = [
  ...["modAgenda", "modAccounting", "modExpenseReport", "modContrat", "modProjet", "modCommande"],
  ...["modPropale", "modMultiCurrency"],
];
const SECOND = [
  "modSociete",
  "modProduct",
  "modBanque",
  "modFacture",
  "modFournisseur",
  "modECM",
  "modBlockedLog",
];
const FIRST = { stays: { entity: 1 } };
const OTHER = { stays: { entity: 2 } };
const PARIS = { zone: "Europe/Paris" };

export const ERAS: readonly Era[] = [
  { ...FIRST, modules: MODULES, does: () => Promise.resolve() },
  { ...FIRST, does: (acts) => years(acts, "FV{yyyy}-{0000}", "AV{yyyy}-{0000}", [2017, 2018, 2019]) },
  { ...FIRST, does: (acts) => years(acts, "{yy}{mm}/{0000@1}", "AV{yy}-{0000@1}", [2020, 2021]) },
  {
    ...{ ...FIRST, ...PARIS },
    does: (acts) => years(acts, "FB{yy}{mm}-{0000@9}", "AB{yy}{mm}-{0000@9}", [2022, 2023, 2024]),
  },
  { ...FIRST, ...PARIS, does: lately },
  { ...FIRST, ...PARIS, does: abroad },
  { ...OTHER, ...PARIS, modules: SECOND, does: () => Promise.resolve() },
  { ...OTHER, ...PARIS, does: secondEntity },
];

/** Of each year. */
const DAYS = [
  ...["01-10", "02-11", "03-12", "04-22", "05-13", "06-14"],
  ...["07-15", "08-25", "09-16", "10-17", "11-18", "12-19"],
];

/** Invoices numbered by a mask, each with its PDF; some are paid, one of each year is credited. */
async function years(
  { act, session }: DolibarrActs,
  mask: string,
  credits: string,
  list: readonly number[],
): Promise<void> {
  const setting = { FACTURE_ADDON: "mod_facture_mercure", FACTURE_MERCURE_MASK_INVOICE: mask };
  const masks = { FACTURE_MERCURE_MASK_CREDIT: credits, FACTURE_MERCURE_MASK_DEPOSIT: mask };
  for (const [name, value] of Object.entries({ ...setting, ...masks })) {
    await act("constant", { name, value });
  }
  const party = await act("party", { name: `Client de ${list[0]} & Cie <SARL>` });
  const supplier = await act("party", { name: `Fournisseur de ${list[0]}`, supplier: true });
  const account = await session.ask<number>("SELECT min(rowid) FROM llx_bank_account");
  for (const year of list) {
    await act("fiscalYear", { year: `${year}` });
    for (const [at, day] of DAYS.entries()) {
      const date = `${year}-${day}`;
      const id = await act("invoice", { party, date, prices: [100 + at, 33.33, 0.05 * (at + 1)] });
      await act("makePdf", { id });
      if (at % 3 === 0) await act("pay", { invoice: id, date, account });
      if (at === 4) {
        const note = await act("invoice", { party, date, prices: [20], source: id });
        await act("makePdf", { id: note });
        await act("toDiscount", { id: note });
      }
      await act("book", { date, ref: `${year}-${at}`, amount: 120 + at });
    }
    await act("supplierInvoice", {
      party: supplier,
      date: `${year}-04-02`,
      prices: [10.01, 20.02],
      ref: `T-${year}`,
    });
    await act("validateEntries", { from: `${year}-01-01`, to: `${year}-12-31` });
  }
}

/** The last years: numbers without a mask, deposits, situations, papers of other kinds, drafts with papers. */
async function lately({ act, session }: DolibarrActs): Promise<void> {
  await act("constant", { name: "FACTURE_ADDON", value: "mod_facture_terre" });
  await act("constant", { name: "INVOICE_USE_SITUATION", value: "1" });
  await act("chart", { country: "fr" });
  const party = await act("party", { name: "Mairie de L’Haÿ-les-Roses" });
  const account = await session.ask<number>("SELECT min(rowid) FROM llx_bank_account");
  const date = "2026-10-20";
  const invoice = async (given: Record<string, unknown> = {}) => {
    const id = await act("invoice", { party, date, prices: [250], ...given });
    if (!given.draft) await act("makePdf", { id });
    return id;
  };
  // a deposit that is used in the invoice after it, and one that waits
  const discount = await act("deposit", { party, date, account, price: 100 });
  const final = await invoice({ draft: true });
  await act("consumeDiscount", { id: final, discount });
  await act("validate", { id: final });
  await act("makePdf", { id: final });
  await act("deposit", { party, date, account, price: 80 });
  let before = await act("situation", { party, date, prices: [1000, 333.33], percent: 30 });
  await act("makePdf", { id: before });
  for (const percent of [65, 100]) {
    before = await act("situation", { after: before, date, percent });
    await act("makePdf", { id: before });
  }
  await act("makeOdt", { id: await act("invoice", { party, date, prices: [75] }) });
  await invoice({ date: "2025-02-03" }); // of an earlier month, with a later number
  await act("invoice", { party, date, prices: [5] }); // no paper was ever made of it
  // drafts with papers, of which some are deleted
  for (const gone of [false, true]) {
    const draft = await invoice({ draft: true });
    await act("makePdf", { id: draft });
    await act("attach", { id: draft, name: "plan d'exécution n°2.pdf", text: "%PDF-1.4\n%%EOF\n" });
    if (gone) await act("deleteInvoice", { id: draft });
    const supplier = await act("party", {
      name: `Fournisseur ${gone ? "supprimé" : "gardé"}`,
      supplier: true,
    });
    const theirs = await act("supplierInvoice", {
      party: supplier,
      date,
      prices: [9],
      ref: `S-${gone}`,
      draft: true,
    });
    await act("attachToSupplier", { id: theirs, name: "scan.pdf", text: "%PDF-1.4\n%%EOF\n" });
    if (gone) await act("deleteSupplier", { id: theirs });
  }
  const reopened = await invoice();
  await act("reopen", { id: reopened });
  await act("correctLines", { id: reopened, price: 12.5 });
  await act("validate", { id: reopened });
  await act("makePdf", { id: reopened });
  await act("abandon", { id: await invoice() });
  await act("printedOrder", { party, date });
  await act("printedProposal", { party, date });
  await act("contract", { party });
  await act("expensePaid", { id: await act("expenseReport", { date }) });
}

/** Customers of other countries: papers in their languages, by other templates, in another currency; amounts of all sizes. */
async function abroad({ act, session }: DolibarrActs): Promise<void> {
  await act("currency", { code: "USD", rate: 1.1 });
  const party = await act("party", { name: "Müller & Söhne GmbH „Zur Post“" });
  const account = await session.ask<number>("SELECT min(rowid) FROM llx_bank_account");
  const date = "2026-11-05";
  const languages = [
    "de_DE",
    "de_CH",
    "en_IN",
    "pl_PL",
    "el_GR",
    "ru_RU",
    "ar_SA",
    "he_IL",
    "zh_CN",
    "ja_JP",
  ];
  for (const language of languages) {
    const id = await act("invoice", { party, date, prices: [1_234_567.89, 0.01] });
    await act("makePdf", { id, language });
  }
  for (const model of ["crabe", "octopus"]) {
    await act("makePdf", { id: await act("invoice", { party, date, prices: [99.99] }), model });
  }
  const dollars = await act("invoice", { party, date, prices: [1000, 0.03], currency: "USD" });
  await act("makePdf", { id: dollars });
  await act("pay", { invoice: dollars, date, account });
  // one that costs nothing, one that replaces another, and a credit note that pays an invoice
  await act("makePdf", { id: await act("invoice", { party, date, prices: [0] }) });
  const wrong = await act("invoice", { party, date, prices: [70] });
  await act("makePdf", { id: await act("invoice", { party, date, prices: [71], replaces: wrong }) });
  const credited = await act("invoice", { party, date, prices: [300] });
  const note = await act("invoice", { party, date, prices: [120], source: credited });
  const discount = await act("toDiscount", { id: note });
  await act("applyDiscount", { id: discount, invoice: credited });
  await act("pay", { invoice: credited, date, account, amount: 216 });
  for (const id of [wrong, credited, note]) await act("makePdf", { id });
  const gone = await act("party", { name: "Merged" });
  await act("makePdf", { id: await act("invoice", { party: gone, date, prices: [8] }) });
  await act("mergeParties", { id: party, gone });
}

/** A second company in the same database: numbers, a log and a folder of documents of its own. */
async function secondEntity({ act }: DolibarrActs): Promise<void> {
  await act("constant", { name: "FACTURE_ADDON", value: "mod_facture_terre" });
  await act("constant", { name: "SOCIETE_CODECLIENT_ADDON", value: "mod_codeclient_leopard" });
  await act("constant", { name: "MAIN_INFO_SOCIETE_NOM", value: "Morvan Deux" });
  const party = await act("party", { name: "Client de la seconde" });
  const account = await act("newAccount", { ref: "SECOND", date: "2026-08-01" });
  for (const date of ["2026-08-03", "2026-09-03", "2026-10-03"]) {
    const id = await act("invoice", { party, date, prices: [40, 2.02] });
    await act("makePdf", { id });
    await act("pay", { invoice: id, date, account });
  }
}
