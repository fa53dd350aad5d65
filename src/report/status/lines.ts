/** The status as a person reads it at 7 in the morning: one screen of 80 by 24, whatever is wrong. Pure. */

import { shorten, wrap } from "../../base/columns.ts";
import { formatAge, formatCount, formatDuration } from "../../base/numbers.ts";
import { PROGRAM } from "../../base/program_name.ts";
import type { Colours } from "../../base/terminal/colours.ts";
import { oneLine } from "../../base/text.ts";
import type { Culprit } from "../../checks/result.ts";
import type { AgedFinding } from "../../checks/findings/age.ts";
import { endsInDays, sinceText } from "../finding_words.ts";
import type { StatusSummary } from "./summary.ts";
import { VERDICT_WORD } from "../words.ts";

/** How the rota over the older sets stands. */
export interface RotaStand {
  sets: number;
  late: number;
  nextDue?: Date;
}

interface StatusPage {
  environment: string;
  now: Date;
  colours: Colours;
  /** Columns of the terminal; undefined: it is none, and each entry is one line. */
  width?: number;
  rota?: RotaStand;
}

const TITLE_WIDTH = 10;
/** So many lines leave room for the prompt and a warning. */
const SCREEN_LINES = 22;

/** How much is told, the most first: what has room on a screen is taken. */
interface Detail {
  /** Lines of one entry on a terminal. */
  lines: number;
  /** Findings that are told one by one, and problems besides the first; of the others the number. */
  findings: number;
  problems: number;
}
const DETAILS: readonly Detail[] = [
  { lines: 2, findings: 4, problems: 3 },
  { lines: 2, findings: 3, problems: 2 },
  { lines: 1, findings: 3, problems: 2 },
];
/** Acceptances that end soon and are told one by one. */
const ENDING = 2;

const AT_FAULT: Record<Culprit, string> = {
  backup: "the backup is at fault",
  erp: "the backup is right, the ERP is at fault",
  sandbox: "the sandbox is at fault",
  tool: "this tool is at fault",
};

interface Entry {
  title: string;
  text: string;
  /** Stands behind the text, and is never cut off. */
  tail?: string;
  /** How many lines it may have on a terminal, whatever the detail. */
  most?: number;
}

/** The verdict, the newest good set, the last drill, what is open, what else is wrong, what to do: each once. */
export function statusLines(summary: StatusSummary, page: StatusPage): string[] {
  let lines: string[] = [];
  for (const detail of DETAILS) {
    lines = linesWith(detail, summary, page);
    if (lines.length <= SCREEN_LINES) break;
  }
  return lines;
}

function linesWith(detail: Detail, summary: StatusSummary, page: StatusPage): string[] {
  const { verdict, problems, next, open, accepted } = summary;
  const { environment, colours, rota, now, width } = page;
  const paint = { pass: colours.green, fail: colours.red, not_run: colours.yellow }[verdict];
  const word = VERDICT_WORD[verdict];
  const first = problems[0]?.message ?? `${environment} is backed up, and the backup is proved`;
  const entries: Entry[] = [
    { title: "Backup", text: backupText(summary, page) },
    ...newestEntries(summary, first),
    ...drillEntries(summary, now, first),
    ...findingEntries(open, now, first, detail),
    ...acceptedEntries(accepted, now),
    ...problemEntries(summary, detail),
    ...(rota ? [{ title: "Rota", text: rotaText(rota, now) }] : []),
    { title: "Next", text: next, most: 3 },
  ];
  const [head = "", ...rest] = laidOut(
    { title: `${word}:`, text: first, most: 2 },
    width,
    word.length + 2,
    detail,
  );
  return [
    head.replace(word, paint(word)),
    ...rest,
    ...entries.flatMap((entry) => laidOut(entry, width, TITLE_WIDTH, detail)),
  ];
}

/** On a terminal as many lines as it may have, the last one shortened before its tail; else one. */
function laidOut(
  { title, text, tail = "", most }: Entry,
  width: number | undefined,
  indent: number,
  detail: Detail,
): string[] {
  const line = oneLine(text);
  if (width === undefined) return [title.padEnd(indent) + line + tail];
  const columns = Math.max(20, width - indent);
  const lines = wrap(line + tail, columns);
  const count = most ?? detail.lines;
  const shown = lines.length <= count ? lines : [
    ...lines.slice(0, count - 1),
    lastLine(lines.slice(count - 1).join(" "), tail, columns),
  ];
  return shown.map((one, at) => (at === 0 ? title : "").padEnd(indent) + one);
}

function lastLine(rest: string, tail: string, columns: number): string {
  const text = rest.endsWith(tail) ? rest.slice(0, rest.length - tail.length) : rest;
  return shorten(text, Math.max(1, columns - tail.length)) + tail;
}

