/** What a caller asks of a restore. */

import type { Reporter } from "../base/terminal/reporter.ts";
import type { Lease } from "../store/lease/lease.ts";
import type { ProtectedEnvironment } from "./gate/gate.ts";

export interface RestoreOptions {
  /** Every environment that must not be restored into (docs/design.md, rule 1). */
  protectedOnes: readonly ProtectedEnvironment[];
  /** The target's, held by the caller: confirmed before anything is dropped, and before the commit. */
  lease: Lease;
  /**
   * The name of the protected database that a person asked to overwrite. Nothing is neutralised then, because the target is
   * production.
   */
  production?: string;
  /** Called when no other session is in the target, before anything is changed: for a backup of what it holds now. */
  beforeLoad?: () => Promise<void>;
  /** Loads in several transactions, with the target's own state saved before, also where one transaction would do. */
  staged?: boolean;
  /** A person said that documents which no restore of ours put there may be replaced. */
  replaceForeign?: boolean;
  /** Ends the sessions of others, instead of waiting until they leave. */
  terminate?: boolean;
  reporter: Reporter;
  signal: AbortSignal;
}
