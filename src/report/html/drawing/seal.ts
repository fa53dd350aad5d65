/** The seal of the page: an ornament as on a certificate, with the mark of the verdict in its middle. Decoration only. */

import type { Verdict } from "../../../checks/result.ts";
import { type Markup, markup, trusted } from "../markup.ts";

/** Of one strand. */
const POINTS = 240;
const MARKS: Record<Verdict, string> = {
  pass: `<path d="M-17 1 L-5 13 L18 -12"/>`,
  fail: `<path d="M-13 -13 L13 13 M13 -13 L-13 13"/>`,
  not_run: `<path d="M-16 0 H16"/>`,
};

/** A rosette whose petals follow from `hash` (hexadecimal, may be empty), so that two sets look different on paper. */
export function seal(verdict: Verdict, hash: string): Markup {
  const petals = 9 + (parseInt(hash.slice(0, 2), 16) || 0) % 8;
  const turn = (parseInt(hash.slice(2, 4), 16) || 0) % 360;
  const rings = [[84, 12, petals], [70, 15, petals + 3], [57, 13, petals + 6]] as const;
  const paths = rings.map(([radius, depth, count]) => `<path d="${ring(radius, depth, count)}"/>`).join("");
  return markup`<svg class="seal" viewBox="-100 -100 200 200" aria-hidden="true" focusable="false">
<g class="seal-rose" transform="rotate(${turn})">${trusted(paths)}</g>
<circle class="seal-disc" r="38"/><g class="seal-mark">${trusted(MARKS[verdict])}</g></svg>`;
}

/** The mark of a verdict, small. It never stands alone: the word stands beside it. */
export function verdictSymbol(verdict: Verdict): Markup {
  return markup`<svg class="mark" viewBox="-24 -24 48 48" aria-hidden="true" focusable="false">${
    trusted(MARKS[verdict])
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
