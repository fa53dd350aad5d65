/** The report on a terminal or in a log: what is drilled, one aligned line a check, the verdict last. */

import type { Colours } from "../../base/terminal/colours.ts";
import type { DrillResult } from "../../checks/result.ts";
import { renderChecks } from "./checks.ts";
import { renderFoot } from "./foot.ts";
import { bannerLine } from "./style.ts";
import { shorten } from "../../base/columns.ts";
import { oneLine } from "../../base/text.ts";
import { bannerOf } from "../words.ts";

export { checkBlock, checkLine, checkPrinter, renderChecks } from "./checks.ts";
export { renderFoot } from "./foot.ts";

/** The whole report as text, for a result that is complete. `reportPath` is where the HTML report is. */
export function renderTerminal(
  result: DrillResult,
  reportPath: string | undefined,
  width: number,
  colours: Colours,
): string {
  return [
    renderHead(result, width, colours),
    ...(result.checks.length > 0 ? [renderChecks(result.checks, width, colours)] : []),
    renderFoot(result, reportPath, width, colours),
  ].join("\n");
}

/** What can be said before the first check: the banner, first of all, and what is drilled into what. */
export function renderHead(
  about: Pick<DrillResult, "banner" | "lab" | "erp" | "from" | "into">,
  width: number,
  colours: Colours,
): string {
  const banner = bannerOf(about);
  const title = shorten(oneLine(`Drill: ${about.from} into ${about.into}`), width);
  return [...(banner ? [bannerLine(banner, colours)] : []), colours.bold(title)].join("\n");
}
