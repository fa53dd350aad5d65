/** What a person asks of a finding first: since when it is there, for how many nights, and where it is still right. Pure. */

import type { Finding } from "../result.ts";
import { partsOfId } from "./ledger.ts";
import { nightsBetween } from "./words.ts";

export interface AgedFinding {
  finding: Finding;
  /** The check that found it. */
  check: string;
  /** The oldest set that has it, with none after that in which its subject is right; undefined where that is not known. */
  since: string | undefined;
  /** How many nights that is, this one included; undefined where `since` is. */
  nights: number | undefined;
  /** The newest set in which its subject is still right: null where none is, undefined where that is not known. */
  stillRightIn: string | null | undefined;
}

/** The oldest first, those of one night in the order of their ids. */
export const agesOf = (findings: readonly Finding[], now: Date): AgedFinding[] =>
  findings.map((finding): AgedFinding => {
    const { history, id } = finding;
    return {
      finding,
      check: partsOfId(id).check,
      since: history?.since,
      nights: history && nightsBetween(history.since, now),
      stillRightIn: history && (history.stillRightIn ?? null),
    };
  }).sort((a, b) => order(a) < order(b) ? -1 : 1);

const order = ({ since = "", finding }: AgedFinding): string => `${since} ${finding.id}`;
