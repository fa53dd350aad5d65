/** One negative control: the sandbox kept, broken in one way, looked at by the check that must see it, and put back. */

import { asDrillError, messageOf } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { readRestoreId } from "../../dolibarr/sandbox/restore_id.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { connect } from "../../postgres/connection/session.ts";
import { checkpoint } from "../../restore/checkpoint/checkpoint.ts";
import { removeControl, removeControlNote, writeControlNote } from "../../restore/checkpoint/control_note.ts";
import { reset } from "../../restore/reset/reset.ts";
import type { ProtectedEnvironment } from "../../restore/gate/gate.ts";
import type { Lease } from "../../store/lease/lease.ts";
import type { Store } from "../../store/store.ts";
import type { Changes, Check } from "../../checks/check.ts";
import type { CheckResult, ControlDone } from "../../checks/result.ts";
import { runCheck, verdictOfError } from "../../checks/run.ts";

export interface ControlOptions {
  sandbox: OpenEnvironment;
  store: Store;
  protectedOnes: readonly ProtectedEnvironment[];
  /** The sandbox's, held by the caller. */
  lease: Lease;
  reporter: Reporter;
  signal: AbortSignal;
}

/** A check with its twin, as far as a control must know of it what it looks at. */
export interface ControlCandidate {
  id: string;
  twin: { by: string; changes?: Changes };
}

/** A sandbox that can be put back. */
export interface SavedSandbox extends AsyncDisposable {
  /** Says on the disk that it is being broken from now on. */
  mark(check: string, by: string): Promise<void>;
  /** Makes it what it was, proved by `reset`, and takes the note away. Disposing removes what is kept, unless it is still needed. */
  reset(): Promise<void>;
}

/** Of the documents nothing is copied, and nothing is looked at. */
const NO_DOCUMENTS = ["*"];

/**
 * Keeps what is about to be broken: the database, and the documents only where they are touched, all of
 * them: a visit leaves caches in what a backup leaves out, and no check saw those. A person's own checkpoint stays.
 * @throws DrillError as `checkpoint`
 */
export async function saveSandbox(
  changes: Exclude<Changes, "nothing">,
  { sandbox, store, ...options }: ControlOptions,
): Promise<SavedSandbox> {
  const kept = { ...sandbox, excludes: changes === "documents" ? [] : NO_DOCUMENTS };
  const root = await Deno.realPath(sandbox.documents);
  await removeControl(root); // what an earlier one left is of the past: the sandbox was restored since
  await checkpoint(kept, store, { ...options, kind: "control" });
  let broken = false;
  return {
    async mark(check, by) {
      broken = true;
      await using session = await connect(sandbox.database);
      const restore = await readRestoreId(session.ask) ?? null;
      await writeControlNote(root, { check, by, restore });
    },
    async reset() {
      await reset(kept, store, { ...options, kind: "control" });
      await removeControlNote(root);
      broken = false;
    },
    async [Symbol.asyncDispose]() {
      if (!broken) await removeControl(root);
    },
  };
}

/** What a control found: for the result, and as the check that the drill shows. */
export interface ControlFound {
  done: ControlDone;
  shown: CheckResult;
}

/**
 * Breaks what `check` looks at, runs it, and puts the sandbox back. Whatever goes wrong is in what is returned.
 *
 * @param look what the check looks at, unbroken; it must pass on that first, where `again` says so
 * @param kept undefined where nothing of the sandbox is touched
 * @throws only when interrupted: the note then says what was being done
 */
