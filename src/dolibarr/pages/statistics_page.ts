/** The statistics of customer invoices: a table of years, and charts that a script draws. */

import { limits } from "../../base/limits.ts";
import type { YearTotal } from "../books/statistics.ts";
import { readAmount } from "../formats/amounts.ts";
import type { Erp } from "./visit/browser.ts";
import type { PagePart } from "./visit/in_page.ts";
import { visitAndRead, type Visited } from "./visit/visit.ts";

export interface StatisticsPage {
  visited: Visited;
  /** The rows of the table, without years in which nothing was invoiced. */
  years: YearTotal[];
  pictures: { title: string; painted: boolean }[];
}

const FORM = 'form[name="stats"]';
const YEARS = 'tr.oddeven:has(a[href*="/compta/facture/stats/index.php?year="])';

/**
 * Opens the statistics, whose charts show `year` and the two years before it. It waits until the charts are drawn, for
 * `paintedWithin` ms at most.
 * @param leastDecimals the decimals that an amount has at least: see `AmountRules`
 */
export async function openStatisticsPage(
  erp: Erp,
  { year, leastDecimals, paintedWithin = limits.pictureIsPainted }: {
    year: number;
    leastDecimals?: number;
    paintedWithin?: number;
  },
): Promise<StatisticsPage> {
  const { visited, found } = await visitAndRead(erp, `/compta/facture/stats/index.php?year=${year}`, {
    ...{ shows: FORM, read: readYears, arg: YEARS },
  });
  const years = found.map(([year = "", invoices = "", total = ""]) => ({
    year: Number(year.trim()),
    invoices: Number(invoices.replace(/\D/g, "")),
    totalWithoutTax: readAmount(total, leastDecimals) ?? total.trim(),
  }));
  const pictures = await erp.page.locator("canvas").evaluateAll(whenPainted, paintedWithin);
  await erp.page.evaluate(atRest); // for a screenshot of the page
  return { visited, years: years.filter(({ invoices }) => invoices > 0), pictures };
}

/** Runs in the browser: year, number and total of each row. */
function readYears(root: PagePart, rows: string): string[][] {
  const cells = ["td", "td + td", ".amount"];
  return [...root.querySelectorAll(rows)].map((row) =>
    cells.map((cell) => row.querySelector(cell)?.textContent ?? "")
  );
}

/** What is used of the browser's canvas element. */
interface Canvas {
  width: number;
  height: number;
  getContext(kind: "2d"): {
    getImageData(x: number, y: number, width: number, height: number): { data: { buffer: ArrayBuffer } };
  };
  parentElement: { previousElementSibling: { textContent: string } | null };
}

/** Runs in the browser: waits until no canvas is blank, for `within` ms at most. A canvas of one colour is blank. */
async function whenPainted(elements: unknown[], within: number): Promise<StatisticsPage["pictures"]> {
  const canvases = elements as Canvas[];
  const isPainted = (canvas: Canvas): boolean => {
    if (canvas.width === 0 || canvas.height === 0) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Uint32Array(data.buffer);
    return colours.some((colour) => colour !== colours[0]);
  };
  const end = performance.now() + within;
  while (!canvases.every(isPainted) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return canvases.map((canvas, at) => ({
    title: canvas.parentElement.previousElementSibling?.textContent.trim() || `number ${at + 1}`,
    painted: isPainted(canvas),
  }));
}

/** Runs in the browser: ends the animation of Chart.js, which lets bars grow for a second. */
function atRest(): void {
  type Chart = { stop(): void; update(mode: "none"): void };
  const { Chart } = globalThis as { Chart?: { instances?: Record<string, Chart> } };
  for (const chart of Object.values(Chart?.instances ?? {})) {
    chart.stop();
    chart.update("none");
  }
}
