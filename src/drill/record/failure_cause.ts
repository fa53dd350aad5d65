/** To which check an error belongs that ended a drill. */

import type { ErrorCode } from "../../base/errors.ts";

/** Which check an error of the restore is the finding of; any other belongs to the first that was not reached. */
export const CHECK_OF_CODE: Partial<Record<ErrorCode, string>> = {
  OBJECT_CORRUPT: "backup.objects",
  OBJECT_MISSING: "backup.objects",
  DUMP_UNREADABLE: "backup.objects",
  DUMP_FOREIGN: "data.tables",
  CONTENT_DIFFERS: "data.rows",
  DOCUMENTS_DIFFER: "documents.files",
  DOCUMENTS_HOSTILE: "documents.files",
};

/** What could not be done where the store would not take a proof. */
export const KEPT = {
  id: "drill.kept",
  title: "What was proved stands in the store",
  part: "backup",
  required: true,
} as const;

/** What fails when all checks are done and the account, the marks or the workload cannot be put right. */
export const CLEAN_UP = {
  id: "drill.clean_up",
  title: "The drill left nothing of its own in the sandbox",
  part: "browser",
  required: true,
} as const;
