/** `reset`: a disposable environment, put back to its checkpoint. */

import { formatAge, formatCount, formatDuration } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import type { ResetResult } from "../restore/reset/reset.ts";
import { withSandbox } from "./command/context.ts";
import { dryRunOption, endDryRun } from "./command/dry_run.ts";
import { configOptions, envOption } from "./command/options.ts";
import { verb } from "./command/verb.ts";

/** So many paths are printed for a person; with --json all of them. */
const SHOWN = 20;

export const resetVerb = verb({
  name: "reset",
  summary: "Reset the sandbox to its checkpoint.",
  options: {
    env: envOption("the disposable environment to reset", "drill.into"),
    dryRun: dryRunOption,
    ...configOptions,
  },
  help: {
    about: `
Only the rows, sequences and files that differ are put back; then everything is compared again. If the schema or large
objects differ, the whole database is loaded again. The ERP may keep running meanwhile.

If a reset was interrupted, the next one finishes it. If the checkpoint is damaged, nothing is changed and the exit
status is 1.`,
    examples: [
      [`${PROGRAM} reset`, "make drill.into equal to its checkpoint again, every row and every byte"],
    ],
  },
  run: (options, shell) =>
    withSandbox(options, shell, async (environment, store, work, context) => {
      const { reset } = await import("../restore/reset/reset.ts");
      const { name } = environment;
      const done = await reset(environment, store, work);
      context.event({ event: "reset", environment: name, ...done });
      if (done.how === "reloaded") context.out(`the whole database was loaded again: ${done.why}`);
      context.table(changedRows(done));
      context.out(
        `${name} equals its checkpoint, saved ${
          formatAge(Date.now() - Date.parse(done.takenAt))
        } ago: every table, sequence and file was compared (${formatDuration(done.ms)})`,
      );
      return context.finish({ verdict: "pass", environment: name, how: done.how });
    }, async (environment, store, work, context) => {
      const { judgeReset } = await import("../restore/reset/preview.ts");
      const { name } = environment;
      const { takenAt, tables, files } = await judgeReset(environment, store, work);
      context.table([
        ...some(files.removed).map((path) => [path, "would be removed"]),
        ...some(files.put).map((path) => [path, "would be put back"]),
        ...some(files.mended).map((path) => [path, "times and permissions would be set back"]),
      ]);
      const line = `${name} would equal its checkpoint, saved ${
        formatAge(Date.now() - Date.parse(takenAt))
      } ago: the rows of its ${formatCount(tables, "table")} are compared when it is done`;
      return endDryRun(context, [line], { environment: name, files });
    }),
});

/** What was put back, a row each. Pure. */
const changedRows = ({ tables, sequences, files }: ResetResult): string[][] => [
  ...tables.map((one) => [
    one.table,
    one.deleted > 0 ? `${formatCount(one.deleted, "row")} removed` : "",
    one.inserted > 0 ? `${formatCount(one.inserted, "row")} put back` : "",
  ]),
  ...sequences.map((name) => [name, "", "set back"]),
  ...some(files.removed).map((path) => [path, "removed", ""]),
  ...some(files.put).map((path) => [path, "", "put back"]),
  ...some(files.mended).map((path) => [path, "", "times and permissions set back"]),
];

const some = (paths: readonly string[]): string[] =>
  paths.length <= SHOWN ? [...paths] : [...paths.slice(0, SHOWN), `and ${paths.length - SHOWN} more`];
