/**
 * Which files the documents of an environment were at a moment: `<env>/trees/<ts>.json`. Each backup writes one of what it
 * read, and each restore and reset one of what it left there. By it a tree is known again, wherever it is mounted: production's,
 * which no restore may touch, and a sandbox's, which an earlier restore filled. The newest few are left.
 */

import { z } from "zod";
import { recordKind } from "../../base/versioned_record.ts";
import { isTimestamp } from "../../base/time.ts";
import { listMoments, recordKey } from "../keys.ts";
import type { Store } from "../store.ts";
import { getListedRecord, type OnUnreadable, putAmongNewest, readOrReport } from "./stored_record.ts";

const count = z.number().int().nonnegative();
const nanoseconds = z.string().regex(/^-?\d+$/);

const fields = z.object({
  environment: z.string().min(1),
  /** The moment that the record is named after. */
  at: z.string().refine(isTimestamp, "a UTC timestamp such as 20260630T155313Z"),
  /** The verb that read or filled it. */
  by: z.enum(["backup", "restore", "reset"]),
  /** The restore's id, which the database carries that came with these files. */
  restore: z.string().min(1).optional(),
  /** The documents, then the folders elsewhere that belong to them. */
  folders: z.array(z.object({
    /** As the machine knew it that wrote this; for a person. */
    folder: z.string().min(1),
    /** How many files lay in it. */
    files: count,
    /** Some of them: see documents/tree/listing.ts. */
    sample: z.array(z.object({
      path: z.string().min(1),
      bytes: count,
      inode: z.string().regex(/^\d+$/),
      mtimeNs: nanoseconds,
      ctimeNs: nanoseconds,
    })),
  })).min(1),
  /** How many files of a tree that no restore had filled were replaced, because a person said so (`--replace-foreign`). */
  replacedForeign: count.optional(),
});

export const treeRecord = recordKind({
  name: "a record of a documents tree of ours",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint:
      "It says which files were there. The one before it counts; the next backup or restore writes a new one.",
  },
});

export type TreeRecord = z.infer<typeof fields>;

/** How many are left: a restore that was undone after it wrote one leaves a tree that an earlier one tells of. */
const LEFT = 4;

/** Writes it, and removes what is older than the few before. */
export const putTree = async (store: Store, tree: TreeRecord): Promise<void> =>
  await putAmongNewest(store, { folder: "trees", kind: treeRecord, left: LEFT }, tree);

/** Those that can be understood, newest first. One that cannot is reported to `onUnreadable`. */
export async function readTrees(
  store: Store,
  environment: string,
  onUnreadable: OnUnreadable,
): Promise<TreeRecord[]> {
  const found: TreeRecord[] = [];
  for (const at of (await listMoments(store, environment, "trees")).reverse()) {
    const key = recordKey(environment, "trees", at);
    const read = await readOrReport(key, () => getListedRecord(store, key, treeRecord), onUnreadable);
    if (read) found.push(read);
  }
  return found;
}