const ago = (moment: Date, now: Date) => `${formatAge(now.getTime() - moment.getTime())} ago`;

function backupText({ set }: StatusSummary, { now }: StatusPage): string {
  if (!set) return "none";
  const accepted = set.accepted === undefined ? "" : `; ${set.accepted}`;
  const change = set.lastChange ? `; last change in it ${ago(set.lastChange, now)}` : "";
  return `${set.name}, as of ${ago(set.seenAt, now)}${change}${accepted}`;
}

/** What the newest good set does not have. Where the first line says why, only how much that is. */
function newestEntries({ notNewest }: StatusSummary, first: string): Entry[] {
  const { newest, olderMs = 0 } = notNewest ?? {};
  if (!newest) return [];
  const why = first.includes(newest.name) ? "" : `, ${newest.why}`;
  return [{
    title: "Not in it",
    text: `what was entered in ${formatAge(olderMs)} until ${newest.name}${why}`,
  }];
}

function drillEntries(
  { drill, unreadableDrill, lastPass, drillsSincePass }: StatusSummary,
  now: Date,
  first: string,
): Entry[] {
  if (unreadableDrill) {
    return [{ title: "Drill", text: `${ago(unreadableDrill.at, now)}; its record cannot be read` }];
  }
  if (!drill) return [{ title: "Drill", text: "none" }];
  const { verdict, at, set, ms, culprit, headline } = drill;
  const fault = verdict === "pass" || !culprit ? "" : `; ${AT_FAULT[culprit]}`;
  // what the ERP has is told below, finding by finding
  const isTold = verdict === "pass" || culprit === "erp" || first.includes(headline);
  const since = lastPass
    ? `${ago(lastPass, now)}; ${formatCount(drillsSincePass, "drill")} without a PASS since then`
    : "none known";
  return [
    {
      title: "Drill",
      text: `${VERDICT_WORD[verdict]} ${ago(at, now)}, of ${set ?? "no set"}, in ${
        formatDuration(ms)
      }${fault}`,
    },
    ...(isTold ? [] : [{ title: "", text: headline }]),
    ...(drillsSincePass > 0 ? [{ title: "Last PASS", text: since }] : []),
  ];
}

function findingEntries(
  open: readonly AgedFinding[],
  now: Date,
  first: string,
  { findings }: Detail,
): Entry[] {
  const isTold = open.length === 1 && first.includes(open[0]!.finding.sentence);
  const shown = open.slice(0, findings);
  const more = open.length - shown.length;
  return [
    ...shown.map((one): Entry => ({
      title: "Finding",
      text: isTold ? one.finding.subject : one.finding.sentence,
      tail: `, ${sinceText(one, now)}`,
    })),
    ...(more > 0
      ? [{ title: "", text: `and ${formatCount(more, "more finding")}: ${PROGRAM} findings` }]
      : []),
  ];
}

/** Those whose acceptance ends within 30 days, the soonest first; of the others the number. */
function acceptedEntries(accepted: readonly AgedFinding[], now: Date): Entry[] {
  if (accepted.length === 0) return [];
  const ending = accepted.flatMap((one) => {
    const days = endsInDays(one, now);
    return days === undefined ? [] : [{ subject: one.finding.subject, days }];
  }).sort((a, b) => a.days - b.days);
  const named = ending.slice(0, ENDING).map(({ subject, days }) =>
    `${subject} in ${formatCount(days, "day")}`
  );
  const more = ending.length - named.length;
  const ends = ending.length === 0
    ? ""
    : `; that ends for ${named.join(", ")}${more > 0 ? ` and ${more} more within 30 days` : ""}`;
  return [{ title: "Accepted", text: `${formatCount(accepted.length, "finding")}${ends}` }];
}

function problemEntries({ problems, openProblem }: StatusSummary, { problems: most }: Detail): Entry[] {
  const others = problems.slice(1).filter((one) => one !== openProblem); // its findings are told one by one
  const more = others.length - most;
  return [
    ...others.slice(0, most).map(({ message }): Entry => ({ title: "Also", text: message })),
    ...(more > 0 ? [{ title: "", text: `and ${formatCount(more, "more problem")}: ${PROGRAM} list` }] : []),
  ];
}

function rotaText({ sets, late, nextDue }: RotaStand, now: Date): string {
  const due = nextDue && nextDue.getTime() - now.getTime();
  const next = due === undefined ? "" : `; the next is due ${due < 60_000 ? "now" : `in ${formatAge(due)}`}`;
  return `${formatCount(sets, "set")}, ${late === 0 ? "none" : late} overdue${next}`;
}
