/** Simulates years of nightly backups that are pruned each day, and checks what the plans of retention leave. */

import { planRetention, type RetentionPlan } from "../../../src/retention/plan.ts";
import { momentOf, timestampOf } from "../../../src/base/time.ts";
import type { RetentionSet } from "../../../src/retention/sets.ts";

const DAY_MS = 86_400_000;

export const POLICY = {
  daily: { amount: 30, unit: "d" },
  monthly: { amount: 12, unit: "mo" },
  yearly: { amount: 10, unit: "y" },
} as const;

/** What happens in these years; rates are percentages of nights. */
export interface Story {
  seed: number;
  nights: number;
  gaps: number;
  suspects: number;
  restores: number;
  proofs: number;
  holds: number;
  reuse: number;
  /** Sets that are found damaged later. */
  damages: number;
  /** Each from that night on, for so many nights: the clock is off by so many days, or everything taken is suspect, or nothing is taken. */
  spells: readonly { night: number; nights: number; kind: "clock" | "suspect" | "none"; days: number }[];
}

/** The sets that there were of a month or a year. */
interface Had {
  any: boolean;
  good: boolean;
  /** One of them was found damaged after another one was dropped for it. */
  damaged: boolean;
}

/** Loses sets as a wrong prune would, for the test that each promise can be broken. */
export type Loss = (sets: RetentionSet[], objects: Set<string>, now: Date) => RetentionSet[];

/**
 * Simulates the nights of `story`, and checks the promises after each.
 * @returns the promises that were broken on the first night with a broken one, as sentences.
 */
export function simulateNights(story: Story, loss: Loss = (sets) => sets): string[] {
  const chance = chances(story.seed);
  const broken: string[] = [];
  const made: RetentionSet[] = [];
  let sets: RetentionSet[] = [];
  const objects = new Set<string>();
  const months = new Map<number, Had>();
  const years = new Map<number, Had>();
  let furthest = -Infinity;
  let latest = -Infinity;

  const take = (moment: Date, kind: RetentionSet["kind"], flawed: boolean) => {
    const name = timestampOf(moment);
    const newest = made.at(-1);
    if (newest && name <= newest.name) return; // CLOCK_BEHIND: no backup is taken
    const own = [`prod/db/${name}.dump`, `prod/docs/${name}.tar.gz`];
    const problems = flawed ? ["no users"] : [];
    const reused = newest && sets.includes(newest) ? newest.objects : own;
    const set = {
      name,
      seen: moment,
      problems,
      kind,
      verified: false,
      objects: own.map((key, half) => chance(story.reuse) ? reused[half]! : key),
    };
    made.push(set);
    sets.push(set);
    for (const key of set.objects) objects.add(key);
    const { month, year } = calendarOfName(name);
    for (const [map, key] of [[months, month], [years, year]] as const) {
      const had = map.get(key) ?? { any: false, good: false, damaged: false };
      map.set(key, { ...had, any: true, good: had.good || !flawed });
    }
  };

  for (let night = 0; night < story.nights; night++) {
    const spells = story.spells.filter((one) => one.night <= night && night < one.night + one.nights);
    const days = spells.find(({ kind }) => kind === "clock")?.days ?? 0;
    const now = new Date(Date.UTC(2014, 0, 1, 2, chance.below(50)) + (night + days) * DAY_MS);
    if (!spells.some(({ kind }) => kind === "none") && !chance(story.gaps)) {
      take(now, "scheduled", spells.some(({ kind }) => kind === "suspect") || chance(story.suspects));
    }
    if (chance(story.restores)) {
      take(new Date(now.getTime() + 60_000), "before-restore", chance(story.suspects));
    }
    const newest = sets.at(-1);
    if (newest && newest.problems.length === 0 && chance(story.proofs)) newest.verified = true;
    const any = sets[chance.below(sets.length)];
    if (any && chance(story.holds)) {
      any.hold = { until: new Date(now.getTime() + chance.below(900) * DAY_MS), reason: "audit" };
    }
    if (any && chance(story.damages)) {
      any.problems = ["found damaged"];
      for (const [map, key] of [[months, "month"], [years, "year"]] as const) {
        map.get(calendarOfName(any.name)[key])!.damaged = true;
      }
    }

    const later = new Date(now.getTime() + 3_600_000);
    latest = Math.max(latest, later.getTime());
    const plan = planRetention({ sets: chance.shuffled(sets), policy: POLICY, now: later });
    const say = (what: string) => broken.push(`${timestampOf(later)} (night ${night}): ${what}`);
    if (night % 97 === 0 && !same(plan, planRetention({ sets, policy: POLICY, now: later }))) {
      say("another order of the same sets gives another plan");
    }
    if (plan.refusals.length === 0) {
      sets = loss(apply(plan, sets, objects, say), objects, later);
      furthest = Math.max(furthest, plan.countedFrom.getTime());
    }
    if (Number.isFinite(furthest)) {
      checkPromises({ made, sets, months, years, from: new Date(furthest), latest, say });
    }
    for (const set of sets) {
      for (const key of set.objects) if (!objects.has(key)) say(`${set.name} is kept and its ${key} is gone`);
    }
    if (broken.length > 0) return broken;
  }
  return broken;
}

