/** What is wrong in an ERP, as its store tells it: read for the verbs that print it. */

import { PROGRAM } from "../../base/program_name.ts";
import type { AgedFinding } from "../../checks/findings/age.ts";
import { messageOf } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import type { Acceptances } from "../../store/records/acceptances.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import type { UnreadableDrill } from "../../store/records/drills.ts";
import type { UnreadableRecord } from "../../store/records/stored_record.ts";
import type { Inventory } from "../../store/sets/inventory.ts";
import type { Store } from "../../store/store.ts";
import type { ChosenSet } from "../command/chosen_set.ts";
import { type Context, indexCacheOf } from "../command/context.ts";

export interface KnownFindings {
  /** Every finding that stands now, open or accepted, the oldest first. */
  standing: AgedFinding[];
  acceptances: Acceptances;
  /** The drills that were read, newest first. */
  drills: readonly StoredDrill[];
  unreadableDrills: UnreadableDrill[];
  /** Decisions that cannot be understood: their findings count as open. */
  unreadable: UnreadableRecord[];
}

/**
 * What stands now, with since when it is and where it is still right.
 * @param asOf what is said of newer sets than that is left out: what stood when it was taken.
 */
export async function readKnownFindings(
  store: Store,
  inventory: Inventory,
  context: Pick<Context, "env" | "signal">,
  { now, asOf }: { now: Date; asOf?: string },
): Promise<KnownFindings> {
  const [{ readAcceptances }, { listDrills, readDrills }, { readAlready }, { readStanding }, { agesOf }] =
    await Promise.all([
      import("../../store/records/acceptances.ts"),
      import("../../store/records/drills.ts"),
      import("../../checks/findings/earlier_drills.ts"),
      import("../../checks/findings/standing.ts"),
      import("../../checks/findings/age.ts"),
    ]);
  const { environment } = inventory;
  const isMeant = (set: string) => asOf === undefined || set <= asOf;
  const unreadable: UnreadableRecord[] = [];
  const unreadableDrills: UnreadableDrill[] = [];
  const [acceptances, read] = await Promise.all([
    readAcceptances(store, environment, (one) => void unreadable.push(one)),
    readDrills(store, await listDrills(store, environment), (one) => void unreadableDrills.push(one)),
  ]);
  const all = read.map(({ found }) => found);
  const drills = all.filter(({ from, set }) => from === environment && (!set || isMeant(setName(set.name))));
  const standing = await readStanding({
    store,
    inventory: { ...inventory, sets: inventory.sets.filter(({ name }) => isMeant(name)) },
    drills: readAlready(all),
    cache: indexCacheOf(context),
    signal: context.signal,
  }, { drills, now, onUnreadable: () => {} });
  return { standing: agesOf(standing, now), acceptances, drills, unreadableDrills, unreadable };
}

const setName = (name: string): string => name.slice(name.indexOf("/") + 1);

/** So many findings are printed one by one before a restore. */
const TOLD = 5;

/**
 * Says what is wrong in the ERP that a set brings back: it was so when the set was taken. Where that cannot be found out it
 * is a warning: a restore does not depend on it.
 * @throws only when interrupted.
 */
export async function tellFindingsOf(chosen: ChosenSet, store: Store, context: Context): Promise<void> {
  try {
    await tell(chosen, store, context);
  } catch (error) {
    context.signal.throwIfAborted();
    context.reporter.warn(`What is wrong with the ERP in this set cannot be told: ${messageOf(error)}`);
  }
}

async function tell({ set, inventory }: ChosenSet, store: Store, context: Context): Promise<void> {
  const { reporter, event } = context;
  const now = new Date();
  const { standing } = await readKnownFindings(store, inventory, context, { now, asOf: set.name });
  const [{ sinceText }, { findingEvent }] = await Promise.all([
    import("../../report/finding_words.ts"),
    import("./event.ts"),
  ]);
  const { environment } = inventory;
  for (const one of standing) event(findingEvent(one, environment));
  for (const one of standing.slice(0, TOLD)) {
    reporter.note(
      `${environment}/${set.name} has this finding: ${oneLine(one.finding.sentence)} (${
        sinceText(one, now)
      })`,
    );
  }
  const more = standing.length - TOLD;
  if (more > 0) {
    reporter.note(`${formatCount(more, "more finding")}: ${PROGRAM} list ${environment}/${set.name}`);
  }
}

/**
 * Why nobody knows what is open: the newest drill cannot be read, or nothing ever looked. Undefined: it is known. What a
 * drill or a backup found stands all the same.
 */
export function whyNotKnown(known: KnownFindings, { environment, sets }: Inventory) {
  const { drills } = known;
  const unread = unreadableNewest(known);
  if (unread) {
    const { code, message, hint } = unread.error;
    return { code, message: `what the newest drill of ${environment} found is not known: ${message}`, hint };
  }
  const looked = drills.some(({ set }) => set !== undefined) ||
    sets.some((set) => "manifest" in set && set.manifest.findings !== undefined);
  return looked ? undefined : {
    code: "CHECK_NOT_RUN" as const,
    message: `nothing has looked for findings in ${environment} yet`,
    hint: `Run a drill: ${PROGRAM} drill --from ${environment}`,
  };
}

/** The newest drill, where its record cannot be understood. */
export function unreadableNewest(
  { drills: [drill], unreadableDrills: [unread] }: Pick<KnownFindings, "drills" | "unreadableDrills">,
): UnreadableDrill | undefined {
  return unread && (!drill || unread.at.getTime() > Date.parse(drill.startedAt)) ? unread : undefined;
}

/** The environment that is meant, its store, and what stands there; what cannot be read is warned of. */
export async function openFindings(env: string | undefined, context: Context) {
  const [{ readInventory }, { environmentOf }] = await Promise.all([
    import("../../store/sets/inventory.ts"),
    import("../../config/config.ts"),
  ]);
  const { config, reporter } = context;
  const { name: environment } = environmentOf(config, env ?? config.drill.from);
  const store = await context.openStore();
  const now = new Date();
  const inventory = await readInventory(store, environment, now);
  const known = await readKnownFindings(store, inventory, context, { now });
  for (const { error } of [...inventory.unreadable, ...known.unreadable]) reporter.warn(error.message);
  for (const { error } of known.unreadableDrills) reporter.warn(`A drill is left out: ${error.message}`);
  return { environment, store, now, inventory, known, isDefault: environment === config.drill.from };
}
