/** The check on what a backup holds beside the documents: further folders, such as Dolibarr's `custom`. */

import { formatCount } from "../../base/numbers.ts";
import { walkTree } from "../../documents/tree/walk.ts";
import { cannotRun, expectNone, nothingToCheck, type RestoreCheck } from "../check.ts";
import { type DataContext, factsTwin, RESTORED_DOCUMENTS } from "../data/context.ts";
import { compareTree } from "./restored_files.ts";

export const furtherFolders: RestoreCheck<DataContext> = {
  id: "documents.more",
  part: "documents",
  judges: "restore",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "Every file of the further folders of the backup is there",
  required: false, // a sandbox without such a folder is one that people chose
  run({ proof: { further }, sandbox }) {
    if (further.length === 0) {
      throw nothingToCheck("the backup has no further folder: documents.more names none");
    }
    const placed = further.flatMap(({ folder, ...one }) => folder === undefined ? [] : [{ ...one, folder }]);
    const unplaced = further.filter(({ folder }) => folder === undefined).map(({ name }) => name);
    const compared = placed.map(({ name, folder, index }) => {
      const files = walkTree(folder, []).filter(({ type }) => type === "file");
      const { differences } = compareTree(
        index.files,
        new Map(files.map(({ path, bytes }) => [path, bytes])),
      );
      return { name, files: index.files.length, differences: differences.map((one) => `${name}: ${one}`) };
    });
    if (unplaced.length > 0 && compared.every(({ differences }) => differences.length === 0)) {
      throw cannotRun(
        `not restored: ${unplaced.join(", ")}: ${sandbox.name} names no folder for ${
          unplaced.length === 1 ? "it" : "them"
        }; the bytes in the archive were compared with the index`,
        `Name one for each in environments.${sandbox.name}.documents.more: a folder of the sandbox's own.`,
      );
    }
    const differences = compared.flatMap((one) => one.differences);
    const outcome = expectNone(
      differences,
      compared.reduce((sum, { files }) => sum + Math.max(1, files), 0),
      "path, size and (while unpacking) SHA-256 of each file against the index",
    );
    const lines = compared.map(({ name, files }) => `${name}: ${formatCount(files, "file")}`);
    return Promise.resolve(differences.length > 0 ? outcome : { ...outcome, details: lines });
  },
  twin: factsTwin("a file of a further folder that is missing", (context) => ({
    ...context,
    proof: {
      ...context.proof,
      further: [{
        name: "custom",
        folder: context.sandbox.documents,
        index: {
          ...context.proof.index,
          files: [...context.proof.index.files, {
            path: "mymodule/core/modMyModule.class.php",
            bytes: 1,
            mtimeMs: 0,
            ctimeMs: 0,
            sha256: "0".repeat(64),
          }],
        },
      }],
    },
  })),
};
