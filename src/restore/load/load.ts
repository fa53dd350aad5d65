/** The database half of what comes in: in one transaction where the server has room for its locks, else in stages. */

import type { OpenEnvironment } from "../../platform/environment.ts";
import type { Session } from "../../postgres/connection/session.ts";
import type { LoadPlan } from "./plan.ts";
import type { DatabaseProof } from "./proof.ts";
import { restoreStaged } from "./staged.ts";
import { restoreDatabase } from "./atomic.ts";
import { refuseUnsuitableTarget } from "../gate/target_refusals.ts";
import type { RestoreOptions } from "../options.ts";

/** One transaction where the locks allow it, else stages; a person may ask for those too. */
export async function needsStages(
  { plan }: LoadPlan,
  session: Session,
  { name, database }: OpenEnvironment,
  { staged = false, reporter }: RestoreOptions,
): Promise<boolean> {
  const { mode, sentence } = await refuseUnsuitableTarget(session, database, name, plan);
  if (mode === "atomic" && !staged) return false;
  const why = mode === "atomic" ? "--staged was asked for" : sentence;
  reporter.warn(`${name} is restored in stages, and what it holds now is saved before: ${why}`);
  return true;
}

export interface Loading {
  id: string;
  /** The target's documents folder, by its real path. */
  documents: string;
  staged: boolean | undefined;
  /** In the target. */
  session: Session;
  /** Puts the new documents in their place. */
  swap: () => Promise<void>;
  onBegin: (transaction: string) => void;
}

export async function loadInto(
  target: OpenEnvironment,
  load: LoadPlan,
  { id, documents, staged, session, swap, onBegin }: Loading,
  { lease, production, terminate, reporter, signal }: RestoreOptions,
): Promise<DatabaseProof> {
  const quiet = { set: load.source.name, at: new Date(), extra: target.neutralise ?? [] };
  const options = {
    id,
    ...(production === undefined ? { neutralise: quiet } : {}),
    beforeCommit: async () => {
      await lease.confirm();
      await swap();
    },
    reporter,
    signal,
  };
  return staged
    ? await restoreStaged(load, target, session, { ...options, documents, terminate })
    : await restoreDatabase(load, target.database, { ...options, onBegin });
}
