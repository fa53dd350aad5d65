/** The report as one HTML file that stands alone: no script, no request, pictures inside, good on paper. */

import { createHash } from "node:crypto";
import type { DrillResult } from "../../checks/result.ts";
import { chainSection } from "./chain.ts";
import { checks, controlSection } from "./checks.ts";
import { failures, hasCauses } from "./failures.ts";
import { FINDINGS_STYLE, findingsSection } from "./findings.ts";
import { gallery, picturesOf } from "./gallery.ts";
import { figures, hero } from "./hero.ts";
import { historySection, type HistoryView } from "./history.ts";
import {
  durationsSection,
  encryptedSection,
  leftOutSection,
  neutralisedSection,
  notHeldSection,
  reachedStateSection,
  recordSection,
} from "./record.ts";
import { HISTORY_STYLE, PRINT_STYLE, SCREEN_STYLE } from "./style.ts";
import { type Markup, markup, markupText, trusted } from "./markup.ts";
import { prepareResult } from "../../checks/overall_verdict.ts";
import { bannerOf, VERDICT_WORD } from "../words.ts";

/**
 * The whole page. Its content security policy allows our one style sheet, by its hash, and pictures in the file itself.
 * @param view the earlier drills and this one; without it the page shows this drill alone.
 */
export function renderHtml(drilled: DrillResult, view?: HistoryView): string {
  const result = prepareResult(drilled);
  const style = SCREEN_STYLE + FINDINGS_STYLE + HISTORY_STYLE + PRINT_STYLE;
  return markupText(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${titleOf(result)}</title>
<style>${trusted(style)}</style>
</head>
<body>
${banner(result, "At the top")}
${hero(result)}
<main>
${sections(result, view)}
</main>
${footer(result)}
${banner(result, "At the end")}
</body>
</html>
`);
}

/**
 * Causes come first, unless the only one is an optional check that did not run; before them what is wrong with the ERP, where
 * that is what the verdict is about.
 */
function sections(result: DrillResult, view: HistoryView | undefined): (Markup | undefined)[] {
  const pictures = picturesOf(result.checks);
  const causes = failures(result, pictures);
  const findings = findingsSection(result);
  const [first, later] = [hasCauses(result), result.verdict === "pass"];
  return [
    result.culprit === "erp" ? findings : undefined,
    first ? causes : undefined,
    result.culprit === "erp" || later ? undefined : findings,
    figures(result),
    signature(),
    gallery(result, pictures),
    chainSection(result),
    later ? findings : undefined,
    first ? undefined : causes,
    checks(result),
    durationsSection(result),
    controlSection(result, view?.history.tried),
    historySection(view),
    leftOutSection(result),
    notHeldSection(result),
    neutralisedSection(result),
    encryptedSection(result),
    reachedStateSection(result),
    recordSection(result),
  ];
}

function policy(style: string): string {
  const hash = createHash("sha256").update(style).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

function titleOf(result: DrillResult): string {
  const kind = result.erp === "stand-in" ? "STAND-IN " : result.lab ? "LAB " : "";
  return `${kind}${VERDICT_WORD[result.verdict]}: ${result.company}, ${result.set?.name ?? result.id}`;
}

function banner(result: DrillResult, where: string): Markup | undefined {
  const text = bannerOf(result);
  const label = `${where}: what this report is not`;
  return text === undefined
    ? undefined
    : markup`<aside class="banner" aria-label="${label}"><p>${text}</p></aside>`;
}

const footer = (result: DrillResult): Markup =>
  markup`<footer>
<p>This report says what was true of one backup set at one moment. It was written by dolibarr-drill at the end of
drill <code>${result.id}</code>, and needs nothing but this file. report.json beside it says the same for programs.</p>
</footer>`;

/** To be filled in by hand: seen on paper only. */
const signature = (): Markup =>
  markup`<dl class="signature"><div><dt>Read by</dt><dd></dd></div><div><dt>Date</dt><dd></dd></div>
<div><dt>Signature</dt><dd></dd></div></dl>`;
