/** The check that nothing in the restored documents is of a later day than the set. */

import { join } from "node:path";
import { whyOfTarget } from "../../documents/tree/names.ts";
import { walkTree } from "../../documents/tree/walk.ts";
import { type Check, expectNone } from "../check.ts";
import { type DataContext, RESTORED_DOCUMENTS } from "../data/context.ts";

/** A file system may keep a moment less exactly than another. In ms. */
const KEPT_WITHIN = 2_000;

/**
 * A set's documents are read after it was begun, and a file may be of a moment in between, or of a clock that is wrong:
 * the index has what it was then. So a file may be as new as the set or as its own entry, whichever is later.
 */
export const fileTimes: Check<DataContext> = {
  id: "documents.times",
  part: "documents",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "No document is newer than the backup",
  required: true,
  run({ proof: { source, index }, sandbox }) {
    const recorded = new Map(index.files.map(({ path, mtimeMs }) => [path, mtimeMs]));
    const files = walkTree(sandbox.documents, [])
      .filter(({ type, path }) => type === "file" && whyOfTarget(path) === undefined);
    const newer = files.filter(({ path, mtimeMs }) =>
      mtimeMs > Math.max(source.takenAt.getTime(), recorded.get(path) ?? 0) + KEPT_WITHIN
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
  broken: {
    by: "a document touched after the restore",
    async apply(context) {
      const file = context.proof.index.files.findLast(({ path }) => whyOfTarget(path) === undefined);
      if (!file) throw new TypeError("there is no document to touch");
      const later = new Date(
        Math.max(Date.now(), context.proof.source.takenAt.getTime(), file.mtimeMs) + 3_600_000,
      );
      await Deno.utime(join(context.sandbox.documents, file.path), later, later);
      return context;
    },
  },
};
