/** The result of a drill as it grows: every check ends up in it once, also those that were never reached. */

import { asDrillError, type DrillError } from "../../base/errors.ts";
import { timestampOf } from "../../base/time.ts";
import { exitOf } from "../../base/verdict.ts";
import { VERSION } from "../../base/version.ts";
import type { RestoreProof } from "../../restore/restore.ts";
import type { RestorableSet } from "../../store/sets/restorable_set.ts";
import { type Check, type CheckText, isWithin } from "../../checks/check.ts";
import { overallVerdict, prepareResult } from "../../checks/verdict.ts";
import { CHECK_OF_CODE, CLEAN_UP, KEPT } from "./failure_cause.ts";
import type { ControlFound } from "../control/run.ts";
import type { CheckResult, DrillResult, Level, Phase, ProvedSet, Verdict } from "../../checks/result.ts";
import { headlineOf, labBanner } from "../../checks/headline.ts";
import {
  aboveLevel,
  type Lane,
  notReached,
  resultOfError,
  type RunCheck,
  runCheck,
  runLane,
} from "../../checks/run.ts";

export type DrillRecord = ReturnType<typeof newRecord>;

/** What the record must know of a drill that begins. */
export interface RecordOptions {
  from: string;
  /** `latest`, or a set's name. */
  set: string;
  /** The sandbox's name. */
  into: string;
  seed: string;
  lab: { erp: "real" | "stand-in"; reason?: string } | undefined;
  /** Checks above it are listed, and not run. */
  level: Level;
  /** The ids and titles of all checks, in their order: those that are not reached are NOT RUN. */
  checks: readonly CheckText[];
  onCheck: (check: CheckResult) => void;
}

