/** `status`: the last backup, the last drill, and what to do next. */

import { formatAge, formatCount, formatDuration } from "../base/numbers.ts";
import { environmentOf } from "../config/config.ts";
import type { rotaState } from "../drill/rota/plan.ts";
import type { StatusSummary } from "../report/status_summary.ts";
import { VERDICT_WORD } from "../report/words.ts";
import type { UnreadableDrill } from "../store/records/drills.ts";
import { type Context, needsStore, withContext } from "./command/context.ts";
import { configOptions, envOption } from "./command/options.ts";
import { verb } from "./command/verb.ts";

export const statusVerb = verb({
  name: "status",
  summary: "Show the last backup, the last drill, and what to do next.",
  options: {
    env: envOption("the environment to show", "drill.from"),
    ...configOptions,
  },
  help: {
    about: `
Reads only the store. The exit status is
- 0 if the newest good set is not older than drill.max_age, and the newest drill, not older either, is a PASS;
- 1 if that set is older, the newest drill is a FAIL, a set is damaged, or a set newer than the newest good one is bad;
- 2 if there is no set, no drill within drill.max_age, or the newest drill is NOT RUN.`,
    examples: [
      ["dolibarr-drill status", "is there a recent good set, and is it proved? If not, what to do?"],
      ["dolibarr-drill status --env prod --json", "the same for a program, as JSON"],
    ],
  },
  run: (options, shell) =>
    withContext(options, shell, needsStore, async (context) => {
      const [
        inventories,
        drillRecords,
        { HISTORY_DRILLS, historyOf },
        { summarizeStatus },
        rotaPlan,
        rotaSets,
        sets,
      ] = await Promise.all([
        import("../store/sets/inventory.ts"),
        import("../store/records/drills.ts"),
        import("../report/history.ts"),
        import("../report/status_summary.ts"),
        import("../drill/rota/plan.ts"),
        import("../drill/rota/sets.ts"),
        import("./listing/sets.ts"),
      ]);
      const { config, reporter } = context;
      const { name } = environmentOf(config, options.env ?? config.drill.from);
      const store = await context.openStore();
      const now = new Date();
      const inventory = await inventories.readInventory(store, name, now);
      const unreadableDrills: UnreadableDrill[] = [];
      const onUnreadable = (drill: UnreadableDrill) => {
        unreadableDrills.push(drill);
        reporter.warn(`A drill is left out: ${drill.error.message}`);
      };
      const drills = await drillRecords.readNewestDrills(store, name, HISTORY_DRILLS, onUnreadable);
      const history = historyOf(drills.map(({ found }) => found));
      const { maxAgeMs } = config.drill;
      const summary = summarizeStatus({ inventory, history, unreadableDrills, now, maxAgeMs });

      const { from, rotaMs } = config.drill;
      const rota = rotaMs > 0 && name === from
        ? rotaPlan.rotaState(rotaPlan.turnsOf({ ...rotaSets.rotaInputOf(inventory), rotaMs }), now)
        : undefined; // no other environment is ever drilled
      for (const line of statusLines(summary, name, now, context, rota)) context.out(line);
      const inSummary = inventory.unreadable.map(({ error }) => error.message);
      for (const text of sets.inventoryWarnings(inventory)) {
        if (inSummary.includes(text)) continue;
        reporter.warn(text);
        context.event({ event: "warning", text });
      }
      context.event({ ...statusEvent(summary, name), rota });
      const [worst] = summary.problems;
      return context.finish({ verdict: summary.verdict, environment: name, ...worst });
    }),
});

/** How the rota over the older sets stands. */
type RotaStand = ReturnType<typeof rotaState>;

function rotaText({ sets, late, nextDue }: RotaStand, now: Date): string {
  const next = nextDue ? `; the next is due ${formatDue(nextDue.getTime() - now.getTime())}` : "";
  return `${formatCount(sets, "set")}, ${late === 0 ? "none" : late} overdue${next}`;
}

const formatDue = (ms: number): string => ms < 60_000 ? "now" : `in ${formatAge(ms)}`;

/** What a person reads. Pure. */
export function statusLines(
  { set, drill, unreadableDrill, lastPass, drillsSincePass, bad, problems, verdict, next }: StatusSummary,
  environment: string,
  now: Date,
  { colours }: Pick<Context, "colours">,
  rota?: RotaStand,
): string[] {
  const ago = (moment: Date) => `${formatAge(now.getTime() - moment.getTime())} ago`;
  const paint = { pass: colours.green, fail: colours.red, not_run: colours.yellow };
  const line = (title: string, text: string) => `${title.padEnd(10)}${text}`;
  return [
    `${paint[verdict](VERDICT_WORD[verdict])}: ${
      problems[0]?.message ?? `${environment} is backed up, and the backup is proved`
    }`,
    line("Backup", set ? `${set.name}, as of ${ago(set.seenAt)}` : "none"),
    line(
      "Drill",
      unreadableDrill
        ? `${ago(unreadableDrill.at)}; its record cannot be read`
        : drill
        ? `${paint[drill.verdict](VERDICT_WORD[drill.verdict])} ${ago(drill.at)}, of ${
          drill.set ?? "no set"
        }, in ${formatDuration(drill.ms)}`
        : "none",
    ),
    ...(drill && !unreadableDrill && drillsSincePass > 0
      ? [
        line(
          "Last PASS",
          lastPass
            ? `${ago(lastPass)}; ${formatCount(drillsSincePass, "drill")} without a PASS since then`
            : "none known",
        ),
      ]
      : []),
    ...bad.map(({ name, flaws }) => line("Bad", `${name}: ${flaws.join("; ")}`)),
    ...problems.slice(1).map(({ message }) => line("Also", message)),
    ...(rota ? [line("Rota", rotaText(rota, now))] : []),
    line("Next", next),
  ];
}

/** The `status` event (docs/events.md). */
export function statusEvent(summary: StatusSummary, environment: string): object {
  const { set, drill, lastPass, drillsSincePass, bad, problems, next } = summary;
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
    troubles: problems,
    next,
  };
}
