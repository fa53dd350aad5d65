/** The negative control of a drill: which check has its turn, and when in the drill its twin is tried. */

import { messageOf } from "../../base/errors.ts";
import type { openBrowser } from "../../dolibarr/pages/visit/browser.ts";
import { dataChecks } from "../../checks/all_checks.ts";
import { browserChecks } from "../../checks/browser/browser_checks.ts";
import {
  type BrowserContext,
  type BrowserFacts,
  openVisitor,
  SIGNED_IN,
} from "../../checks/browser/context.ts";
import { type Changes, type Check, isWithin } from "../../checks/check.ts";
import type { DataContext } from "../../checks/data/context.ts";
import { durationChecks, type DurationContext } from "../../checks/duration.ts";
import { CONTROL_PHASE, type Level } from "../../checks/result.ts";
import { runCheck } from "../../checks/run.ts";
import type { CheckResult } from "../../checks/result.ts";
import { chooseControl, type Tried, triedOf } from "../../report/control_choice.ts";
import { HISTORY_DRILLS } from "../../report/history.ts";
import { readNewestDrills, type UnreadableDrill } from "../../store/records/drills.ts";
import { signOut } from "../browser/browse.ts";
import type { DrillRecord } from "../record/record.ts";
import { type ControlledCheck, controlNotTried, tryControl } from "./attempt.ts";
import { type SavedSandbox, saveSandbox, type SaveSandboxOptions } from "./saved_sandbox.ts";

interface NegativeControlOptions extends SaveSandboxOptions {
  /** The environment whose drills are the history. */
  from: string;
  seed: string;
  level: Level;
  /** False: none is tried. */
  control?: boolean;
}

/** A twin that changes documents has no turn where they are larger, because all of them would be copied. In bytes. */
const COPIES_AT_MOST = 4 * 1024 ** 3;

/** A check that may have its turn, with the kind of context that its twin needs. */
type Candidate =
  | { kind: "data"; id: string; check: Check<DataContext> }
  | { kind: "browser"; id: string; check: Check<BrowserContext> }
  | { kind: "duration"; id: string; check: Check<DurationContext> };

const CANDIDATES: readonly Candidate[] = [
  ...dataChecks.map((check) => ({ kind: "data" as const, id: check.id, check })),
  ...browserChecks.map((check) => ({ kind: "browser" as const, id: check.id, check })),
  ...durationChecks.map((check) => ({ kind: "duration" as const, id: check.id, check })),
];

/**
 * Its steps, in this order: `chooseTurn`, `tryOnPages`, `tryAtEnd`. Where a step has nothing to do it does nothing: no
 * control is wanted, something failed before, or the turn is that of a check of another kind. Disposing removes what was
 * saved of the sandbox.
 */
export class NegativeControl implements AsyncDisposable {
  readonly #record: DrillRecord;
  readonly #options: NegativeControlOptions;
  readonly #history: readonly Tried[];
  #turn: Candidate | undefined;
  #saved: SavedSandbox | undefined;

  private constructor(record: DrillRecord, options: NegativeControlOptions, history: readonly Tried[]) {
    this.#record = record;
    this.#options = options;
    this.#history = history;
  }

  /** Reads when each control was tried before. Where that cannot be read, the seed alone chooses. */
  static async open(record: DrillRecord, options: NegativeControlOptions): Promise<NegativeControl> {
    return new NegativeControl(record, options, options.control ? await readTried(options) : []);
  }

