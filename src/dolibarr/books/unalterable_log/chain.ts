/**
 * Verifies the chain of Dolibarr's unalterable log (docs/facts.md, Unalterable log). Each line is signed together with the
 * signature of the line before it: an altered line does not match its own signatures, and where a line is missing the next
 * one does not match the chain. Pure.
 */

import { createHash } from "node:crypto";
import type { Fault } from "../../fault.ts";
import type { ChainRoots, LogLine } from "./lines.ts";

export interface ChainResult {
  /** Lines whose signatures were recomputed. */
  checked: number;
  /** Lines of versions that sign in another way, which are not judged. */
  otherVersions: number;
  /** One for each line that does not match. */
  faults: Fault[];
}

/** `whole`: both signatures of a line match. `alone`: its own, but not the one over the line before. `altered`: neither. */
type LineFit = "whole" | "alone" | "altered";

/** How `line` matches the chain after a line with the signature `previous`. */
export function lineFitOf(line: LogLine, previous: string, salt: string): LineFit {
  const keys = keysOf(line);
  if (keys.some((key) => sha256(salt + previous + key) === line.signature)) return "whole";
  return keys.some((key) => sha256(salt + key) === line.lineSignature) ? "alone" : "altered";
}

/** Whether a line matches its own signature, whatever stands before it. */
export const signsItself = (line: LogLine, salt: string): boolean =>
  keysOf(line).some((key) => sha256(salt + key) === line.lineSignature);

/**
 * The signature that Dolibarr gives the line of an attempt to switch the log off where it is in use (modBlockedLog::remove of
 * 22.0.4): that line follows no other, and the next one follows it.
 */
const SWITCHED_OFF = "0000000000";

/** What is known of the lines before those that are verified next. */
export interface ChainState {
  /** The last line of each entity. */
  previous: Map<number, { id: number; signature: string }>;
  /** The number of the last line of all. */
  last: number;
  /** Numbers that no line has, as the first and the last of each gap. */
  gaps: [first: number, last: number][];
  /** The last line of each entity that could be judged, and the version that wrote it. */
  judged: Map<number, Pick<LogLine, "id" | "version">>;
}

/** Before the first line. */
export const beforeTheLog = (): ChainState => ({ previous: new Map(), last: 0, gaps: [], judged: new Map() });

/**
 * Verifies the next lines of the log, in the order of their numbers.
 *
 * @param state after the lines before these; it is updated.
 */
export function verifyChain(
  lines: readonly LogLine[],
  { salt, fingerprints }: ChainRoots,
  state: ChainState,
): ChainResult {
  const found: ChainResult = { checked: 0, otherVersions: 0, faults: [] };
  for (const line of lines) {
    const before = state.previous.get(line.entity);
    state.previous.set(line.entity, { id: line.id, signature: line.signature });
    if (line.id > state.last + 1) state.gaps.push([state.last + 1, line.id - 1]);
    state.last = line.id;
    if (!isComputable(line.version)) {
      found.otherVersions++;
      const judged = state.judged.get(line.entity);
      if (judged && !isLater(line.version)) found.faults.push(ofAnEarlierVersion(line, judged));
      continue;
    }
    state.judged.set(line.entity, { id: line.id, version: line.version });
    found.checked++;
    const fit = lineFitOf(line, before?.signature ?? fingerprints.get(line.entity) ?? "", salt);
    if (fit === "alone" && line.action === "MODULE_RESET" && line.signature === SWITCHED_OFF) {
      found.faults.push(switchedOff(line));
      continue;
    }
    if (fit === "altered") found.faults.push(altered(line));
    if (fit === "alone") found.faults.push(notFollowing(line, before, state.gaps));
  }
  return found;
}

export const nameOf = ({ id, action, ref }: LogLine) => `line ${id} (${action} ${ref})`;

/** The chain says nothing of what lay before this line: where lines there are gone the register of an earlier set shows it. */
const switchedOff = (line: LogLine): Fault => {
  const on = line.dates.split("|")[0] ?? "";
  return {
    subject: `line ${line.id}`,
    kind: "switch-off",
    sentence: `${nameOf(line)}: somebody tried to switch the unalterable log off on ${on}, as ${line.user}`,
    facts: { on, user: line.user, content: contentOf(line) },
  };
};

/** No ERP goes back to a version before 18: whoever alters a line may write such a version into it, so that it is not judged. */
const ofAnEarlierVersion = (line: LogLine, judged: Pick<LogLine, "id" | "version">): Fault => ({
  subject: `line ${line.id}`,
  kind: "earlier-version",
  sentence: `${nameOf(line)} says that ${
    line.version === "" ? "no version" : `version ${line.version}`
  } wrote it, after line ${judged.id}, which version ${judged.version} wrote: it cannot be judged`,
  facts: { content: contentOf(line), version: line.version },
});

const altered = (line: LogLine): Fault => ({
  subject: `line ${line.id}`,
  kind: "altered",
  sentence: `${nameOf(line)} was altered: it does not match its signature`,
  facts: { content: contentOf(line), signature: line.signature },
});

/** @param gaps of all lines up to this one: what lies between two lines of one entity may be another's. */
function notFollowing(
  line: LogLine,
  before: { id: number; signature: string } | undefined,
  gaps: ChainState["gaps"],
): Fault {
  const place = before ? `follow line ${before.id}` : "begin the chain";
  const missing = gaps.filter(([first]) => first > (before?.id ?? 0));
  const numbers = missing.map(([first, last]) => first === last ? `${first}` : `${first} to ${last}`).join(
    ", ",
  );
  const isOne = missing.length === 1 && missing[0]![0] === missing[0]![1];
  return {
    subject: `line ${line.id}`,
    kind: "not-following",
    sentence: missing.length === 0
      ? `${nameOf(line)} does not ${place}: one of them was altered or replaced`
      : `${isOne ? `line ${numbers} is` : `lines ${numbers} are`} missing: ${nameOf(line)} does not ${place}`,
    facts: {
      after: before?.id ?? 0,
      signature: line.signature,
      ...(before ? { previous: before.signature } : {}),
    },
  };
}

/** What a line says, whatever the zone in which its dates were read. */
const contentOf = ({ dates, action, amount, ref, user, data }: LogLine): string =>
  sha256([dates, action, amount, ref, user, data].join("|"));

const majorOf = (version: string): number => Number(/^\d+/.exec(version)?.[0] ?? NaN);

const isLater = (version: string): boolean => majorOf(version) >= 23;

/** Versions 18 to 22 sign the text of the data; 23 signs with a key of its own. */
export const isComputable = (version: string): boolean => {
  const major = majorOf(version);
  return major >= 18 && major < 23;
};

function keysOf({ created, about, action, amount, ref, user, data }: LogLine): string[] {
  const dates = (list: readonly string[]) => list.length === 0 ? [""] : list;
  return dates(created).flatMap((from) =>
    dates(about).map((of) => `${from}|${action}|${amount}|${ref}|${of}|${user}|${data}`)
  );
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
