/** Checks on the restored documents: each is there, as it was backed up. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { logoPath } from "../../dolibarr/company.ts";
import { pictureDamage } from "../../dolibarr/papers/file_integrity.ts";
import { isBusinessPaper, readNamedPaths } from "../../dolibarr/papers/named_papers.ts";
import { digestOf, readFile } from "../../base/streams.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { isNeverBackedUp, whyOfTarget } from "../../documents/tree/names.ts";
import { walkTree } from "../../documents/tree/walk.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { expectEqual, expectNone, nothingToCheck, type RestoreCheck, type RestoreOutcome } from "../check.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";
import { overwriteDocument, touchDocument } from "../../documents/tree/one_file.ts";

export const restoredFiles: RestoreCheck<DataContext> = {
  id: "documents.files",
  part: "documents",
  judges: "restore",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "Every document of the backup is there",
  required: true,
  async run({ proof, sandbox, session }) {
    const there = new Map(
      walkTree(sandbox.documents, []).filter(({ type }) => type === "file").map((
        { path, bytes },
      ) => [path, bytes]),
    );
    const { differences, own } = compareTree(proof.index.files, there);
    const compared = "path, size and (while unpacking) SHA-256 of each file against the index";
    const outcome = expectNone(
      differences,
      proof.index.files.length,
      own.length === 0 ? compared : `${compared}; the sandbox has its own ${own.join(", ")}`,
    );
    return differences.length > 0
      ? outcome
      : { ...outcome, details: await unnamed(session, [...there.keys()]) };
  },
  twin: {
    by: "a document cut off",
    apply(context) {
      const file = context.proof.index.files.findLast(({ path, bytes }) =>
        bytes > 1 && whyOfTarget(path) === undefined
      );
      if (!file) throw new TypeError("there is no document to break");
      overwriteDocument(context.sandbox.documents, file.path, "x");
      return Promise.resolve(context);
    },
  },
};

/** A line about the files that no row names: none is lost, but no page of the ERP shows them. */
async function unnamed(session: Session, paths: readonly string[]): Promise<string[]> {
  const named = await readNamedPaths(session);
  const papers = paths.filter(isBusinessPaper);
  const lost = papers.filter((path) => !named.has(path));
  return [
    `${formatCount(papers.length, "file")} in the folders of business papers, ${
      formatNumber(lost.length)
    } that no row names${lost[0] === undefined ? "" : `, first ${lost[0]}`}`,
  ];
}

/**
 * Compares the documents of the sandbox with those of the backup. Pure.
 *
 * @param there the bytes of each file of the sandbox, by its path.
 * @returns the differences, a sentence each, and the sandbox's own files, which a restore leaves as they are.
 */
export function compareTree(
  files: readonly { path: string; bytes: number }[],
  there: ReadonlyMap<string, number>,
): { differences: string[]; own: string[] } {
  const inBackup = new Set(files.map(({ path }) => path));
  const own = [...there.keys()].filter((path) => whyOfTarget(path) !== undefined);
  const differences = files.flatMap(({ path, bytes }) => {
    const found = there.get(path);
    if (found === bytes || found !== undefined && own.includes(path) || isNeverBackedUp(path)) return [];
    return [
      `${path}: ${
        found === undefined
          ? "missing"
          : `${formatCount(found, "byte")}, the backup has ${formatNumber(bytes)}`
      }`,
    ];
  });
  const extra = [...there.keys()].filter((path) => !inBackup.has(path) && !own.includes(path));
  if (extra.length > 0) {
    differences.push(`${formatCount(extra.length, "file")} that the backup does not have, first ${extra[0]}`);
  }
  return { differences, own };
}

export const logoFile: RestoreCheck<DataContext> = {
  id: "documents.logo",
  part: "documents",
  judges: "restore",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "The company's logo is there, as it was backed up",
  required: true,
  async run({ company, proof, sandbox }): Promise<RestoreOutcome> {
    const compared = "the file that MAIN_INFO_SOCIETE_LOGO names, against the index";
    if (company.logo === "") throw nothingToCheck("no logo is set");
    const path = logoPath(company.logo);
    const recorded = proof.index.files.find((file) => file.path === path);
    if (!recorded) return expectEqual(path, "missing", compared, `${path} is not in the backup`);
    if (!existsSync(join(sandbox.documents, path))) {
      return expectEqual(path, "missing", compared, `${path} is not in the sandbox`);
    }
    const file = join(sandbox.documents, path);
    const { sha256 } = await digestOf(readFile(file));
    const fault = sha256 === recorded.sha256 ? pictureDamage(await Deno.readFile(file)) : undefined;
    if (fault !== undefined) return expectEqual("a whole picture", fault, compared, `${path} ${fault}`);
    return expectEqual(recorded.sha256, sha256, compared, `${path} has other bytes than the backup`);
  },
  twin: {
    by: "another picture in the place of the logo",
    apply(context) {
      overwriteDocument(context.sandbox.documents, logoPath(context.company.logo), "x");
      return Promise.resolve(context);
    },
  },
};

/** By how much two file systems may differ in how exactly they store a time. In ms. */
const STORED_WITHIN = 2_000;

/**
 * A file may have changed between the start of a backup and the moment when it was read, or its clock may be wrong; the
 * index recorded its time. So a file may be as new as the set or as its own entry, whichever is later.
 */
export const fileTimes: RestoreCheck<DataContext> = {
  id: "documents.times",
  part: "documents",
  judges: "restore",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "No document is newer than the backup",
  required: true,
  run({ proof: { source, index }, sandbox }) {
    const recorded = new Map(index.files.map(({ path, mtimeMs }) => [path, mtimeMs]));
    const files = walkTree(sandbox.documents, [])
      .filter(({ type, path }) => type === "file" && whyOfTarget(path) === undefined);
    const newer = files.filter(({ path, mtimeMs }) =>
      mtimeMs > Math.max(source.takenAt.getTime(), recorded.get(path) ?? 0) + STORED_WITHIN
    );
    return Promise.resolve(
      expectNone(
        newer.map(({ path, mtimeMs }) =>
          `${path} is of ${
            new Date(mtimeMs).toISOString()
          }, newer than the backup of ${source.takenAt.toISOString()}`
        ),
        files.length,
        "time of change of each file against the set, and against its entry in the index",
      ),
    );
  },
  twin: {
    by: "a document touched after the restore",
    apply(context) {
      const file = context.proof.index.files.findLast(({ path }) => whyOfTarget(path) === undefined);
      if (!file) throw new TypeError("there is no document to touch");
      const later = new Date(
        Math.max(Date.now(), context.proof.source.takenAt.getTime(), file.mtimeMs) + 3_600_000,
      );
      touchDocument(context.sandbox.documents, file.path, later);
      return Promise.resolve(context);
    },
  },
};
