/** The history as charts: Observable Plot draws them in a DOM of its own, so that the page needs no script. */

import { formatMoment } from "../../base/time.ts";
import type { History, HistoryPoint } from "../history.ts";
import { type Child, type Markup, markup, trusted } from "./markup.ts";
import { formatBytes, formatCount, formatDuration } from "../../base/numbers.ts";
import { type Tone, toneOfPast, VERDICT_WORD } from "../words.ts";

export interface Chart {
  title: string;
  /** The content of the drawing in a sentence, for screen readers. */
  summary: string;
  drawing: Markup;
}

/** With fewer there is no change to show. */
const FEWEST_DRILLS = 2;
const SIZE = { width: 470, height: 220, marginLeft: 68, marginRight: 44, marginTop: 14, marginBottom: 40 };
const TONES: readonly Tone[] = ["pass", "fail", "findings", "not_run"];

interface Series {
  title: string;
  of: (point: HistoryPoint) => number | undefined;
  format: (value: number) => string;
  /** Whether dots show the verdicts. */
  verdicts: boolean;
}

const SERIES: readonly Series[] = [
  { title: "How long the drill took", of: ({ ms }) => ms, format: formatDuration, verdicts: true },
  {
    title: "How long the restore took",
    of: ({ restoreMs }) => restoreMs,
    format: formatDuration,
    verdicts: false,
  },
  { title: "Size of the dump", of: ({ dumpBytes }) => dumpBytes, format: formatBytes, verdicts: false },
  {
    title: "Size of the documents' archive",
    of: ({ archiveBytes }) => archiveBytes,
    format: formatBytes,
    verdicts: false,
  },
];

/** One chart a series that has at least two drills. The library is loaded where there is one to draw. */
export async function drawCharts(history: History): Promise<Chart[]> {
  if (history.points.length < FEWEST_DRILLS) return [];
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  return SERIES.flatMap((series) => {
    const points = history.points.flatMap((point) => {
      const value = series.of(point);
      return value === undefined ? [] : [{ at: point.at, value, tone: toneOfPast(point) }];
    });
    if (points.length < FEWEST_DRILLS) return [];
    // Plot asks for a browser's Document, which is not among this program's types
    const { document } = parseHTML("<!doctype html><html><body></body></html>") as unknown as {
      document: never;
    };
    const x = { x: "at", y: "value" } as const;
    const accent = "var(--accent)";
    const ticks = ticksOf(points, series);
    const drawn = Plot.plot({
      document,
      ...SIZE,
      x: { type: "utc", label: null, ...momentTicks(points) },
      y: { label: null, domain: [0, ticks.at(-1)!], ticks, tickFormat: tickText(series) },
      symbol: { domain: TONES, range: ["circle", "times", "triangle", "diamond"] },
      marks: [
        Plot.gridY({ ticks, stroke: "var(--line)", strokeOpacity: 1 }),
        Plot.areaY(points, { ...x, fill: accent, fillOpacity: 0.1 }),
        Plot.lineY(points, { ...x, stroke: accent, strokeWidth: 2 }),
        ...(series.verdicts ? TONES.map((tone) => verdictDots(Plot, points, tone)) : []),
      ],
    });
    const drawing = svgMarkup(drawn as unknown as DrawnNode);
    return drawing ? [{ title: series.title, summary: summaryOf(points, series), drawing }] : [];
  });
}

interface Drawn {
  at: Date;
  value: number;
  tone: Tone;
}

const COLOUR: Record<Tone, string> = {
  pass: "var(--pass)",
  fail: "var(--fail)",
  findings: "var(--findings)",
  not_run: "var(--not-run)",
};

/** Over a few days the hour counts, of 24 and in the zone of the rest of the page; over more of them the library knows best. */
function momentTicks(points: readonly Drawn[]) {
  const days = (points.at(-1)!.at.getTime() - points[0]!.at.getTime()) / 86_400_000;
  if (days > 4) return { ticks: 6 };
  const shown = days > 1 ? / \d{4}, (\d\d:\d\d).*/ : /^.*, (\d\d:\d\d).*/;
  const tickFormat = (at: Date) => formatMoment(at.toISOString()).replace(shown, days > 1 ? " $1" : "$1");
  return { ticks: days > 1 ? 2 : 4, tickFormat };
}

