/** From the set to the pages: what was proved, link by link, with all that is needed to verify it in ten years. */

import { formatMoment } from "../../base/time.ts";
import type { DrilledObject, DrillResult } from "../../checks/result.ts";
import { badge, section } from "./parts.ts";
import { type Markup, markup } from "./markup.ts";
import { formatBytes, formatCount, formatDuration, formatNumber } from "../../base/numbers.ts";
import { ageInWords, countWith } from "../words.ts";

export function chainSection(result: DrillResult): Markup {
  const intro =
    "What was tested is named by its hash: an object in the store is the one that this report is about, " +
    "when sha256sum prints the SHA-256 below.";
  return section(
    "chain",
    "From the backup to the page",
    intro,
    markup`<ol class="chain">
${link("The backup set", setOf(result))}
${link("Its objects in the store", objectsOf(result))}
${link("The sandbox", sandboxOf(result))}
${link("The pages", pagesOf(result))}
</ol>`,
  );
}

const link = (title: string, body: Markup): Markup => markup`<li><h3>${title}</h3>${body}</li>`;

function setOf(result: DrillResult): Markup {
  const { set } = result;
  if (!set) return markup`<p>None: no set could be restored.</p>`;
  const age = ageInWords(result);
  const taken = `taken on ${formatMoment(set.takenAt)}${age ? `, ${age} before the drill` : ""}`;
  const holds = `${formatCount(set.tables, "table")} with ${formatCount(set.rows, "row")}, and ${
    formatCount(set.files, "file")
  }`;
  return markup`<p><code>${set.name}</code>, ${taken}${
    set.accepted === undefined ? "" : `; ${set.accepted}`
  }.</p>
<p>It holds ${holds} of ${formatNumber(set.documentBytes)} bytes.</p>`;
}

function objectsOf({ set }: DrillResult): Markup {
  if (!set || set.objects.length === 0) return markup`<p>None were read.</p>`;
  return markup`<dl class="objects">${set.objects.map(objectOf)}</dl>`;
}

function objectOf({ half, key, bytes, sha256 }: DrilledObject): Markup {
  const size = `${formatNumber(bytes)} bytes (${formatBytes(bytes)})`;
  return markup`<div class="object"><dt>${half === "db" ? "Database" : "Documents"}</dt>
<dd><code class="object-key">${key}</code> <span class="object-size">${size}</span></dd>
<dd class="hash"><span class="hash-name">SHA-256</span> <code>${
    sha256 ?? "none was recorded"
  }</code></dd></div>
`;
}

function sandboxOf(result: DrillResult): Markup {
  const { into, restoreMs, leftOut, neutralised } = result;
  const took = restoreMs === undefined ? "" : ` in ${formatDuration(restoreMs)}`;
  const verb = result.set ? "Restored into" : "Meant to be restored into";
  const left = leftOut.length === 0
    ? "Nothing was left out"
    : `${formatCount(leftOut.length, "item")} left out`;
  const changed = neutralised.length === 0
    ? "nothing was turned off there"
    : `${formatCount(neutralised.length, "setting")} changed there so that the copy cannot act on the world`;
  return markup`<p>${verb} <b>${into}</b>${took}. ${left}, ${changed}.</p>`;
}

function pagesOf(result: DrillResult): Markup {
  const checks = result.checks.filter((check) => check.part === "browser");
  if (checks.length === 0) return markup`<p>No page was opened.</p>${marksOf(result)}`;
  const pictures = checks.reduce((sum, check) => sum + check.screenshots.length, 0);
  const passed = `${countWith(checks, "pass")} of ${
    formatCount(checks.length, "check")
  } passed in the browser`;
  const invoices = result.invoicesOpened === undefined
    ? ""
    : `${formatCount(result.invoicesOpened, "invoice")} opened, `;
  return markup`<p>${passed}. ${invoices}${formatCount(pictures, "picture")} taken.</p>${marksOf(result)}`;
}

/** The two random marks: they prove that the pages are those of what was restored. */
function marksOf({ marks }: DrillResult): Markup {
  if (marks.length === 0) {
    return markup`<p>No mark was written, so nothing proves which ERP served the pages.</p>`;
  }
  const items = marks.map(({ what, seen }) =>
    markup`<li>${seen ? badge("pass", "SEEN") : badge("not_run", "NOT SEEN")} ${what}</li>`
  );
  return markup`<p>Random marks of this drill were written into the sandbox and looked for in the browser, so that
the pages cannot be those of another ERP:</p>
<ul class="marks">${items}</ul>`;
}
