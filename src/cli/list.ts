/** `list`: the sets that are in the store, newest first. */

import { environmentOf } from "../config/config.ts";
import { indexCacheOf, needsStore, withContext } from "./command/context.ts";
import { configOptions, envOption } from "./command/options.ts";
import { unreadableResult } from "./command/unreadable.ts";
import { verb } from "./command/verb.ts";

export const listVerb = verb({
  name: "list",
  summary: "List the sets in the store, newest first.",
  options: {
    env: envOption("the environment whose sets are listed", "drill.from"),
    ...configOptions,
  },
  help: {
    about: `
Each set is shown with its age, what has proved it, and why retention keeps it. On a terminal, columns that do not fit
are left out from the right; --json has all of them. Exit status 1 if a record in the store cannot be read.`,
    examples: [
      ["dolibarr-drill list", "list the sets of the environment that is drilled"],
      ["dolibarr-drill list --env sandbox --json", "list them for a program: one JSON object per set"],
    ],
  },
  run: (options, shell) =>
    withContext(options, shell, needsStore, async (context) => {
      const [
        { readInventory },
        { readFindings },
        { describeSets, inventoryWarnings, setEvent },
        { listLines },
      ] = await Promise.all([
        import("../store/sets/inventory.ts"),
        import("../checks/findings/standing.ts"),
        import("./command/listed_sets.ts"),
        import("./command/list_table.ts"),
      ]);
      const { config, reporter, signal } = context;
      const { name } = environmentOf(config, options.env ?? config.drill.from);
      const store = await context.openStore();
      const now = new Date();
      const inventory = await readInventory(store, name, now);
      const findings = await readFindings(store, inventory, {
        ...{ now, signal, cache: indexCacheOf(context) },
        onUnreadable: ({ error }) => reporter.warn(error.message),
      });
      const rotaMs = name === config.drill.from ? config.drill.rotaMs : 0; // no other one is ever drilled
      const listed = describeSets(inventory, findings, config.retention, now, rotaMs);
      for (const one of listed) context.event(setEvent(one));

      for (const line of listLines(listed, now, context)) context.out(line);
      const warnings = inventoryWarnings(inventory);
      for (const text of warnings) {
        reporter.warn(text);
        context.event({ event: "warning", text });
      }
      if (listed.length === 0) {
        context.say(
          `There is no set of ${name} in ${config.store.url}. Take one: dolibarr-drill backup --env ${name}`,
        );
      }
      const about = { environment: name, sets: listed.length, warnings: warnings.length };
      const unreadable = unreadableResult(inventory.unreadable);
      if (!unreadable) return context.finish({ verdict: "pass", ...about });
      context.say(unreadable.hint);
      return context.finish({ ...unreadable, ...about });
    }),
});
