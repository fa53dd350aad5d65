/** Which check has its negative control tonight. Pure. */

import { createHash } from "node:crypto";
import type { StoredDrill } from "../store/records/drill_schema.ts";

/** When the control of a check was tried, and what came of it. */
export interface Tried {
  /** The check's id. */
  check: string;
  by: string;
  at: Date;
  verdict: "seen" | "missed" | "not_run";
}

/**
 * The check whose turn it is: one whose last control was missed; else one whose control was never tried; else the one that
 * was tried longest ago. Among equals `seed` decides. Undefined where `checks` is empty.
 *
 * @param history the newest of each check; see `triedOf`
 */
export function chooseControl<One extends { id: string }>(
  checks: readonly One[],
  history: readonly Tried[],
  seed: string,
): One | undefined {
  const tried = new Map(history.map((one) => [one.check, one]));
  const [first] = checks.map((check) => ({
    check,
    rank: rankOf(tried.get(check.id)),
    lot: lot(seed, check.id),
  }))
    .sort((a, b) => a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.lot < b.lot ? -1 : 1);
  return first?.check;
}

/** The newest try of each check, the one longest ago first. */
export function triedOf(drills: readonly Pick<StoredDrill, "endedAt" | "control">[]): Tried[] {
  const newest = new Map<string, Tried>();
  for (const { endedAt, control } of drills) {
    if (!control) continue;
    const { check, by, verdict } = control;
    const at = new Date(endedAt);
    const known = newest.get(check);
    if (!known || known.at < at) newest.set(check, { check, by, at, verdict });
  }
  return [...newest.values()].sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The lower, the sooner. */
function rankOf(tried: Tried | undefined): number {
  if (!tried) return -1;
  return tried.verdict === "missed" ? -2 : tried.at.getTime();
}

const lot = (seed: string, id: string): string => createHash("sha256").update(`${seed} ${id}`).digest("hex");
