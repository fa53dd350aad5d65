/** A lab with a good set in its store, for tests of the drill. One lab of a kind serves all of them. */

import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { digestOf, sha256Of } from "../../../src/base/streams.ts";
import { openEnvironment, openStore, protectedOnes } from "../../../src/cli/command/clients.ts";
import { type Config, environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { drill } from "../../../src/drill/drill.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import type { Database } from "../../../src/postgres/connection/database.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { type Manifest, writeManifest } from "../../../src/store/records/manifest.ts";
import { putRoster } from "../../../src/store/records/rosters.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { findSet } from "../store/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "../folder.ts";
import type { Lab } from "../../../src/lab/lab.ts";
import { type ErpKind, startLab } from "./lab.ts";
import type { DrillOptions } from "../../../src/drill/options.ts";

export interface DrillLab extends AsyncDisposable {
  kind: ErpKind;
  folder: string;
  configFile: string;
  config: Config;
  prod: OpenEnvironment;
  sandbox: OpenEnvironment;
  store: Store;
  /** Drills `store` (the lab's own where none is named). */
  drill(options?: Partial<DrillOptions> & { store?: Store }): Promise<DrillResult>;
  /** A new store with the newest good set of the lab, to be broken. */
  copyOfSet(): Promise<SetCopy>;
  /** A superuser's session, past the pooler, in the database of `environment` (the sandbox's where none is named). */
  provisioner(environment?: OpenEnvironment): Promise<Session>;
  /** How a superuser reaches that database past the pooler. */
  provisionerOf(environment?: OpenEnvironment): Promise<Database>;
  /** One hash over the sandbox's whole database and documents tree. */
  sandboxState(): Promise<string>;
}

/** A store that holds one set, as a folder. */
export interface SetCopy extends AsyncDisposable {
  store: Store;
  url: string;
  manifest: Manifest;
  /** The file of a key. */
  path(key: string): string;
  /** Records the object of a half again, as a backup of the broken state would have. */
  record(half: "db" | "docs"): Promise<void>;
  /** Writes the manifest as it is now in `manifest`. */
  write(): Promise<void>;
}

/** Starts the lab of this kind; its first drill fills the store and the sandbox. */
export const startDrillLab = async (kind: ErpKind): Promise<DrillLab> =>
  await drillLabOf(kind, await startLab(kind));

/** The same of a lab that was started; disposing stops it. */
export async function drillLabOf(kind: ErpKind, lab: Lab): Promise<DrillLab> {
  await using started = new AsyncDisposableStack();
  started.use(lab);
  const signal = AbortSignal.timeout(20 * 60_000);
  const config = await loadConfig(lab.configFile);
  const [prod, sandbox] = [
    await openEnvironment(environmentOf(config, "prod"), silentReporter),
    await openEnvironment(environmentOf(config, "sandbox"), silentReporter),
  ];
  const store = await openStore(config.store);
  const night = () => backup(prod, store, { reporter: silentReporter, signal });
  if ((await night()).before.sets.length === 0) await night(); // the first register has none before it
  const resources = started.move();
  return {
    kind,
    folder: lab.folder,
    configFile: lab.configFile,
    config,
    prod,
    sandbox,
    store,
    drill: ({ store: other, ...options } = {}) =>
      drill(other ?? store, {
        from: "prod",
        set: "latest",
        sandbox,
        protectedOnes: protectedOnes(config, { from: "prod", into: "sandbox" }, silentReporter),
        samples: 3,
        level: "standard",
        seed: "test",
        lab: config.lab,
        maxAgeMs: config.drill.maxAgeMs,
        maxDurationMs: config.drill.maxDurationMs,
        reporter: silentReporter,
        signal,
        onCheck: () => {},
        ...options,
      }),
    copyOfSet: () => copyOfSet(store),
    provisioner: async (environment = sandbox) => await connect(await asProvisioner(lab.folder, environment)),
    provisionerOf: (environment = sandbox) => asProvisioner(lab.folder, environment),
    sandboxState: () => stateOf(sandbox),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** How a superuser of the lab in `folder` reaches the database of an environment, past the pooler. */
export async function asProvisioner(folder: string, { database }: OpenEnvironment): Promise<Database> {
  const password = (await Deno.readTextFile(`${folder}/secrets/provisioner-password`)).trim();
  const { ports } = JSON.parse(await Deno.readTextFile(`${folder}/lab.json`));
  return { ...database, port: ports.postgres, user: "provisioner", password };
}

async function copyOfSet(store: Store): Promise<SetCopy> {
  const folder = await temporaryFolder();
  const url = `file://${folder.path}`;
  const copy = await openFileStore(url);
  const manifest = structuredClone((await findSet(store, "prod", "latest")).manifest);
  const { db, docs, register } = manifest;
  for (const { key } of [...db.objects, ...docs.objects, docs.index, ...(register ? [register] : [])]) {
    await copy.put(key, store.get(key));
  }
  const path = (key: string) => `${folder.path}/${key}`;
  const write = async () => {
    await Deno.mkdir(path("prod/manifests"), { recursive: true });
    const text = writeManifest(manifest);
    await Deno.writeTextFile(path(manifestKey("prod", manifest.set)), text);
    const { set } = manifest;
    await putRoster(copy, { environment: "prod", at: set, sets: [{ set, manifest: sha256Of(text) }] });
  };
  await write();
  return {
    store: copy,
    url,
    manifest,
    path,
    write,
    async record(half) {
      const [object] = manifest[half].objects;
      Object.assign(object!, await digestOf(copy.get(object!.key)));
      if (half === "docs") {
        Object.assign(manifest.docs.index, await digestOf(copy.get(manifest.docs.index.key)));
      }
      await write();
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** The whole of an environment as one hash: every table, every file. */
export async function stateOf(environment: OpenEnvironment): Promise<string> {
  await using session = await connect(environment.database);
  return sha256Of(JSON.stringify([await contentOf(session), await treeOf(environment)]));
}

/** Every entry of an environment's documents: its path, where a link leads, the hash of a file. */
export const treeOf = (
  { documents }: OpenEnvironment,
  excludes: readonly string[] = [],
): Promise<string[][]> =>
  Promise.all(
    walkTree(documents, excludes).map(async ({ path, type, target }) => [
      path,
      target ?? "",
      type === "file" ? sha256Of(await Deno.readFile(`${documents}/${path}`)) : type,
    ]),
  );
