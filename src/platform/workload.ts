/** One interface for what serves an environment's pages. Drivers: local.ts. */

/** A stopped workload. Disposing starts it again, unless it was told to stay down. */
export interface StoppedWorkload extends AsyncDisposable {
  /** Starts it and waits until it answers. @throws DrillError `WORKLOAD_FAILED`. */
  start(): Promise<void>;
  /** It must not come up on a state that nobody checked (DESIGN, rule 2). */
  stayDown(reason: string): void;
}

export interface Workload {
  /** Stops it and waits until it no longer answers. */
  stop(signal: AbortSignal): Promise<StoppedWorkload>;
  state(): Promise<"up" | "down">;
}
