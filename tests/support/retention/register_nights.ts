/** Nights of an ERP whose sealed records are lost, altered and put back, with registers, and a prune after each. */

import { overlaid } from "../../../src/dolibarr/register/merge.ts";
import { mergeRows } from "../../../src/dolibarr/register/merge.ts";
import { lineOfRow, parseRow, type RegisterChange } from "../../../src/dolibarr/register/rows.ts";
import { historiesOf, standingAfter } from "../../../src/backup/register/standing.ts";
import { findingsOfFaults } from "../../../src/checks/findings/outcome.ts";
import { findingsOfSets } from "../../../src/checks/findings/of_sets.ts";
import { isOpen } from "../../../src/checks/findings/judge.ts";
import { standingIn } from "../../../src/checks/findings/standing.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { REGISTER_KINDS } from "../../../src/dolibarr/register/judge.ts";
import { planPrune, type PrunePlan } from "../../../src/retention/prune_plan.ts";
import type { RetentionPolicy } from "../../../src/retention/plan.ts";
import { timestampOf } from "../../../src/base/time.ts";
import type { Acceptance } from "../../../src/store/records/acceptances.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import type { StandingRow } from "../../../src/store/records/register/head.ts";
import type { Inventory } from "../../../src/store/sets/inventory.ts";
import type { BackupSet } from "../../../src/store/sets/sets.ts";
import { sampleManifest } from "../store/manifests.ts";

const TABLE = "llx_facture";
const VALUES = ["ref"];

/** What happens to a record before a night's backup. Only `explained` leaves a trace. */
export type Deed = "made" | "explained" | "altered" | "removed" | "put back" | "accepted";

export interface RegisterNight {
  /** One for each record at most: what happens twice between two backups no set ever held. */
  deeds: readonly { record: number; deed: Deed }[];
  /** No backup is taken. */
  isMissed?: boolean;
  isSuspect?: boolean;
}

/** A set with the records that it holds, by their ids, and the rows that stand against them. */
interface HeldSet {
  set: BackupSet;
  records: ReadonlyMap<number, string>;
  standing: StandingRow[];
}

/** What is planned, as a wrong prune would: for the test that the promise can be broken. */
export type Plan = (inventory: Inventory, question: Parameters<typeof planPrune>[1]) => PrunePlan;

export interface RegisterYear {
  policy: RetentionPolicy;
  nights: readonly RegisterNight[];
  plan?: Plan;
}

/** @returns the promises that were broken, as sentences, and what was seen: a story in which nothing is lost proves nothing. */
export async function liveNights({ policy, nights, plan = planPrune }: RegisterYear) {
  const erp = new Map<number, string>();
  /** The last lawful state of each record that no person gave up, as a backup saw it. */
  const lawful = new Map<number, string>();
  const explained = new Set<number>();
  const made = new Set<number>();
  const acceptances = new Map<string, Acceptance>();
  const broken: string[] = [];
  const seen = { dropped: 0, open: 0, kept: new Set<string>(), accepted: 0 };
  let sets: HeldSet[] = [];
  let version = 0;
  for (const [at, night] of nights.entries()) {
    const now = new Date(Date.UTC(2026, 0, 1 + at, 2));
    for (const { record, deed } of night.deeds) {
      const line = lineOfRow({ id: record, hash: `${++version}`, values: { ref: `FA${record}` } }, VALUES);
      const there = erp.get(record);
      if (deed === "made" ? !made.has(record) : deed === "explained" && there !== undefined) {
        erp.set(record, line);
        made.add(record);
        explained.add(record);
      } else if (deed === "altered" && there !== undefined) erp.set(record, line);
      else if (deed === "removed") erp.delete(record);
      else if (deed === "put back" && lawful.has(record)) erp.set(record, lawful.get(record)!);
      else if (deed === "accepted") {
        for (const finding of openIn(sets, acceptances, now)) {
          if (!finding.id.includes(`:${record}/`)) continue;
          const { history: _, accepted: __, ...bare } = finding;
          acceptances.set(findingHash(finding), {
            ...{ environment: "prod", finding: bare, until: "never", reason: "x", by: "x" },
            at: now.toISOString(),
          });
          lawful.delete(record);
          seen.accepted++;
        }
      }
    }
    if (!night.isMissed) {
      sets = [await backUp(timestampOf(now), erp, { before: sets[0], explained, night }), ...sets];
      for (const id of explained) {
        const line = erp.get(id);
        if (line === undefined) lawful.delete(id); // gone again before any backup saw it
        else lawful.set(id, line);
      }
      explained.clear();
    }
    const inventory = inventoryOf(sets);
    const known = { drills: [], acceptances, now };
    const findings = standingIn(inventory, known).map(({ finding }) => finding);
    const found = findingsOfSets({ sets: inventory.sets, ...known });
    const { plan: planned, refusals } = plan(inventory, {
      ...{ policy, now, acceptMissing: false, unreadableDrills: [], findings, found },
    });
    seen.open = Math.max(seen.open, findings.filter(isOpen).length);
    for (const { set, reasons } of planned.keep) {
      if (reasons.every((reason) => reason.startsWith("still has"))) seen.kept.add(set);
    }
    if (refusals.length > 0) continue;
    const gone = new Set(planned.drop.map(({ set }) => set));
    seen.dropped += gone.size;
    const before = sets;
    sets = sets.filter(({ set }) => !gone.has(set.name));
    for (const [id, line] of lawful) {
      const holds = ({ records }: HeldSet) => records.get(id) === line;
      if (before.some(holds) && !sets.some(holds)) {
        broken.push(`night ${at}: the last set that holds ${line} was dropped`);
      }
    }
    if (broken.length > 0) break;
  }
  return { broken, seen, sets: sets.map(({ set }) => set.name) };
}

