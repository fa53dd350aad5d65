/** `drill`: restore, check, break, report. */

import type { ExitStatus } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import { type Environment, environmentOf } from "../config/config.ts";
import type { DrillResult } from "../checks/result.ts";
import { labBanner } from "../checks/lab_banner.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { Store } from "../store/store.ts";
import { findChosenSet } from "./command/chosen_set.ts";
import { absolute, type Context, indexCacheOf, withContext } from "./command/context.ts";
import { dryRunOption } from "./command/dry_run.ts";
import type { Notifier } from "./command/notifier.ts";
import {
  choice,
  configOptions,
  flag,
  fromOption,
  intoOption,
  replaceForeignOption,
  unless,
  unprovedVersionOption,
  value,
  type ValuesOf,
  yesOrNo,
} from "./command/options.ts";
import { originAndTarget } from "./command/origin_and_target.ts";
import { verb } from "./command/verb.ts";

const REPORT_FOLDER = "report";

const options = {
  from: fromOption("the environment whose newest good set is restored"),
  into: intoOption,
  report: value(
    "FOLDER",
    `the folder for report.html, report.json, junit.xml, summary.md and metrics.prom (default: ${REPORT_FOLDER})`,
  ),
  notify: unless("send no notification, even if notify is configured"),
  rota: unless("restore only the newest set, and no older one before it"),
  control: yesOrNo(
    "after a PASS, break the sandbox on purpose and expect a check to fail (default: the value of drill.control; off on the embedded lab)",
    "do not break the sandbox on purpose",
  ),
  seed: value("TEXT", "open the same invoices as the drill that had this seed"),
  level: choice(
    "LEVEL",
    ["fast", "standard", "deep"],
    "how much is checked (default: the value of drill.level)",
  ),
  replaceForeign: replaceForeignOption,
  unprovedVersion: unprovedVersionOption,
  dryRun: dryRunOption,
  ...configOptions,
  orLab: flag("use the embedded lab if there is no configuration, and never was one of yours here"),
};

export const drillVerb = verb({
  name: "drill",
  summary: "Restore the newest set into the sandbox and prove it.",
  options,
  help: {
    about: `
The database and the documents are restored and compared with what was backed up; then the restored ERP is opened in a
browser. The result is stored with the set, and written as a report.`,
    examples: [
      [`${PROGRAM} drill`, "drill as ./dolibarr-drill.yaml configures it"],
      [`${PROGRAM} drill --lab`, "drill the embedded lab, which is built on the first run"],
      [
        `${PROGRAM} drill --no-rota --no-notify`,
        "drill by hand: only the newest set, and without a notification",
      ],
      [`${PROGRAM} drill --json --report /tmp/report`, "drill from a program: one JSON object per line"],
    ],
  },
  async run(options, shell) {
    const { makeNotifier } = await import("./command/notifier.ts");
    const notifier = makeNotifier({ ...options, notify: options.notify && !options.dryRun }, shell);
    try {
      return await runDrill(options, notifier);
    } catch (error) {
      await notifier.notifyOfError(error);
      throw error;
    }
  },
});

type DrillVerbOptions = ValuesOf<typeof options>;