/** Carries out a plan as prune does. */
function apply(
  { drop }: RetentionPlan,
  sets: RetentionSet[],
  objects: Set<string>,
  say: (what: string) => void,
): RetentionSet[] {
  if (drop.length === 0) return sets;
  for (const { objects: keys, reasons } of drop) {
    for (const key of keys) objects.delete(key);
    if (reasons.length === 0) say("a set is dropped without a reason");
  }
  const gone = new Set(drop.map(({ set }) => set));
  return sets.filter(({ name }) => !gone.has(name));
}

interface NightState {
  made: readonly RetentionSet[];
  sets: readonly RetentionSet[];
  months: ReadonlyMap<number, Had>;
  years: ReadonlyMap<number, Had>;
  from: Date;
  /** The latest time so far, in ms: a hold that has expired does not apply again when the clock goes back. */
  latest: number;
  say: (what: string) => void;
}

/** Checks each promise by code of its own, not by that of the plan. */
function checkPromises({ made, sets, months, years, from, latest, say }: NightState): void {
  const there = new Set(sets);
  const today = calendarOf(from);
  for (let at = made.length - 1; at >= 0; at--) {
    const set = made[at]!;
    if (today.day - calendarOfName(set.name).day > 30) break;
    if (!there.has(set)) say(`${set.name}, of the last 30 days, is gone`);
  }
  const left = { month: new Map<number, boolean>(), year: new Map<number, boolean>() };
  for (const set of sets) {
    const moment = calendarOfName(set.name);
    for (const unit of ["month", "year"] as const) {
      left[unit].set(moment[unit], left[unit].get(moment[unit]) || set.problems.length === 0);
    }
  }
  for (const [unit, had, reach] of [["month", months, 12], ["year", years, 10]] as const) {
    for (let back = 0; back <= reach; back++) {
      const period = today[unit] - back;
      const was = had.get(period);
      if (!was?.any) continue;
      const good = left[unit].get(period);
      if (good === undefined) say(`of the ${unit} ${back} back nothing is left`);
      else if (was.good && !good && !was.damaged) say(`of the ${unit} ${back} back no good set is left`);
    }
  }
  const newest = made.findLast(({ problems }) => problems.length === 0);
  if (newest && !there.has(newest)) say(`${newest.name}, the newest good set, is gone`);
  const verified = made.findLast((set) => set.verified);
  if (verified && !there.has(verified)) say(`${verified.name}, the newest verified set, is gone`);
  for (const set of made) {
    if (set.hold && set.hold.until.getTime() >= latest && !there.has(set)) {
      say(`${set.name} is held and gone`);
    }
  }
}

const same = (one: RetentionPlan, other: RetentionPlan): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** Random numbers that are the same for the same seed (mulberry32). */
function chances(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return Object.assign((percent: number) => next() * 100 < percent, {
    below,
    shuffled<T>(items: readonly T[]): T[] {
      const mixed = [...items];
      for (let at = mixed.length - 1; at > 0; at--) {
        const other = below(at + 1);
        [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
      }
      return mixed;
    },
  });
}

/** Whole UTC days, months and years, counted by code of its own. */
function calendarOf(moment: Date): { day: number; month: number; year: number } {
  const [year, month, day] = [moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()];
  return { day: Math.round(Date.UTC(year, month, day) / DAY_MS), month: year * 12 + month, year };
}

const known = new Map<string, ReturnType<typeof calendarOf>>();

function calendarOfName(name: string): ReturnType<typeof calendarOf> {
  const found = known.get(name) ?? calendarOf(momentOf(name)!);
  known.set(name, found);
  return found;
}
