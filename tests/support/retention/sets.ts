/** Sets for the plan of a retention, and the plan of them. */

import { timestampOf } from "../../../src/base/time.ts";
import { planRetention, type RetentionPlan } from "../../../src/retention/plan.ts";
import { POLICY } from "./simulation.ts";
import type { RetentionSet } from "../../../src/retention/sets.ts";

const DAY = 86_400_000;
export const at = (text: string) => new Date(text);

export function set(moment: Date | string, more: Partial<RetentionSet> = {}): RetentionSet {
  const seen = typeof moment === "string" ? at(moment) : moment;
  const name = timestampOf(seen);
  const objects = [`prod/db/${name}.dump`, `prod/docs/${name}.tar.gz`];
  return { name, seen, problems: [], kind: "scheduled", verified: false, objects, ...more };
}

/** `count` daily sets, the last one at `newest`. */
export const daily = (newest: string, count: number): RetentionSet[] =>
  Array.from({ length: count }, (_, days) => set(new Date(at(newest).getTime() - days * DAY)));

export const plan = (
  sets: readonly RetentionSet[],
  now: string,
  own: object = POLICY,
): RetentionPlan => planRetention({ sets, policy: { ...POLICY, ...own }, now: at(now) });

export const days = (plan: RetentionPlan) => plan.keep.map(({ set }) => set.slice(0, 8));
export const reasonsOf = (plan: RetentionPlan, name: string) =>
  plan.keep.find(({ set }) => set === name)?.reasons;
export const shuffled = <T>(items: readonly T[]): T[] =>
  items.map((item, at) => ({ item, by: (at * 7919 + 13) % 1009 })).sort((a, b) => a.by - b.by).map((one) =>
    one.item
  );
