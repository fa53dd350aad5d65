/** Builds the clients that the pipelines work with from the configuration: the only place that does. */

import { DrillError } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import type { Config, Environment, StoreConfig } from "../config/config.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { localWorkload } from "../platform/local.ts";
import type { Workload } from "../platform/workload.ts";
import type { ProtectedEnvironment } from "../restore/target.ts";
import { openFileStore } from "../store/file.ts";
import type { Store } from "../store/store.ts";

/** Opens the store. @throws DrillError `STORE_UNREACHABLE`, `NOT_BUILT_YET`. */
export async function openStore({ url }: StoreConfig): Promise<Store> {
  if (url.startsWith("file://")) return await openFileStore(url);
  throw notBuiltYet(
    `the store ${url}`,
    "S3 is not read by this version",
    "Mount the bucket and name it with file:///FOLDER.",
  );
}

/** An environment with its secrets read. @throws DrillError `SECRET_MISSING`, `NOT_BUILT_YET`. */
export async function openEnvironment(
  environment: Environment,
  reporter: Reporter,
): Promise<OpenEnvironment> {
  const { name, disposable, database, web } = environment;
  const [user, password, login, webPassword] = await Promise.all([
    database.user.read(),
    database.password.read(),
    web.user?.read(),
    web.password?.read(),
  ]);
  const account = login !== undefined && webPassword !== undefined
    ? { login, password: webPassword }
    : undefined;
  return {
    name,
    disposable,
    database: { ...database, user, password },
    documents: folderOf(environment),
    web: { url: web.url, ...(account ? { account } : {}) },
    workload: workloadOf(environment, reporter),
  };
}

/**
 * Every environment that must not be hit by what is done to `into` (DESIGN, rule 1): each that is not disposable, and
 * the source of the set, whatever it says of itself.
 */
export function protectedOnes(
  config: Config,
  { from, into }: { from: string; into: string },
  reporter: Reporter,
): ProtectedEnvironment[] {
  return Object.values(config.environments)
    .filter(({ name, disposable }) => name === from || (!disposable && name !== into))
    .map(
      (environment) => ({
        name: environment.name,
        owner: environment.database.owner,
        documents: folderOf(environment),
        webUrl: environment.web.url,
        open: () => openEnvironment(environment, reporter),
      }),
    );
}

function folderOf({ name, documents }: Environment): string {
  if ("folder" in documents) return documents.folder;
  throw notBuiltYet(
    `the documents of ${name}`,
    `the claim ${documents.kubernetes.claim} cannot be mounted by this version`,
    "Run where the volume is mounted, and name its folder.",
  );
}

function workloadOf({ name, web, workload }: Environment, reporter: Reporter): Workload {
  if (workload && "command" in workload) return localWorkload(name, workload.command, web.url, reporter);
  const error = workload
    ? notBuiltYet(
      `the workload of ${name}`,
      "Deployments are not stopped by this version",
      "Name two commands instead: workload: { command: { stop: [...], start: [...] } }.",
    )
    : new DrillError(
      "WORKLOAD_FAILED",
      `Cannot stop ${name}: environments.${name}.workload is not configured`,
      "Say how it is stopped and started: workload: { command: { stop: [...], start: [...] } }.",
    );
  return { stop: () => Promise.reject(error), state: () => Promise.reject(error) };
}

const notBuiltYet = (what: string, state: string, hint: string) =>
  new DrillError("NOT_BUILT_YET", `Cannot use ${what}: ${state}`, hint);
