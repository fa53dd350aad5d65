/** The stand-in's statistics of customer invoices: a table of years, and a chart that a script draws. */

import { forbidden, money, page, type Reply } from "./html.ts";
import type { Visit } from "../site.ts";

interface Year extends Record<string, unknown> {
  year: number;
  invoices: number;
  total: string;
  average: string;
}

const PATH = "/compta/facture/stats/index.php";

/** The page of statistics, counted as `FactureStats` of 22.0.4 does. */
export async function answerInvoiceStatistics(visit: Visit): Promise<Reply> {
  const { sql, user, constants, fault } = visit;
  if (!user?.rights.has("facture.lire")) return forbidden(visit);
  const deposits = ["", "0"].includes(constants.get("FACTURE_DEPOSITS_ARE_JUST_PAYMENTS") ?? "");
  const years = await sql.query<Year>(
    `SELECT coalesce(extract(year FROM datef), 0)::int AS year, count(*)::int AS invoices,
            round(sum(total_ht), 2)::text AS total, round(avg(total_ht), 2)::text AS average
       FROM llx_facture WHERE entity = 1 AND fk_statut >= 0 AND (fk_statut <> 3 OR close_code <> 'replaced')
        AND type IN (0, 1, 2, 5${deposits ? ", 3" : ""}) GROUP BY 1 ORDER BY 1 DESC`,
  );
  const rows = years.map(({ year, invoices, total, average }) =>
    `<tr class="oddeven"><td><a href="${PATH}?year=${year}&amp;mode=customer">${year}</a></td><td class="right">${invoices}</td>
<td class="right"><span class="amount">${money(total)}</span></td><td class="right"><span class="amount">${
      money(average)
    }</span></td></tr>`
  );
  const bars = years.map(({ invoices }) => invoices).toReversed();
  return page(
    visit,
    "Customers invoices statistics",
    `<div class="titre">Customers invoices statistics</div>
<form name="stats" method="POST" action="${PATH}"><input type="hidden" name="mode" value="customer"></form>
<table class="noborder"><tr class="liste_titre"><td>Year</td><td class="right">No. of invoices</td><td class="right">Total amount</td>
<td class="right">Average amount</td></tr>
${rows.join("\n")}</table>
<div class="center dolgraphtitle">No. of invoices per year</div>
<div class="dolgraphchart"><canvas id="canvas_invoicesnbinyear" width="500" height="220"></canvas></div>
<script>${fault.mode === "blank-picture" ? "" : paint(bars)}</script>`,
  );
}

/** The script that draws a bar for each year. */
const paint = (bars: readonly number[]): string =>
  `const bars = ${
    JSON.stringify(bars)
  }, context = document.getElementById("canvas_invoicesnbinyear").getContext("2d");
const most = Math.max(1, ...bars), width = 500 / Math.max(1, bars.length);
context.fillStyle = "#1c5d8f";
bars.forEach((bar, at) => context.fillRect(at * width + 10, 220 - 200 * bar / most, width - 20, 200 * bar / most));`;
