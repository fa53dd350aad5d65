/** `checkpoint`: the state of a disposable environment, saved so that it can be reset to it. */

import { formatBytes, formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { withSandbox } from "./command/context.ts";
import { dryRunOption, endDryRun } from "./command/dry_run.ts";
import { configOptions, envOption } from "./command/options.ts";
import { verb } from "./command/verb.ts";

export const checkpointVerb = verb({
  name: "checkpoint",
  summary: "Save the state of the sandbox, to reset it to that later.",
  options: {
    env: envOption("the disposable environment to save", "drill.into"),
    dryRun: dryRunOption,
    ...configOptions,
  },
  help: {
    about: `
The database and the documents are saved in the state folder (state in the configuration). There is one checkpoint for
each environment: a new one replaces it once the new one is complete.

Files that backups leave out (temporary files, logs) are not saved, and a reset does not touch them. The environment
is refused for the same reasons as the target of a restore: see ${PROGRAM} restore --help.`,
    examples: [
      [`${PROGRAM} checkpoint`, "save the current state of drill.into"],
    ],
  },
  run: (options, shell) =>
    withSandbox(options, shell, async (environment, store, work, context) => {
      const { checkpoint } = await import("../restore/checkpoint/checkpoint.ts");
      const { name } = environment;
      const { folder, tables, rows, files, bytes } = await checkpoint(environment, store, work);
      context.event({ event: "checkpoint", environment: name, folder, tables, rows, files, bytes });
      context.out(
        `${name}: checkpoint saved: ${formatCount(tables, "table")} with ${formatCount(rows, "row")}, ${
          formatCount(files, "file")
        } of ${formatBytes(bytes)}`,
      );
      return context.finish({ verdict: "pass", environment: name });
    }, async (environment, store, work, context) => {
      const { judgeCheckpoint } = await import("../restore/checkpoint/preview.ts");
      const { name } = environment;
      const { folder, files, bytes, databaseBytes } = await judgeCheckpoint(environment, store, work);
      return endDryRun(context, [
        `${name}: would be saved in ${folder}, in the place of its checkpoint: ${
          formatCount(files, "file")
        } of ${formatBytes(bytes)}, and a database of ${formatBytes(databaseBytes)}`,
      ], { environment: name });
    }),
});
