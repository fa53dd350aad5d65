/** What is checked last of all: how long it took. */

import { formatMs } from "../../base/text.ts";
import type { Check } from "../check.ts";

export interface TimeContext {
  /** From the drill's start until now. */
  ms: number;
  maxDurationMs: number;
}

const duration: Check<TimeContext> = {
  id: "drill.duration",
  part: "browser",
  level: "fast",
  given: "the whole drill",
  title: "Bringing it back took no longer than it may",
  required: true,
  run: ({ ms, maxDurationMs }) =>
    Promise.resolve({
      equal: ms <= maxDurationMs,
      compared: {
        expected: `${formatMs(maxDurationMs)} at most`,
        found: formatMs(ms),
        with: "the whole drill against drill.max_duration",
      },
      message: `the drill took ${formatMs(ms)}, ${formatMs(maxDurationMs)} are allowed`,
    }),
  broken: {
    by: "no time allowed",
    touches: "nothing",
    apply: (context) => Promise.resolve({ ...context, maxDurationMs: -1 }),
  },
};

export const timeChecks: readonly Check<TimeContext>[] = [duration];
