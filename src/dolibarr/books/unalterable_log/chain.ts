/**
 * Verifies the chain of Dolibarr's unalterable log (docs/facts.md, Unalterable log). Each line is signed together with the
 * signature of the line before it: an altered line does not match its own signatures, and where a line is missing the next
 * one does not match the chain. Pure.
 */

import { createHash } from "node:crypto";
import type { ChainRoots, LogLine } from "./lines.ts";

export interface ChainResult {
  /** Lines whose signatures were recomputed. */
  checked: number;
  /** Lines of versions that sign in another way, which are not judged. */
  otherVersions: number;
  /** One sentence for each line that does not match. */
  wrong: string[];
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
  const found: ChainResult = { checked: 0, otherVersions: 0, wrong: [] };
  for (const line of lines) {
    const before = previous.get(line.entity);
    previous.set(line.entity, { id: line.id, signature: line.signature });
    if (!isComputable(line.version)) {
      found.otherVersions++;
      continue;
    }
    found.checked++;
    const fit = lineFitOf(line, before?.signature ?? fingerprints.get(line.entity) ?? "", salt);
    const name = `line ${line.id} (${line.action} ${line.ref})`;
    if (fit === "altered") found.wrong.push(`${name} was altered: it does not match its signature`);
    if (fit === "alone") {
      const place = before ? `follow line ${before.id}` : "begin the chain";
      const gap = line.id - (before?.id ?? 0) - 1;
      found.wrong.push(
        gap > 0
          ? `${
            gap === 1 ? `line ${line.id - 1} is` : `lines ${(before?.id ?? 0) + 1} to ${line.id - 1} are`
          } missing: ${name} does not ${place}`
          : `${name} does not ${place}: one of them was altered or replaced`,
      );
    }
  }
  return found;
}

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
