/** The record of a drill: what it learns step by step, and the result that comes of it. */

import { explainDenied } from "../../base/denied.ts";
import { asDrillError, type DrillError, type ErrorCode } from "../../base/errors.ts";
import { timestampOf } from "../../base/time.ts";
import { exitOf } from "../../base/verdict.ts";
import { VERSION } from "../../base/version.ts";
import type { CheckText } from "../../checks/check.ts";
import { type DurationContext, durationOf } from "../../checks/duration.ts";
import { headlineOf } from "../../checks/headline.ts";
import { labBanner } from "../../checks/lab_banner.ts";
import { majorOf, PROVED_MAJOR } from "../../dolibarr/sandbox/neutralise/unproved.ts";
import type { FindingHistory } from "../../checks/findings/history.ts";
import type { CheckResult, DrillResult, Finding, Phase, ProvedSet, Verdict } from "../../checks/result.ts";
import { resultOfError } from "../../checks/run.ts";
import { prepareResult } from "../../checks/overall_verdict.ts";
import type { RestoreProof } from "../../restore/restore.ts";
import type { RestorableSet } from "../../store/sets/restorable_set.ts";
import type { ControlOutcome } from "../negative_control/attempt.ts";
import { CheckList, type CheckListOptions } from "./check_list.ts";

/** The phase in which a set is restored. */
export const RESTORE_PHASE = "Restore into the sandbox";

/** What is known of a drill when it begins. */
interface RecordOptions extends CheckListOptions {
  from: string;
  /** `latest`, or a set's name. */
  set: string;
  /** The sandbox's name. */
  into: string;
  seed: string;
  lab: { erp: "real" | "stand-in"; reason?: string } | undefined;
}

/** The fields of a result that the steps fill in. */
type Facts = Pick<
  DrillResult,
  | "set"
  | "error"
  | "restoreMs"
  | "invoicesOpened"
  | "leftOut"
  | "neutralised"
  | "encrypted"
  | "reachedState"
  | "rota"
  | "control"
  | "mended"
>;

/** The check that an error of the restore belongs to. Any other error belongs to the first check that was not reached. */
const CHECK_OF_CODE: Partial<Record<ErrorCode, string>> = {
  OBJECT_CORRUPT: "backup.objects",
  OBJECT_MISSING: "backup.objects",
  DUMP_UNREADABLE: "backup.objects",
  DUMP_FOREIGN: "data.tables",
  CONTENT_DIFFERS: "data.rows",
  DOCUMENTS_DIFFER: "documents.files",
  DOCUMENTS_HOSTILE: "documents.files",
};

/** What fails where the store does not take a proof. */
const PROOF_STORED = {
  id: "drill.kept",
  title: "What was proved is recorded in the store",
  part: "backup",
  judges: "restore",
  required: true,
} as const;

/** What fails where all checks are done, and the account, the marks or the workload cannot be put right. */
const CLEAN_UP = {
  id: "drill.clean_up",
  title: "The drill left nothing of its own in the sandbox",
  part: "browser",
  judges: "restore",
  required: true,
} as const;

/** The two random marks, and the checks that must see them in the browser. */
const MARKS = [
  {
    what: "a random message, written into the sandbox's database, on its sign-in page",
    check: "browser.sandbox",
  },
  {
    what: "a random picture, written into the sandbox's documents, served by its ERP",
    check: "browser.documents_mark",
  },
];

/** The record of one drill. Its clock starts when it is constructed. */
export class DrillRecord {
  readonly checks: CheckList;
  /** Of every program that took part, by its name. */
  readonly versions: Record<string, string> = { "dolibarr-drill": VERSION, Deno: Deno.version.deno };
  /** The company's name; until it is known that of its environment. */
  company: string;

  readonly #options: RecordOptions;
  readonly #startedAt = new Date();
  readonly #began = performance.now();
  readonly #phases: Phase[] = [];
  #unproved: string | undefined;
  /** When the drill's duration was judged, in ms: how long it had taken, and its phases of that. */
  #judged: { elapsed: number; phases: number } | undefined;
  readonly #facts: Facts = { leftOut: [], neutralised: [] };

  constructor(options: RecordOptions) {
    this.#options = options;
    this.company = options.from; // until its own name is read from what was restored
    this.checks = new CheckList(options);
  }

  /** The verdict so far; NOT RUN where an error ended the drill. */
  verdict(): Verdict {
    return this.#facts.error ? "not_run" : this.checks.verdict();
  }

