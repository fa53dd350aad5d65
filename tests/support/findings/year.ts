/**
 * Nights of an ERP that is wounded and mended, whose findings are accepted and run out, whose backups are suspect or get
 * damaged: backed up, drilled and pruned by the real decisions, and checked each night against what is true.
 */

import { bytesOf } from "../../../src/base/streams.ts";
import { momentOf } from "../../../src/base/time.ts";
import { readAlready } from "../../../src/checks/findings/earlier_drills.ts";
import { readHistories } from "../../../src/checks/findings/earlier_sets.ts";
import { isOpen, judgeFindings } from "../../../src/checks/findings/judge.ts";
import { readStanding, standingIn } from "../../../src/checks/findings/standing.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { planPrune } from "../../../src/retention/prune_plan.ts";
import { planReports } from "../../../src/retention/reports.ts";
import { reportsOf } from "../../../src/retention/set_records.ts";
import { putAcceptance, readAcceptances } from "../../../src/store/records/acceptances.ts";
import type { StoredDrill } from "../../../src/store/records/drill_schema.ts";
import type { Proof } from "../../../src/store/records/proofs.ts";
import type { Inventory } from "../../../src/store/sets/inventory.ts";
import { latestIn } from "../../../src/store/sets/latest.ts";
import { type BackupSet, objectsOfSet } from "../../../src/store/sets/sets.ts";
import { type MemoryStore, memoryStore } from "../store/memory_store.ts";
import { rethrow } from "../store/sets.ts";
import { booksCheck, drillOf, fileOf, makeNight, nightOf } from "./nights.ts";

/** What happens on a night, each to one of a few things. */
export interface Night {
  /** A document is lost; another gets other bytes; one is put back. */
  lost?: number;
  broken?: boolean;
  mended?: number;
  /** A payment that is off from now on, or is not any more. */
  payment?: number;
  /** The state that is backed up looks lost. */
  suspect?: boolean;
  /** An object of the set so many nights ago gets damaged. */
  damaged?: number;
  /** An open finding is accepted for so many days; an acceptance is taken back. */
  accepted?: { which: number; days: number };
  withdrawn?: number;
  /** No drill; or one in which the payments are not checked. */
  drill?: "none" | "in part";
}

export const POLICY = {
  daily: { amount: 10, unit: "d" },
  monthly: { amount: 4, unit: "mo" },
  yearly: { amount: 2, unit: "y" },
} as const;

/** Those that get lost, and those that get broken: an index shows of these that other bytes lie there, and not which are right. */
const LOST = ["FA1", "FA2"] as const;
const DOCUMENTS = [...LOST, "FA3"] as const;
const pathOf = (ref: string) => `facture/${ref}.pdf`;
const WHOLE = "%PDF whole";
const BROKEN = "%PDF broken";
const signal = new AbortController().signal;

/** What is true of the ERP on a night. */
interface Truth {
  documents: ReadonlyMap<string, string>;
  payments: ReadonlySet<string>;
}

/** What an ERP of that truth has wrong. */
function findingsOf({ documents, payments }: Truth): { invoices: Finding[]; payments: Finding[] } {
  const invoices = DOCUMENTS.flatMap((ref): Finding[] => {
    const content = documents.get(ref);
    if (content === WHOLE) return [];
    const path = pathOf(ref);
    const document = { path, ...(content === undefined ? {} : { sha256: fileOf(path, content).sha256 }) };
    const kind = content === undefined ? "missing" : "damaged";
    const id = `documents.invoices/${ref}/${kind}`;
    return [{ id, subject: ref, sentence: `${ref}: ${kind}`, with: "", facts: { ...document }, document }];
  });
  return {
    invoices,
    payments: [...payments].map((ref) => ({
      ...{ id: `data.payments/${ref}/parts`, subject: ref, sentence: `${ref}: is off`, with: "", facts: {} },
    })),
  };
}

const isRight = (finding: Finding, { documents, payments }: Truth): boolean =>
  finding.document ? documents.get(finding.subject) === WHOLE : !payments.has(finding.subject);

