/** What the parts of the terminal report share. */

import type { Colours } from "../../base/terminal/colours.ts";
import type { Verdict } from "../../checks/result.ts";
import { oneLine } from "../../base/text.ts";

/** The banner as one unbroken line, so that a search in a log finds it whole. */
export const bannerLine = (banner: string, colours: Colours): string =>
  colours.bold(colours.yellow(oneLine(banner)));

/** Green is for PASS alone. */
export function colourOf(verdict: Verdict, colours: Colours): (text: string) => string {
  return verdict === "pass" ? colours.green : verdict === "fail" ? colours.red : colours.yellow;
}
