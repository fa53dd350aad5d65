/** Drills of many nights as records, for what needs more of them than can be run in a test. */

import { timestampOf } from "../../../src/base/time.ts";
import { storedOf } from "../../../src/report/json.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import type { StoredDrill } from "../../../src/store/records/drill_schema.ts";
import { samplePass } from "./results.ts";
import { DAY_MS } from "../store/sets.ts";

/** The night of the newest one. */
export const TONIGHT = new Date("2026-11-20T06:15:00Z");

/** The drill of so many nights before `TONIGHT`; `change` is laid over the sample. */
export function nightlyResult(before: number, change: Partial<DrillResult> = {}): DrillResult {
  const at = new Date(TONIGHT.getTime() - before * DAY_MS);
  const sample = samplePass();
  const takenAt = new Date(at.getTime() - 4 * 3_600_000);
  return {
    ...sample,
    id: timestampOf(at),
    startedAt: at.toISOString(),
    endedAt: new Date(at.getTime() + 60_000).toISOString(),
    set: { ...sample.set!, name: `prod/${timestampOf(takenAt)}`, takenAt: takenAt.toISOString() },
    ...change,
  };
}

export const nightly = (before: number, change: Partial<DrillResult> = {}): StoredDrill =>
  storedOf(nightlyResult(before, change));

/** So many nights, the newest first; `change` is asked for each. */
export const nights = (
  count: number,
  change: (before: number) => Partial<DrillResult> = () => ({}),
): StoredDrill[] => Array.from({ length: count }, (_, before) => nightly(before, change(before)));
