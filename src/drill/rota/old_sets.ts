/** The older sets of the night, restored one after the other before the newest: the data and the documents, no page. */

import { faultsOfErp } from "../../checks/culprit.ts";
import { formatCount } from "../../base/numbers.ts";
import { TRUSTED_SESSION_SQL } from "../../postgres/rows/settings.ts";
import { connect } from "../../postgres/connection/session.ts";
import { contentOf } from "../../postgres/connection/snapshot.ts";
import { restore } from "../../restore/restore.ts";
import { restorableSetOf } from "../../store/sets/restorable_set.ts";
import type { Inventory } from "../../store/sets/inventory.ts";
import type { Lease } from "../../store/lease/lease.ts";
import { manifestKey } from "../../store/keys.ts";
import type { ProofBody } from "../../store/records/proofs.ts";
import { type AnySet, isLegacy } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import { readDataContext } from "../../checks/data/context.ts";
import { dataChecksFor } from "../../checks/all_checks.ts";
import { proofOf } from "../record/proof.ts";
import { DrillRecord, RESTORE_PHASE } from "../record/record.ts";
import { planRota } from "./plan.ts";
import { rotaInputOf } from "./sets.ts";
import type { CheckResult, DrillResult, Level, ProvedSet } from "../../checks/result.ts";
import type { DrillOptions } from "../options.ts";

/** Checks about tonight's backup, which do not apply to an older set. */
const ABOUT_TONIGHT = ["backup.age", "backup.sets", "backup.suspect", "backup.in_use"];
const NOT_OPENED = "Its pages: an older set is restored and compared, but not opened in a browser";
/** How many of the sets without a turn are named. */
const SKIPPED_SHOWN = 3;

interface OldSetOptions extends Omit<DrillOptions, "onCheck" | "set"> {
  level: Level;
  lease: Lease;
}

/** A set whose turn it is. */
export interface Turn {
  set: AnySet;
  why: string;
}

/** What came of an older set: for the result, as one check of the night's drill, and as a proof where there is one. */
interface OldSet {
  proved: ProvedSet;
  check: CheckResult;
  proof: ProofBody | undefined;
}

/** The older sets whose turn it is tonight, in the order in which they are restored. A set that cannot have one is noted. */
export function turnsOfTonight(
  inventory: Inventory,
  newest: AnySet,
  { rotaMs = 0, reporter }: Pick<OldSetOptions, "rotaMs" | "reporter">,
): Turn[] {
  const { chosen, skipped } = planRota({ ...rotaInputOf(inventory), now: new Date(), rotaMs }, newest.name);
  for (const { set, why } of skipped.slice(0, SKIPPED_SHOWN)) {
    reporter.note(`${set} has no turn in the rota: ${why}`);
  }
  if (skipped.length > SKIPPED_SHOWN) {
    reporter.note(`Nor have ${formatCount(skipped.length - SKIPPED_SHOWN, "other set")}`);
  }
  return chosen.flatMap(({ set: name, why }) =>
    inventory.sets.filter((set) => set.name === name).map((set) => ({ set, why }))
  );
}

/**
 * Restores one older set into the sandbox and checks its data and its documents, as a small drill of its own. What is found
 * wrong, and what could not be done, is in what is returned. The sandbox runs afterwards.
 *
 * @throws only when interrupted.
 */
export async function proveOldSet({ set, why }: Turn, store: Store, options: OldSetOptions): Promise<OldSet> {
  options.signal.throwIfAborted();
  options.reporter.note(`The rota's turn: ${set.environment}/${set.name}, ${why}`);
  const found = await drillOldSet(set, store, options);
  const old = await isGone(store, set, found) ? droppedMeanwhile(set, found) : oldSetOf(set, found, why);
  if (old.proved.verdict === "not_run") {
    options.reporter.warn(`${old.proved.set} was not proved: ${old.proved.message}`);
  }
  return old;
}

