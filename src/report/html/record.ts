/** The last sections: where the time went, what was left out and turned off, versions, the seed. */

import { formatMoment } from "../../base/time.ts";
import type { DrillResult, Phase } from "../../checks/result.ts";
import { section } from "./parts.ts";
import { type Child, type Markup, markup } from "./markup.ts";
import { formatDuration, formatNumber } from "../../base/numbers.ts";
import { VERDICT_WORD } from "../words.ts";

const EXIT_MEANING: Record<DrillResult["exit"], string> = {
  0: "done and proved",
  1: "checked and bad",
  2: "could not be done",
  130: "interrupted",
};

/** Each phase as a bar that begins where the one before it ended. */
export function durationsSection(result: DrillResult): Markup | undefined {
  if (result.phases.length === 0) return undefined;
  const sum = result.phases.reduce((total, phase) => total + phase.ms, 0);
  const whole = Math.max(sum, result.ms, 1);
  let start = 0;
  const rows = result.phases.map((phase) => {
    const row = phaseRow(phase, start, whole);
    start += phase.ms;
    return row;
  });
  return section(
    "durations",
    "Where the time went",
    undefined,
    markup`<table class="phases">
<thead><tr><th scope="col">Phase</th><th scope="col"><span class="unseen">When, as a bar</span></th>
<th scope="col" class="number">Took</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">The whole drill</th><td></td><td class="number">${
      formatDuration(result.ms)
    }</td></tr></tfoot>
</table>`,
  );
}

function phaseRow(phase: Phase, start: number, whole: number): Markup {
  const width = Math.max(4, (phase.ms / whole) * 1000);
  const x = Math.min((start / whole) * 1000, 1000 - width);
  return markup`<tr><th scope="row">${phase.title}</th>
<td class="bar"><svg viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">
<rect class="bar-track" width="1000" height="12"/>
<rect class="bar-fill" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="12"/></svg></td>
<td class="number">${formatDuration(phase.ms)}</td></tr>
`;
}

export function leftOutSection(result: DrillResult): Markup {
  const rows = result.leftOut.map(({ what, why }) =>
    markup`<tr><th scope="row">${what}</th><td>${why}</td></tr>
`
  );
  const table = markup`<table class="plain">
<thead><tr><th scope="col">What</th><th scope="col">Why</th></tr></thead>
<tbody>${rows}</tbody></table>`;
  const intro = "Not everything in a backup belongs in a sandbox. This was not restored, and why.";
  return rows.length === 0
    ? section("left-out", "What was left out", undefined, markup`<p>Nothing was left out.</p>`)
    : section("left-out", "What was left out", intro, table);
}

/** What a company must keep elsewhere: on the page, because nobody looks for it before it is missing. */
export function notHeldSection({ checks }: DrillResult): Markup {
  const further = checks.find(({ id }) => id === "documents.more");
  const hasFurther = further !== undefined && further.code !== "NOTHING_TO_CHECK";
  return section(
    "not-held",
    "What no backup holds",
    "Keep these elsewhere: without them the ERP does not run, or runs without them.",
    markup`<ul class="details">
<li><code>conf/conf.php</code>: the login, and the instance's id; without the same id every value that Dolibarr encrypted (API
keys, passwords of mail boxes) is lost</li>
<li>${
      hasFurther
        ? markup`of Dolibarr's program files all but the folders of the check <code>documents.more</code>`
        : markup`Dolibarr's program files, and <code>custom/</code> with modules of your own: <code>documents.more</code> of the
configuration adds it`
    }</li>
<li>the roles of PostgreSQL and their passwords: <code>RESTORE.txt</code> beside the sets names those that are needed</li>
</ul>`,
  );
}

export function neutralisedSection(result: DrillResult): Markup {
  const rows = result.neutralised.map(({ what, rows, why }) =>
    markup`<tr><th scope="row">${what}</th><td class="number">${formatNumber(rows)}</td><td>${why}</td></tr>
`
  );
  const table = markup`<table class="plain">
<thead><tr><th scope="col">What</th><th scope="col" class="number">Rows</th><th scope="col">Why</th></tr></thead>
<tbody>${rows}</tbody></table>`;
  const title = "What was turned off in the sandbox";
  const intro = "Changed before the sandbox was started, so that a copy of the ERP cannot act on the world.";
  return rows.length === 0
    ? section("neutralised", title, undefined, markup`<p>Nothing was turned off.</p>`)
    : section("neutralised", title, intro, table);
}

/** Nothing, where what is kept for a run after a crash is this user's alone. */
export function reachedStateSection({ reachedState }: DrillResult): Markup | undefined {
  if (!reachedState) return undefined;
  const intro =
    "Whoever can write there can tell the next run what to move and to remove. Name a folder that is " +
    "out of the ERP's reach in the configuration (state), or run this tool as another user: docs/security.md.";
  return section(
    "reached-state",
    "Who can reach what a crash leaves",
    intro,
    markup`<p>${reachedState}.</p>`,
  );
}

/** Nothing, where no value is encrypted: then there is nothing to keep for them. */
export function encryptedSection({ encrypted }: DrillResult): Markup | undefined {
  if (!encrypted) return undefined;
  const rows = encrypted.map((what) =>
    markup`<li>${what}</li>
`
  );
  const intro =
    "Dolibarr encrypts these values with the instance's own id, which is in its conf.php and in no backup. " +
    "Keep conf.php beside the backups: without it nobody can read them, in the sandbox or after a disaster.";
  return section("encrypted", "What only production can decrypt", intro, markup`<ul>${rows}</ul>`);
}

/** The notifications; one that failed is shown here too, as it reached nobody. */
function notificationFacts({ told }: DrillResult): [string, Child][] {
  return [
    ...(told?.webhook ? [["Webhook", told.webhook] as [string, Child]] : []),
    ...(told?.alive ? [["Dead man's switch", told.alive] as [string, Child]] : []),
  ];
}

export function recordSection(result: DrillResult): Markup {
  const facts: [string, Child][] = [
    ["Drill", markup`<code>${result.id}</code>`],
    ["Verdict", `${VERDICT_WORD[result.verdict]}, exit status ${result.exit}: ${EXIT_MEANING[result.exit]}`],
    ["Started", formatMoment(result.startedAt)],
    ["Ended", formatMoment(result.endedAt)],
    ...notificationFacts(result),
    ["Seed of the choice of invoices", markup`<code>${result.seed}</code>`],
    ...Object.entries(result.versions),
  ];
  const items = facts.map(([name, value]) =>
    markup`<div><dt>${name}</dt><dd>${value}</dd></div>
`
  );
  return section("record", "About this drill", undefined, markup`<dl class="record">${items}</dl>`);
}
