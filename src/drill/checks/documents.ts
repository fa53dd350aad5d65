/** Checks on the restored documents, and on those that the database names. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { logoPath } from "../../dolibarr/company.ts";
import { isValidated } from "../../dolibarr/invoices.ts";
import { digestOf, readFile } from "../../base/streams.ts";
import { isNeverBackedUp, whyOfTarget } from "../../platform/documents_names.ts";
import { walkTree } from "../../platform/documents_tree.ts";
import { type Check, expectEqual, expectNone, type Outcome } from "../check.ts";
import type { DataContext } from "./context.ts";

export const files: Check<DataContext> = {
  id: "documents.files",
  part: "documents",
  title: "Every document of the backup is there",
  required: true,
  async run({ proof, sandbox }) {
    const there = new Map(
      walkTree(sandbox.documents, []).filter(({ type }) => type === "file").map((
        { path, bytes },
      ) => [path, bytes]),
    );
    const { wrong, kept } = compareTree(proof.index.files, there);
    const compared = "path, size and (while unpacking) SHA-256 of each file against the index";
    return await Promise.resolve(
      expectNone(
        wrong,
        proof.index.files.length,
        kept.length === 0 ? compared : `${compared}; the sandbox keeps its own ${kept.join(", ")}`,
      ),
    );
  },
};

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
    return [`${path}: ${found === undefined ? "missing" : `${found} bytes, the backup has ${bytes}`}`];
  });
  const extra = [...there.keys()].filter((path) => !inBackup.has(path) && !kept.includes(path));
  if (extra.length > 0) wrong.push(`${extra.length} files that the backup does not have, first ${extra[0]}`);
  return { wrong, kept };
}

export const papers: Check<DataContext> = {
  id: "documents.invoices",
  part: "documents",
  title: "Every validated invoice has its PDF, with the bytes that Dolibarr recorded",
  required: true,
  run({ invoices, proof }) {
    const there = new Map(proof.index.files.map((file) => [file.path, file]));
    const validated = invoices.filter(isValidated);
    const wrong = validated.flatMap(({ ref, mainDocument, recordedMd5 }) => {
      if (!mainDocument) return [`${ref}: no PDF was ever made`];
      const file = there.get(mainDocument);
      if (!file) return [`${ref}: ${mainDocument} is missing`];
      if (file.bytes === 0) return [`${ref}: ${mainDocument} is empty`];
      return recordedMd5 && recordedMd5 !== file.md5
        ? [`${ref}: ${mainDocument} has md5 ${file.md5}, Dolibarr recorded ${recordedMd5}`]
        : [];
    });
    const recorded = validated.filter(({ recordedMd5 }) => recordedMd5).length;
    return Promise.resolve(
      expectNone(
        wrong,
        validated.length,
        `last_main_doc of each invoice against the index; ${recorded} with the md5 that Dolibarr recorded`,
      ),
    );
  },
};

export const logo: Check<DataContext> = {
  id: "documents.logo",
  part: "documents",
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
    const { sha256 } = await digestOf(readFile(join(sandbox.documents, path)));
    return expectEqual(recorded.sha256, sha256, compared, `${path} has other bytes than the backup`);
  },
};
