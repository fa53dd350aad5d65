/** The first screen: the verdict in words, whose backup it is, and the few numbers that a director asks for. */

import { formatMoment } from "../../base/time.ts";
import type { CheckResult, DrillResult } from "../../checks/result.ts";
import { badge, commandLine, cut, seal, verdictClass } from "./parts.ts";
import { type Child, type Markup, markup } from "./markup.ts";
import { formatBytes, formatCount, formatDuration, formatNumber } from "../../base/numbers.ts";
import { conclusionOf } from "../../checks/culprit.ts";
import { openFaults } from "../../checks/findings/words.ts";
import { besidesInWords, firstFaultInWords } from "../../checks/headline.ts";
import { adviceOf, commandsOf } from "../cause.ts";
import { ageInWords, checksInWords, countWith, toneOf, toneOfCheck, verdictSentence } from "../words.ts";

export function hero(result: DrillResult): Markup {
  const { set } = result;
  return markup`<header class="hero ${verdictClass(toneOf(result))}">
<div class="hero-band">
<div class="hero-text">
<p class="company">${result.company}</p>
<h1>${verdictSentence(result)}</h1>
<p class="lead">${cut(leadOf(result))}</p>
${todo(result)}<p class="hero-verdict">${badge(toneOf(result))}<span>Restore drill of ${
    moment(result.startedAt)
  }</span></p>
</div>
${seal(toneOf(result), set?.objects[0]?.sha256 ?? "")}
</div>
<dl class="hero-facts">
${fact("Backup set", set ? markup`<code>${set.name}</code>` : "none could be restored")}
${fact("Taken", set ? moment(set.takenAt) : "–")}
${
    fact(
      set ? "Restored" : "Meant to be restored",
      markup`from <b>${result.from}</b> into <b>${result.into}</b>`,
    )
  }
${fact("ERP", erpInWords(result))}
</dl>
</header>
`;
}

/** The cause in a sentence; of faults of the ERP the first, because the heading says how many there are. */
function leadOf(result: DrillResult): string {
  if (conclusionOf(result).meaning !== "findings") return result.headline;
  const others = openFaults(result.checks).length - 1;
  const more = others > 0 ? `, and ${formatCount(others, "more finding")}` : "";
  return [`${firstFaultInWords(result)}${more}`, ...besidesInWords(result)].join(". ");
}

/** What to do next: commands on lines of their own, where there are any. */
function todo(result: DrillResult): Markup | undefined {
  const advice = adviceOf(result);
  if (advice === undefined) return undefined;
  const commands = commandsOf(result);
  const body = commands.length === 0
    ? cut(advice)
    : commands.map(({ what, command }) => markup`<p>${what}</p>${commandLine(command)}`);
  return markup`<div class="hero-todo"><strong>What to do</strong> ${body}</div>
`;
}

/** The big numbers, and the bar of all checks. */
export function figures(result: DrillResult): Markup {
  const { set, restoreMs, invoicesOpened } = result;
  const age = ageInWords(result);
  const took = formatDuration(result.ms);
  const tiles = [
    age !== undefined && tile("Age of the backup", age, "when the drill began"),
    restoreMs === undefined
      ? tile("The drill took", took, "from its start to its verdict")
      : tile("Restored in", formatDuration(restoreMs), `of ${took} for the drill`),
    set && tile("Tables", formatNumber(set.tables), "in the database"),
    set && tile("Rows", formatNumber(set.rows), "in all tables"),
    set && tile("Files", formatNumber(set.files), `${formatBytes(set.documentBytes)} of documents`),
    invoicesOpened !== undefined &&
    tile("Invoices opened", formatNumber(invoicesOpened), "in the browser"),
  ];
  return markup`<section class="figures" aria-label="In numbers">
<div class="tiles">${tiles}</div>
${meter(result.checks)}
</section>
`;
}

const moment = (iso: string): Markup => markup`<time datetime="${iso}">${formatMoment(iso)}</time>`;

const fact = (name: string, value: Child): Markup => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;

function erpInWords({ erp, lab }: DrillResult): string {
  if (erp === "stand-in") return "a stand-in, not Dolibarr";
  return lab ? "Dolibarr, in the embedded lab" : "Dolibarr";
}

const tile = (name: string, value: string, note: string): Markup =>
  markup`<div class="tile"><p class="tile-name">${name}</p><p class="tile-value">${value}</p>
<p class="tile-note">${note}</p></div>
`;

/** One segment a check, in the order in which they ran: the eye sees at once whether all is of one colour. */
function meter(checks: readonly CheckResult[]): Markup {
  if (checks.length === 0) return markup`<p class="meter-words">No check ran.</p>`;
  const step = 1000 / checks.length;
  const width = (step - Math.min(4, step * 0.2)).toFixed(1);
  const segments = checks.map((check, index) =>
    markup`<rect class="${verdictClass(toneOfCheck(check))}" x="${
      (index * step).toFixed(1)
    }" width="${width}" height="10"/>`
  );
  const words = countWith(checks, "pass") === checks.length
    ? `All ${formatCount(checks.length, "check")} passed`
    : `${formatCount(checks.length, "check")}: ${checksInWords(checks)}`;
  return markup`<div class="meter">
<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${segments}</svg>
<p class="meter-words">${words}</p>
</div>`;
}
