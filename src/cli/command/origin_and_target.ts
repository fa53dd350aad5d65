/** The origin and the target of a verb that moves data: two environments, or one and a folder. */

import { basename, dirname, join } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import { type Config, type Environment, environmentOf } from "../../config/config.ts";
import { usage } from "./options.ts";
import { productionCommand } from "./replacing.ts";

/**
 * The two environments, by the options or as the configuration drills them. They are one only where a person asks for
 * production to be restored from its own sets.
 * @param canOverwrite whether the verb has `--restore-production`.
 * @throws DrillError `TARGET_REFUSED` where they are one otherwise, `USAGE` where production is not what is named.
 */
export function originAndTarget(
  options: { from?: string; into?: string; restoreProduction?: string; set?: string },
  config: Config,
  canOverwrite = false,
): { from: Environment; into: Environment } {
  const into = environmentOf(config, options.into ?? config.drill.into);
  const production = options.restoreProduction !== undefined;
  const from = environmentOf(config, options.from ?? (production ? into.name : config.drill.from));
  if (production && into.disposable) {
    throw usage(
      `--restore-production is for a protected environment, but ${into.name} is disposable`,
      `Name the protected one with --into, or leave --restore-production out.`,
    );
  }
  if (production && from.name !== into.name) {
    throw usage(
      `${into.name} is protected: it is restored only from its own sets, not from those of ${from.name}`,
      "Leave --from out.",
    );
  }
  if (production || from.name !== into.name) return { from, into };
  if (!into.disposable && canOverwrite) throw unasked(options.set ?? "latest", into);
  throw new DrillError(
    "TARGET_REFUSED",
    `Cannot restore ${from.name} into ${into.name}: the target must be another environment than the origin`,
    "Nothing was changed. Name a disposable environment with --into.",
  );
}

/** Production is named as the target, and nobody said that it is to be overwritten. */
const unasked = (set: string, into: Environment) =>
  new DrillError(
    "TARGET_REFUSED",
    `Cannot restore into ${into.name}: it is protected, and is overwritten only by the name of its database`,
    `Nothing was changed. To overwrite ${into.name}: ${
      productionCommand(set, into)
    }. A set of what it is now is taken first. To look at the set instead: --into with a disposable environment, or --to FOLDER.`,
  );

/**
 * `folder` without links in its path, where it is outside of every environment's documents, and of the store.
 * @throws DrillError `TARGET_REFUSED`; `DOCUMENTS_NOT_WRITABLE` where there can be no such folder
 */
export async function folderOutside(folder: string, config: Config): Promise<string> {
  const [real = folder] = await foldersOutside([folder], config);
  return real;
}

/** The same of several folders. */
export async function foldersOutside(folders: readonly string[], config: Config): Promise<string[]> {
  const forbidden = await forbiddenPlaces(config);
  return await Promise.all(folders.map(async (folder) => {
    const real = await realPathOf(folder);
    const place = forbidden.find(({ path }) => `${real}/`.startsWith(`${path}/`));
    if (!place) return real;
    throw new DrillError(
      "TARGET_REFUSED",
      `Cannot write files to ${folder}: it lies in ${place.what}`,
      "Nothing was changed. Name a folder elsewhere.",
    );
  }));
}

/** The documents of every environment, and the store, without links in their paths. */
async function forbiddenPlaces({ environments, store }: Config): Promise<{ path: string; what: string }[]> {
  const places = Object.values(environments).flatMap(({ name, documents }) =>
    "folder" in documents
      ? [documents.folder, ...Object.values({ ...documents.more, ...documents.follow })].map((path) => ({
        path,
        what: `the documents of ${name}`,
      }))
      : []
  );
  if (store.url.startsWith("file://")) {
    places.push({ path: decodeURIComponent(new URL(store.url).pathname), what: "the store" });
  }
  return await Promise.all(places.map(async ({ path, what }) => ({ path: await realPathOf(path), what })));
}

/** What is there of a path without links, and the rest as it is written. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    if (isMissing && dirname(path) !== path) return join(await realPathOf(dirname(path)), basename(path));
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot use ${path.length > 120 ? `${path.slice(0, 100)}…` : path}: ${
        messageOf(error).split(/[,:]/)[0]
      }`,
      "Nothing was changed. Name a folder that can be reached.",
      { cause: error },
    );
  }
}
