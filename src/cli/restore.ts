/** `restore`: a set, or one half of it, into an environment or a folder. */

import { formatBytes, formatCount } from "../base/numbers.ts";
import { DrillError } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import { environmentOf } from "../config/config.ts";
import { REFUSALS } from "../restore/gate/judge.ts";
import type { RestorableSet } from "../store/sets/restorable_set.ts";
import { type ChosenSet, findChosenSet } from "./command/chosen_set.ts";
import { tellFindingsOf } from "./findings/known.ts";
import { absolute, type Context, needsStore, withContext } from "./command/context.ts";
import { endDryRun } from "./command/dry_run.ts";
import {
  argument,
  configOptions,
  flag,
  fromOption,
  halfOption,
  intoOption,
  loadingOptions,
  replaceForeignOption,
  SET_FORMS,
  unprovedVersionOption,
  usage,
  value,
  type ValuesOf,
} from "./command/options.ts";
import { folderOutside, originAndTarget } from "./command/origin_and_target.ts";
import type { Shell } from "./command/shell.ts";
import { verb } from "./command/verb.ts";

const options = {
  set: argument("SET", `${SET_FORMS} (default: latest)`),
  from: fromOption("the environment that the set is of"),
  into: intoOption,
  half: halfOption("restore only this half; the other half of the target is not changed"),
  to: value("FOLDER", "write the dump and the documents to a new folder, and restore into no environment"),
  restoreProduction: value("NAME", "overwrite a protected environment; NAME is the name of its database"),
  yes: flag("ask nothing: at a terminal a restore without SET shows what it will replace, and asks"),
  dryRun: flag("show what would be replaced and left out, and change nothing"),
  withoutBackup: flag("with --restore-production: take no backup of its present state first"),
  replaceForeign: replaceForeignOption,
  unprovedVersion: unprovedVersionOption,
  ...loadingOptions,
  ...configOptions,
};
type RestoreVerbOptions = ValuesOf<typeof options>;

export const restoreVerb = verb({
  name: "restore",
  summary: "Restore a set into a disposable environment or a folder.",
  options,
  help: {
    about: `
Everything is loaded and compared before it is committed: if anything is wrong, the target is left as it was. The target
is refused if
${Object.values(REFUSALS).map((sentence) => `- ${sentence}`).join("\n")}`,
    examples: [
      [`${PROGRAM} restore`, "restore the newest good set of drill.from into drill.into"],
      [`${PROGRAM} restore 20260630T155313Z --into sandbox`, "restore one set by name"],
      [`${PROGRAM} restore --dry-run`, "show what that would replace, and what it would leave out"],
      [`${PROGRAM} restore --half docs`, "restore only the documents"],
      [`${PROGRAM} restore latest --to /srv/out`, "write the dump and the documents as files"],
      [`${PROGRAM} restore latest --lab`, "restore within the embedded lab"],
      [
        `${PROGRAM} restore latest --into prod --restore-production erp`,
        "restore production itself after a disaster; erp is the name of its database",
      ],
    ],
  },
  run(options, shell) {
    if (options.to !== undefined) return restoreToFolder(options, options.to, shell);
    if (options.withoutBackup && options.restoreProduction === undefined) {
      throw usage(
        "--without-backup needs --restore-production",
        "Leave it out: before a restore into a sandbox no backup is taken.",
      );
    }
    return restoreIntoEnvironment(options, shell);
  },
});

function restoreIntoEnvironment(options: RestoreVerbOptions, shell: Shell) {
  const {
    half,
    restoreProduction: production,
    withoutBackup,
    terminate,
    staged,
    replaceForeign,
    set = "latest",
  } = options;
  return withContext(
    options,
    shell,
    (config) => ({ databases: [originAndTarget(options, config, true).into.name] }),
    async (context) => {
      const [{ setIncoming }, { restorableSetOf }, { restoredFields, runRestore }] = await Promise.all([
        import("../restore/incoming.ts"),
        import("../store/sets/restorable_set.ts"),
        import("./command/run_restore.ts"),
      ]);
      const { from, into } = originAndTarget(options, context.config, true);
      const store = await context.openStore();
      const target = await context.openEnvironment(into);
      const chosen = await findChosenSet(set, from.name, store, context);
      if (production !== undefined) refuseOldLatest(chosen, production);
      await tellFindingsOf(chosen, store, context);
      const incoming = setIncoming(restorableSetOf(chosen.set), store, { half });
      const itself = production !== undefined;
      const protectedOnes = context.protectedOnes({ from: from.name, into: into.name, itself });
      const named = { set: incoming.name, into: into.name, ...(half ? { half } : {}) };
      const { askBeforeReplacing, previewRestore } = await import("./command/replacing.ts");
      if (options.dryRun) {
        await previewRestore(
          incoming,
          target,
          into,
          store,
          { protectedOnes, production, replaceForeign },
          context,
        );
        return context.finish({ verdict: "pass", ...named, dryRun: true });
      }
      if (options.set === undefined && !options.yes) await askBeforeReplacing(incoming, into, context);
      const { backUpBeforeRestore } = await import("./command/backup_before_restore.ts");
      const restored = await runRestore(incoming, target, store, {
        done: `${incoming.name} is restored into ${into.name}`,
        before: production !== undefined && !withoutBackup
          ? (lease) => backUpBeforeRestore(target, store, lease, incoming.name, context)
          : undefined,
        protectedOnes,
        production,
        replaceForeign,
        terminate,
        staged,
      }, context);
      return context.finish({
        verdict: "pass",
        ...named,
        ...restoredFields(restored),
      });
    },
  );
}