async function drillOldSet(set: AnySet, store: Store, options: OldSetOptions): Promise<DrillResult> {
  const { sandbox, signal } = options;
  const checks = dataChecksFor(!isLegacy(set)).filter(({ id }) => !ABOUT_TONIGHT.includes(id));
  const record = new DrillRecord({
    ...options,
    set: set.name,
    into: sandbox.name,
    checks,
    onCheck: () => {},
  });
  try {
    record.setChosen(restorableSetOf(set));
    const proof = await record.phase(RESTORE_PHASE, () => restore(set, sandbox, store, options));
    await using _workload = proof.workload;
    record.setRestored(proof);
    await using session = await connect(sandbox.database);
    await session.query(TRUSTED_SESSION_SQL);
    const known = {
      proof,
      newer: [],
      vanished: { listed: 0, missing: [], exchanged: [] },
      sandbox,
      session,
      maxAgeMs: options.maxAgeMs,
      level: options.level,
      choice: { count: options.samples, seed: options.seed },
    };
    await record.checks.run(
      checks,
      await readDataContext(known, () => contentOf(session, proof.source.hash)),
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    record.endedBy(error);
  }
  return record.finish();
}

/** Its drill as one check of the night's drill. Not required: what could not be done says nothing about the newest set. */
function oldSetOf(set: AnySet, found: DrillResult, why: string): OldSet {
  const { ms } = found;
  const [fault] = found.error ? [] : faultsOfErp(found.checks);
  // what was wrong with the ERP at that time is no failure of tonight: the set can be brought back
  const verdict = fault ? "pass" : found.verdict;
  const name = `${set.environment}/${set.name}`;
  const ran = found.checks.filter((check) => check.verdict !== "not_run" || check.required);
  const passed = ran.filter((check) => check.verdict === "pass").length;
  const cause = ran.find((check) => check.verdict === verdict);
  const message = verdict === "pass"
    ? `restored and proved; ${why}${
      fault ? `; the ERP had a fault at that time: ${fault.message ?? fault.title}` : ""
    }`
    : `${name}: ${cause?.message ?? found.error?.message ?? "no check ran"}`;
  const proof = proofOf(found, set);
  return {
    proved: { set: name, verdict, ms, message },
    proof: proof && { ...proof, notProved: [...proof.notProved, NOT_OPENED] },
    check: {
      ...checkOf(set),
      verdict,
      compared: verdict === "not_run" ? undefined : {
        expected: ran.length,
        found: passed + (fault ? faultsOfErp(found.checks).length : 0),
        with: `the checks on the data and the documents of ${name}, restored before the newest set; ${why}`,
      },
      ...(verdict === "pass" ? {} : { code: cause?.code ?? "CHECK_FAILED", message, hint: cause?.hint }),
      details: ran.filter((check) => check.verdict !== "pass").map(({ title, message }) =>
        `${title}: ${message}`
      ),
      ms,
      screenshots: [],
    },
  };
}

const checkOf = ({ environment, name }: AnySet) => ({
  id: `rota.${name}`,
  title: `The older set ${environment}/${name} can be brought back too`,
  part: "backup" as const,
  required: false,
});

/** Whether `prune` deleted the set while it was restored: then a missing object says nothing. */
async function isGone(store: Store, set: AnySet, { verdict }: DrillResult): Promise<boolean> {
  if (verdict === "pass" || isLegacy(set)) return false;
  try {
    return await store.head(manifestKey(set.environment, set.name)) === undefined;
  } catch {
    return false; // the store does not answer; the drill of the newest set reports that
  }
}

function droppedMeanwhile(set: AnySet, { ms }: DrillResult): OldSet {
  const message = `${set.environment}/${set.name} was deleted by prune while it was restored`;
  const proved = { set: `${set.environment}/${set.name}`, verdict: "not_run" as const, ms, message };
  return {
    proved,
    proof: undefined,
    check: {
      ...checkOf(set),
      verdict: "not_run",
      code: "CHECK_NOT_RUN",
      message,
      details: [],
      ms,
      screenshots: [],
    },
  };
}
