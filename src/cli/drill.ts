/** `drill`: restore, check, look, report. */

import { backup } from "../backup/backup.ts";
import type { ExitStatus } from "../base/errors.ts";
import { environmentOf } from "../config/config.ts";
import { drill } from "../drill/drill.ts";
import { storeDrillResult } from "../drill/record/store_result.ts";
import { checkEvent, resultEvent } from "../report/json.ts";
import { checkPrinter, renderFoot, renderHead } from "../report/terminal/terminal.ts";
import { labBanner } from "../checks/headline.ts";
import { openEnvironment, openStore, protectedOnes } from "./command/clients.ts";
import { absolute, withContext } from "./command/context.ts";
import type { Options } from "./command/options.ts";
import { originAndTarget } from "./command/origin_and_target.ts";
import type { Shell } from "./command/shell.ts";
import { makeNotifier, type Notifier } from "./command/notifier.ts";

export async function run(options: Options, shell: Shell): Promise<ExitStatus> {
  const teller = makeNotifier(options, shell);
  try {
    return await runAndTell(options, teller);
  } catch (error) {
    await teller.brokeOff(error);
    throw error;
  }
}

function runAndTell(options: Options, teller: Notifier): Promise<ExitStatus> {
  return withContext(options, teller.shell, ({ drill, environments, lab }) => {
    const from = options.from ?? drill.from;
    const into = options.into ?? drill.into;
    return { databases: lab && environments[from] ? [from, into] : [into], web: [into] };
  }, async (context) => {
    const { config, reporter, signal, width, colours } = context;
    const { from, into } = originAndTarget(options, config);
    const store = await openStore(config.store, signal);
    const sandbox = await openEnvironment(into, reporter);
    const about = {
      lab: config.lab !== undefined,
      erp: config.lab?.erp ?? "real",
      banner: labBanner(config.lab),
    };
    context.out(
      renderHead({ ...about, from: from.name, into: into.name }, width, colours),
    );
    // The lab's store is filled by its own drills; a company's is filled by its own nightly backup.
    if (context.lab) {
      await backup(await openEnvironment(environmentOf(config, from.name), reporter), store, {
        reporter,
        signal,
      });
    }

    // the lab is there to be quick, and proves the tool rather than a backup
    const control = options.control ?? (config.drill.control && config.lab === undefined);
    if (!control && config.lab && options.control === undefined) {
      reporter.note("No negative control: on the lab it takes some seconds more. Ask for it with --control");
    }
    const print = checkPrinter(width, colours);
    const drilled = await drill(store, {
      from: from.name,
      set: "latest",
      sandbox,
      protectedOnes: protectedOnes(config, { from: from.name, into: into.name }, reporter),
      samples: config.drill.samples,
      level: options.level ?? config.drill.level,
      maxAgeMs: config.drill.maxAgeMs,
      maxDurationMs: config.drill.maxDurationMs,
      rotaMs: options.rota === false ? 0 : config.drill.rotaMs,
      harmless: config.drill.harmless,
      control,
      seed: options.seed ?? crypto.randomUUID().slice(0, 8),
      lab: config.lab,
      reporter,
      signal,
      onCheck(check) {
        context.out(print(check));
        context.event(checkEvent(check));
      },
    });
    const folder = absolute(options.report ?? "report", Deno.cwd());
    const told = await teller.ended(drilled, `${folder}/report.html`, store);
    const result = { ...drilled, ...(told ? { told } : {}) };
    const { paths: { html }, record, history } = await storeDrillResult(store, result, { folder, reporter });
    context.out(renderFoot(result, html, width, colours, history));
    return context.finish({
      ...resultEvent(result, html, record),
      told,
      rota: result.rota,
      control: result.control,
    });
  });
}