  /**
   * 1. After the checks on the data: chooses the check whose turn it is. For one of those the sandbox is saved now, before
   * the drill's own account, its marks and the visits change what the check compares.
   */
  async chooseTurn(data: DataContext): Promise<void> {
    if (!this.#options.control || this.#record.verdict() !== "pass") return;
    const { checks } = this.#record;
    this.#choose(({ kind, id }) => kind !== "data" || checks.hasPassed(id), data);
    if (this.#turn?.kind !== "data") return;
    const { check } = this.#turn;
    await this.#phase(() => this.#save(check));
  }

  /** 2. After all pages were opened, while the account and the marks are still there: a check in the browser. */
  async tryOnPages(
    browser: Awaited<ReturnType<typeof openBrowser>>,
    facts: BrowserFacts,
    data: DataContext,
  ): Promise<void> {
    if (this.#turn?.kind !== "browser" || this.#record.verdict() !== "pass") return;
    const { checks } = this.#record;
    if (!checks.hasPassed(this.#turn.id)) { // NOT RUN, as there was nothing to check: it is another one's turn
      this.#choose(({ kind, id }) => kind === "browser" && checks.hasPassed(id), data);
    }
    const turn = this.#turn;
    if (turn?.kind !== "browser") return;
    await this.#phase(async () => {
      if (!await this.#save(turn.check)) return;
      await using visitor = await openVisitor(browser, facts);
      await this.#try(turn.check, () => signedIn(visitor, turn.check, this.#options.signal), false);
      if (this.#options.sandbox.web.account) await signOut(visitor, this.#options.reporter);
    });
  }

  /** 3. Last of all, when nothing of the drill's own is left in the sandbox: a check on the data, or on the duration. */
  async tryAtEnd(data: DataContext, duration: DurationContext): Promise<void> {
    const turn = this.#turn;
    if (!turn || turn.kind === "browser" || this.#record.verdict() !== "pass") return;
    await this.#phase(async () => {
      if (turn.kind === "duration") return await this.#try(turn.check, () => Promise.resolve(duration), true);
      const unbroken = async () => {
        await this.#saved?.reset();
        return data;
      };
      await this.#try(turn.check, unbroken, true);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#saved?.[Symbol.asyncDispose]();
  }

  #choose(mayBe: (candidate: Candidate) => boolean, { proof: { documents } }: DataContext): void {
    const { level, seed } = this.#options;
    const candidates = CANDIDATES.filter((candidate) =>
      mayBe(candidate) && isWithin(candidate.check.level, level) &&
      (changesOf(candidate.check) !== "documents" || documents.bytes <= COPIES_AT_MOST)
    );
    this.#turn = chooseControl(candidates, this.#history, seed);
  }

  /** @returns false where the sandbox could not be saved: then that is what came of the control. */
  async #save(check: ControlledCheck): Promise<boolean> {
    const changes = changesOf(check);
    if (changes === "nothing") return true;
    try {
      this.#saved = await saveSandbox(changes, this.#options);
      return true;
    } catch (error) {
      this.#options.signal.throwIfAborted();
      this.#record.controlDone(controlNotTried(check, error, this.#lastTried(check)));
      this.#turn = undefined;
      return false;
    }
  }

  async #try<Context>(
    check: Check<Context>,
    unbroken: () => Promise<Context>,
    again: boolean,
  ): Promise<void> {
    const options = {
      again,
      lastTried: this.#lastTried(check),
      signal: this.#options.signal,
      judge: (result: CheckResult) => this.#record.checks.judge(result),
    };
    this.#record.controlDone(await tryControl(check, unbroken, this.#saved, options));
  }

  #lastTried({ id }: { id: string }): Date | undefined {
    return this.#history.find(({ check }) => check === id)?.at;
  }

  #phase<T>(body: () => Promise<T>): Promise<T> {
    return this.#record.phase(CONTROL_PHASE, body);
  }
}

async function readTried({ store, from, reporter }: NegativeControlOptions): Promise<Tried[]> {
  const onUnreadable = ({ error }: UnreadableDrill) => reporter.warn(`A drill is left out: ${error.message}`);
  try {
    const drills = await readNewestDrills(store, from, HISTORY_DRILLS, onUnreadable);
    return triedOf(drills.map(({ found }) => found));
  } catch (error) {
    reporter.warn(`When each negative control was tried before could not be read: ${messageOf(error)}`);
    return [];
  }
}

const changesOf = ({ twin: { changes = "documents" } }: ControlledCheck): Changes => changes;

/** A page behind the sign-in is opened by a visitor who signed in before the sandbox was broken. */
async function signedIn(
  context: BrowserContext,
  check: Check<BrowserContext>,
  signal: AbortSignal,
): Promise<BrowserContext> {
  const signIn = browserChecks.find(({ id }) => id === "browser.sign_in");
  if (!signIn || check.id === signIn.id || check.given !== SIGNED_IN) return context;
  const { verdict, message } = await runCheck(signIn, context, signal);
  if (verdict !== "pass") throw new TypeError(`the second sign-in failed: ${message}`);
  return context;
}
