/** `prune`: what the retention policy keeps and drops, why, and then the deletion. */

import { formatAge, formatBytes, formatCount, formatNumber } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { momentOf } from "../base/time.ts";
import { verdictOfCode } from "../base/verdict.ts";
import { environmentOf } from "../config/config.ts";
import type { PrunePlan } from "../retention/prune_plan.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import type { Store } from "../store/store.ts";
import { type Context, indexCacheOf, needsStore, withContext } from "./command/context.ts";
import type { Notifier } from "./command/notifier.ts";
import { configOptions, envOption, flag, unless } from "./command/options.ts";
import { verb } from "./command/verb.ts";

export const pruneVerb = verb({
  name: "prune",
  summary: "Delete the sets that the retention policy drops.",
  options: {
    env: envOption("the environment whose sets are pruned", "drill.from"),
    dryRun: flag("show what would be deleted and why, and what would prevent it; delete nothing"),
    acceptMissing: flag(
      "accept that sets were deleted outside this tool, and continue with the remaining ones",
    ),
    notify: unless("send no notification, even if notify is configured"),
    ...configOptions,
  },
  help: {
    about: `
The newest good set, the newest verified set, a held set, and every object that a remaining set needs are never deleted,
whatever the policy says. A prune is refused, and nothing is deleted, if backups have stopped, if a clock is wrong, or
if sets are missing that no prune dropped.`,
    examples: [
      [`${PROGRAM} prune --dry-run`, "list every set, whether it is kept, and why"],
      [`${PROGRAM} prune --env prod`, "list them and delete"],
      [`${PROGRAM} prune --env prod --accept-missing`, "after somebody deleted sets by hand, on purpose"],
    ],
  },
  async run(options, shell) {
    const { makeNotifier } = await import("./command/notifier.ts");
    const { dryRun = false, env, acceptMissing = false } = options;
    // a dry run is for the person who looks at it
    const notifier = makeNotifier({ verb: "prune", notify: options.notify && !dryRun, from: env }, shell);
    try {
      return await withContext(options, notifier.shell, needsStore, async (context) => {
        const { config } = context;
        const { name } = environmentOf(config, env ?? config.drill.from);
        const store = await context.openStore();
        return dryRun
          ? await showPlan(name, store, acceptMissing, context)
          : await deleteSets(name, store, acceptMissing, { context, notifier });
      });
    } catch (error) {
      await notifier.notifyOfError(error);
      throw error;
    }
  },
});

/** A dry run that would be refused is not green: a monitor that looks at dry runs must see that no prune would act. */
async function showPlan(environment: string, store: Store, acceptMissing: boolean, context: Context) {
  const [
    { readInventory },
    { planPrune },
    { lastPruneRefusals },
    { planReports },
    { readReports },
    { pruneRefused },
    { readAlready },
    { readStandingAndFound },
  ] = await Promise.all([
    import("../store/sets/inventory.ts"),
    import("../retention/prune_plan.ts"),
    import("../retention/clocks.ts"),
    import("../retention/reports.ts"),
    import("../retention/set_records.ts"),
    import("../retention/prune.ts"),
    import("../checks/findings/earlier_drills.ts"),
    import("../checks/findings/standing.ts"),
  ]);
  const inventory = await readInventory(store, environment);
  const now = new Date();
  const { reports, drills, unreadableDrills } = await readReports(store, inventory);
  const policy = context.config.retention;
  const { reporter, signal } = context;
  const { findings, found } = await readStandingAndFound(
    { store, inventory, drills: readAlready(drills), cache: indexCacheOf(context), signal },
    { drills, now, onUnreadable: ({ error }) => reporter.warn(error.message) },
  );
  const known = { unreadableDrills, findings, found };
  const planned = planPrune(inventory, { policy, now, acceptMissing, ...known });
  const refusals = [...planned.refusals, ...lastPruneRefusals(inventory.lastPrune, now)];
  const freed = (await planPrinter(context))(planned, inventory);
  const { keep, drop, countedFrom } = planned.plan;
  const bytes = [...freed.values()].reduce((sum, one) => sum + one, 0);
  context.out(
    `${environment}: would keep ${formatCount(keep.length, "set")}, drop ${
      formatNumber(drop.length)
    } and free ${formatBytes(bytes)}; nothing was deleted`,
  );
  const kept = new Set(keep.map(({ set }) => set));
  const deleted = planReports(reports, kept, countedFrom).drop;
  if (deleted.length > 0) context.out("These drill reports would be deleted:");
  for (const { key, reason } of deleted) {
    context.out(`  ${key}: ${reason}`);
    context.event({ event: "report", key, keep: false, reason });
  }
  if (refusals.length > 0) context.out("A prune would be refused now:");
  for (const refusal of refusals) context.out(`  ${context.colours.red(refusal)}`);
  const about = { environment, dryRun: true, kept: keep.length, dropped: drop.length, bytes, refusals };
  if (refusals.length === 0) return context.finish({ verdict: "pass", ...about });
  const { code, message, hint } = pruneRefused(environment, refusals);
  return context.finish({ verdict: verdictOfCode(code), code, message, hint, ...about });
}

