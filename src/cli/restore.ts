/** `restore`: a set into a disposable environment. */

import { DrillError, EXIT, type ExitStatus } from "../base/errors.ts";
import { formatCount } from "../base/text.ts";
import { type Config, environmentOf } from "../config/config.ts";
import { restore } from "../restore/restore.ts";
import { takeLease } from "../store/lease.ts";
import { findInCatalogue, passedOver, readCatalogue } from "../store/catalogue.ts";
import { openEnvironment, openStore, protectedOnes } from "./clients.ts";
import { withContext } from "./context.ts";
import type { Options } from "./options.ts";
import type { Shell } from "./shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(
    options,
    shell,
    (config) => ({ databases: [endsOf(options, config).into.name] }),
    async (context) => {
      const { config, reporter, signal } = context;
      const { from, into } = endsOf(options, config);
      const store = await openStore(config.store, signal);
      const target = await openEnvironment(into, reporter);
      const catalogue = await readCatalogue(store, from.name);
      const set = findInCatalogue(catalogue, options.set ?? "latest", store.url);
      for (const { name, flaws } of passedOver(catalogue, set)) {
        reporter.warn(`${from.name}/${name} is newer than what is restored, and bad: ${flaws.join("; ")}`);
      }
      await using lease = await takeLease(store, into.name, "restore", { signal });
      const proof = await restore(set, target, store, {
        protectedOnes: protectedOnes(config, { from: from.name, into: into.name }, reporter),
        lease,
        reporter,
        signal,
      });
      await using workload = proof.workload;
      await workload.start();

      for (const { what, why } of proof.leftOut) context.out(`left out: ${what} (${why})`);
      const name = `${from.name}/${set.name}`;
      context.out(
        `${name} is restored into ${into.name}: ${formatCount(proof.database.expected.length, "table")} and ${
          formatCount(proof.documents.files, "file")
        } are equal`,
      );
      return context.finish({ verdict: "pass", exit: EXIT.ok, set: name, into: into.name });
    },
  );
}

/**
 * The two environments, by the options or as the configuration drills them.
 * @throws DrillError `TARGET_REFUSED` where they are one.
 */
export function endsOf(options: Options, config: Config) {
  const from = environmentOf(config, options.from ?? config.drill.from);
  const into = environmentOf(config, options.into ?? config.drill.into);
  if (from.name !== into.name) return { from, into };
  throw new DrillError(
    "TARGET_REFUSED",
    `Cannot restore ${from.name} into ${into.name}: a set is restored into another environment than its own`,
    "Nothing was changed. Name another one that is disposable with --into.",
  );
}
