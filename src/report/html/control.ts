/** The negative control on the page: which way was tried, and when each was tried last. */

import type { Tried } from "../control_choice.ts";
import type { DrillResult } from "../../checks/result.ts";
import { CONTROL_WORD, controlTitle, hasNoTwin } from "../control_words.ts";
import { section } from "./parts.ts";
import { type Markup, markup } from "./markup.ts";
import { formatDuration } from "../../base/numbers.ts";
import { formatMoment } from "../words.ts";

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
    row(check, by, formatMoment(at.toISOString()), CONTROL_WORD[verdict])
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

const row = (check: string, by: string, when: string, was: string): Markup =>
  markup`<tr><th scope="row"><code>${check}</code></th><td>${by}</td><td>${when}</td><td>${was}</td></tr>
`;
