/** `reset`: a disposable environment, put back to its checkpoint. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { formatAge, formatCount, formatMs, table } from "../base/text.ts";
import { reset, type ResetResult } from "../restore/checkpoint/reset.ts";
import { withSandbox } from "./checkpoint.ts";
import type { Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

/** A person reads so many paths; with --json all are told. */
const SHOWN = 20;

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withSandbox(options, shell, async (environment, store, asked, context) => {
    const done = await reset(environment, store, asked);
    context.event({ event: "reset", environment: environment.name, ...done });
    for (const line of linesOf(done)) context.out(line);
    context.out(
      `${environment.name} is what it was ${agoOf(done)}: every table, sequence and file is equal (${
        formatMs(done.ms)
      })`,
    );
    return context.finish({ verdict: "pass", exit: EXIT.ok, environment: environment.name, how: done.how });
  });
}

/** What was put back, as aligned lines; the first says why it was reloaded, where it was. Pure. */
export function linesOf({ how, why, tables, sequences, files }: ResetResult): string[] {
  const rows = [
    ...tables.map((one) => [
      one.table,
      one.deleted > 0 ? `${formatCount(one.deleted, "row")} out` : "",
      one.inserted > 0 ? `${formatCount(one.inserted, "row")} back` : "",
    ]),
    ...sequences.map((name) => [name, "", "set back"]),
    ...some(files.removed).map((path) => [path, "removed", ""]),
    ...some(files.put).map((path) => [path, "", "put back"]),
    ...some(files.mended).map((path) => [path, "", "times and rights"]),
  ];
  return [...(how === "reloaded" ? [`the whole database was loaded again: ${why}`] : []), ...table(rows)];
}

const some = (paths: readonly string[]): string[] =>
  paths.length <= SHOWN ? [...paths] : [...paths.slice(0, SHOWN), `and ${paths.length - SHOWN} more`];

const agoOf = ({ takenAt }: ResetResult): string => {
  const age = formatAge(Date.now() - Date.parse(takenAt));
  return age === "just now" ? "at its checkpoint, just now" : `at its checkpoint, ${age} ago`;
};