function runDrill(options: DrillVerbOptions, notifier: Notifier) {
  return withContext(options, notifier.shell, ({ drill, environments, lab }) => {
    const from = options.from ?? drill.from;
    const into = options.into ?? drill.into;
    return { databases: lab && environments[from] ? [from, into] : [into], web: [into] };
  }, async (context) => {
    const [{ drill }, { checkEvent }, { checkPrinter }, { renderHead }] = await Promise.all([
      import("../drill/drill.ts"),
      import("../report/json.ts"),
      import("../report/terminal/checks.ts"),
      import("../report/terminal/frame.ts"),
    ]);
    const { config, reporter, signal, width, colours } = context;
    const { from, into } = originAndTarget(options, config);
    const store = await context.openStore();
    const sandbox = await context.openEnvironment(into);
    if (options.dryRun) return await preview({ from: from.name, into, sandbox }, options, store, context);
    const { lab } = config;
    const about = { lab: lab !== undefined, erp: lab?.erp ?? "real", banner: labBanner(lab) };
    context.out(renderHead({ ...about, from: from.name, into: into.name }, width, colours));
    if (context.lab) await backUpLab(from.name, store, context);

    // the lab is there to be quick, and proves the tool rather than a backup
    const control = options.control ?? (config.drill.control && lab === undefined);
    if (!control && lab && options.control === undefined) {
      reporter.note("The lab skips the negative control, to save some seconds. Run it with --control");
    }
    const print = checkPrinter(width, colours);
    const result = await drill(store, {
      from: from.name,
      set: "latest",
      sandbox,
      protectedOnes: context.protectedOnes({ from: from.name, into: into.name }),
      samples: config.drill.samples,
      level: options.level ?? config.drill.level,
      maxAgeMs: config.drill.maxAgeMs,
      maxDurationMs: config.drill.maxDurationMs,
      rotaMs: options.rota ? config.drill.rotaMs : 0,
      harmless: config.drill.harmless,
      replaceForeign: options.replaceForeign,
      control,
      seed: options.seed ?? crypto.randomUUID().slice(0, 8),
      lab,
      indexCache: indexCacheOf(context),
      reporter,
      signal,
      onCheck(check) {
        const lines = print(check);
        if (lines !== undefined) context.out(lines);
        context.event(checkEvent(check));
      },
    });
    const rest = print.rest();
    if (rest !== undefined) context.out(rest);
    return await report(result, {
      folder: absolute(options.report ?? REPORT_FOLDER, Deno.cwd()),
      store,
      notifier,
      context,
    });
  });
}

/** The gate, and what would be restored: the older sets of the rota first, then the newest good one. */
async function preview(
  { from, into, sandbox }: { from: string; into: Environment; sandbox: OpenEnvironment },
  options: DrillVerbOptions,
  store: Store,
  context: Context,
): Promise<ExitStatus> {
  const [{ setIncoming }, { restorableSetOf }, { turnsOfTonight }, { readInventory }, { previewRestore }] =
    await Promise.all([
      import("../restore/incoming.ts"),
      import("../store/sets/restorable_set.ts"),
      import("../drill/rota/old_sets.ts"),
      import("../store/sets/inventory.ts"),
      import("./command/replacing.ts"),
    ]);
  const { reporter, config } = context;
  const { set } = await findChosenSet("latest", from, store, context);
  const rotaMs = options.rota ? config.drill.rotaMs : 0;
  for (const turn of turnsOfTonight(await readInventory(store, from), set, { rotaMs, reporter })) {
    context.out(`${from}/${turn.set.name} would be restored before it: ${turn.why}`);
  }
  const incoming = setIncoming(restorableSetOf(set), store);
  const protectedOnes = context.protectedOnes({ from, into: into.name });
  await previewRestore(incoming, sandbox, into, store, { protectedOnes }, context);
  return context.finish({ verdict: "pass", set: incoming.name, into: into.name, dryRun: true });
}

/** The lab's store is filled by its own drills; a company's is filled by its own nightly backup. */
async function backUpLab(name: string, store: Store, context: Context): Promise<void> {
  const { backup } = await import("../backup/backup.ts");
  const { config, reporter, signal } = context;
  const environment = await context.openEnvironment(environmentOf(config, name));
  await backup(environment, store, { reporter, signal });
}

/** Notifies, stores and writes the reports, in this order: each report says who was notified. */
async function report(
  drilled: DrillResult,
  { folder, store, notifier, context }: {
    folder: string;
    store: Store;
    notifier: Notifier;
    context: Context;
  },
): Promise<ExitStatus> {
  const [{ storeDrillResult }, { resultEvent }, { renderFoot }] = await Promise.all([
    import("../drill/record/store_result.ts"),
    import("../report/json.ts"),
    import("../report/terminal/frame.ts"),
  ]);
  const { reporter, width, colours } = context;
  const told = await notifier.notifyOfResult(drilled, `${folder}/report.html`, store);
  const result = { ...drilled, ...(told ? { told } : {}) };
  const { paths: { html }, record, history } = await storeDrillResult(store, result, { folder, reporter });
  context.out(renderFoot(result, html, width, colours, history));
  const { rota, control, encrypted, reachedState } = result;
  return context.finish({
    ...resultEvent(result, html, record),
    told,
    rota,
    control,
    encrypted,
    reachedState,
  });
}
