/** `checkpoint`: the state of a disposable environment, kept to go back to. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { formatBytes, formatCount } from "../base/text.ts";
import { environmentOf } from "../config/config.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { CheckpointOptions } from "../restore/checkpoint/checkpoint.ts";
import { takeLease } from "../store/lease/lease.ts";
import type { Store } from "../store/store.ts";
import { openEnvironment, openStore, protectedOnes } from "./command/clients.ts";
import { type Context, withContext } from "./command/context.ts";
import type { Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withSandbox(options, shell, async (environment, store, asked, context) => {
    const { checkpoint } = await import("../restore/checkpoint/checkpoint.ts"); // a reset needs nothing of it, and is quick
    const { folder, tables, rows, files, bytes } = await checkpoint(environment, store, asked);
    context.event({ event: "checkpoint", environment: environment.name, folder, tables, rows, files, bytes });
    context.out(
      `${environment.name} is kept as it is: ${formatCount(tables, "table")} with ${
        formatCount(rows, "row")
      }, ${formatCount(files, "file")} of ${formatBytes(bytes)}`,
    );
    return context.finish({ verdict: "pass", exit: EXIT.ok, environment: environment.name });
  });
}

/** Opens the environment that the options name (default: drill.into), and runs `body` while its lease is held. */
export function withSandbox(
  options: Options,
  shell: Shell,
  body: (
    environment: OpenEnvironment,
    store: Store,
    asked: CheckpointOptions,
    context: Context,
  ) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  return withContext(
    options,
    shell,
    (config) => ({ databases: [environmentOf(config, options.env ?? config.drill.into).name] }),
    async (context) => {
      const { config, reporter, signal } = context;
      const { name } = environmentOf(config, options.env ?? config.drill.into);
      const store = await openStore(config.store, signal);
      const environment = await openEnvironment(environmentOf(config, name), reporter);
      await using lease = await takeLease(store, name, shell.verb, { signal });
      const others = protectedOnes(config, { from: config.drill.from, into: name }, reporter);
      return await body(environment, store, { protectedOnes: others, lease, reporter, signal }, context);
    },
  );
}