/** A store of sets and drills, pruned each night. */
class World {
  readonly store: MemoryStore = memoryStore();
  readonly truths = new Map<string, Truth>();
  readonly proofs = new Map<string, Proof[]>();
  readonly damaged = new Map<string, string>();
  sets: BackupSet[] = [];
  drills: StoredDrill[] = [];

  inventory(): Inventory {
    const objects = this.sets.flatMap((set) => objectsOfSet(set)).map(({ key, bytes }) =>
      [key, { key, bytes, modified: new Date(0) }] as const
    );
    return {
      ...{ environment: "prod", sets: this.sets, objects: new Map(objects), proofs: this.proofs },
      ...{ damaged: this.damaged, everDamaged: new Set(this.damaged.keys()), failed: new Map() },
      ...{ holds: new Map(), runs: [], lastPrune: undefined, oldJob: [], unreadable: [], lost: [] },
      ...{
        manifests: new Map(),
        roster: undefined,
        registers: new Set<string>(),
        vanished: { missing: [], exchanged: [] },
      },
    };
  }

  isGood = (set: BackupSet): boolean => set.manifest.suspect.length === 0 && this.isWhole(set);
  isWhole = (set: BackupSet): boolean => objectsOfSet(set).every(({ key }) => !this.damaged.has(key));

  async backUp(name: string, truth: Truth, suspect: boolean): Promise<void> {
    const files = [...truth.documents].map(([ref, content]) => [pathOf(ref), content] as const);
    const { set, index } = makeNight(name, Object.fromEntries(files));
    const [before] = this.sets;
    const { docs } = set.manifest;
    const unchanged = before?.manifest.docs;
    const isReused = unchanged?.index.sha256 === docs.index.sha256 &&
      [...unchanged.objects, unchanged.index].every(({ key }) => !this.damaged.has(key));
    if (isReused) set.manifest.docs = unchanged;
    else await this.store.put(docs.index.key, bytesOf(index));
    set.manifest.docs = {
      ...set.manifest.docs,
      fingerprint: { algorithm: "test", value: docs.index.sha256 },
    };
    if (suspect) set.manifest.suspect = ["no users"];
    this.truths.set(name, truth);
    this.sets = [set, ...this.sets];
  }

  async drill(set: BackupSet, now: Date, inPart: boolean): Promise<void> {
    const acceptances = await readAcceptances(this.store, "prod", rethrow);
    const found = findingsOf(this.truths.get(set.name)!);
    const all = [...found.invoices, ...(inPart ? [] : found.payments)];
    const drills = readAlready(this.drills);
    const from = { store: this.store, inventory: this.inventory(), drills, signal };
    const histories = await readHistories(all, set.name, from);
    const judged = (id: string, findings: Finding[]): StoredDrill["checks"][number] => {
      const known = findings.map((one) => ({ ...one, history: histories.get(one.id)! }));
      return {
        ...judgeFindings({ ...booksCheck(id, known), screenshots: [] }, acceptances, now),
        screenshots: [],
      };
    };
    const payments = inPart
      ? booksCheck("data.payments", [], { verdict: "not_run" })
      : judged("data.payments", found.payments);
    const checks = [judged("documents.invoices", found.invoices), payments];
    this.drills = [
      { ...drillOf(set.name, checks), endedAt: now.toISOString(), startedAt: now.toISOString() },
      ...this.drills,
    ];
    const proof = {
      key: `prod/verified/${set.name}`,
      set: set.name,
      at: now,
      verb: "drill",
      verdict: "pass",
    } as const;
    this.proofs.set(set.name, [proof, ...this.proofs.get(set.name) ?? []]);
  }

  /** Every finding that stands. */
  async standing(now: Date): Promise<Finding[]> {
    const from = { store: this.store, inventory: this.inventory(), drills: readAlready(this.drills), signal };
    return await readStanding(from, { drills: this.drills, now, onUnreadable: rethrow });
  }

