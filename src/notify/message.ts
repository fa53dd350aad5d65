/** Which notifications are sent about a drill, and the text of every one. Pure. */

import { type DrillError, EXIT } from "../base/errors.ts";
import { verdictOfCode } from "../base/verdict.ts";
import type { NotifyConfig } from "../config/config.ts";
import type { Placeholder } from "../config/problems/notify.ts";
import { resultEvent } from "../report/json.ts";
import { shorten } from "../base/columns.ts";
import { oneLine, withoutCredentials } from "../base/text.ts";
import { countFindings, quietInWords } from "../checks/findings/words.ts";
import { prepareResult } from "../checks/overall_verdict.ts";
import { bannerOf, VERDICT_WORD, verdictSentence } from "../report/words.ts";
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
 * every PASS. An interrupted drill sends nothing: whoever pressed Ctrl-C knows, and otherwise the switch runs out.
 *
 * @param before the verdict of the drill before this one; undefined where the store has none.
 */
export function dueAfter({ verdict, exit }: Ended, before: Verdict | undefined): Due {
  if (exit === EXIT.interrupted) return { webhook: false, alive: false };
  if (verdict !== "pass") return { webhook: true, alive: false };
  return { webhook: before !== undefined && before !== "pass", alive: true };
}

type Ended = Pick<DrillResult, "verdict" | "exit">;

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
): Facts {
  const { hint = "", verdict, message, culprit } = resultEvent(result, report);
  const cause = verdict === "pass" ? passInWords(result, before) : culprit === "erp"
    ? result.headline // it says whose fault it is, and of which set
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
    hint,
    culprit: culprit ?? "none",
    findings: findingsInWords(result),
  });
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
