/** `status`: the newest good set, the last drill, what is wrong in the ERP, and what to do next. */

import { formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { environmentOf } from "../config/config.ts";
import { lacksForRestore } from "../config/restorable.ts";
import type { StatusSummary } from "../report/status/summary.ts";
import type { Inventory } from "../store/sets/inventory.ts";
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
Reads only the store, and fits one screen. An acceptance is told 30 days before it ends. The exit status is
- 0 if the newest good set is not older than drill.max_age, and the newest drill, not older either, is a PASS;
- 1 if that set is older, the newest drill is a FAIL, a finding is open, a set is damaged, or a set newer than the newest
good one is bad;
- 2 if there is no set, no drill within drill.max_age, or the newest drill is NOT RUN.`,
    examples: [
      [`${PROGRAM} status`, "is there a recent good set, and is it proved? If not, what to do?"],
      [`${PROGRAM} status --env prod --json`, "the same for a program, as JSON"],
    ],
  },
  run: (options, shell) =>
    withContext(options, shell, needsStore, async (context) => {
      const [
        inventories,
        { HISTORY_DRILLS, historyOf },
        { summarizeStatus },
        { statusLines },
        { readKnownFindings },
        { findingEvent },
        rotaPlan,
        rotaSets,
      ] = await Promise.all([
        import("../store/sets/inventory.ts"),
        import("../report/history.ts"),
        import("../report/status/summary.ts"),
        import("../report/status/lines.ts"),
        import("./findings/known.ts"),
        import("./findings/event.ts"),
        import("../drill/rota/plan.ts"),
        import("../drill/rota/sets.ts"),
      ]);
      const { config } = context;
      const environment = environmentOf(config, options.env ?? config.drill.from);
      const { name } = environment;
      const store = await context.openStore();
      const now = new Date();
      const inventory = await inventories.readInventory(store, name, now);
      const { standing, drills, unreadableDrills, unreadable } = await readKnownFindings(
        store,
        inventory,
        context,
        { now },
      );
      const history = historyOf(drills.slice(0, HISTORY_DRILLS));
      const { maxAgeMs } = config.drill;
      const facts = { inventory, history, findings: standing, unreadableDrills, now, maxAgeMs };
      const summary = summarizeStatus(facts);

      const { from, rotaMs } = config.drill;
      const rota = rotaMs > 0 && name === from
        ? rotaPlan.rotaState(rotaPlan.turnsOf({ ...rotaSets.rotaInputOf(inventory), rotaMs }), now)
        : undefined; // no other environment is ever drilled
      const { colours, isTerminal, width } = context;
      const page = { environment: name, now, colours, rota, ...(isTerminal ? { width } : {}) };
      for (const line of statusLines(summary, page)) context.out(line);
      const others = [
        ...unreadableDrills.map(({ error }) => `A drill is left out: ${error.message}`),
        ...unreadable.map(({ error }) => error.message),
        ...lacksForRestore(environment),
      ];
      await warn(inventory, others, context);
      for (const one of standing) context.event(findingEvent(one, name));
      context.event({ ...statusEvent(summary, name), rota });
      const [worst] = summary.problems;
      return context.finish({ verdict: summary.verdict, environment: name, ...worst });
    }),
});

/** So many warnings have room below a screen on a terminal. */
const WARNINGS = 2;

/** What is wrong in the store besides the problems that were told. */
async function warn(inventory: Inventory, others: readonly string[], context: Context): Promise<void> {
  const { inventoryWarnings } = await import("./listing/sets.ts");
  const told = inventory.unreadable.map(({ error }) => error.message);
  const texts = [...others, ...inventoryWarnings(inventory).filter((text) => !told.includes(text))];
  for (const text of texts) context.event({ event: "warning", text });
  const shown = context.isTerminal ? texts.slice(0, WARNINGS) : texts;
  for (const text of shown) context.reporter.warn(text);
  const more = texts.length - shown.length;
  if (more > 0) {
    context.reporter.warn(
      `${formatCount(more, "more warning")}: ${PROGRAM} list --env ${inventory.environment}`,
    );
  }
}

/** The `status` event (docs/events.md). */
export function statusEvent(summary: StatusSummary, environment: string): object {
  const { set, notNewest, open, accepted, drill, lastPass, drillsSincePass, bad, problems, next } = summary;
  return {
    event: "status",
    environment,
    set: set
      ? {
        set: set.name,
        seenAt: set.seenAt.toISOString(),
        ageMs: set.ageMs,
        flaws: set.flaws,
        accepted: set.accepted,
      }
      : null,
    newest: notNewest ? { ...notNewest.newest, olderMs: notNewest.olderMs, text: notNewest.sentence } : null,
    findings: { open: open.length, accepted: accepted.length },
    drill: drill
      ? {
        id: drill.id,
        verdict: drill.verdict,
        at: drill.at.toISOString(),
        set: drill.set ?? null,
        ms: drill.ms,
        culprit: drill.culprit,
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
