/** How a long step shows its progress: a bar on a terminal, a line in a log, an event with --json. */

export type Unit = "bytes" | "tables" | "files" | "checks" | "steps";

/** One long step. `end` is called once, also on failure; disposing ends it. */
export interface Step extends Disposable {
  /** `done` of `total` (unknown: undefined) in the step's unit. Cheap: may be called for every chunk. */
  progress(done: number, total?: number): void;
  /** The step's last line, for example what was counted. */
  end(summary?: string): void;
}

export interface StepOptions {
  /**
   * It is shown while it runs and leaves no line, because what comes of it is printed by itself: a check. Default: a step
   * leaves one.
   */
  passing?: boolean;
}

export interface Reporter {
  step(title: string, unit?: Unit, options?: StepOptions): Step;
  /** A line that is not a step. */
  note(line: string): void;
  /** A line that a person must not miss. */
  warn(line: string): void;
}

/** Prints nothing; for tests and for callers inside another step. */
export const silentReporter: Reporter = {
  step: () => ({ progress() {}, end() {}, [Symbol.dispose]() {} }),
  note() {},
  warn() {},
};