interface Before {
  before: HeldSet | undefined;
  explained: ReadonlySet<number>;
  night: RegisterNight;
}

/** As the register does it, with the simplest rule: whatever differs and left no trace is a fault. */
async function backUp(
  name: string,
  erp: ReadonlyMap<number, string>,
  { before, explained, night }: Before,
): Promise<HeldSet> {
  const records = new Map([...erp].sort(([a], [b]) => a - b));
  const manifest = sampleManifest(name);
  if (night.isSuspect) manifest.suspect = ["no users"];
  const set: BackupSet = { name, environment: "prod", manifest };
  if (!before) return { set, records, standing: [] };
  const changes: RegisterChange[] = [];
  const lines = async function* (of: Iterable<string>) {
    yield [...of];
  };
  await mergeRows(overlaid(lines(before.records.values()), before.standing), lines(records.values()), {
    differing(was, is) {
      const change: RegisterChange = { table: TABLE, id: Number(JSON.parse((was ?? is)!)[0]) };
      if (was !== undefined) change.was = parseRow(was, VALUES);
      if (is !== undefined) change.is = parseRow(is, VALUES);
      if (!explained.has(change.id)) changes.push(change);
    },
  });
  const faults = changes.map((change) => ({
    fault: {
      subject: `FA${change.id}`,
      key: `${TABLE}:${change.id}`,
      kind: change.was && change.is ? "altered" : change.is ? "inserted" : "gone",
      sentence: `FA${change.id} differs`,
      facts: { was: change.was?.hash ?? "", is: change.is?.hash ?? "" },
    },
    changes: [change],
  }));
  const known = { set: name, before: { set: before.set.name, standing: before.standing } };
  const standing = standingAfter({ faults, reopened: [], notes: [] }, known, new Map([[TABLE, VALUES]]));
  const histories = historiesOf({ faults }, standing);
  const about = { check: "data.register", with: before.set.name };
  const findings = findingsOfFaults(faults.map(({ fault }) => fault), about)
    .map((finding, at): Finding => ({ ...finding, history: histories[at]! }));
  if (!night.isSuspect) {
    manifest.findings = { covers: REGISTER_KINDS.map((kind) => `data.register/${kind}`), findings };
  }
  return { set, records, standing };
}

function openIn(
  sets: readonly HeldSet[],
  acceptances: ReadonlyMap<string, Acceptance>,
  now: Date,
): Finding[] {
  return standingIn(inventoryOf(sets), { drills: [], acceptances, now }).map(({ finding }) => finding)
    .filter(isOpen);
}

function inventoryOf(held: readonly HeldSet[]): Inventory {
  const sets = held.map(({ set }) => set);
  const objects = sets.flatMap(({ manifest: { db, docs } }) =>
    [...db.objects, ...docs.objects, docs.index].map(({ key, bytes }) =>
      [key, { key, bytes, modified: new Date(0) }] as const
    )
  );
  return {
    ...{ environment: "prod", sets, objects: new Map(objects), proofs: new Map() },
    ...{ damaged: new Map(), everDamaged: new Set(), failed: new Map() },
    ...{ holds: new Map(), runs: [], lastPrune: undefined, oldJob: [], unreadable: [], lost: [] },
    ...{
      manifests: new Map(),
      roster: undefined,
      registers: new Set<string>(),
      vanished: { missing: [], exchanged: [] },
    },
  };
}
