/** What a person asks of a finding first: since when it is there, for how many nights, and where it is still right. Pure. */

import { momentOf } from "../../base/time.ts";
import type { Finding } from "../result.ts";
import { partsOfId } from "./ledger.ts";

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
      nights: history && nightsSince(history.since, now),
      stillRightIn: history && (history.stillRightIn ?? null),
    };
  }).sort((a, b) => order(a) < order(b) ? -1 : 1);

const order = ({ since = "", finding }: AgedFinding): string => `${since} ${finding.id}`;

/** By the days of UTC: of a set of today 1. */
function nightsSince(set: string, now: Date): number | undefined {
  const first = momentOf(set);
  return first && Math.max(1, dayOf(now) - dayOf(first) + 1);
}

const dayOf = (moment: Date): number => Math.floor(moment.getTime() / 86_400_000);
