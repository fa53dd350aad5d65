/** Every check, by part: what was expected, what was found, against what, how long. */

import type { CheckResult, DrillResult } from "../../checks/result.ts";
import { badge, checkAnchor, cut, detailsList, section, verdictClass } from "./parts.ts";
import { type Markup, markup } from "./markup.ts";
import { formatCount, formatDuration } from "../../base/numbers.ts";
import { CHECK_PARTS, checksInWords, formatSide, PART_TITLE } from "../words.ts";

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
  return markup`<tr id="${checkAnchor(all, check)}" class="${verdictClass(verdict)}">
<td>${badge(verdict)}</td>
<th scope="row">${check.title}<span class="check-id"><code>${check.id}</code>${optional}</span>
${verdict === "pass" ? evidence(check) : reason(check)}</th>
${cell("Expected", compared && formatSide(compared.expected))}
${cell("Found", compared && formatSide(compared.found))}
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
