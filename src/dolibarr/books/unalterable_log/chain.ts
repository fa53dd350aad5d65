/**
 * Dolibarr's unalterable log, computed anew (FACTS, Unalterable log). Each line is signed over the one before: a line that
 * was altered does not fit its own signatures, and where one is gone the next does not fit the chain.
 */

import { createHash } from "node:crypto";
import type { ChainRoots, LogLine } from "./lines.ts";

export interface ChainResult {
  /** Lines that were computed anew. */
  checked: number;
  /** Lines of versions that sign otherwise. */
  passedOver: number;
  /** Sentences. */
  wrong: string[];
}

/** How a line belongs into the chain: both of its signatures fit, its own alone, or not even that. */
export type LineFit = "whole" | "alone" | "altered";

/** Whether `line` fits behind a line of that signature. Pure. */
export function lineFitOf(line: LogLine, previous: string, salt: string): LineFit {
  const keys = keysOf(line);
  if (keys.some((key) => sha256(salt + previous + key) === line.signature)) return "whole";
  return keys.some((key) => sha256(salt + key) === line.lineSignature) ? "alone" : "altered";
}

/** The lines of one entity after the other, in their order; `previous` is the signature of the one before, by entity. Pure but for `previous`. */
export function verifyChain(
  lines: readonly LogLine[],
  { salt, fingerprints }: ChainRoots,
  previous: Map<number, { id: number; signature: string }>,
): ChainResult {
  const found: ChainResult = { checked: 0, passedOver: 0, wrong: [] };
  for (const line of lines) {
    const before = previous.get(line.entity);
    previous.set(line.entity, { id: line.id, signature: line.signature });
    if (!isComputable(line.version)) {
      found.passedOver++;
      continue;
    }
    found.checked++;
    const fits = lineFitOf(line, before?.signature ?? fingerprints.get(line.entity) ?? "", salt);
    const name = `line ${line.id} (${line.action} ${line.ref})`;
    if (fits === "altered") found.wrong.push(`${name} was altered: its signature is another`);
    if (fits === "alone") {
      const after = before ? `after line ${before.id}` : "at the beginning";
      const gap = line.id - (before?.id ?? 0) - 1;
      found.wrong.push(
        gap > 0
          ? `${
            gap === 1 ? `line ${line.id - 1} is` : `lines ${(before?.id ?? 0) + 1} to ${line.id - 1} are`
          } missing: ${name} does not fit ${after}`
          : `${name} does not fit ${after}: one of them was altered or replaced`,
      );
    }
  }
  return found;
}

/** From 18 on the text of the data is signed; 23 signs with a key of its own. */
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
