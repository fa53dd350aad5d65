/** `backup`: one set of both halves. */

import { backup } from "../backup/backup.ts";
import { EXIT, type ExitStatus } from "../base/errors.ts";
import { formatBytes, formatCount, table } from "../base/text.ts";
import { environmentOf } from "../config/config.ts";
import { openEnvironment, openStore } from "./command/clients.ts";
import { withContext } from "./command/context.ts";
import type { Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(
    options,
    shell,
    (config) => ({ databases: [environmentOf(config, options.env ?? config.drill.from).name] }),
    async (context) => {
      const { config, reporter, signal } = context;
      const environment = environmentOf(config, options.env ?? config.drill.from);
      const store = await openStore(config.store, signal);
      const { half, force, paranoid, accept } = options;
      const { name, manifest, uploaded } = await backup(await openEnvironment(environment, reporter), store, {
        half,
        force,
        paranoid,
        accept,
        reporter,
        signal,
      });

      const objects = [...manifest.db.objects, ...manifest.docs.objects, manifest.docs.index];
      for (const { key, bytes } of objects) {
        context.event({ event: "object", key, bytes, uploaded: uploaded.has(key) });
      }
      const rows = objects.map((
        { key, bytes },
      ) => [key, formatBytes(bytes), uploaded.has(key) ? "" : "as before"]);
      for (const line of table(rows, ["left", "right", "left"])) context.out(line);
      for (const warning of manifest.warnings) reporter.warn(warning);
      const set = `${environment.name}/${name}`;
      const { tables } = manifest.db.content;
      context.out(
        `${set}: ${formatCount(tables.length, "table")}, ${
          formatCount(tables.reduce((sum, { rows }) => sum + rows, 0), "row")
        }, ${formatCount(manifest.docs.files, "file")}`,
      );
      if (manifest.suspect.length === 0) return context.finish({ verdict: "pass", exit: EXIT.ok, set });

      const message = `The set ${set} was taken, but of a state that looks lost: ${
        manifest.suspect.join("; ")
      }`;
      const hint =
        `Look at ${environment.name} now. The set is kept and never chosen over a good one. Where it rightly holds so much less than before: dolibarr-drill backup --env ${environment.name} --accept "REASON"`;
      context.say(message);
      context.say(hint);
      return context.finish({ verdict: "fail", exit: EXIT.bad, set, code: "SET_SUSPECT", message, hint });
    },
  );
}
