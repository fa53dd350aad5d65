/** Builds the clients that the pipelines work with from the configuration: the only place that does. */

import { DrillError } from "../../base/errors.ts";
import { OwnFolder } from "../../base/own_folder.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import type { Config, Environment, Secret, StoreConfig } from "../../config/config.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { localWorkload } from "../../platform/local/commands.ts";
import type { Workload } from "../../platform/workload.ts";
import type { ProtectedEnvironment } from "../../restore/gate/gate.ts";
import { openFileStore } from "../../store/drivers/file.ts";
import type { Store } from "../../store/store.ts";

/**
 * Opens the store; the keys of an S3 service are read anew for each request, so that renewed ones are used at once.
 *
 * @param signal ends what reads, writes or lists there.
 * @param tell takes a line for a person while the service does not answer and is tried again.
 * @throws DrillError `STORE_UNREACHABLE`, `STORE_LOGIN`, `STORE_FORBIDDEN`, `SECRET_MISSING`.
 */
export async function openStore(
  { url, endpoint, region, accessKey, secretKey }: StoreConfig,
  signal?: AbortSignal,
  tell?: (line: string) => void,
): Promise<Store> {
  if (!url.startsWith("s3://")) return await openFileStore(url);
  if (!accessKey || !secretKey) throw new TypeError(`no keys for ${url}`); // the configuration was checked for them
  const { openS3Store } = await import("../../store/drivers/s3/s3.ts");
  return await openS3Store({
    url,
    endpoint,
    region,
    accessKey: () => readKey(accessKey, "access_key"),
    secretKey: () => readKey(secretKey, "secret_key"),
    signal,
    tell,
  });
}

/** No key of an S3 service has a blank: one that has was copied with more than itself, and is only ever refused. */
async function readKey(key: Secret, name: "access_key" | "secret_key"): Promise<string> {
  const value = await key.read();
  if (!/\s/.test(value)) return value;
  throw new DrillError(
    "SECRET_MISSING",
    `Cannot use store.${name} (${key.ref}): its value has a blank or a line break in it`,
    "Write the key alone there, without quotes and without what stands around it.",
  );
}

/** An environment with its secrets read. @throws DrillError `SECRET_MISSING`, `NOT_BUILT_YET`. */
export async function openEnvironment(
  environment: Environment,
  reporter: Reporter,
): Promise<OpenEnvironment> {
  const { name, disposable, database: { reader, password: databasePassword, ...database }, web } =
    environment;
  const [user, password, readerUser, readerPassword, login, webPassword] = await Promise.all([
    database.user.read(),
    databasePassword?.read(),
    reader?.user.read(),
    reader?.password?.read(),
    web.user?.read(),
    web.password?.read(),
  ]);
  const account = login !== undefined && webPassword !== undefined
    ? { login, password: webPassword }
    : undefined;
  return {
    name,
    disposable,
    database: { ...database, user, ...(password === undefined ? {} : { password }) },
    ...(readerUser === undefined ? {} : {
      reader: { user: readerUser, ...(readerPassword === undefined ? {} : { password: readerPassword }) },
    }),
    ...documentsOf(environment),
    web: {
      url: web.url,
      ...(web.certificateAuthority ? { certificateAuthority: web.certificateAuthority } : {}),
      ...(account ? { account } : {}),
    },
    workload: workloadOf(environment, reporter),
    ...(environment.htdocs === undefined ? {} : { htdocs: environment.htdocs }),
    state: stateOf(environment),
    ...(environment.neutralise ? { neutralise: environment.neutralise } : {}),
  };
}

/**
 * Every environment that must not be hit by what is done to `into` (docs/design.md, rule 1): each other that is not disposable,
 * and the source of the set, whatever it says of itself; unless it is `itself` that a person asked to overwrite.
 */
export function protectedOnes(
  config: Config,
  { from, into, itself = false }: { from: string; into: string; itself?: boolean },
  reporter: Reporter,
): ProtectedEnvironment[] {
  return Object.values(config.environments)
    .filter(({ name, disposable }) => name === into ? name === from && !itself : name === from || !disposable)
    .map(
      (environment) => ({
        name: environment.name,
        owner: environment.database.owner,
        ...foldersOf(environment),
        webUrl: environment.web.url,
        open: () => openEnvironment(environment, reporter),
      }),
    );
}

function foldersOf(environment: Environment): { documents: string; furtherFolders: string[] } {
  const { documents, moreFolders, follow } = documentsOf(environment);
  return { documents, furtherFolders: Object.values({ ...moreFolders, ...follow }) };
}

function documentsOf(
  { name, documents }: Environment,
): Pick<OpenEnvironment, "documents" | "moreFolders" | "follow" | "excludes"> {
  if ("folder" in documents) {
    const { folder, more, follow, exclude } = documents;
    return {
      documents: folder,
      ...(more ? { moreFolders: more } : {}),
      ...(follow ? { follow } : {}),
      ...(exclude ? { excludes: exclude } : {}),
    };
  }
  throw notBuiltYet(
    `the documents of ${name}`,
    `this version cannot mount the claim ${documents.kubernetes.claim}`,
    "Run where the volume is mounted, and configure its folder.",
  );
}

const stateOf = ({ state }: Environment): OwnFolder => new OwnFolder(state);

function workloadOf(environment: Environment, reporter: Reporter): Workload {
  const { name, web, workload } = environment;
  if (workload && "command" in workload) {
    return localWorkload(name, workload.command, web, reporter, stateOf(environment));
  }
  const error = workload
    ? notBuiltYet(
      `the workload of ${name}`,
      "this version cannot stop a Deployment",
      "Configure two commands instead: workload: { command: { stop: [...], start: [...] } }.",
    )
    : new DrillError(
      "WORKLOAD_FAILED",
      `Cannot stop ${name}: environments.${name}.workload is not configured`,
      "Configure how it is stopped and started: workload: { command: { stop: [...], start: [...] } }.",
    );
  const rejected = () => Promise.reject(error);
  return {
    stop: rejected,
    state: rejected,
    start: rejected,
    left: () => Promise.resolve(undefined), // what cannot be stopped was not stopped
    forget: () => Promise.resolve(),
  };
}

const notBuiltYet = (what: string, state: string, hint: string) =>
  new DrillError("NOT_BUILT_YET", `Cannot use ${what}: ${state}`, hint);
