/**
 * Which older sets are restored tonight besides the newest, so that each set that is kept was restored once within the
 * rota. A set that nobody restores for a year is a hope, whatever its hash says. Pure.
 */

import type { Verdict } from "../../checks/result.ts";
import { formatCount } from "../../base/numbers.ts";

const DAY_MS = 86_400_000;

/** A set as the rota sees it. */
export interface RotaSet {
  name: string;
  /** The moment that it was taken at: until it is proved for the first time its rota runs from there. */
  takenAt: Date;
  /** The keys of all its objects: sets with the same ones are one to a restore. */
  objects: readonly string[];
  /** Why it is no good one; empty: good. */
  flaws: readonly string[];
}

/** A drill that restored a set; what read its bytes alone does not count. */
export interface RotaProof {
  set: string;
  at: Date;
  verdict: Exclude<Verdict, "not_run">;
}

export interface RotaInput {
  sets: readonly RotaSet[];
  /** By whichever drill, also of sets that are gone: they tell how often one runs. */
  proofs: readonly RotaProof[];
  now: Date;
  /** 0: none is restored but the newest. */
  rotaMs: number;
}

export interface RotaPlan {
  /** In the order in which they are restored: the one whose proof is oldest first. */
  chosen: { set: string; why: string }[];
  /** Sets that are not restored though their turn would come. */
  skipped: { set: string; why: string }[];
}

/** What is known of one set's turn. */
export interface RotaTurn {
  /** The newest drill of it, or of a set with the same objects, that was a pass. */
  provedAt?: Date;
  dueAt: Date;
}

/** When each set was proved last and is due again, by its name. Flawed ones have no turn. */
export function turnsOf({ sets, proofs, rotaMs }: Omit<RotaInput, "now">): Map<string, RotaTurn> {
  const groups = groupsOf(sets.filter(isGood), proofs);
  return new Map(
    groups.flatMap(({ members, provedAt, from }) =>
      members.map(({ name }) => [name, { provedAt, dueAt: new Date(from + rotaMs) }] as const)
    ),
  );
}

/** How the rota stands: how many sets have a turn, how many of them are late, and when the next one is due. */
export function standOf(
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
 * As many as it takes: for each moment by which sets are due, those sets over the drills until then, rounded up. Sets whose
 * turn is past (the drills had stopped, or nobody had a rota) come first, but not all in one night: they are spread over
 * a rota of their own; and one more of them, another each night, so that one that can never be had (its dump needs a newer
 * PostgreSQL) does not stand in the way of the others for ever. One that was proved since the last drill but one is left in peace.
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
 * How far drills lie apart, in ms: the longest of what is usual between the last ones, so that no drill is counted on that
 * may not come. Never less than a day: who drills by hand in between may stop.
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
