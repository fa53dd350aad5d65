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

/**
 * Verifies the next lines of the log, in the order of their numbers.
 *
 * @param previous by entity, the last line that was verified before these; it is updated.
 */
export function verifyChain(
  lines: readonly LogLine[],
  { salt, fingerprints }: ChainRoots,
  previous: Map<number, { id: number; signature: string }>,
): ChainResult {
  const found: ChainResult = { checked: 0, otherVersions: 0, faults: [] };
  for (const line of lines) {
    const before = previous.get(line.entity);
    previous.set(line.entity, { id: line.id, signature: line.signature });
    if (!isComputable(line.version)) {
      found.otherVersions++;
      continue;
    }
    found.checked++;
    const fit = lineFitOf(line, before?.signature ?? fingerprints.get(line.entity) ?? "", salt);
    if (fit === "altered") found.faults.push(altered(line));
    if (fit === "alone") found.faults.push(notFollowing(line, before));
  }
  return found;
}

const nameOf = ({ id, action, ref }: LogLine) => `line ${id} (${action} ${ref})`;

const altered = (line: LogLine): Fault => ({
  subject: `line ${line.id}`,
  kind: "altered",
  sentence: `${nameOf(line)} was altered: it does not match its signature`,
  facts: { content: contentOf(line), signature: line.signature },
});

function notFollowing(line: LogLine, before: { id: number; signature: string } | undefined): Fault {
  const place = before ? `follow line ${before.id}` : "begin the chain";
  const [first, last] = [(before?.id ?? 0) + 1, line.id - 1];
  const gone = first === last ? `line ${first} is` : `lines ${first} to ${last} are`;
  return {
    subject: `line ${line.id}`,
    kind: "not-following",
    sentence: first > last
      ? `${nameOf(line)} does not ${place}: one of them was altered or replaced`
      : `${gone} missing: ${nameOf(line)} does not ${place}`,
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

/** Versions 18 to 22 sign the text of the data; 23 signs with a key of its own. */
const isComputable = (version: string): boolean => {
  const major = Number(/^\d+/.exec(version)?.[0] ?? NaN);
  return major >= 18 && major < 23;
};

function keysOf({ created, about, action, amount, ref, user, data }: LogLine): string[] {
  const dates = (list: readonly string[]) => list.length === 0 ? [""] : list;
  return dates(created).flatMap((from) =>
    dates(about).map((of) => `${from}|${action}|${amount}|${ref}|${of}|${user}|${data}`)
  );
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
