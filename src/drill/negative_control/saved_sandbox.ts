/** The sandbox, saved before a negative control breaks it, so that it can be reset. */

import type { Reporter } from "../../base/terminal/reporter.ts";
import type { Changes } from "../../checks/check.ts";
import { readRestoreId } from "../../dolibarr/sandbox/restore_id.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { connect } from "../../postgres/connection/session.ts";
import { checkpoint } from "../../restore/checkpoint/checkpoint.ts";
import { removeControl, removeControlNote, writeControlNote } from "../../restore/checkpoint/control_note.ts";
import { reset } from "../../restore/reset/reset.ts";
import type { ProtectedEnvironment } from "../../restore/gate/gate.ts";
import type { Lease } from "../../store/lease/lease.ts";
import type { Store } from "../../store/store.ts";

export interface SaveSandboxOptions {
  sandbox: OpenEnvironment;
  store: Store;
  protectedOnes: readonly ProtectedEnvironment[];
  /** The sandbox's, held by the caller. */
  lease: Lease;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Disposing removes what was saved, unless the sandbox is still broken. */
export interface SavedSandbox extends AsyncDisposable {
  /** Notes on the disk that the sandbox is broken from now on, by what, and for which check. */
  noteBroken(check: string, by: string): Promise<void>;
  /** Resets the sandbox to what was saved, which proves it equal, and removes the note. */
  reset(): Promise<void>;
}

/** No document is copied, and none compared. */
const NO_DOCUMENTS = ["*"];

/**
 * Saves the database, and where the documents are changed all of those too: a visit leaves caches in what a backup leaves
 * out, and no check compared them. A checkpoint that a person made stays.
 * @throws DrillError as `checkpoint`
 */
export async function saveSandbox(
  changes: Exclude<Changes, "nothing">,
  { sandbox, store, ...options }: SaveSandboxOptions,
): Promise<SavedSandbox> {
  const saved = { ...sandbox, excludes: changes === "documents" ? [] : NO_DOCUMENTS };
  const { state } = sandbox;
  await removeControl(state); // of an earlier run: the sandbox was restored since
  await checkpoint(saved, store, { ...options, kind: "control" });
  let broken = false;
  return {
    async noteBroken(check, by) {
      broken = true;
      await using session = await connect(sandbox.database);
      const restore = await readRestoreId(session.ask) ?? null;
      await writeControlNote(state, { check, by, restore });
    },
    async reset() {
      await reset(saved, store, { ...options, kind: "control" });
      await removeControlNote(state);
      broken = false;
    },
    async [Symbol.asyncDispose]() {
      if (!broken) await removeControl(state);
    },
  };
}
