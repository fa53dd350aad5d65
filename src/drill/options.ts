/** What a drill is asked for. */

import type { Reporter } from "../base/terminal/reporter.ts";
import type { CheckResult, Level } from "../checks/result.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { IndexCache } from "../store/sets/index_cache.ts";
import type { ProtectedEnvironment } from "../restore/gate/gate.ts";

export interface DrillOptions {
  /** The environment whose sets are drilled. */
  from: string;
  /** `latest`, or a set's name. */
  set: string;
  sandbox: OpenEnvironment;
  protectedOnes: readonly ProtectedEnvironment[];
  samples: number;
  seed: string;
  /** How deep the drill looks; `fast` opens one invoice. */
  level: Level;
  /** How old the set may be (RPO), and how long the drill may take (RTO), in ms. */
  maxAgeMs: number;
  maxDurationMs: number;
  /** As in RestoreOptions. */
  replaceForeign?: boolean;
  /** Within this time, in ms, every good set is restored once, the older ones before the newest; 0 or undefined: the newest alone. */
  rotaMs?: number;
  /** Parts of messages about errors on pages that are known to be harmless. */
  harmless?: readonly string[];
  /** True: after a PASS the sandbox is broken in one way, the check that must see it has to fail, and the sandbox is reset. */
  control?: boolean;
  /** How many visitors open pages side by side: see `BrowseOptions`. */
  visitors?: number;
  /** False: no page is opened. The checks in the browser are then NOT RUN, so such a drill never passes. */
  opensPages?: boolean;
  /** Where the indexes of earlier sets are kept on this machine; without it each is read from the store. */
  indexCache?: IndexCache;
  lab: { erp: "real" | "stand-in"; reason?: string } | undefined;
  reporter: Reporter;
  signal: AbortSignal;
  /** Called with each check as it is done. */
  onCheck: (check: CheckResult) => void;
}
