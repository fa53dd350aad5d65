/** `refresh`, `refresh-from-prod`, `sync-documents`: what production is now, or one of its sets, into the sandbox. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { COMPANY_FOLDER } from "../dolibarr/company.ts";
import { type Half, type Incoming, setIncoming } from "../restore/incoming.ts";
import { openCurrentState } from "../restore/current_state.ts";
import { restorableSetOf } from "../store/sets/restorable_set.ts";
import { findInInventory, readInventory } from "../store/sets/inventory.ts";
import type { Store } from "../store/store.ts";
import { openEnvironment, openStore, protectedOnes } from "./command/clients.ts";
import { type Context, withContext } from "./command/context.ts";
import { originAndTarget } from "./command/origin_and_target.ts";
import type { Options, Verb } from "./command/options.ts";
import { restoredFields, runRestore } from "./command/run_restore.ts";
import type { Shell } from "./command/shell.ts";

const HALF_OF: Partial<Record<Verb, Half>> = { "refresh-from-prod": "db", "sync-documents": "docs" };

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(
    options,
    shell,
    (config) => {
      const { from, into } = originAndTarget(options, config);
      return { databases: options.set === undefined ? [from.name, into.name] : [into.name] };
    },
    async (context) => {
      const { config, reporter, signal, verb } = context;
      const { from, into } = originAndTarget(options, config);
      const store = await openStore(config.store, signal);
      const target = await openEnvironment(into, reporter);
      await using opened = await incomingOf(options, from, store, context);
      const { incoming } = opened;
      const brought = await runRestore(incoming, target, store, {
        verb,
        done: `${into.name} is like ${incoming.name}`,
        protectedOnes: protectedOnes(config, { from: from.name, into: into.name }, reporter),
        terminate: options.terminate,
        staged: options.staged,
      }, context);
      return context.finish({
        verdict: "pass",
        exit: EXIT.ok,
        set: incoming.name,
        into: into.name,
        ...restoredFields(brought),
      });
    },
  );
}

/** Production itself, opened for reading, or the objects of one of its sets. */
async function incomingOf(
  options: Options,
  from: ReturnType<typeof originAndTarget>["from"],
  store: Store,
  { reporter, signal, verb }: Context,
): Promise<AsyncDisposable & { incoming: Incoming }> {
  const half = HALF_OF[verb];
  const below = options.all ? undefined : COMPANY_FOLDER;
  if (options.set === undefined) {
    return await openCurrentState(await openEnvironment(from, reporter), { half, below, reporter, signal });
  }
  const set = findInInventory(await readInventory(store, from.name), options.set, store.url);
  return {
    incoming: setIncoming(restorableSetOf(set), store, { half, below }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
