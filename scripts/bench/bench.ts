/** What every measurement is given. */
export interface Bench {
  /** An empty folder for whatever it makes; it is removed at the end. */
  folder: string;
  runs: number;
  signal: AbortSignal;
  /** Tells on stderr what is being done. */
  say(line: string): void;
}
