/** `rearm`: what a run that did not come to its end left, undone. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { formatCount, table } from "../base/text.ts";
import { environmentOf } from "../config/config.ts";
import { type Done, rearm, type RearmResult } from "../restore/rearm/rearm.ts";
import { reset } from "../restore/checkpoint/reset.ts";
import { takeLease } from "../store/lease/lease.ts";
import { openEnvironment, openStore, protectedOnes } from "./command/clients.ts";
import { type Context, withContext } from "./command/context.ts";
import type { Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

const WORDS: Record<Done, string> = {
  nothing: "right",
  done: "mended",
  left: "left alone",
  failed: "NOT MENDED",
};

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(
    options,
    shell,
    (config) => ({ databases: [options.env ?? config.drill.into] }),
    async (context) => {
      const { config, reporter, signal } = context;
      const environment = environmentOf(config, options.env ?? config.drill.into);
      const store = await openStore(config.store, signal);
      await using lease = await takeLease(store, environment.name, "rearm", { signal });
      const target = await openEnvironment(environment, reporter);
      const putBack = () =>
        reset(target, store, {
          protectedOnes: protectedOnes(config, { from: config.drill.from, into: target.name }, reporter),
          ...{ lease, keptAs: "control" as const, reporter, signal },
        });
      const results = await rearm(target, { putBack, reporter, signal });
      for (const { step, done, what } of results) {
        context.event({ event: "rearm", environment: target.name, step, outcome: done, what });
      }
      for (const line of table(results.map(({ title, done, what }) => [title, WORDS[done], what]))) {
        context.out(line);
      }
      return ending(target.name, results, context);
    },
  );
}

function ending(environment: string, results: readonly RearmResult[], context: Context): ExitStatus {
  const of = (wanted: Done) => results.filter(({ done }) => done === wanted).map(({ step }) => step);
  const [mended, failed] = [of("done"), of("failed")];
  const about = { environment, mended, failed };
  if (failed.length > 0) {
    const message = `Cannot mend all of ${environment}: ${
      formatCount(failed.length, "thing")
    } could not be undone`;
    const hint = "What is said of each above comes first. Then run it again: it goes on where it ended.";
    context.say(message);
    context.say(hint);
    return context.finish({
      verdict: "not_run",
      exit: EXIT.couldNot,
      code: "REARM_INCOMPLETE",
      message,
      hint,
      ...about,
    });
  }
  context.out(
    mended.length === 0
      ? `${environment}: nothing to do`
      : `${environment} is right again: ${formatCount(mended.length, "thing")} mended`,
  );
  return context.finish({ verdict: "pass", exit: EXIT.ok, ...about });
}
