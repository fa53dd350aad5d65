/** One interface for what serves an environment's pages. Drivers: platform/local/commands.ts. */

import type { StoppedRecord } from "./local/stopped_note.ts";

/**
 * A stopped workload. Disposing brings it back as it was: what ran is started again, unless it was told to stay down,
 * and what was down before is left so.
 */
export interface StoppedWorkload extends AsyncDisposable {
  /** Starts it, also where it was down before, and waits until it answers. @throws DrillError `WORKLOAD_FAILED`. */
  start(): Promise<void>;
  /** It must not come up on a state that nobody checked (docs/design.md, rule 2). */
  stayDown(reason: string): void;
}

export interface Workload {
  /** Stops it and waits until it no longer answers. What was stopped is noted first, so that `left` finds it after a crash. */
  stop(signal: AbortSignal): Promise<StoppedWorkload>;
  state(): Promise<"up" | "down">;
  /** What a run noted that did not come to its end; undefined where nothing of ours is stopped. */
  left(): Promise<StoppedRecord | undefined>;
  /** Starts it, waits until it answers, and removes the note. @throws DrillError `WORKLOAD_FAILED`. */
  start(): Promise<void>;
  /** Removes the note: it runs, or is meant to be down. */
  forget(): Promise<void>;
}
