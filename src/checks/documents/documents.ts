/** Checks on the restored documents, and on those that the database names. */

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
import { type Check, expectEqual, expectNone, type Outcome } from "../check.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";

export const files: Check<DataContext> = {
  id: "documents.files",
  part: "documents",
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
    const { wrong, kept } = compareTree(proof.index.files, there);
    const compared = "path, size and (while unpacking) SHA-256 of each file against the index";
    const outcome = expectNone(
      wrong,
      proof.index.files.length,
      kept.length === 0 ? compared : `${compared}; the sandbox keeps its own ${kept.join(", ")}`,
    );
    return wrong.length > 0 ? outcome : { ...outcome, details: await unnamed(session, [...there.keys()]) };
  },
  broken: {
    by: "a document cut off",
    async apply(context) {
      const file = context.proof.index.files.findLast(({ path, bytes }) =>
        bytes > 1 && whyOfTarget(path) === undefined
      );
      if (!file) throw new TypeError("there is no document to break");
      await Deno.writeTextFile(join(context.sandbox.documents, file.path), "x");
      return context;
    },
  },
};

/** A line on the papers that no row names: none is lost, but nobody finds them in the ERP either. */
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
 * What the tree has otherwise than the backup, as sentences, and what it keeps as it was there before. Pure.
 * @param there bytes by path
 */
export function compareTree(
  files: readonly { path: string; bytes: number }[],
  there: ReadonlyMap<string, number>,
): { wrong: string[]; kept: string[] } {
  const inBackup = new Set(files.map(({ path }) => path));
  const kept = [...there.keys()].filter((path) => whyOfTarget(path) !== undefined);
  const wrong = files.flatMap(({ path, bytes }) => {
    const found = there.get(path);
    if (found === bytes || found !== undefined && kept.includes(path) || isNeverBackedUp(path)) return [];
    return [
      `${path}: ${
        found === undefined
          ? "missing"
          : `${formatCount(found, "byte")}, the backup has ${formatNumber(bytes)}`
      }`,
    ];
  });
  const extra = [...there.keys()].filter((path) => !inBackup.has(path) && !kept.includes(path));
  if (extra.length > 0) {
    wrong.push(`${formatCount(extra.length, "file")} that the backup does not have, first ${extra[0]}`);
  }
  return { wrong, kept };
}

export const logoFile: Check<DataContext> = {
  id: "documents.logo",
  part: "documents",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "The company's logo is there, as it was backed up",
  required: true,
  async run({ company, proof, sandbox }): Promise<Outcome> {
    const compared = "the file that MAIN_INFO_SOCIETE_LOGO names, against the index";
    if (company.logo === "") {
      return expectEqual("a logo", "none is set", compared, "no logo is set in the restored database");
    }
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
  broken: {
    by: "another picture in the place of the logo",
    async apply(context) {
      await Deno.writeTextFile(join(context.sandbox.documents, logoPath(context.company.logo)), "x");
      return context;
    },
  },
};
