/** What a drill is asked for. */

import type { Reporter } from "../base/terminal/reporter.ts";
import type { CheckResult, Level } from "../checks/result.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
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
  /** How deep it looks; `fast` opens one invoice. */
  level: Level;
  /** How old the set may be (RPO), and how long the drill may take (RTO), both in ms. */
  maxAgeMs: number;
  maxDurationMs: number;
  /** Within that time every kept set is restored once, the older ones before the newest; 0 or none: the newest alone. */
  rotaMs?: number;
  /** What goes wrong on pages and is known to be harmless: parts of its lines. */
  harmless?: readonly string[];
  /** After a PASS the sandbox is broken in one way, which the check that must see it has to see; then it is put back. */
  control?: boolean;
  /** How many look at the pages side by side: see `BrowseOptions`. */
  visitors?: number;
  /** False: no page is opened. The browser's checks are then NOT RUN, so such a drill is never a pass. */
  look?: boolean;
  lab: { erp: "real" | "stand-in"; reason?: string } | undefined;
  reporter: Reporter;
  signal: AbortSignal;
  /** Called with each check as it is done. */
  onCheck: (check: CheckResult) => void;
}
