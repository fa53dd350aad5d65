/** One set whole: what is stored, what proved it, why it is kept, what was found in it. */

import { formatMoment } from "../../base/time.ts";
import { formatAge, formatBytes, formatCount } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import { type AgedFinding } from "../../checks/findings/age.ts";
import { sinceText, stillRightText, untilText } from "../../report/finding_words.ts";
import { VERDICT_WORD } from "../../report/words.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import type { ProofBody } from "../../store/records/proofs.ts";
import { acceptedInWords, isLegacy, kindOf, objectsOfSet, seenAt, takenAt } from "../../store/sets/sets.ts";
import type { Colours } from "../../base/terminal/colours.ts";
import { type ListedSet, setEvent } from "./sets.ts";

export interface WholeSet {
  listed: ListedSet;
  /** What was found in it, with since when; undefined: nothing ever looked. */
  findings: readonly AgedFinding[] | undefined;
  /** Newest first; `body` is undefined where a proof cannot be read. */
  proofs: readonly { key: string; at: Date; verb: string; verdict: "pass" | "fail"; body?: ProofBody }[];
  /** Newest first. */
  drills: readonly StoredDrill[];
}

/** How many columns the title of a line takes. */
export const TITLE_COLUMNS = 11;

/** What a person reads. Pure. */
export function oneSetLines(whole: WholeSet, now: Date, colours: Colours): string[] {
  const { listed, findings, proofs, drills } = whole;
  const { set, flaws, kept, held, turn } = listed;
  const { environment } = set;
  const age = formatAge(now.getTime() - seenAt(set).getTime());
  const line = (title: string, text: string) => `${title.padEnd(TITLE_COLUMNS)}${text}`;
  const isGood = flaws.length === 0;
  return [
    `${environment}/${set.name}: ${isGood ? colours.green("good") : colours.red("not good")}${
      listed.latest ? ", latest" : ""
    }`,
    ...flaws.map((flaw) => line("Bad", colours.red(oneLine(flaw)))),
    ...acceptedLines(listed).map((text) => line("Accepted", text)),
    line("Taken", `${formatMoment(takenAt(set).toISOString())}, ${age} ago; ${kindOf(set)}`),
    ...holdsLines(listed).map((text) => line("Holds", text)),
    ...objectLines(listed).map(([title, text]) => line(title, text)),
    ...warningsOf(listed).map((text) => line("Warning", oneLine(text))),
    line("Kept", kept.length > 0 ? kept.join(", ") : "no longer: the next prune drops it"),
    ...(held ? [line("Held", `until ${held.until}: ${oneLine(held.reason)}`)] : []),
    ...(turn ? [line("Due", `a drill restores it again by ${turn.dueAt.toISOString().slice(0, 10)}`)] : []),
    ...(proofs.length === 0 ? [line("Proved", "never")] : proofs.flatMap(proofLines(colours))
      .map(([title, text]) => line(title, text))),
    ...drills.map((drill) =>
      line(
        "Drill",
        `${VERDICT_WORD[drill.verdict]} on ${formatMoment(drill.startedAt)}: ${oneLine(drill.headline)}`,
      )
    ),
    ...findingLines(findings, environment, now).map(([title, text]) => line(title, text)),
  ];
}

function acceptedLines({ set }: ListedSet): string[] {
  const words = acceptedInWords(set);
  if (words === undefined || isLegacy(set)) return [];
  return [
    `${words.replace(/^accepted /, "")}, on ${set.accepted!.at.slice(0, 10)}`,
    ...set.manifest.suspect.map((reason) => `it looked lost: ${oneLine(reason)}`),
  ];
}

type Titled = [title: string, text: string];

function holdsLines({ tables, rows, files }: ListedSet): string[] {
  if (tables === undefined || rows === undefined || files === undefined) return ["not recorded"];
  return [`${formatCount(tables, "table")}, ${formatCount(rows, "row")}, ${formatCount(files, "file")}`];
}

/** Each object with its size and its hash, and whether it is of an earlier set. */
function objectLines({ set, db, docs }: ListedSet): Titled[] {
  return objectsWithHashes(set).flatMap(({ key, bytes, sha256 }): Titled[] => {
    const state = key.includes("/registers/") ? "new" : key.includes("/db/") ? db.state : docs.state;
    const before = state === "as before" || state === "not looked at" ? `; ${state}` : "";
    return [
      ["Object", `${key}, ${formatBytes(bytes)}${before}`],
      ["", sha256 ? `sha256 ${sha256}` : "no hash was ever recorded"],
    ];
  });
}

const objectsWithHashes = (set: ListedSet["set"]): { key: string; bytes: number; sha256?: string }[] =>
  isLegacy(set) ? objectsOfSet(set) : [
    ...set.manifest.db.objects,
    ...set.manifest.docs.objects,
    set.manifest.docs.index,
    ...(set.manifest.register ? [set.manifest.register] : []),
  ];

const warningsOf = ({ set }: ListedSet): readonly string[] => isLegacy(set) ? [] : set.manifest.warnings;

const proofLines =
  (colours: Colours) => ({ key, at, verb, verdict, body }: WholeSet["proofs"][number]): Titled[] => {
    const word = verdict === "pass" ? colours.green("PASS") : colours.red("FAIL");
    return [
      ["Proved", `${word} by ${verb} on ${formatMoment(at.toISOString())}`],
      ...(body
        ? [
          ...body.problems.map((text): Titled => ["", `bad: ${oneLine(text)}`]),
          ...body.proved.map((text): Titled => ["", oneLine(text)]),
          ...body.notProved.map((text): Titled => ["", `NOT RUN: ${oneLine(text)}`]),
        ]
        : [["", `${key} cannot be read`] as Titled]),
    ];
  };

function findingLines(
  findings: readonly AgedFinding[] | undefined,
  environment: string,
  now: Date,
): Titled[] {
  if (!findings) return [["Findings", "nothing ever looked"]];
  if (findings.length === 0) return [["Findings", "none"]];
  return findings.flatMap((one): Titled[] => {
    const { accepted, sentence } = one.finding;
    const state = accepted ? `accepted ${untilText(accepted.until)}` : "open";
    const since = one.since === undefined
      ? ""
      : `${sinceText(one, now)}; ${stillRightText(one, environment)}`;
    return [["Finding", `${state}: ${oneLine(sentence)}`], ...(since ? [["", since] as Titled] : [])];
  });
}

/** The `set` event of one set, with what only this page has (docs/events.md). Pure. */
export function oneSetEvent({ listed, proofs, drills }: WholeSet): object {
  return {
    ...setEvent(listed),
    objects: objectsWithHashes(listed.set).map(({ key, bytes, sha256 }) => ({ key, bytes, sha256 })),
    warnings: warningsOf(listed),
    proofs: proofs.map(({ key, at, verb, verdict, body }) => ({
      key,
      at: at.toISOString(),
      verb,
      verdict,
      proved: body?.proved,
      notProved: body?.notProved,
      problems: body?.problems,
    })),
    drills: drills.map(({ id, startedAt, verdict, culprit, headline }) => ({
      id,
      at: startedAt,
      verdict,
      culprit,
      headline,
    })),
  };
}
