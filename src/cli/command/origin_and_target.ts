/** The origin and the target of a verb that moves data: two environments, or one and a folder. */

import { basename, dirname, join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { type Config, type Environment, environmentOf } from "../../config/config.ts";
import { usage } from "./options.ts";

/**
 * The two environments, by the options or as the configuration drills them. They are one only where a person asks for
 * production to be restored from its own sets.
 * @throws DrillError `TARGET_REFUSED` where they are one otherwise, `USAGE` where production is not what is named.
 */
export function originAndTarget(
  options: { from?: string; into?: string; restoreProduction?: string },
  config: Config,
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
  throw new DrillError(
    "TARGET_REFUSED",
    `Cannot restore ${from.name} into ${into.name}: the target must be another environment than the origin`,
    "Nothing was changed. Name a disposable environment with --into.",
  );
}

/**
 * `folder` without links in its path, where it is outside of every environment's documents, and of the store.
 * @throws DrillError `TARGET_REFUSED`
 */
export async function folderOutside(folder: string, config: Config): Promise<string> {
  const real = await realPathOf(folder);
  for (const { name, documents } of Object.values(config.environments)) {
    if (!("folder" in documents)) continue;
    const theirs = await realPathOf(documents.folder);
    if (`${real}/`.startsWith(`${theirs}/`)) {
      throw new DrillError(
        "TARGET_REFUSED",
        `Cannot write files to ${folder}: it lies in the documents of ${name}`,
        "Nothing was changed. Name a folder elsewhere.",
      );
    }
  }
  if (config.store.url.startsWith("file://")) {
    const store = await realPathOf(new URL(config.store.url).pathname);
    if (`${real}/`.startsWith(`${store}/`)) {
      throw new DrillError(
        "TARGET_REFUSED",
        `Cannot write files to ${folder}: it lies in the store`,
        "Nothing was changed. Name a folder elsewhere.",
      );
    }
  }
  return real;
}

/** What is there of a path without links, and the rest as it is written. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    if (!isMissing || dirname(path) === path) throw error;
    return join(await realPathOf(dirname(path)), basename(path));
  }
}
