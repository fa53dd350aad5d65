/** `prune`: what the policy keeps and drops, why, and then doing it. */

import { EXIT, type ExitStatus, exitStatusOf } from "../base/errors.ts";
import { formatAge, formatBytes, formatCount, table } from "../base/text.ts";
import { momentOf } from "../base/time.ts";
import { environmentOf } from "../config/config.ts";
import { behindLast } from "../retention/clocks.ts";
import { freedBytes, type Outlook, outlookOf } from "../retention/outlook.ts";
import { prune, pruneRefused } from "../retention/prune.ts";
import { planReports } from "../retention/reports.ts";
import { readReports } from "../retention/set_records.ts";
import { type Inventory, readInventory } from "../store/sets/inventory.ts";
import { openStore } from "./command/clients.ts";
import { type Context, withContext } from "./command/context.ts";
import { describeSets, setEvent } from "./list.ts";
import type { Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(options, shell, () => ({ databases: [] }), async (context) => {
    const { config, reporter, signal } = context;
    const { name: environment } = environmentOf(config, options.env ?? config.drill.from);
    const store = await openStore(config.store, signal);
    const policy = config.retention;
    const acceptMissing = options.acceptMissing === true;
    const show = (outlook: Outlook, inventory: Inventory) => print(outlook, inventory, context);

    if (options.dryRun) {
      const inventory = await readInventory(store, environment);
      const now = new Date();
      const outlook = outlookOf(inventory, { policy, now, acceptMissing });
      const refusals = [...outlook.refusals, ...behindLast(inventory.lastPrune, now)];
      show(outlook, inventory);
      const { keep, drop } = outlook.plan;
      const bytes = total(freedBytes(outlook.plan, inventory.objects));
      context.out(
        `${environment}: would keep ${formatCount(keep.length, "set")}, drop ${drop.length} and free ${
          formatBytes(bytes)
        }; nothing was deleted`,
      );
      const reports = planReports(
        await readReports(store, environment),
        new Set(keep.map(({ set }) => set)),
        outlook.plan.countedFrom,
      ).drop;
      if (reports.length > 0) context.out(`Of the drills' reports would go:`);
      for (const { key, reason } of reports) {
        context.out(`  ${key}: ${reason}`);
        context.event({ event: "report", key, keep: false, reason });
      }
      if (refusals.length > 0) context.out("A prune would be refused now:");
      for (const refusal of refusals) context.out(`  ${context.colours.red(refusal)}`);
      return context.finish({
        ...(refusals.length === 0
          ? { verdict: "pass", exit: EXIT.ok }
          : refusedEnding(environment, refusals)),
        environment,
        dryRun: true,
        kept: keep.length,
        dropped: drop.length,
        bytes,
        refusals,
      });
    }

    let kept = 0;
    const { dropped, objects, bytes, uploads } = await prune(store, environment, {
      policy,
      acceptMissing,
      reporter,
      signal,
      onOutlook(outlook, inventory) {
        kept = outlook.plan.keep.length;
        show(outlook, inventory);
      },
    });
    const unfinished = uploads > 0 ? ` and ${formatCount(uploads, "forgotten upload")}` : "";
    context.out(
      `${environment}: kept ${formatCount(kept, "set")}, dropped ${dropped.length}; deleted ${
        formatCount(objects.length, "object")
      } of ${formatBytes(bytes)}${unfinished}`,
    );
    return context.finish({
      verdict: "pass",
      exit: EXIT.ok,
      environment,
      dryRun: false,
      kept,
      dropped: dropped.length,
      objects: objects.length,
      bytes,
      uploads,
    });
  });
}

/** Not green: a monitor that looks at dry runs must see that no prune would act. */
function refusedEnding(environment: string, refusals: readonly string[]) {
  const { code, message, hint } = pruneRefused(environment, refusals);
  return { verdict: "not_run", exit: exitStatusOf(code), code, message, hint } as const;
}

const ALIGNMENT = ["left", "right", "left", "right", "left"] as const;

/** The plan as a table and as `set` events (DESIGN, Commands), newest first. */
function print(
  { plan, sets }: Outlook,
  inventory: Inventory,
  { config, colours, event, out }: Context,
): void {
  const now = new Date();
  const bytes = freedBytes(plan, inventory.objects);
  const verdicts = new Map<string, { keep: boolean; reasons: string[] }>([
    ...plan.keep.map(({ set, reasons }) => [set, { keep: true, reasons }] as const),
    ...plan.drop.map(({ set, reasons }) => [set, { keep: false, reasons }] as const),
  ]);
  for (const listed of describeSets(inventory, config.retention, now)) {
    const name = listed.set.name;
    event({ ...setEvent(listed), ...verdicts.get(name), freed: bytes.get(name) ?? 0 });
  }
  const rows = [...sets.keys()].map((name) => {
    const { keep = true, reasons = [] } = verdicts.get(name) ?? {};
    const age = formatAge(now.getTime() - (momentOf(name)?.getTime() ?? 0));
    const freed = bytes.get(name);
    return [
      name,
      age,
      keep ? "kept" : "dropped",
      freed === undefined ? "" : formatBytes(freed),
      reasons.join(", "),
    ];
  });
  if (rows.length === 0) return;
  for (const line of table([["SET", "AGE", "", "FREES", "WHY"], ...rows], ALIGNMENT)) {
    out(line.replace(/^SET .*$/, colours.dim).replace(/ dropped /, colours.yellow));
  }
}

const total = (bytes: ReadonlyMap<string, number>): number =>
  [...bytes.values()].reduce((sum, one) => sum + one, 0);
