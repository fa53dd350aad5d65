/** The checks of a drill as they end: each gets one result, also a check that is never reached. */

import { type Check, type CheckText, isWithin } from "../../checks/check.ts";
import type { CheckResult, Level, Verdict } from "../../checks/result.ts";
import { aboveLevel, type Lane, notReached, type RunCheck, runCheck, runLane } from "../../checks/run.ts";
import type { FindingHistory } from "../../checks/findings/history.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { type LookedBefore, stillLookedAt } from "../../checks/findings/looked_before.ts";
import { judgeFindings } from "../../checks/findings/judge.ts";
import { overallVerdict } from "../../checks/overall_verdict.ts";
import type { Acceptances } from "../../store/records/acceptances.ts";

export interface CheckListOptions {
  /** All checks that the drill means to run, in their order. */
  checks: readonly CheckText[];
  /** Checks above it are listed as NOT RUN, and not run. */
  level: Level;
  /** Called with each result as it comes. */
  onCheck: (check: CheckResult) => void;
  /** Shows which check runs, and for how long by now. */
  reporter: Reporter;
}

export class CheckList {
  /** In the order in which they ended. */
  readonly results: CheckResult[] = [];
  /** What a person accepted of what the checks of the books find, once it was read. */
  acceptances: Acceptances = new Map();
  /** What each check looked at in earlier sets, once it was read. */
  lookedBefore: ReadonlyMap<string, LookedBefore> = new Map();
  readonly #left: CheckText[];
  readonly #level: Level;
  readonly #onCheck: (check: CheckResult) => void;
  readonly #reporter: Reporter;

  constructor({ checks, level, onCheck, reporter }: CheckListOptions) {
    this.#left = [...checks];
    this.#level = level;
    this.#onCheck = onCheck;
    this.#reporter = reporter;
  }

  /** Of the results so far. */
  verdict(): Verdict {
    return overallVerdict(this.results);
  }

  hasPassed(id: string): boolean {
    return this.results.some((check) => check.id === id && check.verdict === "pass");
  }

  /** The checks of this level that have no result yet, without `except`. */
  pending(except: readonly CheckText[] = []): CheckText[] {
    return this.#left.filter(({ id, level }) =>
      isWithin(level, this.#level) && !except.some((one) => one.id === id)
    );
  }

  /** Runs `checks` one after the other. */
  async run<Context>(
    checks: readonly Check<Context>[],
    context: Context,
    signal: AbortSignal,
    runOne: RunCheck<Context> = runCheck,
  ): Promise<void> {
    for (const check of checks) {
      this.add(
        isWithin(check.level, this.#level)
          ? await this.#shown(runOne)(check, context, signal)
          : aboveLevel(check, this.#level),
      );
    }
  }

  /** Runs several lists side by side, each with a context of its own. The results come in the order of the lists. */
  async runSideBySide<Context>(
    lanes: readonly Lane<Context>[],
    signal: AbortSignal,
    runOne: RunCheck<Context> = runCheck,
  ): Promise<void> {
    const shown = this.#shown(runOne);
    for (const result of lanes.flatMap((lane) => runLane(lane, this.#level, signal, shown))) {
      this.add(await result);
    }
  }

  /** `runOne`, with the check's title on the terminal while it runs. */
  #shown<Context>(runOne: RunCheck<Context>): RunCheck<Context> {
    return async (check, context, signal) => {
      using _line = this.#reporter.step(check.title, undefined, { passing: true });
      return await runOne(check, context, signal);
    };
  }

  /** The result as the drill counts it: what was accepted keeps no check from passing. */
  judge(result: CheckResult): CheckResult {
    return judgeFindings(result, this.acceptances, new Date());
  }

  add(found: CheckResult): void {
    const result = this.judge(stillLookedAt(found, this.lookedBefore));
    const at = this.#left.findIndex(({ id }) => id === result.id);
    if (at >= 0) this.#left.splice(at, 1);
    this.results.push(result);
    this.#onCheck(result);
  }

  /** Adds to each finding, by its id, since when it is there. */
  addHistories(histories: ReadonlyMap<string, FindingHistory>): void {
    for (const [at, check] of this.results.entries()) {
      const findings = check.findings?.map((finding) => {
        const history = histories.get(finding.id);
        return history ? { ...finding, history } : finding;
      });
      if (findings) this.results[at] = { ...check, findings };
    }
  }

  /** Makes every check without a result NOT RUN, except those in `later`. */
  giveUp(why: string, later: readonly CheckText[] = []): void {
    for (const check of this.#left.filter(({ id }) => !later.some((one) => one.id === id))) {
      this.add(
        isWithin(check.level, this.#level) ? notReached(check, why) : aboveLevel(check, this.#level),
      );
    }
  }
}
