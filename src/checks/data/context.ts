/** What the checks on the restored database and documents compare, read once. */

import { join } from "node:path";
import { findInIndex } from "../../documents/find_in_index.ts";
import { type CompanyFacts, readCompany } from "../../dolibarr/company.ts";
import { breakRows, type RowBreakage } from "../../dolibarr/sandbox/breakages.ts";
import { type Invoice, ofFirstCompany, readInvoices } from "../../dolibarr/books/invoices.ts";
import { chooseSampleInvoices } from "../../dolibarr/books/sample_invoices.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import type { DocumentsIndex } from "../../documents/index.ts";
import type { ExpectedTable } from "../../postgres/catalogue/compare_content.ts";
import type { TableContent } from "../../postgres/catalogue/content.ts";
import type { LookupFunction } from "../../postgres/connection/pooler.ts";
import type { Session } from "../../postgres/connection/session.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import type { Vanished } from "../../store/records/rosters.ts";
import type { SkippedSet } from "../../store/sets/latest.ts";
import type { RestorableSet } from "../../store/sets/restorable_set.ts";
import type { Twin } from "../check.ts";
import { sizeOf } from "../documents/paper_files.ts";
import type { ProvedPapers } from "../documents/proved_papers.ts";
import { type PageFacts, readPageFacts } from "../browser/page_facts.ts";
import type { OpenRegister } from "../../store/records/register/text.ts";
import type { Finding, Level } from "../result.ts";

/** What a restore proved of a whole set, as far as checks need it. */
interface RestoredFacts {
  source: RestorableSet;
  database: {
    /** What the tables should hold. */
    expected: readonly ExpectedTable[];
    /** What they held before anything of ours was written. */
    found: readonly TableContent[];
    /** The tables that the restore itself wrote to, as they were after that. */
    changed: readonly TableContent[];
    /** The pooler's function. */
    lookup: { before: LookupFunction | null; after: LookupFunction | null };
  };
  /** How many entries of each kind the dump's table of contents has, of those that came over. */
  kinds: Readonly<Record<string, number>>;
  documents: { bytes: number };
  index: DocumentsIndex;
  /** The further folders of the set, each with its own index, and where it was restored to, if it was. */
  further: readonly { name: string; index: DocumentsIndex; folder?: string }[];
  /** The objects as they were read: the dump, the archive, the index. */
  read: readonly StoredObject[];
}

export interface DataContext {
  proof: RestoredFacts;
  /** What the set's backup found of what the law keeps; undefined where the set has no register. */
  registered?: { read: () => Promise<OpenRegister>; findings: readonly Finding[] };
  /** An earlier set whose invoices' PDFs were found right; undefined: none was, or it was not looked for. */
  provedPapers?: ProvedPapers;
  /** Sets that are newer than the restored one, and suspect, damaged or unreadable. */
  newer: readonly SkippedSet[];
  /** How many sets the last backup or prune recorded, and what of them is gone or another one without a prune. */
  vanished: { listed: number } & Vanished;
  sandbox: OpenEnvironment;
  session: Session;
  /** How old the set may be, in ms. */
  maxAgeMs: number;
  /** The drill's level. */
  level: Level;
  /** How many invoices are opened, and what chooses them. */
  choice: { count: number; seed: string };
  /** Every table, as it is now that the restore is committed. */
  content: TableContent[];
  company: CompanyFacts;
  /** Those of every company. */
  invoices: Invoice[];
  /** Those that are opened, of the first company. */
  samples: Invoice[];
  /** What lists, tabs and statistics must show. */
  pages: PageFacts;
}

/** On what the checks on the data are run. */
export const RESTORED_DATABASE = "the restored database, before the first page is opened";
/** On what the checks on the documents are run. */
export const RESTORED_DOCUMENTS =
  "the restored documents and the restored database, before the first page is opened";

/** Reads once what several checks compare. */
export async function readDataContext(
  known: Omit<DataContext, "content" | "company" | "invoices" | "samples" | "pages">,
  readContentNow: () => Promise<TableContent[]>,
): Promise<DataContext> {
  const { session, choice } = known;
  const content = await readContentNow();
  const company = await readCompany(session);
  const { sandbox, proof: { index } } = known;
  const inBackup = findInIndex(index);
  const invoices = await readInvoices(
    session,
    (path) => inBackup(path) !== undefined || sizeOf(join(sandbox.documents, path)) !== undefined,
  );
  const shown = ofFirstCompany(invoices); // by its pages
  const samples = chooseSampleInvoices(shown, choice.count, choice.seed);
  const pages = await readPageFacts(session, sandbox.documents, index, samples, shown);
  return { ...known, content, company, invoices, samples, pages };
}

/** A twin that changes rows; the check reads them itself. */
export const rowsTwin = (by: RowBreakage): Twin<DataContext> => ({
  by,
  changes: "database",
  async apply(context) {
    await breakRows(context.session, by);
    return context;
  },
});

/** A twin that changes something else of the database, which the check reads itself. */
export const databaseTwin = (
  by: string,
  change: (session: Session) => Promise<void>,
): Twin<DataContext> => ({
  by,
  changes: "database",
  async apply(context) {
    await change(context.session);
    return context;
  },
});

/** A twin that states something else about the restore than what happened. */
export const factsTwin = (
  by: string,
  change: (context: DataContext) => DataContext,
): Twin<DataContext> => ({
  by,
  changes: "nothing",
  apply: (context) => Promise.resolve(change(context)),
});
