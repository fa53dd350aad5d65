/**
 * Compares the totals of each invoice with the sums of its lines. Read in 22.0.4, CommonObject::update_price: the totals
 * without tax, of the tax, of both local taxes and with tax are plain sums of the lines' amounts, which are rounded before
 * (also with MAIN_ROUNDOFTOTAL_NOT_TOTALOFROUND, which writes the difference into a line), without lines of the product
 * type 9 (titles). The revenue stamp is added to the total with tax. The total of a situation invoice after the first of
 * its cycle may be the sum of its lines, or that sum less the earlier invoices of the cycle, depending on
 * INVOICE_USE_SITUATION at the time: both are right.
 */

import type { Session } from "../../postgres/connection/session.ts";
import { type Fault, FAULTS_AT_MOST } from "../fault.ts";
import { readNames, type Referenced } from "./references.ts";

export interface ComparedTotals {
  /** Invoices that were compared, drafts included, and the number of situation invoices after the first among them. */
  checked: number;
  situations: number;
  /** One for each invoice, at most `FAULTS_AT_MOST`, and how many there are. */
  faults: Fault[];
  total: number;
}

interface Found extends Omit<ComparedTotals, "faults"> {
  wrong: WrongInvoice[];
}

interface WrongInvoice extends Referenced {
  /** Those that are wrong, as decimal texts. `lines`: the sum of the lines. */
  sums: { name: string; total: string; lines: string }[];
}

/** Amounts differ from half a cent on: they are stored with eight decimals and were rounded to two or more. */
const DIFFERS = 0.005;

interface Kind {
  invoices: "llx_facture" | "llx_facture_fourn";
  lines: string;
  key: string;
  /** The column of a line's tax. */
  tax: string;
  /** The condition for an invoice whose total may be less the earlier invoices of its cycle. */
  situation: string;
}

const CUSTOMER: Kind = {
  invoices: "llx_facture",
  lines: "llx_facturedet",
  key: "fk_facture",
  tax: "total_tva",
  situation: "f.situation_counter > 1 AND f.type <> 2",
};
const SUPPLIER: Kind = {
  invoices: "llx_facture_fourn",
  lines: "llx_facture_fourn_det",
  key: "fk_facture_fourn",
  tax: "tva",
  situation: "false",
};

export const compareCustomerTotals = (session: Session): Promise<ComparedTotals> =>
  compareTotals(session, CUSTOMER);
export const compareSupplierTotals = (session: Session): Promise<ComparedTotals> =>
  compareTotals(session, SUPPLIER);

/** The totals that are compared: the name, the invoice's column and the lines' column. */
const SUMS: [name: string, ofInvoice: string, ofLines: (kind: Kind) => string][] = [
  ["total without tax", "f.total_ht", () => "l.total_ht"],
  ["tax", "f.total_tva", ({ tax }) => `l.${tax}`],
  ["local tax 1", "f.localtax1", () => "l.total_localtax1"],
  ["local tax 2", "f.localtax2", () => "l.total_localtax2"],
  ["total with tax", "f.total_ttc - coalesce(f.revenuestamp, 0)", () => "l.total_ttc"],
];

async function compareTotals(session: Session, kind: Kind): Promise<ComparedTotals> {
  const [row] = await session.query<{ found: Found }>(totalsSql(kind));
  const { wrong, ...found } = row!.found;
  const names = await readNames(session, kind.invoices, wrong);
  return { ...found, faults: wrong.map(({ sums }, at) => faultOf(names[at]!, sums)) };
}

function faultOf(subject: string, sums: WrongInvoice["sums"]): Fault {
  const [first] = sums;
  return {
    subject,
    kind: "totals",
    sentence: `${subject}: its ${first?.name} is ${first?.total}, its lines make ${first?.lines}`,
    facts: Object.fromEntries(
      sums.flatMap(({ name, total, lines }) => [[name, total], [`${name} of the lines`, lines]]),
    ),
  };
}

function totalsSql(kind: Kind): string {
  const sides = SUMS.map(([, ofInvoice], at) => `coalesce(${ofInvoice}, 0) AS t${at}`).join(", ");
  const sums = SUMS.map(([, , ofLines], at) => `coalesce(sum(${ofLines(kind)}), 0) AS l${at}`).join(", ");
  const earlier = SUMS.map((_, at) => `coalesce(sum(p.t${at}), 0) AS b${at}`).join(", ");
  const equal = (side: (at: number) => string) =>
    SUMS.map((_, at) => `abs(i.t${at} - (${side(at)})) < ${DIFFERS}`).join(" AND ");
  const situations = kind.situation === "false" ? "NULL::integer" : "f.situation_cycle_ref";
  const counter = kind.situation === "false" ? "NULL::integer" : "f.situation_counter";
  return `WITH i AS (
    SELECT f.rowid AS id, f.ref, f.entity, ${situations} AS cycle, ${counter} AS counter, coalesce(${kind.situation}, false) AS later, ${sides}
      FROM public.${kind.invoices} f),
  l AS (SELECT l.${kind.key} AS id, ${sums} FROM public.${kind.lines} l WHERE coalesce(l.product_type, 0) <> 9 GROUP BY 1),
  b AS (SELECT i.id, ${earlier} FROM i LEFT JOIN i p ON p.cycle = i.cycle AND p.counter < i.counter AND p.entity = i.entity
         WHERE i.later GROUP BY 1),
  wrong AS (
    SELECT i.* , ${SUMS.map((_, at) => `coalesce(l.l${at}, 0) AS s${at}`).join(", ")}
      FROM i LEFT JOIN l ON l.id = i.id LEFT JOIN b ON b.id = i.id
     WHERE NOT (${equal((at) => `coalesce(l.l${at}, 0)`)})
       AND NOT (i.later AND ${equal((at) => `coalesce(l.l${at}, 0) - coalesce(b.b${at}, 0)`)}))
  SELECT json_build_object('checked', (SELECT count(*) FROM i), 'situations', (SELECT count(*) FROM i WHERE later),
    'total', (SELECT count(*) FROM wrong),
    'wrong', coalesce((SELECT json_agg(json_build_object('id', w.id, 'entity', w.entity, 'ref', w.ref, 'sums', (
        SELECT json_agg(json_build_object('name', v.name, 'total', trim_scale(v.t)::text, 'lines', trim_scale(v.s)::text) ORDER BY v.at)
          FROM (VALUES ${
    SUMS.map(([name], at) => `(${at}, '${name}', w.t${at}, w.s${at})`).join(", ")
  }) AS v (at, name, t, s) WHERE abs(v.t - v.s) >= ${DIFFERS})) ORDER BY w.id)
      FROM (SELECT * FROM wrong ORDER BY id LIMIT ${FAULTS_AT_MOST}) AS w), '[]'::json)) AS found`;
}

/** The modules that replace Dolibarr's computation of totals, as its setup names them; empty where none does. */
export async function readTotalsModule(session: Session, of: "customer" | "supplier"): Promise<string> {
  const [row] = await session.query<{ value: string | null }>(
    "SELECT max(nullif(value, '')) AS value FROM public.llx_const WHERE name = $1",
    [
      of === "customer"
        ? "MODULE_DISALLOW_UPDATE_PRICE_INVOICE"
        : "MODULE_DISALLOW_UPDATE_PRICE_SUPPLIER_INVOICE",
    ],
  );
  return row?.value ?? "";
}
