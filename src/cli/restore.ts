/** `restore`: a set, or one half of it, into an environment or a folder. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { formatBytes, formatCount } from "../base/text.ts";
import { type Environment, environmentOf } from "../config/config.ts";
import { setIncoming } from "../restore/incoming.ts";
import { restorableSetOf } from "../store/sets/restorable_set.ts";
import { writeOut } from "../restore/to_folder.ts";
import { findInInventory, passedOver, readInventory } from "../store/sets/inventory.ts";
import type { AnySet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { backUpBeforeRestore } from "./command/backup_before_restore.ts";
import { restoredFields, runRestore } from "./command/run_restore.ts";
import { openEnvironment, openStore, protectedOnes } from "./command/clients.ts";
import { absolute, type Context, withContext } from "./command/context.ts";
import { folderOutside, originAndTarget } from "./command/origin_and_target.ts";
import { type Options, usage } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  if (options.to !== undefined) return toFolder(options, options.to, shell);
  if (options.withoutBackup && options.restoreProduction === undefined) {
    throw usage(
      "--without-backup is about production alone",
      "Leave it out: a sandbox is never backed up first.",
    );
  }
  return withContext(
    options,
    shell,
    (config) => ({ databases: [originAndTarget(options, config).into.name] }),
    async (context) => {
      const { config, reporter, signal } = context;
      const { from, into } = originAndTarget(options, config);
      const store = await openStore(config.store, signal);
      const target = await openEnvironment(into, reporter);
      const set = await chosenSet(options, from, store, context);
      const incoming = setIncoming(restorableSetOf(set), store, { half: options.half });
      const production = options.restoreProduction;
      const keeps = production !== undefined && !options.withoutBackup;
      const brought = await runRestore(incoming, target, store, {
        verb: "restore",
        done: `${incoming.name} is restored into ${into.name}`,
        before: keeps ? (lease) => backUpBeforeRestore(target, store, lease, context) : undefined,
        protectedOnes: protectedOnes(
          config,
          { from: from.name, into: into.name, itself: production !== undefined },
          reporter,
        ),
        production,
        terminate: options.terminate,
        staged: options.staged,
      }, context);
      return context.finish({
        verdict: "pass",
        exit: EXIT.ok,
        set: incoming.name,
        into: into.name,
        ...(options.half ? { half: options.half } : {}),
        ...restoredFields(brought),
      });
    },
  );
}

async function chosenSet(
  { set: wanted = "latest" }: Options,
  from: Environment,
  store: Store,
  { reporter }: Context,
): Promise<AnySet> {
  const inventory = await readInventory(store, from.name);
  const set = findInInventory(inventory, wanted, store.url);
  for (const { name, flaws } of passedOver(inventory, set)) {
    reporter.warn(`${from.name}/${name} is newer than what is restored, and bad: ${flaws.join("; ")}`);
  }
  return set;
}

/** Writes the files; no environment is opened. */
function toFolder(options: Options, to: string, shell: Shell): Promise<ExitStatus> {
  const others = (["into", "restoreProduction", "withoutBackup", "terminate", "staged"] as const)
    .filter((name) => options[name] !== undefined);
  if (others.length > 0) {
    throw usage(
      `--to writes files, and --${dashed(others[0]!)} is about an environment`,
      "Give one of the two.",
    );
  }
  return withContext(options, shell, () => ({ databases: [] }), async (context) => {
    const { config, reporter, signal } = context;
    const from = environmentOf(config, options.from ?? config.drill.from);
    const folder = await folderOutside(absolute(to, Deno.cwd()), config);
    const store = await openStore(config.store, signal);
    const set = await chosenSet(options, from, store, context);
    const source = restorableSetOf(set);
    const { dump, documents } = await writeOut(source, folder, store, {
      half: options.half,
      reporter,
      signal,
    });
    if (dump) context.out(`${dump.path}  ${formatBytes(dump.bytes)}, to be read by pg_restore`);
    if (documents) {
      context.out(
        `${documents.path}  ${formatCount(documents.files, "file")}, ${formatBytes(documents.bytes)}`,
      );
    }
    const name = `${from.name}/${set.name}`;
    context.out(`${name} is in ${folder}: every byte is as it was recorded`);
    return context.finish({ verdict: "pass", exit: EXIT.ok, set: name, to: folder });
  });
}

const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
