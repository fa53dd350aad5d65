/** Which notifications are sent about a drill, and the text of every one. Pure. */

import { type DrillError, EXIT } from "../base/errors.ts";
import { verdictOfCode } from "../base/verdict.ts";
import type { NotifyConfig } from "../config/config.ts";
import type { Placeholder } from "../config/problems/notify.ts";
import { adviceOnFindings } from "../report/cause.ts";
import { resultEvent } from "../report/json.ts";
import { shorten } from "../base/columns.ts";
import { oneLine, withoutCredentials } from "../base/text.ts";
import { countFindings, type OpenFault, openFaults, quietInWords } from "../checks/findings/words.ts";
import { conclusionOf } from "../checks/culprit.ts";
import { prepareResult } from "../checks/overall_verdict.ts";
import { bannerOf, VERDICT_WORD, verdictSentence } from "../report/words.ts";
import { findingHash } from "../store/records/finding_schema.ts";
import { formatCount, formatNumber } from "../base/numbers.ts";
import type { DrillResult, Verdict } from "../checks/result.ts";

/** Which notifications are due. */
export interface Due {
  webhook: boolean;
  alive: boolean;
}

/** The text of each placeholder: one line. */
export type Facts = Record<Placeholder, string>;

/** The longest text that a chat shows. */
const LONGEST = 600;

/**
 * The webhook is called after a drill that is no PASS, and after the first PASS that follows; the dead man's switch after
 * every PASS. An interrupted drill sends nothing: whoever pressed Ctrl-C knows, and otherwise the switch runs out. Nor does
 * one that found in the ERP only what was told before.
 *
 * @param before the verdict of the drill before this one; undefined where the store has none.
 * @param tells what it has to tell of the ERP's faults, where they are why it is no PASS: see `faultsToTell`.
 */
export function dueAfter({ verdict, exit }: Ended, before: Verdict | undefined, tells?: FaultsToTell): Due {
  if (exit === EXIT.interrupted) return { webhook: false, alive: false };
  if (tells && tells.news.length === 0) return { webhook: false, alive: false };
  if (verdict !== "pass") return { webhook: true, alive: false };
  return { webhook: before !== undefined && before !== "pass", alive: true };
}

type Ended = Pick<DrillResult, "verdict" | "exit">;

/** What a webhook's outcome is where it was not called, because the drill has nothing that was not told before. */
export const TOLD_BEFORE = "not called: what is open was told before";

/** The faults of an ERP that keep a drill from passing. */
export interface FaultsToTell {
  /** What no message told of. */
  news: Pick<OpenFault, "sentence" | "finding">[];
  /** How many of the others there are. */
  asBefore: number;
}

/**
 * What a drill that is no PASS over the ERP's faults alone has to tell; undefined of any other. A fault was told before where
 * it was open in the drill before, and that one's webhook was called, or had nothing to tell either.
 *
 * @param before the newest drill before this one.
 */
export function faultsToTell(
  { culprit, checks }: Pick<DrillResult, "culprit" | "checks">,
  before: { checks: Parameters<typeof openFaults>[0]; told?: { webhook?: string } } | undefined,
): FaultsToTell | undefined {
  if (culprit !== "erp") return undefined;
  const wasTold = before?.told?.webhook === "sent" || before?.told?.webhook === TOLD_BEFORE;
  const known = new Set(
    wasTold ? openFaults(before.checks).flatMap(({ finding }) => finding ? [findingHash(finding)] : []) : [],
  );
  const open = openFaults(checks);
  const news = open.filter(({ finding }) => !finding || !known.has(findingHash(finding)));
  return { news, asBefore: open.length - news.length };
}

/** An earlier drill, from the store. */
export interface Earlier {
  at: Date;
  verdict: Verdict;
}

/**
 * The verdict of the newest drill before `startedAt`. A record has it. A proof of a set, which is PASS or FAIL alone, counts
 * where no record is as new. Among the proofs of the same night one FAIL is a FAIL.
 */
export function verdictBefore(
  startedAt: Date,
  { records, proofs }: { records: readonly Earlier[]; proofs: readonly Earlier[] },
): Verdict | undefined {
  // names in the store have whole seconds
  const earlier = (one: Earlier) => one.at.getTime() < Math.floor(startedAt.getTime() / 1000) * 1000;
  const record = newestOf(records.filter(earlier));
  const later = proofs.filter((proof) => earlier(proof) && (!record || proof.at > record.at));
  const last = newestOf(later);
  // a record is named after the start of its drill, so the proofs of that drill are a little newer
  if (!last || record && last.at.getTime() - record.at.getTime() < SAME_DRILL_MS) return record?.verdict;
  const together = later.filter(({ at }) => last.at.getTime() - at.getTime() < SAME_DRILL_MS);
  return together.some(({ verdict }) => verdict === "fail") ? "fail" : "pass";
}

const SAME_DRILL_MS = 6 * 3_600_000;

const newestOf = (list: readonly Earlier[]): Earlier | undefined =>
  list.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0];

