/** What every measurement gets. */

export interface Bench {
  /** An empty folder for everything that it makes, removed at the end. */
  folder: string;
  /** How often each alternative is measured. */
  runs: number;
  signal: AbortSignal;
  /** Prints a line of progress on stderr. */
  say(line: string): void;
}