/** Begins the record of a drill: the clock runs from here. */
export function newRecord(options: RecordOptions) {
  const startedAt = new Date();
  const began = performance.now();
  const checks: CheckResult[] = [];
  const left = [...options.checks];
  const facts: Pick<
    DrillResult,
    | "set"
    | "error"
    | "restoreMs"
    | "invoicesOpened"
    | "leftOut"
    | "neutralised"
    | "marks"
    | "phases"
    | "rota"
    | "control"
  > = {
    leftOut: [],
    neutralised: [],
    marks: [],
    phases: [],
  };

  function add(check: CheckResult): void {
    const at = left.findIndex(({ id }) => id === check.id);
    if (at >= 0) left.splice(at, 1);
    checks.push(check);
    options.onCheck(check);
  }

  const waiting = (but: readonly CheckText[]): CheckText[] =>
    left.filter(({ id, level }) => isWithin(level, options.level) && !but.some((one) => one.id === id));

  /** What was not come to, but for `later`, is NOT RUN. */
  function giveUp(later: readonly CheckText[]): void {
    for (const check of left.filter(({ id }) => !later.some((one) => one.id === id))) {
      add(
        isWithin(check.level, options.level)
          ? notReached(check, facts.error ? `not reached: ${facts.error.message}` : "not reached")
          : aboveLevel(check, options.level),
      );
    }
  }

  return {
    company: options.into,
    versions: { "dolibarr-drill": VERSION, Deno: Deno.version.deno } as Record<string, string>,
    /** What all checks say so far. */
    verdict: (): Verdict => facts.error ? "not_run" : overallVerdict(checks),
    /** Whether this check has passed. */
    hasPassed: (id: string): boolean => checks.some((check) => check.id === id && check.verdict === "pass"),
    phases: (): readonly Phase[] => facts.phases,
    /** Whether this check was not come to yet. */
    isWaiting: (id: string): boolean => waiting([]).some((check) => check.id === id),
    /** Whether every check but `later` was come to. */
    reachedAllBut: (later: readonly CheckText[]): boolean => waiting(later).length === 0,
    elapsed: () => Math.round(performance.now() - began),
    /** Times one part of the drill. */
    async phase<T>(title: string, body: () => Promise<T>): Promise<T> {
      const start = performance.now();
      try {
        return await body();
      } finally {
        const ms = Math.round(performance.now() - start);
        const before = facts.phases.find((phase) => phase.title === title);
        if (before) before.ms += ms; // in two parts
        else facts.phases.push({ title, ms });
      }
    },
    /** Runs the checks one after the other. */
    async run<Context>(
      list: readonly Check<Context>[],
      context: Context,
      signal: AbortSignal,
      runOne: RunCheck<Context> = runCheck,
    ): Promise<void> {
      for (const check of list) {
        add(
          isWithin(check.level, options.level)
            ? await runOne(check, context, signal)
            : aboveLevel(check, options.level),
        );
      }
    },
    /** Runs several lists side by side, each with a context of its own; they are told in their own order all the same. */
    async runSideBySide<Context>(
      lanes: readonly Lane<Context>[],
      signal: AbortSignal,
      runOne: RunCheck<Context> = runCheck,
    ): Promise<void> {
      for (const result of lanes.flatMap((lane) => runLane(lane, options.level, signal, runOne))) {
        add(await result);
      }
    },
    /** An older set, restored before the newest. */
    addOld(proved: ProvedSet, check: CheckResult): void {
      facts.rota = [...facts.rota ?? [], proved];
      add(check);
    },
    /** The negative control of the night. */
    addControl({ done, shown }: ControlFound): void {
      facts.control = done;
      add(shown);
    },
    /** The set as it is known before anything of it was read. */
    describeSet(source: RestorableSet): void {
      const { name, environment, dump, archive, takenAt, tables = [], versions } = source;
      facts.set = {
        name: `${environment}/${name}`,
        takenAt: takenAt.toISOString(),
        objects: [{ half: "db", ...dump }, { half: "docs", ...archive }],
        tables: tables.length,
        rows: sumOf(tables, ({ rows }) => rows),
        files: source.files ?? 0,
        documentBytes: source.documentBytes ?? 0,
      };
      this.versions["pg_dump"] = versions.pg_dump ?? "unknown";
    },
    describeProof({ database, documents, leftOut }: RestoreProof): void {
      facts.restoreMs = facts.phases.at(-1)?.ms;
      facts.leftOut = leftOut;
      facts.neutralised = database.neutralised;
      if (!facts.set) return;
      facts.set.tables = database.expected.length;
      facts.set.rows = sumOf(database.expected, ({ rows }) => rows);
      facts.set.files = documents.files;
      facts.set.documentBytes = documents.bytes;
    },
    /** What the browser phase looked at. */
    looked(invoicesOpened: number): void {
      facts.invoicesOpened = invoicesOpened;
      const seen = (id: string) => checks.some((check) => check.id === id && check.verdict === "pass");
      facts.marks = [
        {
          what: "a random message, written into the sandbox's database, on its sign-in page",
          seen: seen("browser.sandbox"),
        },
        {
          what: "a random file, written into the sandbox's documents, served by its ERP",
          seen: seen("browser.documents_mark"),
        },
      ];
    },
    /**
     * What ended the drill becomes the finding of the check that it belongs to; what comes after it was not reached.
     * @param later those that are judged all the same: it is not theirs.
     */
    fail(thrown: unknown, later: readonly CheckText[] = []): void {
      const error = asDrillError(thrown);
      facts.error = factsOf(error);
      const whose = left.find(({ id }) => id === CHECK_OF_CODE[error.code]) ?? waiting(later)[0] ?? CLEAN_UP;
      add(resultOfError(whose, error));
      giveUp(later);
    },
    /** The store would not take a proof, when all checks were done. */
    notKept(thrown: unknown): void {
      const error = asDrillError(thrown);
      facts.error ??= factsOf(error);
      add(resultOfError(KEPT, error));
    },
    finish(): DrillResult {
      giveUp([]);
      const verdict = overallVerdict(checks);
      const banner = labBanner(options.lab);
      const endedAt = new Date();
      return prepareResult({
        format: 1,
        id: timestampOf(startedAt),
        startedAt: startedAt.toISOString(),
        endedAt: endedAt.toISOString(),
        ms: this.elapsed(),
        verdict,
        exit: exitOf(verdict),
        headline: headlineOf(verdict, checks, facts.set, {
          from: options.from,
          into: options.into,
          wanted: options.set,
          level: options.level,
        }, facts.error),
        lab: options.lab !== undefined,
        erp: options.lab?.erp ?? "real",
        banner,
        company: this.company,
        from: options.from,
        into: options.into,
        level: options.level,
        ...facts,
        seed: options.seed,
        versions: this.versions,
        checks,
      });
    },
  };
}

const factsOf = ({ code, message, hint, details }: DrillError) => ({
  code,
  message,
  hint,
  details: [...details],
});

const sumOf = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((sum, one) => sum + of(one), 0);
