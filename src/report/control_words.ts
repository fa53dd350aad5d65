/** The negative control in words: which one was tried tonight, and when each was tried last. */

import { formatMoment } from "../base/time.ts";
import type { Tried } from "./control_choice.ts";
import type { ControlResult, DrillResult } from "../checks/result.ts";
import { formatNumber } from "../base/numbers.ts";

/** How many are named on a terminal; the page has all. */
const NAMED = 3;

/** `SEEN`, ... */
export const CONTROL_WORD: Record<ControlResult["verdict"], string> = {
  seen: "SEEN",
  missed: "MISSED",
  not_run: "NOT TRIED",
};

/** "a total raised by a cent: browser.invoices", and when that was tried before. */
export const controlTitle = ({ by, check, lastTried }: ControlResult): string =>
  `${by}: ${check}, ${lastTried ? `tried before on ${formatMoment(lastTried)}` : "for the first time"}`;

/** Lines for a terminal; none where nothing was tried. */
export function controlInWords({ control, checks }: DrillResult, tried: readonly Tried[]): string[] {
  if (!control) return [];
  const ways = checks.filter(({ id, verdict }) => verdict === "pass" && !hasNoTwin(id)).length;
  const [oldest] = tried;
  return [
    `${CONTROL_WORD[control.verdict]}: ${controlTitle(control)}`,
    ...tried.length < 2 || !oldest ? [] : [
      `${formatNumber(tried.length)} of ${
        formatNumber(Math.max(ways, tried.length))
      } controls were tried so far; longest ago: ${
        tried.slice(0, NAMED).map(({ check, at }) => `${check} ${formatMoment(at.toISOString())}`).join(", ")
      }`,
    ],
  ];
}

/** Whether a check of the result has no twin: it is no check of the list. */
export const hasNoTwin = (id: string): boolean => id.startsWith("rota.") || id === "drill.negative_control";
