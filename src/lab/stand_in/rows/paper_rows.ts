/** Third parties, products, invoices, payments and their lines as rows of the stand-in's tables. Pure. */

import type { DemoCompany } from "../../demo_company.ts";
import { centsOf, decimalOf, type Paper, type PaperLine, type StandInRow, taxOn, timeOf } from "./papers.ts";

/** The rows by table; `pathOf` has the path of each paper's PDF, relative to the documents folder. */
export function paperRows(
  company: DemoCompany,
  papers: readonly Paper[],
  pathOf: ReadonlyMap<number, string>,
): [string, StandInRow[]][] {
  const paid = papers.filter((paper) => paper.payment !== undefined);
  return [
    ["societe", parties(company)],
    ["product", products(company)],
    ["facture", papers.map((paper) => invoice(paper, company, pathOf.get(paper.id)))],
    [
      "facturedet",
      papers.flatMap((paper) => paper.lines.map((line, at) => ({ paper, line, at }))).map(invoiceLine),
    ],
    ["paiement", paid.map(payment)],
    ["paiement_facture", paid.map(paymentOfInvoice)],
    ["bank_account", [bankAccount(company, papers[0]!.date)]],
    ["bank", paid.map(bankLine)],
    ["facture_fourn", company.supplierInvoices.map((_, at) => supplierInvoice(company, at))],
    ["facture_fourn_det", company.supplierInvoices.map((_, at) => supplierLine(company, at))],
  ];
}

function parties(company: DemoCompany): StandInRow[] {
  return [...company.customers, ...company.suppliers].map((party, at) => {
    const customer = at < company.customers.length;
    const number = String(customer ? at + 1 : at + 1 - company.customers.length).padStart(5, "0");
    const code = `${customer ? "CU" : "SU"}${yearMonth(company.invoices.first)}-${number}`;
    return {
      rowid: at + 1,
      nom: party.name,
      address: party.address,
      zip: party.zip,
      town: party.town,
      email: party.email,
      fk_pays: 1,
      status: 1,
      client: customer ? 1 : 0,
      fournisseur: customer ? 0 : 1,
      [customer ? "code_client" : "code_fournisseur"]: code,
      datec: timeOf(company.invoices.first),
      fk_user_creat: 1,
    };
  });
}

const products = (company: DemoCompany): StandInRow[] =>
  company.products.map((product, at) => ({
    rowid: at + 1,
    ref: product.ref,
    label: product.label,
    price: product.price,
    price_ttc: decimalOf(centsOf(product.price) + taxOn(centsOf(product.price), product.vat)),
    tva_tx: product.vat,
    datec: timeOf(company.invoices.first),
    fk_user_author: 1,
  }));

function invoice(paper: Paper, company: DemoCompany, file: string | undefined): StandInRow {
  const gross = decimalOf(paper.net + paper.tax);
  const draft = paper.state === "draft";
  return {
    rowid: paper.id,
    ref: paper.ref,
    type: paper.type,
    fk_soc: paper.customerId,
    datec: timeOf(paper.date),
    datef: paper.date,
    date_valid: draft ? null : paper.date,
    date_closing: paper.payment ? timeOf(paper.payment.date) : null,
    paye: paper.payment ? 1 : 0,
    total_ht: decimalOf(paper.net),
    total_tva: decimalOf(paper.tax),
    total_ttc: gross,
    fk_statut: draft ? 0 : paper.payment ? 2 : 1,
    fk_user_author: 1,
    fk_user_valid: draft ? null : 1,
    fk_facture_source: paper.correctsId ?? null,
    fk_cond_reglement: 1,
    fk_mode_reglement: 2,
    date_lim_reglement: paper.date,
    model_pdf: "sponge",
    last_main_doc: file ?? null,
    multicurrency_code: company.currency,
    multicurrency_total_ht: decimalOf(paper.net),
    multicurrency_total_tva: decimalOf(paper.tax),
    multicurrency_total_ttc: gross,
    tms: timeOf(paper.payment?.date ?? paper.date),
  };
}

