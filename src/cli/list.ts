/** `list`: the sets that are in the store, newest first, or one of them whole. */

import type { ExitStatus } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { environmentOf } from "../config/config.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import type { Store } from "../store/store.ts";
import { chooseFrom } from "./command/chosen_set.ts";
import { type Context, needsStore, withContext } from "./command/context.ts";
import { argument, configOptions, envOption, SET_FORMS } from "./command/options.ts";
import { unreadableResult } from "./command/unreadable.ts";
import { verb } from "./command/verb.ts";
import type { KnownFindings } from "./findings/known.ts";
import type { ListedSet } from "./listing/sets.ts";

export const listVerb = verb({
  name: "list",
  summary: "List the sets in the store, newest first, or show one.",
  options: {
    set: argument("SET", `show this one whole: ${SET_FORMS}`),
    env: envOption("the environment whose sets are listed", "drill.from"),
    ...configOptions,
  },
  help: {
    about: `
Each set is shown with its age, how many findings are open in it, what has proved it, and why retention keeps it. On a
terminal, columns that do not fit are left out from the right; --json has all of them. The exit status is
- 1 if no set is a good one, if the set that is named is not, if a set is gone that no prune dropped or has another
  manifest than the one that was written, or if a record in the store cannot be read;
- 2 if there is no set at all, or a record is of a newer version.`,
    examples: [
      [`${PROGRAM} list`, "list the sets of the environment that is drilled"],
      [`${PROGRAM} list latest`, "show the newest good set whole: objects, hashes, proofs, findings"],
      [`${PROGRAM} list --env sandbox --json`, "list them for a program: one JSON object per set"],
    ],
  },
  run: (options, shell) =>
    withContext(options, shell, needsStore, async (context) => {
      const [{ readInventory }, { readKnownFindings }, { describeSets }, { findingsOfSets }] = await Promise
        .all([
          import("../store/sets/inventory.ts"),
          import("./findings/known.ts"),
          import("./listing/sets.ts"),
          import("../checks/findings/of_sets.ts"),
        ]);
      const { config } = context;
      const { name } = environmentOf(config, options.env ?? config.drill.from);
      const store = await context.openStore();
      const now = new Date();
      const inventory = await readInventory(store, name, now);
      const known = await readKnownFindings(store, inventory, context, { now });
      const standing = known.standing.map(({ finding }) => finding);
      const rotaMs = name === config.drill.from ? config.drill.rotaMs : 0; // no other one is ever drilled
      const found = findingsOfSets({ ...inventory, ...known, now });
      const listed = describeSets(inventory, standing, config.retention, now, { rotaMs, found });
      return options.set === undefined
        ? await listSets({ inventory, known, listed, now }, context)
        : await showSet(options.set, { inventory, known, listed, now }, store, context);
    }),
});

interface Read {
  inventory: Inventory;
  known: KnownFindings;
  listed: ListedSet[];
  now: Date;
}

async function listSets({ inventory, known, listed, now }: Read, context: Context): Promise<ExitStatus> {
  const [{ inventoryWarnings, setEvent }, { listLines }, { unreadableNewest }, problems] = await Promise.all([
    import("./listing/sets.ts"),
    import("./listing/table.ts"),
    import("./findings/known.ts"),
    import("../report/status/set_problems.ts"),
  ]);
  const { config, reporter } = context;
  const { environment } = inventory;
  const [vanished] = problems.vanishedSets(inventory).map((one) => ({ verdict: "fail" as const, ...one }));
  for (const one of listed) context.event(setEvent(one));
  for (const line of listLines(listed, now, context)) context.outWrapped(line);
  const others = [...known.unreadable, ...known.unreadableDrills].map(({ error }) => error.message);
  const warnings = [...inventoryWarnings(inventory), ...others];
  for (const text of warnings) {
    reporter.warn(text);
    context.event({ event: "warning", text });
  }
  const open = known.standing.filter(({ finding }) => !finding.accepted).length;
  if (open > 0) {
    context.say(
      `${environment} has ${formatCount(open, "open finding")}: ${PROGRAM} findings --env ${environment}`,
    );
  }
  const about = { environment, sets: listed.length, warnings: warnings.length };
  const drill = unreadableNewest(known);
  const unreadable = unreadableResult([...inventory.unreadable, ...(drill ? [drill] : [])]) ??
    unreadableDecision(known);
  const none = noGoodSet(listed, environment, config.store.url);
  const found = [unreadable, none, vanished].find((one) => one?.verdict === "fail"); // it wins over what is not known
  const problem = found ?? none ?? unreadable;
  if (!problem) return context.finish({ verdict: "pass", ...about });
  if (problem !== unreadable) context.say(problem.message);
  context.say(problem.hint);
  return context.finish({ ...problem, ...about });
}

/** A decision about a finding that cannot be read keeps nothing from being deleted: the finding is open. */
function unreadableDecision({ unreadable: [first] }: KnownFindings) {
  if (!first) return undefined;
  const { code, message, hint } = first.error;
  return { verdict: code === "STORE_NEWER" ? "not_run" as const : "fail" as const, code, message, hint };
}

/** What `list` ends with where no set is a good one. Pure. */
function noGoodSet(listed: readonly ListedSet[], environment: string, url: string) {
  const hint = `Take one: ${PROGRAM} backup --env ${environment}`;
  const [newest] = listed;
  if (!newest) {
    return {
      verdict: "not_run" as const,
      code: "NO_SET",
      message: `There is no set of ${environment} in ${url}`,
      hint,
    };
  }
  if (listed.some(({ flaws }) => flaws.length === 0)) return undefined;
  return {
    verdict: "fail" as const,
    code: "SET_SUSPECT",
    message: `No set of ${environment} is a good one; the newest is ${newest.set.name}: ${
      newest.flaws.join("; ")
    }`,
    hint: `Look at the ERP and at the store, then take a new set: ${PROGRAM} backup --env ${environment}`,
  };
}

async function showSet(
  wanted: string,
  { inventory, known, listed, now }: Read,
  store: Store,
  context: Context,
): Promise<ExitStatus> {
  const [{ oneSetEvent, oneSetLines, TITLE_COLUMNS }, { readWholeSet }, { findingEvent }] = await Promise.all(
    [
      import("./listing/one_set.ts"),
      import("./listing/read_set.ts"),
      import("./findings/event.ts"),
    ],
  );
  const { set } = await chooseFrom(inventory, wanted, store.url, context);
  const whole = await readWholeSet(
    listed.find((one) => one.set === set)!,
    { inventory, known, now },
    store,
    context,
  );
  context.event(oneSetEvent(whole));
  for (const one of whole.findings ?? []) context.event(findingEvent(one, set.environment));
  for (const line of oneSetLines(whole, now, context.colours)) context.outWrapped(line, TITLE_COLUMNS);
  const { flaws } = whole.listed;
  const about = { environment: set.environment, set: set.name };
  if (flaws.length === 0) return context.finish({ verdict: "pass", ...about });
  return context.finish({
    verdict: "fail",
    code: "SET_SUSPECT",
    message: `${set.environment}/${set.name} is not a good set: ${flaws.join("; ")}`,
    hint: `Choose another: ${PROGRAM} list --env ${set.environment}`,
    ...about,
  });
}
