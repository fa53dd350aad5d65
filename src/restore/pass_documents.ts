/** The gate with what is going to be replaced: which folders, and whose files lie in them. */

import type { OpenEnvironment } from "../platform/environment.ts";
import type { Session } from "../postgres/connection/session.ts";
import type { TreeRecord } from "../store/records/trees.ts";
import type { Store } from "../store/store.ts";
import { filesOf, replacedFiles } from "./filled_tree.ts";
import { passGate } from "./gate/gate.ts";
import type { Incoming } from "./incoming.ts";
import type { RestoreOptions } from "./options.ts";

export interface PassedDocuments {
  /** How many files of strangers are replaced, where a person said that they may. */
  foreign: Pick<TreeRecord, "replacedForeign">;
  /** What of the documents a restore takes away beside what an earlier one put there. */
  told: string | undefined;
}

/** @throws DrillError `TARGET_REFUSED` with every reason; nothing was changed. */
export async function passDocuments(
  incoming: Incoming,
  target: OpenEnvironment,
  store: Store,
  session: Session,
  { protectedOnes, production: requested, replaceForeign = false, reporter, signal }: Pick<
    RestoreOptions,
    "protectedOnes" | "production" | "replaceForeign" | "reporter" | "signal"
  >,
): Promise<PassedDocuments> {
  const { documents, name, identity } = incoming;
  const { moreFolders = {} } = target;
  const mayReplace = documents?.below === undefined && Object.keys(moreFolders).length > 0;
  // which of them come is in the index, which is read where it matters alone
  const names = mayReplace ? await documents?.further({ reporter, signal }) ?? [] : [];
  const folders = documents ? [target.documents, ...names.flatMap((name) => moreFolders[name] ?? [])] : [];
  const origin = identity && { set: name, database: identity };
  const replaced = { folders, foreign: replaceForeign };
  const { tree } = await passGate(session, target, { protectedOnes, store, origin, requested, replaced });
  if (requested !== undefined) return { foreign: {}, told: undefined };
  const strangers = tree.folders.filter(({ folder, foreign }) => foreign && folders.includes(folder));
  return {
    foreign: strangers.length > 0 ? { replacedForeign: filesOf(strangers) } : {},
    told: replacedFiles(tree, folders, target),
  };
}