  /** The set in which each was found last. */
  foundIn(now: Date): Map<string, string> {
    const known = { drills: this.drills, acceptances: new Map(), now };
    return new Map(standingIn(this.inventory(), known).map(({ finding, set }) => [finding.id, set]));
  }

  /** Whether an index or a drill shows that the finding's subject is right in that set. */
  showsRight(finding: Finding, name: string): boolean {
    const [check] = finding.id.split("/");
    const isKnown = finding.document !== undefined ||
      this.drills.some(({ set, checks }) =>
        set?.name === `prod/${name}` &&
        checks.some(({ id, verdict }) => id === check && verdict !== "not_run")
      );
    return isKnown && isRight(finding, this.truths.get(name)!);
  }

  /** The newest set before `since` that can give it back. */
  newestRight = (finding: Finding, since: string): string | undefined =>
    this.sets.find((set) => set.name < since && this.isWhole(set) && this.showsRight(finding, set.name))
      ?.name;

  plan(findings: readonly Finding[], now: Date) {
    return planPrune(this.inventory(), {
      ...{ policy: POLICY, now, acceptMissing: false, unreadableDrills: [], findings },
    });
  }

  /** Carries out what was planned, on the sets and on the records of drills. */
  drop(gone: ReadonlySet<string>, now: Date): void {
    this.sets = this.sets.filter(({ name }) => !gone.has(name));
    const listed = this.drills.map((found) => ({
      at: new Date(found.startedAt),
      json: found.startedAt,
      found,
    }));
    const names = new Set(this.sets.map(({ name }) => name));
    const records = planReports(reportsOf(listed, listed, this.inventory()), names, now).drop;
    const dropped = new Set(records.map(({ key }) => key));
    this.drills = this.drills.filter(({ startedAt }) => !dropped.has(startedAt));
  }
}

export interface Year {
  nights: readonly Night[];
  /** Whether the same year is lived without findings too, and no set of it may be lost with them. */
  twin?: boolean;
}

/** A mistake that the checks must find: it changes what the prune knows. */
export type Mistake = (findings: Finding[]) => Finding[];