async function deleteSets(
  environment: string,
  store: Store,
  acceptMissing: boolean,
  { context, notifier }: { context: Context; notifier: Notifier },
) {
  const [{ prune }, { dueAfterPrune, factsOfPrune }, printPlan] = await Promise.all([
    import("../retention/prune.ts"),
    import("../notify/backup_and_prune.ts"),
    planPrinter(context),
  ]);
  const { config, reporter, signal } = context;
  let kept = 0;
  let afterCutShort = false;
  const { dropped, objects, bytes, uploads } = await prune(store, environment, {
    policy: config.retention,
    acceptMissing,
    cache: indexCacheOf(context),
    reporter,
    signal,
    onPlan(planned, inventory) {
      kept = planned.plan.keep.length;
      afterCutShort = inventory.lastPrune !== undefined && inventory.lastPrune.endedAt === undefined;
      printPlan(planned, inventory);
    },
  });
  const unfinished = uploads > 0 ? ` and ${formatCount(uploads, "unfinished upload")}` : "";
  context.out(
    `${environment}: kept ${formatCount(kept, "set")}, dropped ${formatNumber(dropped.length)}; deleted ${
      formatCount(objects.length, "object")
    } of ${formatBytes(bytes)}${unfinished}`,
  );
  const told = await notifier.notify(dueAfterPrune({ afterCutShort }), factsOfPrune({ environment }));
  return context.finish({
    verdict: "pass",
    environment,
    dryRun: false,
    kept,
    dropped: dropped.length,
    objects: objects.length,
    bytes,
    uploads,
    told,
  });
}

const ALIGNMENT = ["left", "right", "left", "right", "left"] as const;

/** Prints a plan as a table and as `set` events (docs/events.md), newest first, and returns the bytes freed per set. */
async function planPrinter(context: Context) {
  const { config, colours, event } = context;
  const [{ freedBytes }, { describeSets, setEvent }, { acceptedInWords }] = await Promise.all([
    import("../retention/prune_plan.ts"),
    import("./listing/sets.ts"),
    import("../store/sets/sets.ts"),
  ]);
  return ({ plan, sets }: PrunePlan, inventory: Inventory): Map<string, number> => {
    const now = new Date();
    const freed = freedBytes(plan, inventory.objects);
    const decisions = decisionsOf(plan);
    const accepted = new Map(inventory.sets.map((set) => [set.name, acceptedInWords(set) ?? ""]));
    for (const listed of describeSets(inventory, [], config.retention, now)) { // the plan says why each is kept
      const { name } = listed.set;
      event({ ...setEvent(listed), ...decisions.get(name), freed: freed.get(name) ?? 0 });
    }
    if (sets.size === 0) return freed;
    const rows = [...sets.keys()].map((name) => {
      const { keep = true, reasons = [] } = decisions.get(name) ?? {};
      const age = formatAge(now.getTime() - (momentOf(name)?.getTime() ?? 0));
      const bytes = freed.get(name);
      const frees = bytes === undefined ? "" : formatBytes(bytes);
      return [
        name,
        age,
        keep ? "kept" : "dropped",
        frees,
        [...reasons, accepted.get(name)].filter((text) => text).join(", "),
      ];
    });
    context.table(
      [["SET", "AGE", "", "FREES", "WHY"], ...rows],
      ALIGNMENT,
      (line) => line.replace(/^SET .*$/, colours.dim).replace(/ dropped /, colours.yellow),
    );
    return freed;
  };
}

/** What the plan decides of each set, by its name. */
const decisionsOf = ({ keep, drop }: PrunePlan["plan"]) =>
  new Map<string, { keep: boolean; reasons: string[] }>([
    ...keep.map(({ set, reasons }) => [set, { keep: true, reasons }] as const),
    ...drop.map(({ set, reasons }) => [set, { keep: false, reasons }] as const),
  ]);
