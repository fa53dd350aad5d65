/** From the options to a configuration that can be worked with: the file's, or the embedded lab's. */

import { DrillError, type ExitStatus } from "../../base/errors.ts";
import { type Config, type Environment, environmentOf } from "../../config/config.ts";
import { CONFIG_VARIABLE, findConfigFile } from "../../config/find.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import type { CheckpointOptions } from "../../restore/checkpoint/checkpoint.ts";
import type { ProtectedEnvironment } from "../../restore/gate/gate.ts";
import type { Lease } from "../../store/lease/lease.ts";
import type { Store } from "../../store/store.ts";
import { type LabInsteadOptions, whyNoLabInstead } from "./lab_instead.ts";
import { type configOptions, LAB_FOLDER, type ValuesOf } from "./options.ts";
import type { Shell } from "./shell.ts";

/** A shell with a configuration, and with what leads from there to the clients. */
export interface Context extends Shell {
  readonly config: Config;
  /** The lab that was started for this run, where it was one. */
  readonly lab?: { folder: string; wasUp: boolean };
  /** The configured store; what reads or writes there ends when the run is interrupted. */
  openStore(): Promise<Store>;
  /** An environment with its secrets read. */
  openEnvironment(environment: Environment): Promise<OpenEnvironment>;
  /** Every environment that must not be hit by what is done to `into`. */
  protectedOnes(names: { from: string; into: string; itself?: boolean }): ProtectedEnvironment[];
  /** The environment's lease, in the name of this verb. */
  takeLease(store: Store, environment: string): Promise<Lease>;
}

/** What a verb is about to use, so that a missing secret is reported before anything starts; undefined: no secret of these. */
type Need = (config: Config) => {
  /** Environments whose database is used; the store is used too. */
  databases: readonly string[];
  /** Environments that are signed in to. */
  web?: readonly string[];
} | undefined;

/** A verb that needs nothing but the store. */
export const needsStore: Need = () => ({ databases: [] });

/** A verb that uses neither the store nor an environment. */
export const needsNothing: Need = () => undefined;

/** The values of the options that every verb with a configuration has. */
type ConfigurationOptions = ValuesOf<typeof configOptions> & LabInsteadOptions;

/**
 * Finds and reads the configuration, or starts the lab, runs `body` with it, and stops what it started.
 * @throws DrillError `CONFIG_MISSING`, `CONFIG_INVALID`, `SECRET_MISSING`, `LAB_FAILED`, ...
 */
export async function withContext<T>(
  options: ConfigurationOptions,
  shell: Shell,
  need: Need,
  body: (context: Context) => Promise<T>,
): Promise<T> {
  const { stateFolderOf, wasConfigured } = await import("../../config/state_folder.ts");
  const known = options.orLab === true && await wasConfigured(stateFolderOf(shell.env));
  const place = chooseConfig(options, Deno.cwd(), shell.env, known);
  if ("file" in place) return await body(await contextOf(place.file, shell, need));
  if (place.unasked) {
    shell.reporter.note(`No configuration file: using the embedded lab in ${place.folder}`);
  }
  const { labUp } = await import("../../lab/lab.ts");
  await using lab = await labUp({ folder: place.folder, reporter: shell.reporter, signal: shell.signal });
  const { folder, wasUp } = lab;
  return await body({ ...await contextOf(lab.configFile, shell, need), lab: { folder, wasUp } });
}

type SandboxBody<Work> = (
  environment: OpenEnvironment,
  store: Store,
  work: Work,
  context: Context,
) => Promise<ExitStatus>;

/**
 * Opens the environment that `--env` names (else `drill.into`), and runs `body` while its lease is held; with `--dry-run`
 * `preview`, without a lease.
 */
export function withSandbox(
  options: ConfigurationOptions & { env?: string; dryRun?: boolean },
  shell: Shell,
  body: SandboxBody<CheckpointOptions>,
  preview: SandboxBody<Omit<CheckpointOptions, "lease">>,
): Promise<ExitStatus> {
  const chosen = (config: Config) => environmentOf(config, options.env ?? config.drill.into);
  return withContext(options, shell, (config) => ({ databases: [chosen(config).name] }), async (context) => {
    const { config, reporter, signal } = context;
    const store = await context.openStore();
    const environment = await context.openEnvironment(chosen(config));
    const { name } = environment;
    await warnOfReachedState(environment, context);
    const protectedOnes = context.protectedOnes({ from: config.drill.from, into: name });
    const work = { protectedOnes, reporter, signal };
    if (options.dryRun) return await preview(environment, store, work, context);
    await using lease = await context.takeLease(store, name);
    return await body(environment, store, { ...work, lease }, context);
  });
}

