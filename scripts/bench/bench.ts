/** What every measurement is given, whatever it measures. */

export interface Bench {
  /** An empty folder for whatever it makes; it is removed at the end. */
  folder: string;
  /** How often each way is measured. */
  runs: number;
  signal: AbortSignal;
  /** Tells on stderr what is being done. */
  say(line: string): void;
}
