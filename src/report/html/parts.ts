/** Small pieces that several sections of the page use. */

import type { CheckResult, Compared, Verdict } from "../../checks/result.ts";
import { type Child, type Markup, markup, trusted } from "./markup.ts";
import { type Tone, VERDICT_WORD } from "../words.ts";
import { formatCount } from "../../base/numbers.ts";
import { withUnit } from "../units.ts";

/** How much of one line of details is shown, and how many lines: the JSON report has them whole. */
const LINE_SHOWN = 600;
const LINES_SHOWN = 200;

/** The class that colours a verdict. `v-pass` is the only green one, and `v-fail` the only red one. */
export const verdictClass = (tone: Tone): string => `v-${tone.replace("_", "-")}`;

const verdictOf = (tone: Tone): Verdict => tone === "findings" ? "fail" : tone;

/** Symbol and word of a verdict, in its colour. `word`: in the place of PASS, FAIL, NOT RUN. */
export const badge = (tone: Tone, word = VERDICT_WORD[verdictOf(tone)]): Markup =>
  markup`<span class="badge ${verdictClass(tone)}">${verdictSymbol(tone)}${word}</span>`;

/** A section with its heading; `id` names both. */
export const section = (id: string, title: string, intro: string | undefined, body: Child): Markup =>
  markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${intro !== undefined && markup`<p class="intro">${intro}</p>`}
${body}
</section>
`;

/** Both sides of a comparison, one above the other or side by side. */
export const sides = (check: Pick<CheckResult, "id">, compared: Compared): Markup =>
  markup`<dl class="sides">
<div><dt>Expected</dt><dd>${withUnit(check, compared.expected)}</dd></div>
<div><dt>Found</dt><dd>${withUnit(check, compared.found)}</dd></div>
<div class="sides-with"><dt>What was compared</dt><dd>${compared.with}</dd></div>
</dl>`;

/** Lines of details as a list, with very long ones cut and the number of those that are not shown. */
export function detailsList(details: readonly string[]): Markup | undefined {
  if (details.length === 0) return undefined;
  const more = details.length - LINES_SHOWN;
  const items = details.slice(0, LINES_SHOWN).map((line) => markup`<li>${cut(line)}</li>`);
  return markup`<ul class="details">${items}${
    more > 0 && markup`<li>and ${formatCount(more, "more line")}, in report.json</li>`
  }</ul>`;
}

/** A text that may be very long, cut where a page would drown in it. */
export function cut(text: string): string {
  const more = text.length - LINE_SHOWN;
  return more <= 0
    ? text
    : `${text.slice(0, LINE_SHOWN)}… (${formatCount(more, "more character")}, in report.json)`;
}

/** A command to be copied: its lines break between its words alone, and not after a hyphen. */
export const commandLine = (text: string): Markup =>
  markup`<code class="command">${text.split(" ").map((word) => markup`<span>${word}</span> `)}</code>`;

/** Where in the page the row of a check is. Its number, because an id could hold any character. */
export const checkAnchor = (checks: readonly CheckResult[], check: CheckResult): string =>
  `check-${checks.indexOf(check) + 1}`;

/** Of one strand. */
const POINTS = 240;
const MARKS: Record<Tone, string> = {
  pass: `<path d="M-17 1 L-5 13 L18 -12"/>`,
  fail: `<path d="M-13 -13 L13 13 M13 -13 L-13 13"/>`,
  findings: `<path d="M0 -17 V3 M0 15.5 V16"/>`,
  not_run: `<path d="M-16 0 H16"/>`,
};

/** A rosette whose petals follow from `hash` (hexadecimal, may be empty), so that two sets look different on paper. */
export function seal(tone: Tone, hash: string): Markup {
  const petals = 9 + (parseInt(hash.slice(0, 2), 16) || 0) % 8;
  const turn = (parseInt(hash.slice(2, 4), 16) || 0) % 360;
  const rings = [[84, 12, petals], [70, 15, petals + 3], [57, 13, petals + 6]] as const;
  const paths = rings.map(([radius, depth, count]) => `<path d="${ring(radius, depth, count)}"/>`).join("");
  return markup`<svg class="seal" viewBox="-100 -100 200 200" aria-hidden="true" focusable="false">
<g class="seal-rose" transform="rotate(${turn})">${trusted(paths)}</g>
<circle class="seal-disc" r="38"/><g class="seal-mark">${trusted(MARKS[tone])}</g></svg>`;
}

/** The symbol of a verdict, small. It never stands alone: the word stands beside it. */
function verdictSymbol(tone: Tone): Markup {
  return markup`<svg class="mark" viewBox="-24 -24 48 48" aria-hidden="true" focusable="false">${
    trusted(MARKS[tone])
  }</svg>`;
}

/** Two closed lines that swing `depth` around a circle against each other, as on a banknote. */
function ring(radius: number, depth: number, petals: number): string {
  const strand = (phase: number) =>
    Array.from({ length: POINTS }, (_, index) => {
      const angle = (index / POINTS) * 2 * Math.PI;
      const distance = radius + depth * Math.sin(petals * angle + phase);
      return `${(distance * Math.cos(angle)).toFixed(1)} ${(distance * Math.sin(angle)).toFixed(1)}`;
    });
  return [0, Math.PI].map((phase) => `M${strand(phase).join("L")}Z`).join("");
}