/** Lives these nights. @returns the promises that were broken on the first night with a broken one, and how often what was seen. */
export async function liveYear({ nights, twin = false }: Year, mistake: Mistake = (findings) => findings) {
  const [world, bare] = [new World(), new World()];
  const documents = new Map<string, string>(DOCUMENTS.map((ref) => [ref, WHOLE]));
  const payments = new Set<string>();
  const seen = { open: 0, keptByFinding: 0, refused: 0, letGo: 0 };
  const broken: string[] = [];
  let keptBefore = new Set<string>();

  for (const [at, night] of nights.entries()) {
    const name = nightOf(1 + at, 1);
    const say = (what: string) => void broken.push(`night ${at}, ${name}: ${what}`);
    const hour = (hours: number) => new Date(momentOf(name)!.getTime() + hours * 3_600_000);
    change(night, documents, payments);
    const truth = { documents: new Map(documents), payments: new Set(payments) };
    for (const one of twin ? [world, bare] : [world]) await one.backUp(name, truth, night.suspect === true);
    damage(world, night.damaged);

    const latest = latestIn(world.inventory());
    const newest = world.sets.find(world.isGood);
    if (newest && latest?.name !== newest.name) say(`latest is ${latest?.name}, and not ${newest.name}`);
    if (newest && night.drill !== "none") await world.drill(newest, hour(4), night.drill === "in part");
    await decide(world, night, hour(4.5));

    const now = hour(5);
    const findings = await world.standing(now);
    const foundIn = world.foundIn(now);
    const { plan, refusals } = world.plan(mistake(findings), now);
    const without = world.plan([], now).plan;
    const kept = new Map(plan.keep.map(({ set, reasons }) => [set, reasons]));
    for (const { set } of without.keep) if (!kept.has(set)) say(`${set} is dropped because of a finding`);
    for (const finding of findings.filter(isOpen)) {
      seen.open++;
      const { since = "", stillRightIn } = finding.history ?? {};
      const found = foundIn.get(finding.id)!;
      // what only a drill shows may have been shown since: an older set is drilled where newer ones got damaged
      const set = finding.document ? world.newestRight(finding, since) : stillRightIn;
      const reasons = set === undefined ? [] : kept.get(set) ?? [];
      if (set !== undefined && !reasons.some((reason) => reason.startsWith("still has "))) {
        const why = reasons.join(", ") || "nothing";
        say(`${set} still has ${finding.subject} (${finding.id}), and is kept for ${why}`);
      }
      if (stillRightIn !== undefined && !world.showsRight(finding, stillRightIn)) {
        say(`${stillRightIn} is named for ${finding.id}, which is wrong in it`);
      }
      for (const { name } of world.sets.filter(({ name }) => name >= since && name <= found)) {
        if (finding.document && world.showsRight(finding, name)) {
          say(`${finding.id} is there since ${since}, and is right in ${name}`);
        }
      }
    }
    const byPolicy = new Set(without.keep.map(({ set }) => set));
    const extra = new Set([...kept.keys()].filter((set) => !byPolicy.has(set)));
    for (const set of extra) {
      const open = findings.filter(isOpen).filter((one) => world.showsRight(one, set));
      if (open.length === 0) say(`${set} is kept for ${kept.get(set)}, and no open finding is right in it`);
    }
    seen.keptByFinding += extra.size;
    if (refusals.length > 0) seen.refused++;
    else {
      const gone = new Set(plan.drop.map(({ set }) => set));
      seen.letGo += [...keptBefore].filter((set) => gone.has(set)).length;
      world.drop(gone, now);
    }
    keptBefore = extra;
    if (twin) {
      const { plan, refusals } = bare.plan([], now);
      if (refusals.length === 0) bare.drop(new Set(plan.drop.map(({ set }) => set)), now);
      const there = new Set(world.sets.map(({ name }) => name));
      for (const { name } of bare.sets) {
        if (!there.has(name)) say(`${name} is lost, which is there without findings`);
      }
    }
    if (broken.length > 0) break;
  }
  return { broken, seen };
}

function change(night: Night, documents: Map<string, string>, payments: Set<string>): void {
  if (night.lost !== undefined) documents.delete(LOST[night.lost % LOST.length]!);
  if (night.broken) documents.set("FA3", BROKEN);
  if (night.mended !== undefined) documents.set(DOCUMENTS[night.mended % DOCUMENTS.length]!, WHOLE);
  if (night.payment !== undefined) {
    const payment = `PAY${night.payment % 2}`;
    if (!payments.delete(payment)) payments.add(payment);
  }
}

/** Never the last good set: then there is nothing to choose. */
function damage(world: World, which: number | undefined): void {
  const set = which === undefined ? undefined : world.sets[which % world.sets.length];
  const { key } = set ? objectsOfSet(set)[which! % 3]! : { key: "" };
  if (!set || world.damaged.has(key)) return;
  world.damaged.set(key, `${key} was found damaged`);
  if (!world.sets.some(world.isGood)) world.damaged.delete(key);
}

async function decide(world: World, { accepted, withdrawn }: Night, now: Date): Promise<void> {
  const standing = await world.standing(now);
  const put = async (found: Finding | undefined, until?: string) => {
    if (!found) return;
    const { accepted: _, history: __, ...finding } = found;
    const decision = { environment: "prod", finding, reason: "x", by: "x", at: now.toISOString() };
    await putAcceptance(world.store, { ...decision, ...(until ? { until } : {}) }, crypto.randomUUID());
  };
  const open = standing.filter(isOpen);
  if (accepted && open.length > 0) {
    const until = new Date(now.getTime() + accepted.days * 86_400_000).toISOString().slice(0, 10);
    await put(open[accepted.which % open.length], until);
  }
  const taken = standing.filter((one) => !isOpen(one));
  if (withdrawn !== undefined && taken.length > 0) await put(taken[withdrawn % taken.length]);
}
