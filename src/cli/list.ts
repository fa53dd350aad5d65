/** `list`: the sets that are in the store, newest first. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { environmentOf } from "../config/config.ts";
import { turnsOf } from "../drill/rota/plan.ts";
import { rotaInputOf } from "../drill/rota/sets.ts";
import { planRetention } from "../retention/plan.ts";
import { retentionSetsOf } from "../retention/sets.ts";
import { flawsOf, type Inventory, latestIn, readInventory } from "../store/sets/inventory.ts";
import { missingSets } from "../store/records/prunes.ts";
import { type AnySet, isLegacy, kindOf, seenAt, suspectOf, takenAt } from "../store/sets/sets.ts";
import { openStore } from "./command/clients.ts";
import { withContext } from "./command/context.ts";
import { type ListedHalf, type ListedSet, listLines } from "./command/list_table.ts";
import type { Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(options, shell, () => ({ databases: [] }), async (context) => {
    const { config, reporter, signal } = context;
    const { name } = environmentOf(config, options.env ?? config.drill.from);
    const inventory = await readInventory(await openStore(config.store, signal), name);
    const now = new Date();
    const rotaMs = name === config.drill.from ? config.drill.rotaMs : 0; // no other one is ever drilled
    const listed = describeSets(inventory, config.retention, now, rotaMs);
    for (const one of listed) context.event(setEvent(one));

    for (const line of listLines(listed, now, context)) context.out(line);
    const troubles = troublesOf(inventory);
    for (const text of troubles) {
      reporter.warn(text);
      context.event({ event: "warning", text });
    }
    if (listed.length === 0) {
      context.say(
        `There is no set of ${name} in ${config.store.url}. Take one: dolibarr-drill backup --env ${name}`,
      );
    }
    const about = { environment: name, sets: listed.length, warnings: troubles.length };
    const [unreadable] = inventory.unreadable;
    if (unreadable === undefined) return context.finish({ verdict: "pass", exit: EXIT.ok, ...about });
    const hint =
      "Nothing is deleted while it is there. Put it back from a copy of the store, or move it away.";
    context.say(hint);
    return context.finish({
      verdict: "fail",
      exit: EXIT.bad,
      code: "STORE_FORMAT",
      message: unreadable,
      hint,
      ...about,
    });
  });
}

/** What a person should know of the store beside its sets, as sentences. Pure. */
export function troublesOf(inventory: Inventory): string[] {
  const missing = missingSets(inventory.lastPrune, {
    names: inventory.sets.map(({ name }) => name),
    manifested: inventory.sets.filter((set) => !isLegacy(set)).map(({ name }) => name),
  });
  return [
    ...inventory.unreadable,
    ...inventory.lost.map((set) => `${set} has lost its manifest: its objects are there, and no set`),
    ...missing.filter((set) => !inventory.lost.includes(set)).map((set) =>
      `${set} was there at the last prune, and is gone: no prune dropped it`
    ),
    ...inventory.oldJob.map((sign) => `The old backup script still runs: ${sign}`),
    ...inventory.runs.map((run) => `A backup that began at ${run} is under way, or was cut off`),
  ];
}

/** Every set of the inventory, newest first. Pure. */
export function describeSets(
  inventory: Inventory,
  policy: Parameters<typeof planRetention>[0]["policy"],
  now: Date,
  rotaMs = 0,
): ListedSet[] {
  const plan = planRetention({ sets: retentionSetsOf(inventory), policy, now });
  const reasons = new Map(plan.keep.map(({ set, reasons }) => [set, reasons]));
  const latest = latestIn(inventory);
  const turns = rotaMs > 0 ? turnsOf({ ...rotaInputOf(inventory), rotaMs }) : undefined;
  return inventory.sets.map((set) => {
    const [verified] = inventory.proofs.get(set.name) ?? [];
    const hold = inventory.holds.get(set.name);
    return {
      set,
      latest: set === latest,
      flaws: flawsOf(set, inventory),
      kept: reasons.get(set.name) ?? [],
      verified,
      held: hold && { until: hold.until, reason: hold.reason },
      turn: turns?.get(set.name),
      ...halvesOf(set),
    };
  });
}

function halvesOf(set: AnySet): Pick<ListedSet, "db" | "docs" | "tables" | "rows" | "files"> {
  const half = (objects: readonly { key: string; bytes: number }[], seen = true): ListedHalf => ({
    bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
    state: objects.length === 0
      ? "none"
      : objects.some(({ key }) => key.includes(`/${set.name}.`))
      ? "new"
      : seen
      ? "as before"
      : "not looked at",
  });
  if (isLegacy(set)) {
    const { db, docs } = set.legacy;
    return { db: half(db ? [db] : []), docs: half(docs ? [docs] : []) };
  }
  const { db, docs } = set.manifest;
  const { tables } = db.content;
  return {
    db: half(db.objects, db.fingerprint !== undefined),
    docs: half(docs.objects, docs.fingerprint !== undefined),
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    files: docs.files,
  };
}

/** One `set` event (DESIGN, Commands). */
export function setEvent(one: ListedSet): object {
  const { set, latest, flaws, kept, verified, held, turn, db, docs, tables, rows, files } = one;
  return {
    event: "set",
    set: set.name,
    environment: set.environment,
    kind: kindOf(set),
    suspect: suspectOf(set),
    flaws,
    latest,
    keep: kept.length > 0,
    reasons: kept,
    verified: verified && { at: verified.at.toISOString(), verb: verified.verb, verdict: verified.verdict },
    held,
    restoredAt: turn?.provedAt?.toISOString(),
    dueAt: turn?.dueAt.toISOString(),
    takenAt: takenAt(set).toISOString(),
    seenAt: seenAt(set).toISOString(),
    db,
    docs,
    tables,
    rows,
    files,
  };
}
