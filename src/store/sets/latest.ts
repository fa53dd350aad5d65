/** Which set is `latest`, and which one a person means by a name: an emptied, damaged or incomplete ERP is never latest. Pure. */

import { DrillError } from "../../base/errors.ts";
import { formatAge, formatCount } from "../../base/numbers.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { momentOf } from "../../base/time.ts";
import { parseKey } from "../keys.ts";
import { type Inventory, missingIn, problemsOf } from "./inventory.ts";
import { type AnySet, kindOf, missingHalves, suspectOf } from "./sets.ts";

/** In this order: the state before a restore, which a person had reason to overwrite, comes last of all. */
const PREFERRED_KINDS = ["scheduled", "legacy", "before-restore"];

/**
 * The newest good set among `sets` (newest first): never a suspect one, nor one that lacks a half. A set of the shell
 * script, whose state was not checked when it was dumped, only where there is no other.
 */
export function latestOf<T extends AnySet>(sets: readonly T[]): T | undefined {
  const good = sets.filter((set) => suspectOf(set).length === 0 && missingHalves(set).length === 0);
  return PREFERRED_KINDS.map((kind) => good.find((set) => kindOf(set) === kind))
    .find((set) => set !== undefined);
}

/** The newest set without a problem; where there is none, the newest that is at least not suspect, so that its problem is shown. */
export const latestIn = (inventory: Inventory): AnySet | undefined =>
  latestOf(inventory.sets.filter((set) => problemsOf(set, inventory).length === 0)) ??
    latestOf(inventory.sets);

/** A set that was not chosen, though it is newer. */
export interface SkippedSet {
  name: string;
  /** Why: at least one. */
  problems: string[];
}

/** The sets that are newer than `set` and have a problem, or cannot be read: why it, and not the newest, was chosen. */
export function skippedSets(inventory: Inventory, set: AnySet): SkippedSet[] {
  const listed = inventory.sets.map((one) => ({ name: one.name, problems: problemsOf(one, inventory) }));
  const unreadable = inventory.unreadable.flatMap(({ key, error }) => {
    const { folder, name = "" } = parseKey(inventory.environment, key) ?? {};
    return folder === "manifests" ? [{ name, problems: [error.message] }] : [];
  });
  return [...listed, ...unreadable].filter(({ name, problems }) => name > set.name && problems.length > 0);
}

/** What whoever takes `latest` must know first: it is not the newest set, or is not a good one. */
export interface LatestNotNewest {
  /** The newest set there is, and why it was not chosen; undefined where `latest` is the newest, and has a problem. */
  newest?: { name: string; why: string };
  /** By how much it is newer, in ms: what was entered in that time is not in the set that was chosen. 0: it is the newest. */
  olderMs: number;
  /** The whole of it, as one sentence without its full stop. */
  sentence: string;
}

/** Undefined: `set`, which is `latest`, is the newest set and a good one. Pure. */
export function latestNotNewest(inventory: Inventory, set: AnySet): LatestNotNewest | undefined {
  const { environment } = inventory;
  const newer = newerSets(inventory, set);
  const own = problemsOf(set, inventory);
  const latest = `latest is ${environment}/${set.name}`;
  const itself = own.length > 0 ? `, and is no good set itself: ${own.join("; ")}` : "";
  const [newest, ...others] = newer;
  if (!newest) {
    return own.length === 0 ? undefined : { olderMs: 0, sentence: `${latest}${itself}` };
  }
  const olderMs = (momentOf(newest.name)?.getTime() ?? 0) - (momentOf(set.name)?.getTime() ?? 0);
  const more = others.length > 0
    ? `; ${formatCount(others.length, "more newer set")} passed over as well`
    : "";
  return {
    newest,
    olderMs,
    sentence: `${latest}${itself}: ${
      formatAge(olderMs)
    } older than the newest set, ${environment}/${newest.name}, ${newest.why}${more}`,
  };
}

/** Every set that is newer than `set`, newest first, and why it is not `latest`, as the end of a sentence. */
function newerSets(inventory: Inventory, set: AnySet): { name: string; why: string }[] {
  const skipped = skippedSets(inventory, set).map(({ name, problems }) => {
    const known = inventory.sets.find((one) => one.name === name);
    const word = known && suspectOf(known).length > 0 ? "suspect" : "bad";
    return { name, why: `which is ${word}: ${problems.join("; ")}` };
  });
  const others = inventory.sets.filter((one) =>
    one.name > set.name && !skipped.some(({ name }) => name === one.name)
  ).map((one) => ({
    name: one.name,
    why: kindOf(one) === "legacy"
      ? "which is of the old backup script: nothing looked at its state when it was taken"
      : "which is the state before a restore",
  }));
  const lost = inventory.lost.filter((name) => name > set.name)
    .map((name) => ({ name, why: "which has lost its manifest: only its objects are left" }));
  const gone = missingIn(inventory).filter((name) => name > set.name && !inventory.lost.includes(name))
    .map((name) => ({ name, why: "which is gone, and no prune dropped it" }));
  return [...skipped, ...others, ...lost, ...gone].sort((a, b) => a.name < b.name ? 1 : -1);
}

/**
 * The set that a person named: `latest`, `20260630T155313Z` or `prod/20260630T155313Z`.
 * @param url the store's, for messages.
 * @throws DrillError `NO_SET` when there is no good one, `SETS_VANISHED` where there were others that are gone, `STORE_FORMAT`, `STORE_NEWER` where that may be because of a
 *   record that cannot be read, `SET_UNKNOWN` when there is none of that name.
 */
export function chooseSet(inventory: Inventory, wanted: string, url: string): AnySet {
  const { environment, sets, unreadable } = inventory;
  const name = nameIn(environment, wanted);
  const found = name === "latest" ? latestIn(inventory) : sets.find((set) => set.name === name);
  if (found) return found;
  if (name !== "latest") {
    const newest = sets.slice(0, 3).map((set) => set.name).join(", ") || "none";
    throw new DrillError(
      "SET_UNKNOWN",
      `Cannot find the set ${wanted} of ${environment} in ${url}`,
      `The newest there: ${newest}. See all: ${PROGRAM} list --env ${environment}`,
    );
  }
  const backup = `${PROGRAM} backup --env ${environment}`;
  const [first] = unreadable;
  if (first) {
    throw new DrillError(
      first.error.code,
      `Cannot find a good set of ${environment} in ${url}: ${first.error.message}`,
      `See all: ${PROGRAM} list --env ${environment}. Take a new one: ${backup}`,
      { details: unreadable.map(({ error }) => error.message) },
    );
  }
  const gone = missingIn(inventory);
  if (gone.length > 0) {
    throw new DrillError(
      "SETS_VANISHED",
      `Cannot find a good set of ${environment} in ${url}: ${
        formatCount(gone.length, "set")
      } of those that there were ${gone.length === 1 ? "is" : "are"} gone, and no prune dropped them`,
      `Put them back from a copy of the store. See all: ${PROGRAM} list --env ${environment}. Take a new one: ${backup}`,
      { details: gone },
    );
  }
  throw new DrillError(
    "NO_SET",
    `Cannot find a good set of ${environment} in ${url}: ${
      sets.length === 0 ? "there is none" : `all ${sets.length} are suspect or lack a half`
    }`,
    `Take one: ${backup}`,
  );
}

/** Whether a person left it to us which set is meant. */
export const isLatest = (environment: string, wanted: string): boolean =>
  nameIn(environment, wanted) === "latest";

const nameIn = (environment: string, wanted: string): string =>
  wanted.startsWith(`${environment}/`) ? wanted.slice(environment.length + 1) : wanted;
