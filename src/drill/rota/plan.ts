/**
 * Which older sets are restored tonight besides the newest, so that each set is restored once within the rota: a hash
 * alone does not prove that a set can be brought back. Pure.
 */

import type { Verdict } from "../../checks/result.ts";
import { formatCount } from "../../base/numbers.ts";

const DAY_MS = 86_400_000;

/** A set, as far as the rota needs it. */
export interface RotaSet {
  name: string;
  /** When it was taken: until its first proof its rota runs from there. */
  takenAt: Date;
  /** The keys of all its objects: sets with the same objects are restored as one. */
  objects: readonly string[];
  /** Why it is not good; empty: it is good. */
  flaws: readonly string[];
}

/** A drill that restored a set. */
export interface RotaProof {
  set: string;
  at: Date;
  verdict: Exclude<Verdict, "not_run">;
}

export interface RotaInput {
  sets: readonly RotaSet[];
  /** Of all drills, also of deleted sets: they show how often a drill runs. */
  proofs: readonly RotaProof[];
  now: Date;
  /** In ms; 0: only the newest set is restored. */
  rotaMs: number;
}

interface RotaPlan {
  /** In the order in which they are restored: the one whose proof is oldest first. */
  chosen: { set: string; why: string }[];
  /** Sets that are not good, and so have no turn. */
  skipped: { set: string; why: string }[];
}

/** When a set has its turn. */
export interface RotaTurn {
  /** The newest drill that passed, of this set or of one with the same objects. */
  provedAt?: Date;
  dueAt: Date;
}

/** When each good set was proved last and is due again, by its name. */
export function turnsOf({ sets, proofs, rotaMs }: Omit<RotaInput, "now">): Map<string, RotaTurn> {
  const groups = groupsOf(sets.filter(isGood), proofs);
  return new Map(
    groups.flatMap(({ members, provedAt, from }) =>
      members.map(({ name }) => [name, { provedAt, dueAt: new Date(from + rotaMs) }] as const)
    ),
  );
}

/** The state of the rota: how many sets have a turn, how many of them are late, and when the next one is due. */
export function rotaState(
  turns: ReadonlyMap<string, RotaTurn>,
  now: Date,
): { sets: number; late: number; nextDue?: Date } {
  const dues = [...turns.values()].map(({ dueAt }) => dueAt.getTime()).sort((a, b) => a - b);
  const nextDue = dues.find((due) => due >= now.getTime());
  return {
    sets: dues.length,
    late: dues.filter((due) => due < now.getTime()).length,
    ...(nextDue === undefined ? {} : { nextDue: new Date(nextDue) }),
  };
}

/**
 * Chooses among all sets but `newest`, which is restored anyway, and those with the same objects.
 *
 * For each due date, the sets due until then are divided by the drills until then, rounded up; the largest of these numbers
 * is tonight's. Late sets (the drills had stopped, or there was no rota) come first, but are spread over a rota of their own.
 * One more late set is added, another one each night, so that a set that can never be restored (its dump needs a newer
 * PostgreSQL) does not keep the others from their turn. A set that was proved since the last drill but one has no turn.
 */
export function planRota(input: RotaInput, newest: string): RotaPlan {
  const { sets, proofs, rotaMs } = input;
  if (rotaMs <= 0) return { chosen: [], skipped: [] };
  const now = input.now.getTime();
  const every = intervalOf(proofs, rotaMs);
  const others = groupsOf(sets.filter(isGood), proofs).filter(({ members }) =>
    !members.some(({ name }) => name === newest)
  );
  const turns = others.filter(({ provedAt }) => !provedAt || now - provedAt.getTime() > every / 2)
    .sort((a, b) => a.from - b.from || (a.members[0]!.name < b.members[0]!.name ? -1 : 1));
  const nightsUntil = (moment: number) => Math.max(1, Math.floor((moment - now) / every + 0.5));
  const late = turns.filter(({ from }) => from + rotaMs < now);
  const early = turns.slice(late.length);
  const lateTonight = Math.min(late.length, Math.ceil(others.length / nightsUntil(now + rotaMs)));
  const earlyTonight = Math.max(
    0,
    ...early.map(({ from }, at) => Math.ceil((at + 1) / nightsUntil(from + rotaMs))),
  );
  const rest = late.slice(lateTonight);
  const another = rest.length > 0 ? [rest[Math.floor(now / DAY_MS) % rest.length]!] : [];
  const tonight = [...late.slice(0, lateTonight), ...another, ...early.slice(0, earlyTonight)];
  return {
    chosen: tonight.map((group) => ({ set: group.members[0]!.name, why: whyOf(group, now, rotaMs) })),
    skipped: sets.filter((set) => !isGood(set) && set.name !== newest)
      .map(({ name, flaws }) => ({ set: name, why: flaws.join("; ") })),
  };
}

/** Sets with the same objects, the newest first. */
interface Group {
  members: RotaSet[];
  provedAt?: Date;
  /** From when its rota runs, in ms. */
  from: number;
}

function groupsOf(sets: readonly RotaSet[], proofs: readonly RotaProof[]): Group[] {
  const proved = new Map<string, number>();
  for (const { set, at, verdict } of proofs) {
    if (verdict === "pass") proved.set(set, Math.max(proved.get(set) ?? 0, at.getTime()));
  }
  const groups = Map.groupBy(sets, ({ objects }) => [...objects].sort().join("\n"));
  return [...groups.values()].map((all) => {
    const members = all.toSorted((a, b) => a.name < b.name ? 1 : -1);
    const last = Math.max(...members.map(({ name }) => proved.get(name) ?? -Infinity));
    const first = Math.min(...members.map(({ takenAt }) => takenAt.getTime()));
    return Number.isFinite(last)
      ? { members, provedAt: new Date(last), from: last }
      : { members, from: first };
  });
}

/**
 * The usual time between two drills, in ms: the median of the last ones, so that no drill is expected that may not come.
 * Never less than a day, because drills by hand in between may stop.
 */
function intervalOf(proofs: readonly RotaProof[], rotaMs: number): number {
  const days = [...new Set(proofs.map(({ at }) => Math.floor(at.getTime() / DAY_MS)))].sort((a, b) => b - a);
  const gaps = days.slice(0, 8).flatMap((day, at, all) => at === 0 ? [] : [all[at - 1]! - day])
    .sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)] ?? 1;
  return Math.min(Math.max(usual * DAY_MS, DAY_MS), Math.max(rotaMs, DAY_MS));
}

function whyOf({ members, provedAt, from }: Group, now: number, rotaMs: number): string {
  const days = (ms: number) => {
    const count = Math.floor(ms / DAY_MS);
    return count === 1 ? "1 day" : `${count} days`;
  };
  const alike = members.length > 1 ? `; ${formatCount(members.length, "set")} have the same objects` : "";
  const last = provedAt ? `last restored ${days(now - provedAt.getTime())} ago` : "never restored";
  const late = now - from - rotaMs;
  return `${last}${late > 0 ? `, ${days(late)} late` : ""}${alike}`;
}

const isGood = ({ flaws }: RotaSet): boolean => flaws.length === 0;
