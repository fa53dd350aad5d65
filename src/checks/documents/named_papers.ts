/** The check on papers of suppliers and contracts that a row names. */

import { join } from "node:path";
import { whyLeftOut } from "../../documents/index.ts";
import { lostNamedPaper } from "../../dolibarr/papers/lost_papers.ts";
import { readNamedPapers } from "../../dolibarr/papers/named_papers.ts";
import { breakRows } from "../../dolibarr/sandbox/breakages.ts";
import { type BooksCheck, nothingToCheck } from "../check.ts";
import { notRestored, outcomeOfFaults } from "../findings/outcome.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";
import { sizeOf } from "./paper_files.ts";

export const namedPapers: BooksCheck<DataContext> = {
  id: "documents.papers",
  part: "documents",
  judges: "books",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "Supplier invoices' papers and contracts that a row names are there",
  required: true,
  async run({ session, sandbox, proof: { index } }) {
    const named = await readNamedPapers(session);
    if (named.length === 0) throw nothingToCheck("no row names a supplier's paper or a contract");
    const lost = named.flatMap((one) => {
      const fault = lostNamedPaper(one, (path) => sizeOf(join(sandbox.documents, path)));
      return fault ? [{ ...one, fault, leftOut: whyLeftOut(index, one.path) }] : [];
    });
    const faults = lost.filter(({ leftOut }) => leftOut === undefined).map(({ fault }) => fault);
    const outcome = outcomeOfFaults(faults, {
      check: namedPapers.id,
      checked: named.length,
      with: "each file that a row names against the restored documents",
    });
    return notRestored(
      outcome,
      lost.flatMap(({ by, path, leftOut }) =>
        leftOut === undefined ? [] : [`${path} is not in the backup: ${leftOut}; ${by} names it`]
      ),
    );
  },
  twin: {
    by: "a row that names a paper which is not there",
    changes: "database",
    async apply(context) {
      await breakRows(context.session, "a paper that is not there");
      return context;
    },
  },
};
