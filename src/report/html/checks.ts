/** Every check, by part: what was expected, what was found, against what, how long; and the negative control. */

import { formatMoment } from "../../base/time.ts";
import type { CheckResult, DrillResult } from "../../checks/result.ts";
import { badge, checkAnchor, cut, detailsList, section, verdictClass } from "./parts.ts";
import type { Tried } from "../control_choice.ts";
import { CONTROL_WORD, controlTitle, hasNoTwin } from "../control_words.ts";
import { type Markup, markup } from "./markup.ts";
import { formatCount, formatDuration } from "../../base/numbers.ts";
import { CHECK_PARTS, checksInWords, PART_TITLE, toneOfCheck } from "../words.ts";
import { withUnit } from "../units.ts";

export function checks(result: DrillResult): Markup {
  const parts = CHECK_PARTS.filter((part) => result.checks.some((check) => check.part === part));
  const tables = parts.map((part) => partTable(part, result.checks));
  return section(
    "checks",
    "Every check",
    undefined,
    tables.length === 0 ? markup`<p>No check ran.</p>` : tables,
  );
}

function partTable(part: CheckResult["part"], all: readonly CheckResult[]): Markup {
  const own = all.filter((check) => check.part === part);
  return markup`<div class="part">
<h3 id="part-${part}">${PART_TITLE[part]} <span class="part-count">${checksInWords(own)}</span></h3>
<table class="checks" aria-labelledby="part-${part}">
<thead><tr><th scope="col">Verdict</th><th scope="col">Check</th><th scope="col">Expected</th>
<th scope="col">Found</th><th scope="col">Compared</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>${own.map((check) => row(check, all))}</tbody>
</table>
</div>
`;
}

function row(check: CheckResult, all: readonly CheckResult[]): Markup {
  const { compared, verdict } = check;
  const optional = !check.required && markup` <span class="tag">optional</span>`;
  return markup`<tr id="${checkAnchor(all, check)}" class="${verdictClass(toneOfCheck(check))}">
<td>${badge(toneOfCheck(check))}</td>
<th scope="row">${check.title}<span class="check-id"><code>${check.id}</code>${optional}</span>
${verdict === "pass" ? evidence(check) : reason(check)}</th>
${cell("Expected", compared && withUnit(check, compared.expected))}
${cell("Found", compared && withUnit(check, compared.found))}
${cell("Compared", compared?.with)}
<td class="number" data-name="Took">${formatDuration(check.ms)}</td>
</tr>
`;
}

const cell = (name: string, value: string | undefined): Markup =>
  markup`<td data-name="${name}">${value ?? markup`<span class="none">–</span>`}</td>`;

function reason(check: CheckResult): Markup {
  const message = cut(check.message ?? "No reason was given.");
  return markup`<span class="check-reason"><code>${check.code ?? ""}</code> ${message}</span>`;
}

/** The lines under a passed check are folded away on a screen, and open on paper. */
function evidence(check: CheckResult): Markup | undefined {
  const list = detailsList(check.details);
  const lines = formatCount(check.details.length, "line");
  return list && markup`<details><summary>${lines} of evidence</summary>${list}</details>`;
}

/** The section, or nothing where no control was tried, tonight or before. */
export function controlSection(result: DrillResult, tried: readonly Tried[] = []): Markup | undefined {
  const { control } = result;
  if (!control && tried.length === 0) return undefined;
  const intro = control
    ? `${CONTROL_WORD[control.verdict]} in ${formatDuration(control.ms)}: ${controlTitle(control)}.`
    : "None was tried this time.";
  return section(
    "control",
    "Broken on purpose",
    `After a pass the drill breaks its own sandbox in one way, and the check that must see it has to fail. ${intro}`,
    markup`${control && markup`<p class="note">${control.message}</p>`}
${triedTable(result, tried)}`,
  );
}

function triedTable({ checks }: DrillResult, tried: readonly Tried[]): Markup {
  const known = new Set(tried.map(({ check }) => check));
  const never = checks.filter(({ id, verdict }) => verdict === "pass" && !known.has(id) && !hasNoTwin(id));
  const rows = tried.map(({ check, by, at, verdict }) =>
    triedRow(check, by, formatMoment(at.toISOString()), CONTROL_WORD[verdict])
  );
  return markup`<div class="part"><h3>When each way was tried last</h3>
${
    rows.length > 0 && markup`<table class="plain tried">
<thead><tr><th scope="col">Check</th><th scope="col">Broken by</th><th scope="col">Tried last</th><th scope="col">Was</th></tr></thead>
<tbody>${rows}</tbody></table>
`
  }${
    never.length > 0 && markup`<p class="note">Not yet, and so the next ones: ${
      never.map(({ id }, at) => markup`${at > 0 && ", "}<code>${id}</code>`)
    }.</p>
`
  }</div>
`;
}

const triedRow = (check: string, by: string, when: string, was: string): Markup =>
  markup`<tr><th scope="row"><code>${check}</code></th><td>${by}</td><td>${when}</td><td>${was}</td></tr>
`;
