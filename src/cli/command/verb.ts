/** What a verb is: each is declared in one file of `src/cli/`, with its options, its help and what it does. */

import type { ExitStatus } from "../../base/errors.ts";
import { type OptionSet, outputOptions, type ValuesOf } from "./options.ts";
import type { Shell } from "./shell.ts";

/** What the page of a verb says besides its options. */
export interface Help {
  /** Stands between the options and the examples. A blank line ends a paragraph; a line with `- ` begins an item. */
  readonly about?: string;
  /** Commands that can be pasted, each with what it is for. */
  readonly examples: readonly (readonly [command: string, purpose: string])[];
}

export interface Verb<Set extends OptionSet = OptionSet> {
  readonly name: string;
  /** One sentence, short enough for one line of the overall help. */
  readonly summary: string;
  readonly options: Set;
  readonly help: Help;
  /**
   * Imports what it works with when it is called, and not before: the pages of all verbs are printed by a program that
   * loaded none of it.
   *
   * @throws DrillError whatever ends it; its code decides on the exit status.
   */
  run(options: ValuesOf<Set>, shell: Shell): Promise<ExitStatus>;
}

/**
 * Declares a verb. The options about what is printed are added, as every verb has them.
 *
 * @example
 * export const keepVerb = verb({
 *   name: "keep",
 *   summary: "Hold a set until a given day, or release it.",
 *   options: { until: value("DATE", "hold the set to the end of this day"), ...configOptions },
 *   help: { examples: [["dolibarr-drill keep --until 2031-12-31", "hold the newest good set"]] },
 *   run: (options, shell) => hold(options.until, shell), // until: string | undefined
 * });
 */
export function verb<Set extends OptionSet>(declared: Verb<Set>): Verb {
  return { ...declared, options: { ...declared.options, ...outputOptions } };
}
