/** `restore`: a set, or one half of it, into an environment or a folder. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { formatBytes, formatCount } from "../base/text.ts";
import { type Environment, environmentOf } from "../config/config.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { bring, type Brought, type RestoreOptions } from "../restore/restore.ts";
import { setIncoming } from "../restore/incoming.ts";
import { sourceOf } from "../restore/source.ts";
import { writeOut } from "../restore/to_folder.ts";
import { takeLease } from "../store/lease.ts";
import { findInCatalogue, passedOver, readCatalogue } from "../store/catalogue.ts";
import type { AnySet } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { backUpBeforehand, sayCapitals } from "./before_restore.ts";
import { openEnvironment, openStore, protectedOnes } from "./clients.ts";
import { absolute, type Context, withContext } from "./context.ts";
import { endsOf, folderOutside } from "./ends.ts";
import { type Options, usage } from "./options.ts";
import type { Shell } from "./shell.ts";

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
    (config) => ({ databases: [endsOf(options, config).into.name] }),
    async (context) => {
      const { config, reporter, signal } = context;
      const { from, into } = endsOf(options, config);
      const store = await openStore(config.store, signal);
      const target = await openEnvironment(into, reporter);
      const set = await chosenSet(options, from, store, context);
      const asked = {
        protectedOnes: protectedOnes(
          config,
          { from: from.name, into: into.name, itself: options.restoreProduction !== undefined },
          reporter,
        ),
        production: options.restoreProduction,
        terminate: options.terminate,
        staged: options.staged,
        reporter,
        signal,
      };
      const incoming = setIncoming(sourceOf(set), store, { half: options.half });
      if (options.restoreProduction !== undefined) {
        sayCapitals(
          `overwriting production: ${into.name}, database ${options.restoreProduction}, with ${incoming.name}`,
          context,
        );
        await backUpBeforehand(target, store, asked, options, context);
      }
      const brought = await bringWithLease(incoming, target, store, "restore", asked);
      printBrought(`${incoming.name} is restored into ${into.name}`, brought, context);
      return context.finish({
        verdict: "pass",
        exit: EXIT.ok,
        set: incoming.name,
        into: into.name,
        ...(options.half ? { half: options.half } : {}),
        ...broughtFields(brought),
      });
    },
  );
}

/**
 * Brings it in while the target's lease is held, and starts the target on it where it ran before. Production is started in
 * any case: that it does not run may be why it is restored.
 */
export async function bringWithLease(
  incoming: Parameters<typeof bring>[0],
  target: OpenEnvironment,
  store: Store,
  verb: string,
  options: Omit<RestoreOptions, "lease">,
): Promise<Brought> {
  await using lease = await takeLease(store, target.name, verb, { signal: options.signal });
  const brought = await bring(incoming, target, store, { ...options, lease });
  await using workload = brought.workload;
  if (options.production !== undefined) await workload.start();
  return brought;
}

/** The same for a program. */
export const broughtFields = ({ database, leftOut }: Brought) => ({
  leftOut,
  neutralised: database?.neutralised ?? [],
  toBeEnteredAgain: database?.encrypted ?? [],
});

/** What did not come over, what was changed of it, and what was compared. */
export function printBrought(done: string, { database, unpacked, leftOut }: Brought, context: Context): void {
  for (const { what, why } of leftOut) context.out(`left out: ${what} (${why})`);
  for (const { what, rows, why } of database?.neutralised ?? []) {
    context.out(`neutralised: ${what} (${formatCount(rows, "row")}; ${why})`);
  }
  for (const what of database?.encrypted ?? []) {
    context.out(`to be entered again, for it was encrypted with another instance's key: ${what}`);
  }
  const equal = [
    ...(database ? [formatCount(database.expected.length, "table")] : []),
    ...(unpacked ? [formatCount(unpacked.proof.files, "file")] : []),
  ];
  context.out(`${done}: ${equal.join(" and ")} are equal`);
}

async function chosenSet(
  { set: wanted = "latest" }: Options,
  from: Environment,
  store: Store,
  { reporter }: Context,
): Promise<AnySet> {
  const catalogue = await readCatalogue(store, from.name);
  const set = findInCatalogue(catalogue, wanted, store.url);
  for (const { name, flaws } of passedOver(catalogue, set)) {
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
    const source = sourceOf(set);
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
