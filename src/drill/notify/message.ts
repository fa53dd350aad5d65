/** Who is to be told how a drill ended, and in which words. Pure. */

import { type DrillError, EXIT } from "../../base/errors.ts";
import { verdictOfCode } from "../../base/verdict.ts";
import type { NotifyConfig } from "../../config/config.ts";
import type { Placeholder } from "../../config/problems/notify.ts";
import { resultEvent } from "../../report/json.ts";
import { shorten } from "../../base/columns.ts";
import { oneLine, withoutCredentials } from "../../base/text.ts";
import { bannerOf, VERDICT_WORD } from "../../report/words.ts";
import type { DrillResult, Verdict } from "../../checks/result.ts";

/** What is due. */
export interface Due {
  webhook: boolean;
  alive: boolean;
}

/** What each placeholder stands for: one line each. */
export type Facts = Record<Placeholder, string>;

/** No message is longer than what a chat shows. */
const LONGEST = 600;

/**
 * The webhook is told of what is no PASS, and of the first PASS after it; the dead man's switch of every PASS. A drill that
 * was interrupted tells nobody: who pressed Ctrl-C knows, and where nobody did the switch is not reset.
 *
 * @param before the verdict of the drill before this one, as far as the store knows it.
 */
export function dueAfter({ verdict, exit }: Ended, before: Verdict | undefined): Due {
  if (exit === EXIT.interrupted) return { webhook: false, alive: false };
  if (verdict !== "pass") return { webhook: true, alive: false };
  return { webhook: before !== undefined && before !== "pass", alive: true };
}

type Ended = Pick<DrillResult, "verdict" | "exit">;

/** A drill that is known from the store. */
export interface Earlier {
  at: Date;
  verdict: Verdict;
}

/**
 * The verdict of the newest drill that began or ended before `startedAt`. Its record says what it was; a proof of a set,
 * which tells only PASS and FAIL, counts where no record is as new. Of proofs of the same night one FAIL is a FAIL.
 */
export function verdictBefore(
  startedAt: Date,
  { records, proofs }: { records: readonly Earlier[]; proofs: readonly Earlier[] },
): Verdict | undefined {
  // names in the store count in whole seconds
  const earlier = (one: Earlier) => one.at.getTime() < Math.floor(startedAt.getTime() / 1000) * 1000;
  const record = newestOf(records.filter(earlier));
  const later = proofs.filter((proof) => earlier(proof) && (!record || proof.at > record.at));
  const last = newestOf(later);
  // a record bears the moment at which its drill began, so its own proofs are a little newer
  if (!last || record && last.at.getTime() - record.at.getTime() < SAME_DRILL_MS) return record?.verdict;
  const together = later.filter(({ at }) => last.at.getTime() - at.getTime() < SAME_DRILL_MS);
  return together.some(({ verdict }) => verdict === "fail") ? "fail" : "pass";
}

const SAME_DRILL_MS = 6 * 3_600_000;

const newestOf = (list: readonly Earlier[]): Earlier | undefined =>
  list.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0];

/** What is told of a drill that came to an end. */
export function factsOf(
  result: DrillResult,
  report: string | undefined,
  before: Verdict | undefined,
): Facts {
  const { message, hint, verdict } = resultEvent(result, report);
  const passed = before === undefined || before === "pass"
    ? "the backup can be brought back"
    : `the backup can be brought back again; the drill before was ${VERDICT_WORD[before]}`;
  const cause = verdict === "pass" ? passed : message ?? result.headline;
  const banner = bannerOf(result);
  return facts({
    verdict: VERDICT_WORD[verdict],
    headline: result.headline,
    cause: banner ? `${cause} (${banner})` : cause,
    environment: result.from,
    set: result.set?.name ?? "none",
    report: report ?? "none",
    hint: hint ?? "",
  });
}

/** What is told of a drill that could not even begin, or whose report could not be written. */
export function factsOfError({ code, message, hint }: DrillError, environment: string): Facts {
  return facts({
    verdict: VERDICT_WORD[verdictOfCode(code)],
    headline: message,
    cause: message,
    environment,
    set: "none",
    report: "none",
    hint,
  });
}

const facts = (known: Facts): Facts =>
  Object.fromEntries(
    Object.entries(known).map(([name, text]) => [name, shorten(oneLine(withoutCredentials(text)), LONGEST)]),
  ) as Facts;

/** `template` with its placeholders filled in; a text that was filled in is not looked at again. */
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

/** A copy of a JSON value with its texts filled in: what they hold is escaped when it is written. */
function filled(value: unknown, facts: Facts): unknown {
  if (typeof value === "string") return fillTemplate(value, facts);
  if (Array.isArray(value)) return value.map((one) => filled(one, facts));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, facts)]));
}

/** A header holds ASCII; anything else goes as RFC 2047 has it. */
function headerText(text: string): string {
  const line = oneLine(text);
  if (/^[\x20-\x7e]*$/.test(line)) return line;
  return `=?UTF-8?B?${new TextEncoder().encode(line).toBase64()}?=`;
}
