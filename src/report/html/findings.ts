/** What is wrong with the ERP: each finding once, since when, where it is still right, how it is brought back or accepted. */

import {
  acceptCommand,
  acceptedFindings,
  extractCommand,
  extractPurpose,
  mendedInWords,
  type OpenFault,
  openFaults,
  openInWords,
  sinceInWords,
  stillRightIn,
} from "../../checks/findings/words.ts";
import type { CheckResult, DrillResult, Finding } from "../../checks/result.ts";
import { formatCount } from "../../base/numbers.ts";
import { meaningInWords } from "../cause.ts";
import { type Child, type Markup, markup } from "./markup.ts";
import { badge, checkAnchor, commandLine, cut, section } from "./parts.ts";

/** So many of one check are seen at once; the others are folded away, and open on paper. */
const SHOWN = 3;

/** Its style, after that of the page. */
export const FINDINGS_STYLE = `
.findings > li { margin-top: 12px; padding: 14px 20px 16px; background: var(--surface); border: 1px solid var(--line); border-left: 8px solid var(--findings); border-radius: 12px; }
.finding-what { font-weight: 600; }
.finding-facts { color: var(--soft); font-size: 0.92rem; }
.finding-do { margin-top: 8px; font-size: 0.92rem; }
.finding-do p { color: var(--findings); font-size: 0.84rem; font-weight: 700; }
.finding-do .command { padding: 6px 12px; background: var(--sunken); }
.accepted { margin-top: 22px; } .accepted table { margin-top: 10px; }
@media screen and (max-width: 860px) {
  .acceptances, .acceptances tbody, .acceptances tr, .acceptances tbody th, .acceptances td { display: block; width: auto; }
  .acceptances thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .acceptances tr { padding: 10px 14px; border-bottom: 1px solid var(--line); }
  .acceptances tbody th, .acceptances td { padding: 2px 0; border: 0; }
  .acceptances td[data-name]::before { content: attr(data-name) " "; color: var(--soft); font-size: 0.86rem; }
}
`;

/** The section; undefined where nothing is open, accepted or right again. */
export function findingsSection(result: DrillResult): Markup | undefined {
  const open = openFaults(result.checks).filter(({ check }) => (check.findings ?? []).length > 0);
  const accepted = acceptedFindings(result.checks);
  const { mended = [], from } = result;
  if (open.length + accepted.length + mended.length === 0) return undefined;
  const checks = [...new Set(open.map(({ check }) => check))];
  return section(
    "findings",
    `What is wrong with ${from}`,
    introOf(result, open.length),
    markup`${checks.map((check) => ofOneCheck(check, open, result))}
${mended.length > 0 && markup`<p class="note">${mendedInWords(mended)}: ${listOf(mended)}.</p>`}
${accepted.length > 0 && acceptedTable(accepted)}`,
  );
}

function introOf(result: DrillResult, open: number): string {
  if (open === 0) {
    return "What a person has accepted, and what is right again, does not keep a drill from passing.";
  }
  return `${result.from} has ${openInWords(open)}. ${
    result.culprit === "erp"
      ? meaningInWords(result)
      : "That is not what keeps the backup from being brought back: see above."
  }`;
}

const listOf = (findings: readonly Finding[]): Child =>
  findings.map(({ id }, at) => markup`${at > 0 && ", "}<code>${id}</code>`);

function ofOneCheck(check: CheckResult, open: readonly OpenFault[], result: DrillResult): Markup {
  const own = open.filter((one) => one.check === check);
  const [seen, folded] = [own.slice(0, SHOWN), own.slice(SHOWN)];
  return markup`<div class="part"><h3>${badge("findings")} ${check.title}
<span class="part-count">${formatCount(own.length, "finding")}, <a href="#${
    checkAnchor(result.checks, check)
  }">${check.id}</a></span></h3>
<ul class="findings">${seen.map((one) => entry(one, result))}</ul>
${
    folded.length > 0 && markup`<details><summary>and ${formatCount(folded.length, "more finding")}</summary>
<ul class="findings">${folded.map((one) => entry(one, result))}</ul></details>
`
  }</div>
`;
}

function entry({ finding, sentence }: OpenFault, result: DrillResult): Markup {
  if (!finding) return markup`<li class="finding"><p class="finding-what">${cut(sentence)}</p></li>`;
  const since = sinceInWords(finding, result);
  const whole = stillRightIn(finding, result);
  const back = extractCommand(finding, result);
  return markup`<li class="finding"><p class="finding-what">${cut(sentence)}</p>
<p class="finding-facts">${since && markup`${capital(since)}; `}${
    whole
      ? markup`still right in <code>${whole}</code>; `
      : finding.history && "no set that is known has it right; "
  }<code>${finding.id}</code></p>
${command(extractPurpose(finding), back)}
${command(back ? "Or accept it" : `Mend it in ${result.from}, or accept it`, acceptCommand(finding))}</li>
`;
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const command = (what: string, text: string | undefined): Markup | undefined =>
  text === undefined ? undefined : markup`<div class="finding-do"><p>${what}</p>${commandLine(text)}</div>`;

function acceptedTable(accepted: readonly Finding[]): Markup {
  const rows = accepted.map(({ id, sentence, accepted }) =>
    markup`<tr><th scope="row">${
      cut(sentence)
    }<code class="check-id">${id}</code></th><td data-name="Until">${
      accepted?.until ?? ""
    }</td><td data-name="Reason">${cut(accepted?.reason ?? "")}</td><td data-name="By">${
      accepted?.by ?? ""
    }</td></tr>
`
  );
  return markup`<details class="accepted"><summary>${
    formatCount(accepted.length, "accepted finding")
  }</summary>
<table class="plain acceptances"><thead><tr><th scope="col">Finding</th><th scope="col">Accepted until</th>
<th scope="col">Reason</th><th scope="col">By</th></tr></thead>
<tbody>${rows}</tbody></table></details>
`;
}