/** The facts of a drill that has a result. */
export function factsOf(
  result: DrillResult,
  report: string | undefined,
  before: Verdict | undefined,
  tells?: FaultsToTell,
): Facts {
  const { hint = "", verdict, message, culprit } = resultEvent(result, report);
  const cause = verdict === "pass"
    ? passInWords(result, before)
    : culprit === "erp"
    ? newsInWords(result, tells) ?? result.headline // it says whose fault it is, and of which set
    : `${sentenceOf(result)}: ${message ?? result.headline}`;
  const banner = bannerOf(result);
  return makeFacts({
    verdict: VERDICT_WORD[verdict],
    verb: "drill",
    headline: result.headline,
    cause: banner ? `${cause} (${banner})` : cause,
    environment: result.from,
    set: result.set?.name ?? "none",
    report: report ?? "none",
    hint: tells?.news[0]?.finding ? adviceOnFindings(result, tells.news[0].finding) : hint,
    culprit: culprit ?? "none",
    findings: findingsInWords(result),
  });
}

/** Of faults in an ERP that has others which were told before: the new ones alone, and the number of the others. */
function newsInWords(result: DrillResult, tells: FaultsToTell | undefined): string | undefined {
  if (!tells || tells.asBefore === 0) return undefined;
  const { news: [first, ...others], asBefore } = tells;
  if (first === undefined) return undefined;
  const backup = conclusionOf(result).restored
    ? "the backup can be brought back"
    : "the backup is not proved";
  const more = others.length === 0 ? "" : `, and ${formatNumber(others.length)} more`;
  return `${backup}; ${result.from} has ${
    formatCount(others.length + 1, "new fault")
  }: ${first.sentence}${more}; ${formatNumber(asBefore)} open as before`;
}

/** Without what the verdict, which stands before it, says already. */
const sentenceOf = (result: DrillResult): string =>
  verdictSentence(prepareResult(result)).replace(/^Not proved: /, "");

/** Of a PASS: what was wrong before, and what a person has accepted. */
function passInWords(result: DrillResult, before: Verdict | undefined): string {
  return [
    before === undefined || before === "pass"
      ? "the backup can be brought back"
      : `the drill passes again: the backup can be brought back; the drill before was ${
        VERDICT_WORD[before]
      }`,
    quietInWords(result),
  ].filter((text) => text !== "").join("; ");
}

function findingsInWords({ checks }: DrillResult): string {
  const counts = countFindings(checks);
  return counts ? `${counts.open} open, ${counts.accepted} accepted` : NONE_LOOKED_FOR;
}

const NONE_LOOKED_FOR = "none looked for";

/** The verbs that people are notified of. */
export type NotifiedVerb = "drill" | "backup" | "prune";

/** The facts of a verb that ended with an error: a drill that could not begin, a backup that failed, a prune that was refused. */
export function factsOfError(
  { code, message, hint }: DrillError,
  environment: string,
  verb: NotifiedVerb = "drill",
): Facts {
  return makeFacts({
    verdict: VERDICT_WORD[verdictOfCode(code)],
    verb,
    headline: message,
    // of a drill the message itself says enough; the same message of another verb would be taken for a drill's
    cause: verb === "drill" ? message : `the ${verb} failed: ${message}`,
    environment,
    set: "none",
    report: "none",
    hint,
  });
}

/** What only a drill knows. */
type OfDrills = "culprit" | "findings";

/** Facts that can be sent: each one line, not endless, and without credentials. */
export const makeFacts = (known: Omit<Facts, OfDrills> & Partial<Pick<Facts, OfDrills>>): Facts =>
  Object.fromEntries(
    Object.entries({ culprit: "none", findings: NONE_LOOKED_FOR, ...known }).map((
      [name, text],
    ) => [name, shorten(oneLine(withoutCredentials(text)), LONGEST)]),
  ) as Facts;

/** `template` with its placeholders filled in; the text of one is not searched for others. */
export const fillTemplate = (template: string, facts: Facts): string =>
  template.replaceAll(
    /\{([a-z]+)\}/g,
    (whole, name) => Object.hasOwn(facts, name) ? facts[name as Placeholder] : whole,
  );

/** A message as it is posted: its headers (without the secret ones) and its body. */
export function messageFor(
  { headers, body }: Pick<NonNullable<NotifyConfig["webhook"]>, "headers" | "body">,
  facts: Facts,
): { headers: Record<string, string>; body: string } {
  const plain = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, headerText(fillTemplate(value, facts))] as const] : []
  );
  const asJson = "json" in body;
  return {
    headers: {
      "Content-Type": asJson ? "application/json" : "text/plain; charset=utf-8",
      ...Object.fromEntries(plain),
    },
    body: asJson ? JSON.stringify(filled(body.json, facts)) : fillTemplate(body.text, facts),
  };
}

/** A copy of a JSON value with its texts filled in. They are escaped when the value is written. */
function filled(value: unknown, facts: Facts): unknown {
  if (typeof value === "string") return fillTemplate(value, facts);
  if (Array.isArray(value)) return value.map((one) => filled(one, facts));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, facts)]));
}

/** A header is ASCII; other text is encoded by RFC 2047. */
function headerText(text: string): string {
  const line = oneLine(text);
  if (/^[\x20-\x7e]*$/.test(line)) return line;
  return `=?UTF-8?B?${new TextEncoder().encode(line).toBase64()}?=`;
}
