/** What a restore is asked for. */

import type { Reporter } from "../base/terminal/reporter.ts";
import type { Lease } from "../store/lease/lease.ts";
import type { ProtectedEnvironment } from "./gate/gate.ts";

export interface RestoreOptions {
  /** Every environment that must not be hit (docs/design.md, rule 1). */
  protectedOnes: readonly ProtectedEnvironment[];
  /** The target's, held by the caller: looked at again before anything is dropped, and before the commit. */
  lease: Lease;
  /**
   * The name of the protected database that a person asked to overwrite. What comes in is then left as it is: nothing is
   * neutralised, for it is to be production.
   */
  production?: string;
  /** Called when nobody is in the target any more, before anything of it is changed: what it is now can be kept. */
  beforeLoad?: () => Promise<void>;
  /** Loads in several transactions, with the target's own state saved before, also where one transaction would do. */
  staged?: boolean;
  /** Ends the sessions of others, instead of waiting until they leave. */
  terminate?: boolean;
  reporter: Reporter;
  signal: AbortSignal;
}
