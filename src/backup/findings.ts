/**
 * What is wrong with the ERP as far as a backup sees it by itself: documents that rows name and that are not among those that
 * it has just archived. The ids and facts are those of the drill's checks, so that one finding is one, whoever sees it.
 */

import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { earlierDrills } from "../checks/findings/earlier_drills.ts";
import { readHistories } from "../checks/findings/earlier_sets.ts";
import { findingsOfFaults } from "../checks/findings/outcome.ts";
import { findInIndex } from "../documents/find_in_index.ts";
import { type DocumentsIndex, whyLeftOut } from "../documents/index.ts";
import { diskPaths, type DocumentFolders } from "../documents/folders.ts";
import { countBehindLink } from "../documents/tree/behind_link.ts";
import type { Fault } from "../dolibarr/fault.ts";
import { linkedAway, LINKS } from "../dolibarr/papers/linked_away.ts";
import { oddAway } from "../dolibarr/papers/odd_away.ts";
import { readCompany } from "../dolibarr/company.ts";
import { lostInvoicePdf, lostLogos, lostNamedPaper } from "../dolibarr/papers/lost_papers.ts";
import {
  type InvoicePapers,
  nameOfInvoice,
  paperOf,
  readInvoicePapers,
  usualPaper,
} from "../dolibarr/papers/invoice_paper.ts";
import { type NamedPaper, readNamedPapers } from "../dolibarr/papers/named_papers.ts";
import type { Snapshot } from "../postgres/connection/snapshot.ts";
import type { Manifest } from "../store/records/manifest.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import type { Store } from "../store/store.ts";

/** The documents that rows name, as of the instant that is dumped. What could not be read is missing. */
export interface NamedDocuments {
  invoices?: InvoicePapers;
  papers?: readonly NamedPaper[];
  /** The name of the company's logo; empty where none is set. */
  logo?: string;
}

/** What was looked at, and what was found: as the manifest has it. */
export type SeenFindings = NonNullable<Manifest["findings"]>;

/** Reads them in the snapshot. A database that cannot answer is backed up all the same; a note says what was not looked for. */
export async function readNamedDocuments(instant: Snapshot, reporter: Reporter): Promise<NamedDocuments> {
  const read = async <T>(what: string, ask: Parameters<typeof instant.attempt<T>>[0]) => {
    const answer = await instant.attempt(ask);
    if ("found" in answer) return answer.found;
    reporter.note(`${what} are not checked: ${answer.error.message}`);
    return undefined;
  };
  return {
    invoices: await read("The PDFs of invoices", readInvoicePapers),
    papers: await read(
      "The papers that rows name",
      async (session) => (await readNamedPapers(session)).papers,
    ),
    logo: await read("The company's logo", async (session) => (await readCompany(session)).logo),
  };
}

/** More are not recorded: every verb reads every manifest. */
const MOST_RECORDED = 1_000;

/** What earlier versions called a fault: such a finding is mended by being looked for. */
const NO_FAULT = "never-made";

/** What an earlier set tells of papers: whether one lay at a path then, or was missed there already. */
export type WasThere = (path: string) => boolean;

interface LostOptions {
  /** When the backup began: what was written after that is younger than the rows. Default: nothing is. */
  started?: Date;
  /** What an earlier set has. Default: nothing is known of one. */
  wasThere?: WasThere;
  paths?: readonly string[];
}

/**
 * The documents of `named` that `index` has not, or has empty. One that the backup leaves out by an exclude or as a link is
 * no fault of the ERP. An invoice that names no paper, and of which no earlier set has one, never had one: that is no fault.
 */
