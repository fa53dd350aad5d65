/** The words and numbers that all reports share, so that the terminal and the page say the same. */

import { formatAge, formatNumber } from "../base/numbers.ts";
import { culpritOf } from "../checks/culprit.ts";
import type { CheckResult, Compared, Culprit, DrillResult, Verdict } from "../checks/result.ts";

export const VERDICT_WORD: Record<Verdict, string> = { pass: "PASS", fail: "FAIL", not_run: "NOT RUN" };
export const VERDICT_SYMBOL: Record<Verdict, string> = { pass: "✓", fail: "✗", not_run: "–" };

/** The parts of the chain, in the order in which a drill goes through them. */
export const CHECK_PARTS: readonly CheckResult["part"][] = ["backup", "data", "documents", "browser"];
export const PART_TITLE: Record<CheckResult["part"], string> = {
  backup: "The backup",
  data: "The data",
  documents: "The documents",
  browser: "In the browser",
};

/** Checks of a backup that say nothing against what it holds. */
const NOT_THE_BYTES = ["backup.age", "backup.suspect"];

const SENTENCE_OF: Record<Culprit, string> = {
  backup: "This backup cannot be brought back",
  erp: "This backup can be brought back; the ERP had a fault when it was backed up",
  sandbox: "This backup was restored, but the sandbox does not show it as it should",
  tool: "This backup was restored, but the drill did not do all of its own work",
};

/** The verdict in a sentence. */
export function verdictSentence(result: DrillResult): string {
  if (result.verdict === "pass") return "This backup can be brought back";
  if (result.verdict === "fail") {
    const failed = result.checks.filter((check) => check.verdict === "fail");
    if (!result.error && failed.length > 0 && failed.every(({ id }) => id.startsWith("rota."))) {
      return "An older backup cannot be brought back";
    }
    if (!result.set) return "No backup could be brought back";
    const culprit = result.error ? undefined : culpritOf(failed);
    if (
      culprit === "backup" && failed.every(({ id, part }) => NOT_THE_BYTES.includes(id) || part === "browser")
    ) {
      return "This backup can be brought back, but it is not as recent as it must be";
    }
    if (
      culprit === "sandbox" && failed.every(({ id }) => id === "drill.duration" || id.startsWith("rota."))
    ) {
      return "This backup was brought back, but not in the time that is allowed";
    }
    return SENTENCE_OF[culprit ?? "backup"];
  }
  return result.exit === 130 ? "Not proved: the drill was interrupted" : "Not proved";
}

/** The first and the last line of the report where this was not the company's own ERP; else undefined. */
export function bannerOf(result: Pick<DrillResult, "banner" | "lab" | "erp">): string | undefined {
  if (result.banner) return result.banner;
  if (result.erp === "stand-in") {
    return "STAND-IN, not Dolibarr: this proves the tool, not a company's backup";
  }
  if (result.lab) return "EMBEDDED LAB: this proves the tool, not a company's backup";
  return undefined;
}

export const countWith = (checks: readonly CheckResult[], verdict: Verdict): number =>
  checks.filter((check) => check.verdict === verdict).length;

/** "18 passed, 1 failed, 1 not run". */
export function checksInWords(checks: readonly CheckResult[]): string {
  return `${countWith(checks, "pass")} passed, ${countWith(checks, "fail")} failed, ${
    countWith(checks, "not_run")
  } not run`;
}

/** Either side of a comparison: numbers in groups of three, texts as they are. */
export const formatSide = (side: Compared["expected"]): string =>
  typeof side === "number" ? formatNumber(side) : side;

/** True when both sides read the same, so that showing one of them says it all. */
export const sidesEqual = (compared: Compared): boolean =>
  formatSide(compared.expected) === formatSide(compared.found);

/** An ISO moment as "20 Nov 2026, 02:00:07 UTC"; a text that is no moment as it is. */
export function formatMoment(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const day = moment.toLocaleDateString("en-GB", {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    year: "numeric",
  });
  return `${day}, ${moment.toISOString().slice(11, 19)} UTC`;
}

/** The age of the set when the drill began, as `formatAge`; undefined where it is not known. */
export function ageInWords(result: Pick<DrillResult, "set" | "startedAt">): string | undefined {
  const ms = Date.parse(result.startedAt) - Date.parse(result.set?.takenAt ?? "");
  if (Number.isNaN(ms)) return undefined;
  return ms < -1000 ? "in the future" : formatAge(ms);
}

/** The file of a check's trace, beside the report. Playwright's own program shows it. */
export const traceName = (id: string): string => `trace-${id}.zip`;
