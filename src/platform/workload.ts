/** The workload that serves an environment's pages. Driver: platform/local/commands.ts. */

import type { StoppedRecord } from "./local/stopped_note.ts";

/**
 * A stopped workload. Disposing starts it again where it ran before, unless `stayDown` was called.
 */
export interface StoppedWorkload extends AsyncDisposable {
  /** Starts it, even if it was down before, and waits until it answers. @throws DrillError `WORKLOAD_FAILED`. */
  start(): Promise<void>;
  /** Keeps it stopped: it must not run on a state that was not checked (docs/design.md, rule 2). */
  stayDown(reason: string): void;
}

export interface Workload {
  /** Stops it and waits until it no longer answers. A note is written first, so that `left` finds it after a crash. */
  stop(signal: AbortSignal): Promise<StoppedWorkload>;
  state(): Promise<"up" | "down">;
  /** The note of a run that did not end; undefined where we stopped nothing. */
  left(): Promise<StoppedRecord | undefined>;
  /** Starts it, waits until it answers, and removes the note. @throws DrillError `WORKLOAD_FAILED`. */
  start(): Promise<void>;
  /** Removes the note: the workload runs, or is meant to be down. */
  forget(): Promise<void>;
}
