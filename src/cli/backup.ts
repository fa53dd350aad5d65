/** `backup`: one set of both halves. */

import { formatBytes, formatCount } from "../base/numbers.ts";
import { environmentOf } from "../config/config.ts";
import type { Manifest } from "../store/records/manifest.ts";
import { type Context, withContext } from "./command/context.ts";
import { configOptions, envOption, flag, halfOption, value } from "./command/options.ts";
import { verb } from "./command/verb.ts";

export const backupVerb = verb({
  name: "backup",
  summary: "Take a backup set: the database and the documents.",
  options: {
    env: envOption("the environment to back up", "drill.from"),
    half: halfOption("take only this half; the set reuses the other half of the newest set"),
    force: flag("upload both halves even if nothing has changed since the newest set"),
    accept: value(
      "REASON",
      "accept that the ERP holds much less than before, so that the set counts as good",
    ),
    paranoid: flag("read every document, even if its size and its times are unchanged"),
    ...configOptions,
  },
  help: {
    about: `
Both halves show the ERP at the same moment. A half that has not changed since the newest set is not uploaded again. What is
uploaded is read back and compared before the set is recorded.`,
    examples: [
      ["dolibarr-drill backup --env prod", "back up both halves"],
      [
        'dolibarr-drill backup --accept "2012 was archived"',
        "after exit status 1: there really is so much less than before",
      ],
      [
        "dolibarr-drill backup --half db",
        "back up the database now, and reuse the documents of the newest set",
      ],
      ["dolibarr-drill backup --lab --json", "list each object that was stored, as JSON"],
    ],
  },
  run: (options, shell) =>
    withContext(
      options,
      shell,
      (config) => ({ databases: [environmentOf(config, options.env ?? config.drill.from).name] }),
      async (context) => {
        const { backup } = await import("../backup/backup.ts");
        const { config, reporter, signal } = context;
        const environment = environmentOf(config, options.env ?? config.drill.from);
        const store = await context.openStore();
        const { half, force, paranoid, accept } = options;
        const { name, manifest, uploaded } = await backup(
          await context.openEnvironment(environment),
          store,
          { half, force, paranoid, accept, reporter, signal },
        );
        const set = `${environment.name}/${name}`;
        print(set, manifest, uploaded, context);
        if (manifest.suspect.length === 0) return context.finish({ verdict: "pass", set });

        const message = `The set ${set} is suspect: its state looks lost: ${manifest.suspect.join("; ")}`;
        const hint =
          `Check ${environment.name} now. The set stays in the store, and is never chosen over a good one. If nothing is lost: dolibarr-drill backup --env ${environment.name} --accept "REASON"`;
        context.say(message);
        context.say(hint);
        return context.finish({ verdict: "fail", set, code: "SET_SUSPECT", message, hint });
      },
    ),
});

/** The objects of the set, its warnings, and what it holds. `uploaded`: the keys of the objects that are new. */
function print(
  set: string,
  { db, docs, warnings }: Manifest,
  uploaded: ReadonlySet<string>,
  context: Context,
) {
  const objects = [...db.objects, ...docs.objects, docs.index];
  for (const { key, bytes } of objects) {
    context.event({ event: "object", key, bytes, uploaded: uploaded.has(key) });
  }
  const rows = objects.map((
    { key, bytes },
  ) => [key, formatBytes(bytes), uploaded.has(key) ? "" : "unchanged"]);
  context.table(rows, ["left", "right", "left"]);
  for (const warning of warnings) context.reporter.warn(warning);
  const { tables } = db.content;
  context.out(
    `${set}: ${formatCount(tables.length, "table")}, ${
      formatCount(tables.reduce((sum, { rows }) => sum + rows, 0), "row")
    }, ${formatCount(docs.files, "file")}`,
  );
}
