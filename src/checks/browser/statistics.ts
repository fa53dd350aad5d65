/** The check in the browser on the statistics of invoices. */

import { openStatisticsPage, type StatisticsPage } from "../../dolibarr/pages/statistics_page.ts";
import { type YearTotal, yearTotals } from "../../dolibarr/books/statistics.ts";
import { expectNone, nothingToCheck, type RestoreCheck } from "../check.ts";
import { raisedNetTotal } from "./twins.ts";
import { type BrowserContext, requireSignIn, SIGNED_IN, takeScreenshot } from "./context.ts";
import { formatCount } from "../../base/numbers.ts";

export const invoiceStatistics: RestoreCheck<BrowserContext> = {
  id: "browser.statistics",
  part: "browser",
  judges: "restore",
  level: "standard",
  given: SIGNED_IN,
  title:
    "The statistics show their charts, and the number of invoices and their totals are those of the database",
  required: true,
  async run(context) {
    requireSignIn(context);
    const { counting } = context.pages;
    const expected = yearTotals(context.invoices, counting);
    const [newest] = expected;
    if (!newest) throw nothingToCheck("this ERP has no invoice that its statistics count");
    const page = await openStatisticsPage(context.erp, {
      year: newest.year || new Date().getFullYear(),
      leastDecimals: Math.min(counting.amounts.leastDecimals, counting.amounts.mostDecimals),
    });
    const problems = [...differingYears(expected, page.years), ...blankPictures(page)];
    const outcome = expectNone(
      problems,
      expected.length + page.pictures.length,
      "number and total without tax of each year against the database's invoices, and the pictures that are not blank",
    );
    return {
      ...outcome,
      details: problems.length > 0
        ? outcome.details
        : expected.map((total) => `${total.year || "without a date"}: ${inWords(total)}`),
      screenshots: [await takeScreenshot(context.erp, "The statistics of customer invoices")],
    };
  },
  twin: raisedNetTotal,
};

/** Where the page and the database differ, a sentence for each year. Pure. */
export function differingYears(expected: readonly YearTotal[], shown: readonly YearTotal[]): string[] {
  const years = [...new Set([...expected, ...shown].map(({ year }) => year))].toSorted((a, b) => b - a);
  return years.flatMap((year) => {
    const [there, here] = [expected, shown].map((side) => side.find((total) => total.year === year));
    const [due, found] = [there, here].map((total) => total ? inWords(total) : "nothing");
    return due === found
      ? []
      : [`${year || "without a date"}: the page shows ${found}; the database has ${due}`];
  });
}

const inWords = ({ invoices, totalWithoutTax }: YearTotal): string =>
  `${formatCount(invoices, "invoice")} of ${totalWithoutTax} without tax`;

function blankPictures({ pictures }: StatisticsPage): string[] {
  if (pictures.length === 0) return ["the page has no picture"];
  return pictures.filter(({ painted }) => !painted).map(({ title }) => `the picture "${title}" is blank`);
}
