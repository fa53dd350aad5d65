/** The check on every paper that a row names: of suppliers, customers, orders, proposals, contracts, ... */

import { join } from "node:path";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { takingTurns } from "../../base/time.ts";
import { type DocumentsIndex, whyLeftOut } from "../../documents/index.ts";
import { areEarlierDefaults } from "../../documents/tree/walk.ts";
import { isValidated } from "../../dolibarr/books/invoices.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { lostLogos, lostNamedPaper } from "../../dolibarr/papers/lost_papers.ts";
import { type NamedPaper, readNamedPapers } from "../../dolibarr/papers/named_papers.ts";
import { breakRows } from "../../dolibarr/sandbox/breakages.ts";
import { type BooksCheck, nothingToCheck } from "../check.ts";
import type { Finding } from "../result.ts";
import { notRestored, outcomeOfFaults } from "../findings/outcome.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";
import { paperDamage } from "./paper_bytes.ts";
import { sizeOf, writtenMeanwhile } from "./paper_files.ts";

export const namedPapers: BooksCheck<DataContext> = {
  id: "documents.papers",
  part: "documents",
  judges: "books",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "Every other paper that a row names is there, with the bytes that Dolibarr recorded",
  required: true,
  async run({ session, sandbox, invoices, proof: { index, source } }) {
    const { papers: all, entities, ownerless } = await readNamedPapers(session);
    const ofInvoices = new Set(invoices.filter(isValidated).map(({ mainDocument }) => mainDocument));
    const papers = all.filter(({ path }) => !ofInvoices.has(path)); // documents.invoices judges those
    const logos = lostAtBackup(
      source.findings,
      (path) => sizeOf(join(sandbox.documents, path)) !== undefined,
    );
    if (papers.length + logos.length === 0) {
      throw nothingToCheck("no row names a paper of an object that is there");
    }
    const meanwhile = new Set(source.meanwhile);
    const lost = papers.flatMap((paper) => {
      const fault = lostNamedPaper(paper, (path) => sizeOf(join(sandbox.documents, path)));
      return fault && !(fault.kind === "missing" && meanwhile.has(paper.path))
        ? [{ ...paper, fault, leftOut: whyLeftOut(index, paper.path) }]
        : [];
    });
    const gone = new Set(lost.map(({ path }) => path));
    const isNew = writtenMeanwhile(index, source);
    const damaged = await damagedOf(
      papers.filter(({ path }) => !gone.has(path) && !meanwhile.has(path)),
      sandbox.documents,
    );
    const [unclear, faults] = partition(
      damaged,
      ({ subject, kind }) => kind === "other-bytes" && isNew(subject),
    );
    const [known, leftOut] = partition(
      lost.filter(({ leftOut }) => leftOut !== undefined),
      ({ path }) => isOfEarlierDefaults(index, path),
    );
    const isLost = lost.filter(({ leftOut }) => leftOut === undefined).map(({ fault }) => fault);
    const outcome = outcomeOfFaults([...isLost, ...faults, ...logos].toSorted(bySubject), {
      check: namedPapers.id,
      checked: papers.length - known.length - unclear.length + logos.length,
      with: `each file that a row of ${
        formatCount(Math.max(1, entities), "entity", "entities")
      } names against the restored documents; ${
        formatNumber(papers.filter(({ md5 }) => md5.length > 0).length)
      } with the md5 that Dolibarr recorded`,
      notes: [
        ...countOf(ownerless, "row", "of the list of files of no object that is there: no claim"),
        ...countOf(unclear.length, "file", "written while the backup ran: not compared"),
        ...countOf(meanwhile.size, "paper", "written, moved or deleted while the backup ran: not looked for"),
        ...countOf(
          known.length,
          "file",
          `that the version which took this set left out, first ${known[0]?.path}`,
        ),
      ],
    });
    return notRestored(
      outcome,
      leftOut.map(({ by, path, leftOut }) => `${path} is not in the backup: ${leftOut}; ${by} names it`),
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

const bySubject = (a: Fault, b: Fault) => a.subject < b.subject ? -1 : 1;

const countOf = (count: number, thing: string, what: string): string[] =>
  count === 0 ? [] : [`${formatCount(count, thing)} ${what}`];

function partition<T>(list: readonly T[], test: (one: T) => boolean): [yes: T[], no: T[]] {
  return [list.filter(test), list.filter((one) => !test(one))];
}

/** Whether it is the defaults of a version before that kept it out: such a set is what it is. */
const isOfEarlierDefaults = ({ excludes, keepsNamed }: DocumentsIndex, path: string): boolean =>
  areEarlierDefaults(excludes) && whyLeftOut({ excludes, keepsNamed }, path) !== undefined;

async function damagedOf(papers: readonly NamedPaper[], documents: string): Promise<Fault[]> {
  const turn = takingTurns(new AbortController().signal); // what the terminal shows goes on meanwhile
  const found: Fault[] = [];
  for (const paper of papers) {
    await turn();
    const fault = await paperDamage(paper, documents);
    if (fault) found.push(fault);
  }
  return found;
}
/** The logos that the set's backup missed: nothing in the database names them any more. */
const lostAtBackup = (findings: readonly Finding[] = [], isThere: (path: string) => boolean) =>
  lostLogos(
    findings.filter(({ id }) => id.startsWith(`${namedPapers.id}/`))
      .flatMap(({ document }) => document ? [document.path] : []),
    isThere,
  );