function invoiceLine(
  { paper, line, at }: { paper: Paper; line: PaperLine; at: number },
  index: number,
): StandInRow {
  const [net, gross] = [decimalOf(line.net), decimalOf(line.net + line.tax)];
  return {
    rowid: index + 1,
    fk_facture: paper.id,
    fk_product: line.productId,
    description: line.product.label,
    tva_tx: line.product.vat,
    qty: line.quantity,
    subprice: decimalOf(line.price),
    total_ht: net,
    total_tva: decimalOf(line.tax),
    total_ttc: gross,
    rang: at + 1,
    fk_user_author: 1,
    multicurrency_code: "EUR",
    multicurrency_subprice: decimalOf(line.price),
    multicurrency_total_ht: net,
    multicurrency_total_tva: decimalOf(line.tax),
    multicurrency_total_ttc: gross,
  };
}

const payment = (paper: Paper): StandInRow => ({
  rowid: paper.payment!.id,
  ref: paper.payment!.ref,
  datec: timeOf(paper.payment!.date),
  datep: `${paper.payment!.date} 00:00:00`,
  amount: decimalOf(paper.net + paper.tax),
  multicurrency_amount: decimalOf(paper.net + paper.tax),
  fk_paiement: 2,
  fk_bank: paper.payment!.id,
  fk_user_creat: 1,
  tms: timeOf(paper.payment!.date),
});

const paymentOfInvoice = (paper: Paper): StandInRow => ({
  rowid: paper.payment!.id,
  fk_paiement: paper.payment!.id,
  fk_facture: paper.id,
  amount: decimalOf(paper.net + paper.tax),
  multicurrency_code: "EUR",
  multicurrency_amount: decimalOf(paper.net + paper.tax),
});

const bankAccount = (company: DemoCompany, since: string): StandInRow => ({
  rowid: 1,
  ref: "BANQUE",
  label: "Compte courant",
  courant: 1,
  fk_pays: 1,
  owner_town: company.town,
  proprio: company.name,
  currency_code: company.currency,
  datec: timeOf(since),
  fk_user_author: 1,
});

const bankLine = (paper: Paper): StandInRow => ({
  rowid: paper.payment!.id,
  datec: timeOf(paper.payment!.date),
  datev: paper.payment!.date,
  dateo: paper.payment!.date,
  amount: decimalOf(paper.net + paper.tax),
  label: "(CustomerInvoicePayment)",
  fk_account: 1,
  fk_user_author: 1,
  fk_type: "VIR",
  tms: timeOf(paper.payment!.date),
});

function supplierInvoice(company: DemoCompany, at: number): StandInRow {
  const paper = company.supplierInvoices[at]!;
  const net = centsOf(paper.amount);
  const tax = taxOn(net, paper.vat);
  return {
    rowid: at + 1,
    ref: `SI${yearMonth(paper.date)}-${String(at + 1).padStart(4, "0")}`,
    ref_supplier: paper.ref,
    fk_soc: company.customers.length + 1 + company.suppliers.findIndex(({ name }) => name === paper.supplier),
    datec: timeOf(paper.date),
    datef: paper.date,
    date_valid: paper.date,
    total_ht: decimalOf(net),
    total_tva: decimalOf(tax),
    total_ttc: decimalOf(net + tax),
    fk_statut: 1,
    fk_user_author: 1,
    fk_user_valid: 1,
    multicurrency_code: company.currency,
    tms: timeOf(paper.date),
  };
}

function supplierLine(company: DemoCompany, at: number): StandInRow {
  const paper = company.supplierInvoices[at]!;
  const net = centsOf(paper.amount);
  const tax = taxOn(net, paper.vat);
  return {
    rowid: at + 1,
    fk_facture_fourn: at + 1,
    description: "Fournitures",
    pu_ht: decimalOf(net),
    pu_ttc: decimalOf(net + tax),
    qty: 1,
    tva_tx: paper.vat,
    total_ht: decimalOf(net),
    tva: decimalOf(tax),
    total_ttc: decimalOf(net + tax),
    rang: 1,
  };
}

const yearMonth = (date: string): string => date.slice(2, 4) + date.slice(5, 7);