/** They differ by their shape too: a disc, a cross, a triangle, a diamond. */
function verdictDots(
  Plot: typeof import("@observablehq/plot"),
  points: readonly Drawn[],
  tone: Tone,
) {
  const fail = tone === "fail";
  return Plot.dot(points.filter((point) => point.tone === tone), {
    x: "at",
    y: "value",
    symbol: () => tone,
    r: tone === "pass" ? 3 : 5,
    ...(fail ? { stroke: COLOUR.fail, strokeWidth: 2.5 } : { fill: COLOUR[tone] }),
  });
}

/** Round numbers from nothing to the largest, at most five: of ms in steps of a clock, of bytes in those of ten. */
function ticksOf(points: readonly Drawn[], { format }: Series): number[] {
  const most = Math.max(...points.map(({ value }) => value), 1);
  const clock = format === formatDuration && most >= 60_000;
  const unit = clock ? (most >= 3_600_000 * 2 ? 3_600_000 : 60_000) : 1;
  const step = niceStep(most / unit / 4, clock) * unit;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
}

/** "40 s", "1 min" and "0" instead of "40.0 s", "1 min 00 s" and "0 ms": round numbers are written as such. */
const tickText = ({ format }: Series) => (value: number): string =>
  value === 0 ? "0" : format(value).replace(/\.0(?= )/, "").replace(/ 00 (s|min)$/, "");

function niceStep(rough: number, clock: boolean): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = clock ? [0.5, 1, 2, 5, 10, 15, 30, 60] : [1, 2, 2.5, 5, 10].map((one) => one * power);
  return steps.find((step) => step >= rough) ?? steps.at(-1)!;
}

function summaryOf(points: readonly Drawn[], { title, format, verdicts }: Series): string {
  const values = points.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const others = TONES.slice(1).flatMap((tone) => {
    const count = points.filter((point) => point.tone === tone).length;
    return count > 0 ? [`${count} ${TONE_WORD[tone]}`] : [];
  });
  return `${title} in ${formatCount(points.length, "drill")}: from ${format(least)} to ${format(most)}, ${
    format(values.at(-1)!)
  } in the newest${verdicts && others.length > 0 ? `; ${others.join(", ")}` : ""}`;
}

const TONE_WORD: Record<Tone, string> = { ...VERDICT_WORD, findings: "FAIL over the ERP alone" };

/** The part of a DOM that a drawing of the library has. */
interface DrawnNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly childNodes: Iterable<DrawnNode>;
  readonly attributes?: Iterable<{ name: string; value: string }>;
}

const ELEMENT = 1;
const TEXT = 3;
const ELEMENTS = new Set(["svg", "g", "path", "line", "rect", "circle", "text", "tspan", "title"]);
/** Neither `style`, which the page's policy forbids, nor anything that loads or acts. */
const ATTRIBUTES = new Set(
  ("class viewBox width height x y x1 x2 y1 y2 dx dy r cx cy d transform fill fill-opacity stroke " +
    "stroke-opacity stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit text-anchor " +
    "font-size font-variant font-weight").split(" "),
);

/** The drawing as markup of ours: only the names of the lists get in, and every text and value is escaped. */
export function svgMarkup(node: DrawnNode): Markup | undefined {
  if (node.nodeType === TEXT) return markup`${node.nodeValue ?? ""}`;
  const name = node.nodeName.toLowerCase();
  if (node.nodeType !== ELEMENT || !ELEMENTS.has(name)) return undefined;
  const attributes = [...node.attributes ?? []].filter((one) => ATTRIBUTES.has(one.name)).map((one) =>
    markup` ${trusted(one.name)}="${shortened(one.value)}"`
  );
  const children: Child[] = [...node.childNodes].map(svgMarkup);
  return markup`<${trusted(name)}${attributes}>${children}</${trusted(name)}>`;
}

/** No eye sees a hundredth of a pixel, and forty of them make a page large. */
const shortened = (value: string): string => value.replace(/\d+\.\d{3,}/g, (long) => Number(long).toFixed(2));
