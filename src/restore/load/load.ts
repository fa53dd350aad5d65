/** The database half of what comes in: in one transaction where the server has room for its locks, else in stages. */

import type { OpenEnvironment } from "../../platform/environment.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { refuseUnsuitableTarget } from "../gate/target_refusals.ts";
import type { RestoreOptions } from "../options.ts";
import { restoreDatabase } from "./atomic.ts";
import type { LoadPlan } from "./plan.ts";
import type { DatabaseProof } from "./proof.ts";
import { restoreStaged } from "./staged.ts";

/** `atomic`: in one transaction. `staged`: in several, with what the target holds saved before. */
export type LoadMode = "atomic" | "staged";

/**
 * One transaction where the locks allow it, else stages; a person may ask for those too.
 * @throws DrillError as `refuseUnsuitableTarget`
 */
export async function chooseMode(
  { plan }: LoadPlan,
  session: Session,
  { name, database }: OpenEnvironment,
  { staged = false, reporter }: RestoreOptions,
): Promise<LoadMode> {
  const { mode, sentence } = await refuseUnsuitableTarget(session, database, name, plan);
  if (mode === "atomic" && !staged) return "atomic";
  const why = mode === "atomic" ? "--staged was asked for" : sentence;
  reporter.warn(`${name} is restored in stages, and what it holds now is saved before: ${why}`);
  return "staged";
}

interface LoadWork {
  /** The restore's. */
  id: string;
  /** In the target. */
  session: Session;
  /** Puts the new documents in their place. */
  swap: () => Promise<void>;
}

/** Loads and proves it; the lease is confirmed and the documents are swapped just before the commit. */
export async function loadInto(
  target: OpenEnvironment,
  load: LoadPlan,
  mode: LoadMode,
  { id, session, swap }: LoadWork,
  { lease, production, terminate, reporter, signal }: RestoreOptions,
): Promise<DatabaseProof> {
  const rules = {
    set: load.source.name,
    at: new Date(),
    extra: target.neutralise ?? [],
    admitted: target.admittedVersions,
  };
  const options = {
    id,
    ...(production === undefined ? { neutralise: rules } : {}),
    beforeCommit: async () => {
      await lease.confirm();
      await swap();
    },
    reporter,
    signal,
  };
  return mode === "staged"
    ? await restoreStaged(load, target, session, { ...options, state: target.state, terminate })
    : await restoreDatabase(load, target.database, options);
}