  /** Runs `body`, and records how long it took under `title`. */
  async phase<T>(title: string, body: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await body();
    } finally {
      const ms = Math.round(performance.now() - start);
      const before = this.#phases.find((phase) => phase.title === title);
      if (before) before.ms += ms; // a phase in two parts
      else this.#phases.push({ title, ms });
    }
  }

  /** How long the drill has taken so far. @param later the checks that are not needed for a whole drill. */
  durationSoFar(maxDurationMs: number, later: readonly CheckText[]): DurationContext {
    const whole = this.checks.pending(later).length === 0;
    const elapsed = this.#elapsed();
    this.#judged = { elapsed, phases: sumOf(this.#phases, ({ ms }) => ms) };
    return durationOf({ elapsed, phases: this.#phases, whole }, maxDurationMs);
  }

  /** @param why as `reachedState` says it */
  stateIsReached(why: string): void {
    this.#facts.reachedState = why;
  }

  /** The set was chosen; nothing of it was read yet. */
  setChosen(
    { name, environment, dump, archive, takenAt, accepted, tables = [], versions, ...source }: RestorableSet,
  ): void {
    this.#facts.set = {
      name: `${environment}/${name}`,
      takenAt: takenAt.toISOString(),
      ...(accepted === undefined ? {} : { accepted }),
      objects: [{ half: "db", ...dump }, { half: "docs", ...archive }],
      tables: tables.length,
      rows: sumOf(tables, ({ rows }) => rows),
      files: source.files ?? 0,
      documentBytes: source.documentBytes ?? 0,
    };
    this.versions["pg_dump"] = versions.pg_dump ?? "unknown";
  }

  /** An older set was restored, before the newest one. */
  olderSetDone(proved: ProvedSet, check: CheckResult): void {
    this.#facts.rota = [...this.#facts.rota ?? [], proved];
    this.checks.add(check);
  }

  /** The set was restored, in the phase `RESTORE_PHASE`. */
  setRestored({ database, documents, leftOut }: RestoreProof): void {
    const facts = this.#facts;
    facts.restoreMs = this.#phases.find(({ title }) => title === RESTORE_PHASE)?.ms;
    facts.leftOut = leftOut;
    facts.neutralised = database.neutralised;
    if (database.encrypted.length > 0) facts.encrypted = database.encrypted;
    if (!facts.set) return;
    facts.set.tables = database.expected.length;
    facts.set.rows = sumOf(database.expected, ({ rows }) => rows);
    facts.set.files = documents.files;
    facts.set.documentBytes = documents.bytes;
  }

  /** The version that the restored database names; empty where it names none. */
  dolibarrIs(version: string): void {
    this.versions.Dolibarr = version || "unknown";
    const major = majorOf(version);
    if (major !== undefined && major !== PROVED_MAJOR) {
      this.#unproved = `not proved on Dolibarr ${major}: this tool was proved on ${PROVED_MAJOR}`;
    }
  }

  /** The pages were opened, with so many invoices among them. */
  pagesOpened(invoices: number): void {
    this.#facts.invoicesOpened = invoices;
  }

  /** It is known since when each finding is there, by its id, and which accepted ones are mended. */
  findingsTraced(histories: ReadonlyMap<string, FindingHistory>, mended: readonly Finding[]): void {
    this.checks.addHistories(histories);
    if (mended.length > 0) this.#facts.mended = [...mended];
  }

  /** The negative control was tried. */
  controlDone({ control, check }: ControlOutcome): void {
    this.#facts.control = control;
    this.checks.add(check);
  }

  /**
   * An error ended the drill: it fails the check that it belongs to, and the checks after that are not reached.
   * @param later checks that are run all the same, and that the error does not belong to.
   */
  endedBy(thrown: unknown, later: readonly CheckText[] = []): void {
    const error = explainDenied(asDrillError(thrown));
    this.#facts.error = fieldsOf(error);
    const pending = this.checks.pending();
    const failed = pending.find(({ id }) => id === CHECK_OF_CODE[error.code]) ??
      this.checks.pending(later)[0] ?? CLEAN_UP;
    this.checks.add(resultOfError(failed, error));
    this.#giveUp(later);
  }

  /** The store did not take a proof, when all checks were done. */
  proofNotStored(thrown: unknown): void {
    const error = explainDenied(asDrillError(thrown));
    this.#facts.error ??= fieldsOf(error);
    this.checks.add(resultOfError(PROOF_STORED, error));
  }

  /** The result of all this. What has no result by now is NOT RUN. */
  finish(): DrillResult {
    this.#giveUp();
    const { from, into, set: wanted, level, seed, lab } = this.#options;
    const checks = this.checks.results;
    const verdict = this.checks.verdict();
    const endedAt = new Date();
    const ended = {
      verdict,
      exit: exitOf(verdict),
      startedAt: this.#startedAt.toISOString(),
      ...{ from, into, level, checks },
      ...this.#facts,
    };
    return prepareResult({
      ...ended,
      format: 1,
      id: timestampOf(this.#startedAt),
      endedAt: endedAt.toISOString(),
      ms: this.#took(),
      headline: headlineOf({ ...ended, wanted }),
      lab: lab !== undefined,
      erp: lab?.erp ?? "real",
      banner: [labBanner(lab), this.#unproved].filter((one) => one !== undefined).join("; ") || undefined,
      company: this.company,
      marks: this.#marks(),
      phases: this.#phases,
      seed,
      versions: this.versions,
    });
  }

  #elapsed(): number {
    return Math.round(performance.now() - this.#began);
  }

  /** The duration that was judged, and the phases after it: one drill has one duration in all that is said of it. */
  #took(): number {
    if (!this.#judged) return this.#elapsed();
    return this.#judged.elapsed + sumOf(this.#phases, ({ ms }) => ms) - this.#judged.phases;
  }

  #giveUp(later: readonly CheckText[] = []): void {
    const { error } = this.#facts;
    this.checks.giveUp(error ? `not reached: ${error.message}` : "not reached", later);
  }

  /** None where no page was opened. */
  #marks(): DrillResult["marks"] {
    if (this.#facts.invoicesOpened === undefined) return [];
    return MARKS.map(({ what, check }) => ({ what, seen: this.checks.hasPassed(check) }));
  }
}

const fieldsOf = ({ code, message, hint, details }: DrillError) => ({
  code,
  message,
  hint,
  details: [...details],
});

const sumOf = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((sum, one) => sum + of(one), 0);
