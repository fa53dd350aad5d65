/** The result of a drill as plain values, from which the terminal, JSON, JUnit and HTML reports are made. */

import type { Verdict } from "../base/verdict.ts";
import type { Finding } from "../store/records/finding_schema.ts";

export type { Finding, Verdict };

/** How deep a drill is; each level runs the checks of the levels before it too. */
export const LEVELS = ["fast", "standard", "deep"] as const;

export type Level = typeof LEVELS[number];

/** What was compared with what. Numbers and short texts, never a secret. */
export interface Compared {
  expected: string | number;
  found: string | number;
  /** Where each side comes from: "the manifest's 277 tables against the restored database". */
  with: string;
}

export interface Screenshot {
  /** What is to be seen on it. */
  title: string;
  /** The page's address. */
  url: string;
  /** The picture itself, JPEG or PNG. In JSON reports it is left out. */
  bytes: Uint8Array;
  mediaType: "image/jpeg" | "image/png";
  /** The one to be seen first, where nothing failed. */
  lead?: boolean;
}

/**
 * What a check judges. `restore`: that what was restored is what was backed up, that it opens, and that it shows it.
 * `books`: that the ERP was sound when it was backed up. Where only checks of the books fail, the backup is faithful, and
 * the fault is the ERP's own.
 */
export type Judged = "restore" | "books";

/** Whose fault it is that a drill did not pass. `sandbox`: where it was restored to, its address, workload and rights. */
export type Culprit = "backup" | "erp" | "sandbox" | "tool";

export interface CheckResult {
  /** `data.rows`, `documents.files`, `browser.logo`, ... */
  id: string;
  /** The check as a sentence: "every table has the rows and the content of the backup". */
  title: string;
  /** Which part of the chain it belongs to. */
  part: "backup" | "data" | "documents" | "browser";
  /** Absent in what an earlier version stored. */
  judges?: Judged;
  required: boolean;
  verdict: Verdict;
  /** Absent only where the check could not run. */
  compared?: Compared;
  /** Why it failed or did not run: an error code and one sentence. */
  code?: string;
  message?: string;
  /** What to do next, where it is known. */
  hint?: string;
  /** More lines: which tables differ, which invoices were opened. */
  details: string[];
  /** Of a check of the books: all that it found, each once, also what a person has accepted. */
  findings?: Finding[];
  ms: number;
  screenshots: Screenshot[];
  /** Of a page that failed: the trace of a second run, as Playwright's ZIP. It is written beside the report alone. */
  trace?: Uint8Array;
}

export interface DrilledObject {
  half: "db" | "docs";
  key: string;
  bytes: number;
  /** Undefined for an object of the old script, for which none was recorded. */
  sha256?: string;
}

/** The phase in which older sets are restored. It differs from night to night, and does not count in the duration of a drill. */
export const OLD_SETS_PHASE = "Older sets";
/** The phase of the negative control, which differs from night to night too. */
export const CONTROL_PHASE = "Negative control";
/** The phases that do not count in the duration of a drill. */
export const ASIDE_PHASES: readonly string[] = [OLD_SETS_PHASE, CONTROL_PHASE];

export interface Phase {
  title: string;
  ms: number;
}

/**
 * The notifications about the drill: `sent`, `failed: WHY`, or of the webhook that what is open was told before; undefined
 * where none was due. Never an address.
 */
export interface Notifications {
  webhook?: string;
  alive?: string;
}

/** An older set that the drill restored before the newest. */
export interface ProvedSet {
  /** `prod/20260630T155313Z` */
  set: string;
  verdict: Verdict;
  ms: number;
  /** What was proved, or why not. */
  message: string;
}

/** The negative control: how the drill broke its own sandbox, and whether the check failed on that. */
export interface ControlResult {
  /** The check that must see it: its id. */
  check: string;
  /** What was done. */
  by: string;
  /** `seen`: the check failed, as it must. `missed`: it did not, and proves nothing. `not_run`: it could not be tried. */
  verdict: "seen" | "missed" | "not_run";
  message: string;
  ms: number;
  /** When this control was tried before, ISO 8601, UTC; undefined where the store has no record of that. */
  lastTried?: string;
}

export interface DrillResult {
  format: 1;
  /** When the drill started: names its report, `20260630T155313Z`. */
  id: string;
  startedAt: string;
  endedAt: string;
  ms: number;
  verdict: Verdict;
  exit: 0 | 1 | 2 | 130;
  /** One line: what was proved, or the cause of the failure. */
  headline: string;
  /** Whose fault it is; absent on a PASS. */
  culprit?: Culprit;
  /** True on the embedded lab: it proves the tool, not a company's backup. */
  lab: boolean;
  erp: "real" | "stand-in";
  /** The first and the last line of the report where this was not the company's own ERP. */
  banner?: string;
  company: string;
  from: string;
  into: string;
  /** The drill's level: checks above it are listed as NOT RUN. */
  level: Level;
  /** The set that was restored; absent when none could be had. */
  set?: {
    name: string;
    takenAt: string;
    /** That its state looked lost, and a person says it is right: `accepted as it is: purge of 2015 by anna@backup`. */
    accepted?: string;
    objects: DrilledObject[];
    tables: number;
    rows: number;
    files: number;
    documentBytes: number;
  };
  /** From the moment the sandbox was stopped until it answered with what was restored, in ms. */
  restoreMs?: number;
  /** How many invoices were opened in the browser. */
  invoicesOpened?: number;
  /** What of the dump was not restored, and why. */
  leftOut: { what: string; why: string }[];
  /** What was changed in the sandbox so that it cannot act on the world. */
  neutralised: { what: string; rows: number; why: string }[];
  /**
   * The names of restored values whose key is in conf.php alone, which no backup holds: `iban_prefix of 8 rows
   * (llx_societe_rib)`. Absent where there are none.
   */
  encrypted?: readonly string[];
  /** How the documents' owner could write what a run after a crash believes; absent where nothing shows that. */
  reachedState?: string;
  /** The two random marks, which prove that the pages are those of the restored state (docs/design.md, rule 9). */
  marks: { what: string; seen: boolean }[];
  /** Decides which invoices were opened. */
  seed: string;
  versions: Record<string, string>;
  phases: Phase[];
  checks: CheckResult[];
  /** Findings that were accepted and are gone since the drill before: told once. */
  mended?: Finding[];
  /** The older sets of this night, in the order in which they were restored. */
  rota?: ProvedSet[];
  /** Absent where none was tried: it is off, or the drill was no pass. */
  control?: ControlResult;
  told?: Notifications;
  /** The error that ended the drill, where one did. */
  error?: { code: string; message: string; hint: string; details: string[] };
}