/** Warns where the documents' owner could write what a run after a crash believes. On the lab everything is one user's. */
export async function warnOfReachedState(
  environment: OpenEnvironment,
  { config, reporter }: Pick<Context, "config" | "reporter">,
): Promise<void> {
  if (config.lab) return;
  const { reachedState } = await import("../../documents/swap/reached_state.ts");
  const why = reachedState(environment);
  if (why !== undefined) {
    reporter.warn(`${why}. Name a folder out of its reach in the configuration (state): docs/security.md`);
  }
}

/** Where the configuration comes from. `unasked`: the lab stands in for a file that is not there. */
type ConfigPlace = { file: string } | { folder: string; unasked: boolean };

/**
 * `--lab`, else the file, else the lab where that may stand in for it (lab_instead.ts).
 * @throws DrillError `CONFIG_MISSING`: a job whose configuration was not mounted must never drill a demo company.
 */
export function chooseConfig(
  options: ConfigurationOptions,
  cwd: string,
  env: Shell["env"],
  wasConfigured: boolean,
): ConfigPlace {
  const { config, lab, orLab } = options;
  if (lab !== undefined) return { folder: absolute(lab === true ? LAB_FOLDER : lab, cwd), unasked: false };
  const found = findConfigFile({ config, env: { [CONFIG_VARIABLE]: env(CONFIG_VARIABLE) }, cwd });
  if ("file" in found) return found;
  const whyNot = whyNoLabInstead(options, env, wasConfigured);
  if (whyNot === undefined) return { folder: absolute(LAB_FOLDER, cwd), unasked: true };
  throw new DrillError(
    "CONFIG_MISSING",
    `Cannot find a configuration: there is no dolibarr-drill.yaml in ${cwd}, and neither --config nor DOLIBARR_DRILL_CONFIG names one`,
    "Name one with --config FILE, or try it on the embedded lab: --lab",
    { details: orLab ? [`the embedded lab does not stand in for it: ${whyNot}`] : [] },
  );
}

async function contextOf(file: string, shell: Shell, need: Need): Promise<Context> {
  const [
    { loadConfig },
    { markConfigured, stateFolderOf },
    { checkSecrets },
    clients,
    { takeLease },
  ] = await Promise.all([
    import("../../config/load.ts"),
    import("../../config/state_folder.ts"),
    import("../../config/check_secrets.ts"),
    import("./clients.ts"),
    import("../../store/lease/lease.ts"),
  ]);
  const config = await loadConfig(file, shell.env);
  if (!config.lab) await markConfigured(stateFolderOf(shell.env));
  shell.about(config);
  const needed = need(config);
  if (needed) await checkSecrets(config, needed.databases, needed.web);
  const { reporter, signal, verb } = shell;
  return {
    ...shell,
    config,
    openStore: () => clients.openStore(config.store, signal, shell.reporter.note),
    openEnvironment: async (environment) => ({
      ...await clients.openEnvironment(environment, reporter),
      admittedVersions: shell.admitsAnyVersion ? "any" : config.drill.versions,
    }),
    protectedOnes: (names) => clients.protectedOnes(config, names, reporter),
    takeLease: (store, environment) => takeLease(store, environment, verb, { signal }),
  };
}

/** Paths on the command line count from where it was typed. */
export const absolute = (path: string, cwd: string): string =>
  (path.startsWith("/") ? path : `${cwd}/${path}`).replaceAll(/\/\.(?=\/|$)/g, "").replace(/(.)\/+$/, "$1");

/** Where this user's indexes of documents are kept on this machine; a user without a home has none. */
export function indexCacheOf({ env }: Pick<Context, "env">): { folder: string } | undefined {
  const caches = env("XDG_CACHE_HOME") ?? (env("HOME") && `${env("HOME")}/.cache`);
  return caches ? { folder: `${caches}/dolibarr-drill/indexes` } : undefined;
}
