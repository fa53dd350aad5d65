/**
 * Proofs of drills by the version that made no difference between a backup that cannot be brought back and an ERP that had
 * a fault when it was backed up. A proof of now says which it was: it is `judged`.
 */

import type { StoredDrill } from "../records/drill_schema.ts";
import { listDrills, readDrill } from "../records/drills.ts";
import type { ProofBody } from "../records/proofs.ts";
import { readOrReport } from "../records/stored_record.ts";
import type { Store } from "../store.ts";

/** The checks of the books that version had: their ids, and their titles as it wrote them into its proofs. */
export const BOOKS_OF_OLD: Readonly<Record<string, string>> = {
  "data.invoice_totals": "Every customer invoice's totals are the sums of its lines, to the cent",
  "data.supplier_invoice_totals": "Every supplier invoice's totals are the sums of its lines, to the cent",
  "data.payments": "No invoice is paid more than its total, and every payment is the sum of its parts",
  "data.numbering": "Customer invoices are numbered without a hole, per type and period",
  "data.bookkeeping": "Accounting entries are balanced",
  "data.unalterable_log": "The unalterable log's chain holds, line by line",
  "data.logged_invoices":
    "Every customer invoice that was validated is there, with the total that the unalterable log has",
  "data.foreign_keys": "Every foreign key holds: no row names one that is not there",
  "documents.invoices": "Every validated invoice has its PDF, whole, with the bytes that Dolibarr recorded",
  "documents.invoice_texts": "The PDFs of invoices say their reference and their total",
  "documents.papers": "Supplier invoices' papers and contracts that a row names are there",
};

/**
 * Whether it cannot be told from the proof alone against what it speaks. A proof with `faults` was written by a version that
 * judged, and did not say so.
 */
export const isUnjudged = ({ verb, verdict, objects, judged, faults }: ProofBody): boolean =>
  verb === "drill" && verdict === "fail" && !judged && faults === undefined &&
  objects.length > 0 && objects.every(({ sound }) => sound);

/**
 * What such a drill says of its set. `bad`: something speaks against it. `erp`: all that it found was wrong with the ERP
 * itself. `restored`: that, and the set was restored and compared; what the pages show does not count, because a fault of the
 * ERP is on them too. Pure.
 *
 * @param drill the record of that drill, whose checks decide; without it the titles in the proof do.
 */
export function judgeAnew({ problems }: ProofBody, drill?: StoredDrill): "bad" | "erp" | "restored" {
  if (!drill) {
    const isOfBooks = (problem: string) =>
      Object.values(BOOKS_OF_OLD).some((title) => problem.startsWith(`${title}: `));
    return problems.length > 0 && problems.every(isOfBooks) ? "erp" : "bad";
  }
  const about = drill.checks.filter(({ id, part }) =>
    id === "backup.objects" || part === "data" || part === "documents"
  );
  const failed = about.filter(({ verdict }) => verdict === "fail");
  const isOfErp = failed.length > 0 &&
    failed.every(({ id, judges }) => judges ? judges === "books" : Object.hasOwn(BOOKS_OF_OLD, id));
  if (!isOfErp) return "bad";
  return about.some(({ verdict, required }) => verdict === "not_run" && required) ? "erp" : "restored";
}

/** By how much the record of a drill and its proof may differ: both are written at its end, the proof first. */
const APART_MS = 5_000;
/** How many drills that began before the proof are looked at: more never run side by side. */
const LOOKED_AT = 4;

/** Finds the record of the drill that a proof is of; undefined where there is none, or it cannot be understood. */
export function drillFinder(store: Store): (proof: ProofBody) => Promise<StoredDrill | undefined> {
  let listed: ReturnType<typeof listDrills> | undefined;
  return async ({ environment, set, at }) => {
    const began = (await (listed ??= listDrills(store, environment)))
      .filter((drill) => drill.json !== undefined && drill.at.getTime() <= at.getTime() + APART_MS);
    for (const { json } of began.slice(0, LOOKED_AT)) {
      const drill = await readOrReport(json!, () => readDrill(store, json!), () => {}); // then the titles decide
      const isIts = drill?.set?.name === `${environment}/${set}` &&
        Math.abs(Date.parse(drill.endedAt) - at.getTime()) <= APART_MS;
      if (isIts) return drill;
    }
    return undefined;
  };
}
