/** The sets of a store with all that is known of each: what `list`, `prune` and `status` print. */

import { type RotaTurn, turnsOf } from "../../drill/rota/plan.ts";
import { rotaInputOf } from "../../drill/rota/sets.ts";
import { planRetention } from "../../retention/plan.ts";
import { retentionSetsOf } from "../../retention/sets.ts";
import type { Finding } from "../../checks/result.ts";
import type { AcceptedSet } from "../../store/records/accepted_sets.ts";
import { besideUnreadable, vanishedInWords } from "../../store/records/rosters.ts";
import type { Proof } from "../../store/records/proofs.ts";
import { latestIn } from "../../store/sets/latest.ts";
import { type Inventory, problemsOf, vanishedIn } from "../../store/sets/inventory.ts";
import { type AnySet, isLegacy, kindOf, seenAt, suspectOf, takenAt } from "../../store/sets/sets.ts";

/** A set with all that is known of it. */
export interface ListedSet {
  set: AnySet;
  latest: boolean;
  /** Why it is no good one. */
  flaws: string[];
  /** Why it is kept; empty: the next prune drops it. */
  kept: string[];
  verified: { at: Date; verb: string; verdict: "pass" | "fail" } | undefined;
  held: { until: string; reason: string } | undefined;
  /** When a drill restored it last, or one with the same objects, and when it must again; undefined: it has no turn. */
  turn: RotaTurn | undefined;
  db: ListedHalf;
  docs: ListedHalf;
  tables?: number;
  rows?: number;
  files?: number;
  /** What was wrong with the ERP in it, by the newest drill or the backup; undefined: nothing ever looked. */
  findings?: { open: number; accepted: number };
}

/** One half: its size, and whether it changed since the set before. */
export interface ListedHalf {
  bytes: number;
  /** It names the objects of an earlier set: `as before` when it had not changed, `not looked at` when that was not checked. */
  state: "new" | "as before" | "not looked at" | "none";
}

/** What is wrong in the store besides the flaws of its sets, as sentences. Pure. */
export function inventoryWarnings(inventory: Inventory): string[] {
  const { missing, exchanged, registers } = besideUnreadable(vanishedIn(inventory));
  return [
    ...inventory.unreadable.map(({ error }) => error.message),
    ...inventory.lost.map((set) => `${set} has lost its manifest: only its objects are left`),
    ...vanishedInWords({
      missing: missing.filter((set) => !inventory.lost.includes(set)),
      ...(registers ? { registers } : {}),
      exchanged,
    }),
    ...inventory.oldJob.map((sign) => `The old backup script still runs: ${sign}`),
    ...inventory.runs.map((run) => `A backup that began at ${run} is still running, or was interrupted`),
  ];
}

/**
 * Every set of the inventory, newest first. Pure.
 * @param findings what is wrong with the ERP now: the sets that still have what is lost are kept.
 * @param found what was found in each set, by its name: see `findingsOfSets`.
 */
export function describeSets(
  inventory: Inventory,
  findings: readonly Finding[],
  policy: Parameters<typeof planRetention>[0]["policy"],
  now: Date,
  { rotaMs = 0, found }: { rotaMs?: number; found?: ReadonlyMap<string, readonly Finding[]> } = {},
): ListedSet[] {
  const plan = planRetention({ sets: retentionSetsOf(inventory, findings, found), policy, now });
  const reasons = new Map(plan.keep.map(({ set, reasons }) => [set, reasons]));
  const latest = latestIn(inventory);
  const turns = rotaMs > 0 ? turnsOf({ ...rotaInputOf(inventory), rotaMs }) : undefined;
  return inventory.sets.map((set) => {
    const verified = strongestProof(inventory.proofs.get(set.name) ?? []);
    const hold = inventory.holds.get(set.name);
    return {
      set,
      latest: set === latest,
      flaws: problemsOf(set, inventory),
      kept: reasons.get(set.name) ?? [],
      verified,
      held: hold && { until: hold.until, reason: hold.reason },
      turn: turns?.get(set.name),
      ...halvesOf(set),
      ...countsOf(found?.get(set.name)),
    };
  });
}

function countsOf(findings: readonly Finding[] | undefined): Pick<ListedSet, "findings"> {
  if (!findings) return {};
  const accepted = findings.filter((one) => one.accepted).length;
  return { findings: { open: findings.length - accepted, accepted } };
}

/** The newest proof; where that is a `verify` that passed, what a drill said before it, which showed more. */
function strongestProof(proofs: readonly Proof[]): Proof | undefined {
  const [newest] = proofs;
  if (newest?.verb !== "verify" || newest.verdict === "fail") return newest;
  return proofs.find(({ verb }) => verb === "drill") ?? newest;
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

const acceptanceInJson = ({ reason, by, at }: AcceptedSet) => ({ reason, by, at });

/** One `set` event (docs/events.md). */
export function setEvent(one: ListedSet): object {
  const { set, latest, flaws, kept, verified, held, turn, db, docs, tables, rows, files, findings } = one;
  return {
    event: "set",
    set: set.name,
    environment: set.environment,
    kind: kindOf(set),
    suspect: suspectOf(set),
    accepted: isLegacy(set) ? undefined : set.accepted && acceptanceInJson(set.accepted),
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
    findings,
  };
}