/** Whoever overwrites production decides by name what is lost. @throws DrillError `TARGET_REFUSED` */
function refuseOldLatest({ set, notNewest }: ChosenSet, database: string): void {
  if (!notNewest) return;
  throw new DrillError(
    "TARGET_REFUSED",
    `Cannot restore latest into ${set.environment}: ${notNewest.sentence}`,
    `Nothing was changed. What was entered since would be lost. If that set is meant, name it: ${PROGRAM} restore ${set.name} --into ${set.environment} --restore-production ${database}`,
  );
}

/** Writes the files; no environment is opened. */
function restoreToFolder(options: RestoreVerbOptions, to: string, shell: Shell) {
  const [other] = ([
    ["--into", options.into],
    ["--restore-production", options.restoreProduction],
    ["--without-backup", options.withoutBackup],
    ["--terminate", options.terminate],
    ["--staged", options.staged],
    ["--replace-foreign", options.replaceForeign],
  ] as const).filter(([, value]) => value !== undefined);
  if (other) {
    throw usage(`--to writes files, and ${other[0]} is about an environment`, "Give one of the two.");
  }
  return withContext(options, shell, needsStore, async (context) => {
    const [{ writeOut }, { restorableSetOf }] = await Promise.all([
      import("../restore/to_folder.ts"),
      import("../store/sets/restorable_set.ts"),
    ]);
    const { config, reporter, signal } = context;
    const from = environmentOf(config, options.from ?? config.drill.from);
    const folder = await folderOutside(absolute(to, Deno.cwd()), config);
    const store = await context.openStore();
    const chosen = await findChosenSet(options.set ?? "latest", from.name, store, context);
    const { set } = chosen;
    await tellFindingsOf(chosen, store, context);
    const { half } = options;
    if (options.dryRun) return await previewToFolder(restorableSetOf(set), half, folder, context);
    const { dump, documents, further, leftOut } = await writeOut(restorableSetOf(set), folder, store, {
      half,
      reporter,
      signal,
    });
    if (dump) context.out(`${dump.path}  ${formatBytes(dump.bytes)}, for pg_restore`);
    if (documents) {
      context.out(
        `${documents.path}  ${formatCount(documents.files, "file")}, ${formatBytes(documents.bytes)}`,
      );
    }
    for (const { path, files, lay } of further) {
      context.out(`${path}  ${formatCount(files, "file")} of these; it lay at ${lay}`);
    }
    for (const { what, why } of leftOut) context.out(`left out: ${what} (${why})`);
    const name = `${from.name}/${set.name}`;
    context.out(`${name} is written to ${folder}: every byte is as recorded`);
    return context.finish({
      verdict: "pass",
      set: name,
      to: folder,
      leftOut,
      ...(further.length > 0 ? { further: further.map(({ name, path }) => ({ name, path })) } : {}),
    });
  });
}

/** What would be written out, once nothing is in the way. */
async function previewToFolder(
  { environment, name, dump, archive }: RestorableSet,
  half: "db" | "docs" | undefined,
  folder: string,
  context: Context,
) {
  const { refuseOccupied } = await import("../restore/to_folder.ts");
  await refuseOccupied(folder);
  return endDryRun(context, [
    ...(half === "docs" ? [] : [`${folder}/database.dump  would be written, ${formatBytes(dump.bytes)}`]),
    ...(half === "db"
      ? []
      : [`${folder}/documents  would be unpacked from an archive of ${formatBytes(archive.bytes)}`]),
  ], { set: `${environment}/${name}`, to: folder });
}
