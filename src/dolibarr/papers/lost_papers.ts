/**
 * Papers that a row names and that are not there, or are empty: what a drill sees in the restored documents, and a backup in
 * the index of those that it has just archived. Both make the same fault of it. Pure.
 */

import { formatCount } from "../../base/numbers.ts";
import { sha256Of } from "../../base/streams.ts";
import { COMPANY_FOLDER } from "../company.ts";
import type { Fault } from "../fault.ts";

const NOTHING = sha256Of(new Uint8Array());

/** What is wrong where a document lacks every byte: it is not there, or it is empty. */
export type LostKind = "missing" | "empty";

/**
 * How a document is lost; undefined: it is not.
 *
 * @param bytes of the file at its path; undefined where there is none.
 */
export const howLost = (bytes: number | undefined): LostKind | undefined =>
  bytes === undefined ? "missing" : bytes === 0 ? "empty" : undefined;

/** The facts of a fault about one document, and where it lies. `sha256`: of what lies there now. */
export const documentFacts = (path: string, sha256?: string): Required<Pick<Fault, "facts" | "document">> => {
  const known = { path, ...(sha256 === undefined ? {} : { sha256 }) };
  return { facts: known, document: known };
};

/** The same of a document that is lost in that way. */
export const lostDocument = (path: string, how: LostKind) =>
  documentFacts(path, how === "empty" ? NOTHING : undefined);

/**
 * What is wrong with the paper of a validated invoice, as far as its size tells it.
 *
 * @param path where it lies or should lie: see `paperOf`
 * @param bytesOf of the file at a path below the documents folder; undefined where there is none.
 */
export function lostInvoicePdf(
  ref: string,
  path: string,
  bytesOf: (path: string) => number | undefined,
): Fault | undefined {
  const kind = howLost(bytesOf(path));
  return kind && {
    subject: ref,
    kind,
    sentence: `${ref}: ${path} is ${kind}`,
    ...lostDocument(path, kind),
  };
}

/**
 * A line about the invoices of which no PDF was ever made: through the REST interface or by a job none is. Undefined where
 * there is none.
 */
export const neverMade = ([first, ...others]: readonly string[]): string | undefined =>
  first === undefined
    ? undefined
    : `no PDF was ever made of ${formatCount(others.length + 1, "validated invoice")}: ${first}${
      others.length === 0 ? "" : ", ..."
    }`;

/** What Dolibarr adds to the name of a file that could be run, on the disk alone. */
export const NOT_RUN = ".noexe";

/** The same of another paper. `by`: what names it. */
export function lostNamedPaper(
  { by, path }: { by: string; path: string },
  bytesOf: (path: string) => number | undefined,
): Fault | undefined {
  const kind = howLost(bytesOf(path) ?? bytesOf(`${path}${NOT_RUN}`));
  return kind && {
    subject: path,
    kind,
    sentence: `${path} is ${kind}: ${by} names it`,
    ...lostDocument(path, kind),
  };
}

/** A logo directly in the company's folder of logos; its thumbnails lie below. */
const LOGO = new RegExp(`^${COMPANY_FOLDER}/logos/[^/]+$`);

/** Whether it is the path of a logo, whatever its name. */
export const isLogo = (path: string): boolean => LOGO.test(path);

/**
 * The logos that are gone from a company that has none set any more: somebody took it away, or it was lost.
 *
 * @param before the paths that an earlier set has
 */
export const lostLogos = (before: readonly string[], isThere: (path: string) => boolean): Fault[] =>
  [...new Set(before)].filter((path) => isLogo(path) && !isThere(path)).map((path) => ({
    subject: path,
    kind: "missing",
    sentence: `${path} is missing: an earlier set has it, and no logo is set any more`,
    ...lostDocument(path, "missing"),
  }));
