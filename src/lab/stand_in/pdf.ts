/** An invoice as a PDF, by pdfkit: small, and always the same bytes. */

// @ts-types="npm:@types/pdfkit@0.17.6"
import PDFDocument from "pdfkit";
import type { DemoCompany } from "../demo_company.ts";
import { decimalOf, type Paper } from "./rows/papers.ts";

const LEFT = 50;
const RIGHT = 545;
const COLUMNS = { label: LEFT, quantity: 330, price: 380, net: 470 };
const INK = "#14324a";

/** The PDF of an invoice, in which `pdftotext` finds the reference, the customer and the totals. */
export async function invoicePdf(paper: Paper, company: DemoCompany, logo: Uint8Array): Promise<Uint8Array> {
  const written = new Date(`${paper.date}T09:00:00Z`); // the id of the PDF is derived from it
  const doc = new PDFDocument({
    size: "A4",
    margin: LEFT,
    info: { Title: paper.ref, Author: company.name, CreationDate: written },
  });
  const chunks: Uint8Array[] = [];
  doc.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  const whole = new Promise<void>((resolve) => doc.on("end", resolve));
  letterhead(doc, paper, company, logo);
  const below = lines(doc, paper);
  totals(doc, paper, company, below);
  doc.fontSize(8).fillColor("#777777");
  doc.text(`${company.name} · SIREN ${company.siren} · VAT ${company.vat} · ${company.email}`, LEFT, 760, {
    width: RIGHT - LEFT,
    align: "center",
  });
  doc.end();
  await whole;
  return await new Blob(chunks as Uint8Array<ArrayBuffer>[]).bytes();
}

type Document = InstanceType<typeof PDFDocument>;

function letterhead(doc: Document, paper: Paper, company: DemoCompany, logo: Uint8Array): void {
  const customer = company.customers[paper.customerId - 1]!;
  doc.image(logo.buffer as ArrayBuffer, LEFT, 40, { width: 150 });
  doc.font("Helvetica-Bold").fontSize(15).fillColor(INK);
  doc.text(`${paper.type === 2 ? "Credit note" : "Invoice"} ${paper.ref}`, 300, 45, {
    width: RIGHT - 300,
    align: "right",
  });
  doc.font("Helvetica").fontSize(10).text(`Invoice date: ${paper.date}`, 300, 66, {
    width: RIGHT - 300,
    align: "right",
  });
  doc.fillColor("#222222").fontSize(10);
  doc.text(
    [company.name, company.address, `${company.zip} ${company.town}`, `Tel. ${company.phone}`].join("\n"),
    LEFT,
    130,
  );
  doc.font("Helvetica-Bold").text(customer.name, 320, 130);
  doc.font("Helvetica").text(
    [customer.address, `${customer.zip} ${customer.town}`, customer.email].join("\n"),
    320,
    144,
  );
}

function lines(doc: Document, paper: Paper): number {
  let y = 230;
  doc.font("Helvetica-Bold").fontSize(9).fillColor(INK);
  row(doc, y, ["Description", "Qty", "Unit price", "Net"]);
  doc.moveTo(LEFT, y + 14).lineTo(RIGHT, y + 14).strokeColor("#bbbbbb").stroke();
  doc.font("Helvetica").fillColor("#222222");
  for (const line of paper.lines) {
    y += 20;
    row(doc, y, [line.product.label, String(line.quantity), decimalOf(line.price), decimalOf(line.net)]);
  }
  return y + 40;
}

function row(
  doc: Document,
  y: number,
  [label, quantity, price, net]: [string, string, string, string],
): void {
  doc.text(label, COLUMNS.label, y, { width: 270, lineBreak: false });
  doc.text(quantity, COLUMNS.quantity, y, { width: 40, align: "right" });
  doc.text(price, COLUMNS.price, y, { width: 80, align: "right" });
  doc.text(net, COLUMNS.net, y, { width: RIGHT - COLUMNS.net, align: "right" });
}

function totals(doc: Document, paper: Paper, company: DemoCompany, top: number): void {
  const rows = [["Total (excl. tax)", paper.net], ["Total VAT", paper.tax], [
    "Total (incl. tax)",
    paper.net + paper.tax,
  ]] as const;
  rows.forEach(([label, amount], at) => {
    const last = at === rows.length - 1;
    doc.font(last ? "Helvetica-Bold" : "Helvetica").fontSize(last ? 11 : 10).fillColor(
      last ? INK : "#222222",
    );
    doc.text(label, COLUMNS.quantity, top + at * 18, { width: 120 });
    doc.text(`${decimalOf(amount)} ${company.currency}`, COLUMNS.net - 20, top + at * 18, {
      width: RIGHT - COLUMNS.net + 20,
      align: "right",
    });
  });
}