export async function runControl<Context>(
  check: Check<Context>,
  look: () => Promise<Context>,
  kept: SavedSandbox | undefined,
  { again, lastTried, signal }: { again: boolean; lastTried?: Date; signal: AbortSignal },
): Promise<ControlFound> {
  const began = performance.now();
  let seen = await attempt(check, look, kept, again, signal);
  signal.throwIfAborted();
  try {
    await kept?.reset();
  } catch (error) {
    signal.throwIfAborted();
    seen = notPutBack(check, seen, error);
  }
  const about = { check: check.id, by: check.twin.by };
  const ms = Math.round(performance.now() - began);
  const { shown, message, verdict } = seen;
  return {
    done: { ...about, verdict, message, ms, ...(lastTried ? { lastTried: lastTried.toISOString() } : {}) },
    shown: { ...ABOUT, message, details: [], screenshots: [], ms, ...shown },
  };
}

/** How a control is shown that could not even begin. */
export function controlNotRun(
  check: ControlCandidate,
  thrown: unknown,
  lastTried?: Date,
): ControlFound {
  const message = `the sandbox could not be kept, so it was not broken: ${messageOf(thrown)}`;
  const { id, twin: { by } } = check;
  return {
    done: {
      ...{ check: id, by, verdict: "not_run", message, ms: 0 },
      ...(lastTried ? { lastTried: lastTried.toISOString() } : {}),
    },
    shown: { ...ABOUT, ...verdictOfError(thrown), verdict: "not_run", message, ms: 0, screenshots: [] },
  };
}

const ABOUT = {
  id: "drill.negative_control",
  title: "The sandbox, broken on purpose, makes the check fail that must see it",
  part: "browser",
  required: true,
} as const;

interface Seen {
  verdict: ControlDone["verdict"];
  message: string;
  shown: Pick<CheckResult, "verdict"> & Partial<CheckResult>;
}

async function attempt<Context>(
  check: Check<Context>,
  look: () => Promise<Context>,
  kept: SavedSandbox | undefined,
  again: boolean,
  signal: AbortSignal,
): Promise<Seen> {
  const { id, twin: { by, apply } } = check;
  let broken: Context;
  try {
    const whole = await look();
    const before = again ? await runCheck(check, whole, signal) : undefined;
    if (before && before.verdict !== "pass") {
      return notTried(
        `asked again, ${id} does not pass on what it passed on before: ${before.message}`,
        true,
      );
    }
    await kept?.mark(id, by);
    broken = await apply(whole);
  } catch (error) {
    signal.throwIfAborted();
    return notTried(`it could not be broken like this here: ${messageOf(error)}`, false);
  }
  const found = await runCheck(check, broken, signal);
  const compared = { expected: "fail", found: found.verdict, with: `${by}: ${id}` };
  if (found.verdict === "fail") {
    const message = `${by}: seen by ${id}: ${found.message}`;
    return { verdict: "seen", message, shown: { verdict: "pass", compared, details: [message] } };
  }
  const how = found.verdict === "pass" ? "passed all the same" : `said NOT RUN (${found.message})`;
  const message = `${id} is blind: ${by}, and it ${how}; what it says of the backup proves nothing`;
  const hint = "Look at that check before you trust any drill since it was last seen to fail.";
  return {
    verdict: "missed",
    message,
    shown: { verdict: "fail", compared, code: "CHECK_FAILED", hint },
  };
}

/** What cannot be tried keeps nothing from being proved, unless the check itself is in doubt. */
const notTried = (message: string, required: boolean): Seen => ({
  verdict: "not_run",
  message,
  shown: { verdict: "not_run", code: "CHECK_NOT_RUN", required },
});

function notPutBack(check: ControlCandidate, { verdict, shown }: Seen, thrown: unknown): Seen {
  const error = asDrillError(thrown);
  const message = `the sandbox was broken (${check.twin.by}) and could not be put back: ${error.message}`;
  const judged = verdictOfError(error);
  return {
    verdict,
    message,
    shown: {
      ...shown,
      ...judged,
      verdict: shown.verdict === "fail" ? "fail" : judged.verdict,
      required: true,
      hint: `It is marked as broken. Put it back: dolibarr-drill rearm; or restore into it. ${error.hint}`,
      details: [...judged.details],
    },
  };
}
