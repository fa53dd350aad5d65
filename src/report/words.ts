/** The words and numbers that all reports share, so that the terminal and the page say the same. */

import { formatAge, formatNumber } from "../base/numbers.ts";
import { conclusionOf, type Meaning } from "../checks/culprit.ts";
import { openFaults, openInWords } from "../checks/findings/words.ts";
import type { CheckResult, Compared, DrillResult, Verdict } from "../checks/result.ts";

export const VERDICT_WORD: Record<Verdict, string> = { pass: "PASS", fail: "FAIL", not_run: "NOT RUN" };
export const VERDICT_SYMBOL: Record<Verdict, string> = { pass: "✓", fail: "✗", not_run: "–" };

/** What a person has to keep beside the backups. @param names at least one */
export const encryptedInWords = (names: readonly string[]): string =>
  `${names.join(", ")}: the key is in production's conf.php, which is in no backup`;

/** The parts of the chain, in the order in which a drill goes through them. */
export const CHECK_PARTS: readonly CheckResult["part"][] = ["backup", "data", "documents", "browser"];
export const PART_TITLE: Record<CheckResult["part"], string> = {
  backup: "The backup",
  data: "The data",
  documents: "The documents",
  browser: "In the browser",
};

/**
 * How a verdict is coloured. `findings`: a FAIL over the ERP, whose backup can be brought back; it has a colour of its own,
 * so that it does not look like a lost backup.
 */
export type Tone = Verdict | "findings";

/** The colour of a result. */
export const toneOf = (result: DrillResult): Tone =>
  conclusionOf(result).meaning === "findings" ? "findings" : result.verdict;

/** The colour of an earlier drill, by its record. */
export const toneOfPast = ({ verdict, culprit }: Pick<DrillResult, "verdict" | "culprit">): Tone =>
  verdict === "fail" && culprit === "erp" ? "findings" : verdict;

/** The colour of one check. */
export const toneOfCheck = ({ verdict, judges }: Pick<CheckResult, "verdict" | "judges">): Tone =>
  verdict === "fail" && judges === "books" ? "findings" : verdict;

/** The verdict in a sentence, without its full stop: whose fault it is, and what is known of the backup. */
export function verdictSentence(result: DrillResult): string {
  const { meaning, restored } = conclusionOf(result);
  return SENTENCE_OF[meaning](result, restored);
}

const SENTENCE_OF: Record<Meaning, (result: DrillResult, restored: boolean) => string> = {
  proved: () => "This backup can be brought back",
  damaged: ({ set }) => set ? "This backup cannot be brought back" : "No backup could be brought back",
  not_recent: (_, restored) =>
    restored
      ? "This backup can be brought back, but it is not as recent as it must be"
      : "This backup is not as recent as it must be",
  others_changed: (_, restored) =>
    restored
      ? "This backup can be brought back, but another one is gone or was changed"
      : "Another backup is gone or was changed",
  register_lost: (_, restored) =>
    restored
      ? "This backup can be brought back, but its register is lost or damaged"
      : "The register of this backup is lost or damaged",
  older_damaged: () => "An older backup cannot be brought back",
  out_of_reach: () => "Not proved: the backups could not be read",
  findings: ({ from, checks }, restored) => {
    const faults = `${from} has ${openInWords(openFaults(checks).length)}`;
    return restored ? `This backup can be brought back; ${faults}` : `${faults}; this backup is not proved`;
  },
  not_shown: ({ into }) => `Not proved: ${into} is at fault, not the backup`,
  shown_wrongly: ({ into }) => `This backup was restored, but ${into} does not show it as it should`,
  too_slow: () => "This backup was brought back, but not in the time that is allowed",
  not_restored: ({ into }) => `Not proved: no backup could be restored into ${into}`,
  tool: ({ verdict }) =>
    verdict === "fail"
      ? "This backup was restored, but the drill did not do all of its own work"
      : "Not proved: the drill could not do its own work",
  interrupted: () => "Not proved: the drill was interrupted",
};

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

/** The age of the set when the drill began, as `formatAge`; undefined where it is not known. */
export function ageInWords(result: Pick<DrillResult, "set" | "startedAt">): string | undefined {
  const ms = Date.parse(result.startedAt) - Date.parse(result.set?.takenAt ?? "");
  if (Number.isNaN(ms)) return undefined;
  return ms < -1000 ? "in the future" : formatAge(ms);
}

/** The file of a check's trace, beside the report. Playwright's own program shows it. */
export const traceName = (id: string): string => `trace-${id}.zip`;