export function lostDocuments(
  { invoices, papers, logo }: NamedDocuments,
  index: DocumentsIndex,
  { started, wasThere = () => false, paths = [] }: LostOptions = {},
): SeenFindings {
  const find = findInIndex(index);
  const bytesOf = (path: string) => {
    const file = find(path);
    // being written while it was archived: the next backup has all of it
    return file?.bytes === 0 && started && file.mtimeMs >= started.getTime() ? 1 : file?.bytes;
  };
  const ofInvoices = invoices ? papersOf(invoices, index, wasThere) : [];
  const judged = new Set(ofInvoices.map(([, path]) => path));
  const seen = [
    ...(invoices
      ? [{
        check: "documents.invoices",
        kinds: ["missing", "empty", NO_FAULT],
        faults: ofInvoices.flatMap(([ref, path]) =>
          path === undefined ? [] : lostInvoicePdf(ref, path, bytesOf) ?? []
        ),
        with: "the paper of each validated invoice against the documents that were archived",
      }]
      : []),
    ...(papers
      ? [{
        check: "documents.papers",
        kinds: ["missing", "empty"],
        faults: [
          ...papers.filter(({ path }) => !judged.has(path)).flatMap((one) =>
            lostNamedPaper(one, bytesOf) ?? []
          ),
          ...(logo === "" ? lostLogos(paths, (path) => find(path) !== undefined) : []),
        ],
        with: "each file that a row names against the documents that were archived",
      }]
      : []),
  ];
  const isProductions = ({ document }: Fault) => !document || whyLeftOut(index, document.path) === undefined;
  return {
    covers: seen.flatMap(({ check, kinds }) => kinds.map((kind) => `${check}/${kind}`)),
    findings: seen.flatMap(({ faults, ...about }) => findingsOfFaults(faults.filter(isProductions), about)),
  };
}

/**
 * What lies behind links out of the documents of `source`, and what no archive can hold: `index` has neither. It is counted
 * anew each night.
 */
export function linkedDocuments(
  source: DocumentFolders,
  { leftOut = [], odd = [] }: DocumentsIndex,
): SeenFindings {
  const onDisk = diskPaths(source);
  const faults = leftOut.flatMap((link) => linkedAway(link, countBehindLink(onDisk(link.path))) ?? []);
  return {
    covers: [`${LINKS.check}/${LINKS.kind}`],
    findings: findingsOfFaults([...faults, ...odd.map(oddAway)], LINKS),
  };
}

/** The reference of each invoice and where its paper lies or should lie; undefined: none was ever made. */
export function papersOf(
  { invoices, recorded }: InvoicePapers,
  index: DocumentsIndex,
  wasThere: WasThere = () => false,
): [ref: string, path: string | undefined][] {
  const find = findInIndex(index);
  return invoices.map((row) => {
    const path = paperOf(row, recorded, (path) => find(path) !== undefined);
    const usual = usualPaper(row.ref, row.entity);
    return [nameOfInvoice(row), path ?? (wasThere(usual) ? usual : undefined)];
  });
}

/** What two looks at one night saw together. */
export const seenTogether = (one: SeenFindings | undefined, other: SeenFindings): SeenFindings => ({
  covers: [...one?.covers ?? [], ...other.covers],
  findings: [...one?.findings ?? [], ...other.findings],
  ...(one?.meanwhile || other.meanwhile
    ? { meanwhile: [...one?.meanwhile ?? [], ...other.meanwhile ?? []] }
    : {}),
});

/**
 * The same with since when each finding is there, from what the store holds; the register knows it of its own. What the store fails with is a warning: no backup
 * fails for it. Undefined where nothing was looked at.
 *
 * @param set the name of the set that is being taken.
 */
export async function withHistories(
  seen: SeenFindings | undefined,
  set: string,
  store: Store,
  inventory: Inventory,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<SeenFindings | undefined> {
  if (!seen || seen.findings.length === 0 || seen.findings.length > MOST_RECORDED) return seen;
  try {
    const drills = await earlierDrills(
      store,
      inventory.environment,
      ({ error }) => reporter.warn(error.message),
    );
    const unknown = seen.findings.filter(({ history }) => !history);
    const histories = await readHistories(unknown, set, { store, inventory, drills, signal });
    const findings = seen.findings.map((one) => {
      const history = histories.get(one.id);
      return history ? { ...one, history } : one;
    });
    return { ...seen, findings };
  } catch (error) {
    signal.throwIfAborted();
    reporter.warn(
      `Cannot find out since when ${inventory.environment} has these faults: ${messageOf(error)}`,
    );
    return seen;
  }
}

/**
 * What of it the manifest records. Of very many findings the first ones, which then stand for no others: nothing counts as
 * mended by them.
 *
 * @param seen undefined of a suspect state: its documents may be those of a folder that was not mounted.
 */
export function recordedFindings(seen: SeenFindings | undefined): Pick<Manifest, "findings"> {
  if (!seen || seen.covers.length === 0) return {};
  if (seen.findings.length <= MOST_RECORDED) return { findings: seen };
  return { findings: { covers: [], findings: seen.findings.slice(0, MOST_RECORDED) } };
}
