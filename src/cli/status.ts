/** `status`: the last backup and the last drill at a glance. */

import type { DrillError, ExitStatus } from "../base/errors.ts";
import { formatAge, formatCount, formatMs } from "../base/text.ts";
import { environmentOf } from "../config/config.ts";
import { type StatusSummary, summarizeStatus } from "../report/status_summary.ts";
import { HISTORY_DRILLS, historyOf } from "../report/history.ts";
import { VERDICT_WORD } from "../report/words.ts";
import { standOf, turnsOf } from "../drill/rota/plan.ts";
import { rotaInputOf } from "../drill/rota/sets.ts";
import { type Inventory, readInventory } from "../store/sets/inventory.ts";
import { readNewestDrills } from "../store/records/drills.ts";
import { openStore } from "./command/clients.ts";
import { type Context, withContext } from "./command/context.ts";
import { troublesOf } from "./list.ts";
import type { Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(options, shell, () => ({ databases: [] }), async (context) => {
    const { config, reporter, signal } = context;
    const { name } = environmentOf(config, options.env ?? config.drill.from);
    const store = await openStore(config.store, signal);
    const now = new Date();
    const inventory = await readInventory(store, name, now);
    const onUnreadable = (error: DrillError) => reporter.warn(`A drill is left out: ${error.message}`);
    const drills = await readNewestDrills(store, name, HISTORY_DRILLS, onUnreadable);
    const history = historyOf(drills.map(({ found }) => found));
    const glance = summarizeStatus({ inventory, history, now, maxAgeMs: config.drill.maxAgeMs });

    const rota = rotaOf(inventory, name, config.drill, now);
    for (const line of statusLines(glance, name, now, context)) context.out(line);
    if (rota) context.out(rotaLine(rota, now));
    for (const text of troublesOf(inventory).filter((text) => !inventory.unreadable.includes(text))) {
      reporter.warn(text);
      context.event({ event: "warning", text });
    }
    context.event({ ...statusEvent(glance, name), rota });
    const [trouble] = glance.troubles;
    return context.finish({ verdict: glance.verdict, exit: glance.exit, environment: name, ...trouble });
  });
}

/** How the rota over the older sets stands; undefined where there is none. */
function rotaOf(inventory: Inventory, name: string, { from, rotaMs }: Context["config"]["drill"], now: Date) {
  return rotaMs > 0 && name === from
    ? standOf(turnsOf({ ...rotaInputOf(inventory), rotaMs }), now)
    : undefined;
}

function rotaLine({ sets, late, nextDue }: ReturnType<typeof standOf>, now: Date): string {
  const next = nextDue ? `; the next is due ${formatDue(nextDue.getTime() - now.getTime())}` : "";
  return `${"Rota".padEnd(10)}${formatCount(sets, "set")}, ${late === 0 ? "none" : late} late${next}`;
}

const formatDue = (ms: number): string => ms < 60_000 ? "now" : `in ${formatAge(ms)}`;

/** What a person reads. Pure. */
export function statusLines(
  { set, drill, lastPass, drillsSincePass, bad, troubles, verdict, next }: StatusSummary,
  environment: string,
  now: Date,
  { colours }: Pick<Context, "colours">,
): string[] {
  const ago = (moment: Date) => {
    const age = formatAge(now.getTime() - moment.getTime());
    return age === "just now" ? age : `${age} ago`;
  };
  const paint = { pass: colours.green, fail: colours.red, not_run: colours.yellow };
  const line = (title: string, text: string) => `${title.padEnd(10)}${text}`;
  return [
    `${paint[verdict](VERDICT_WORD[verdict])}: ${
      troubles[0]?.message ?? `${environment} was backed up and proved`
    }`,
    line("Backup", set ? `${set.name}, looked at ${ago(set.seenAt)}` : "none"),
    line(
      "Drill",
      drill
        ? `${paint[drill.verdict](VERDICT_WORD[drill.verdict])} ${ago(drill.at)}, of ${
          drill.set ?? "no set"
        }, in ${formatMs(drill.ms)}`
        : "none",
    ),
    ...(drill && drillsSincePass > 0
      ? [
        line(
          "Last PASS",
          lastPass
            ? `${ago(lastPass)}; since then ${formatCount(drillsSincePass, "drill")} without`
            : "none known",
        ),
      ]
      : []),
    ...bad.map(({ name, flaws }) => line("Bad", `${name}: ${flaws.join("; ")}`)),
    ...troubles.slice(1).map(({ message }) => line("Also", message)),
    line("Next", next),
  ];
}

/** The `status` event (docs/events.md). */
export function statusEvent(glance: StatusSummary, environment: string): object {
  const { set, drill, lastPass, drillsSincePass, bad, troubles, next } = glance;
  return {
    event: "status",
    environment,
    set: set ? { set: set.name, seenAt: set.seenAt.toISOString(), ageMs: set.ageMs, flaws: set.flaws } : null,
    drill: drill
      ? {
        id: drill.id,
        verdict: drill.verdict,
        at: drill.at.toISOString(),
        set: drill.set ?? null,
        ms: drill.ms,
        headline: drill.headline,
      }
      : null,
    lastPass: lastPass?.toISOString() ?? null,
    drillsSincePass,
    bad: bad.map(({ name, flaws }) => ({ set: name, flaws })),
    troubles,
    next,
  };
}
