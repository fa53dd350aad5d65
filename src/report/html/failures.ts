/** What failed or did not run, before anything else: the cause, the comparison, what to do. */

import type { CheckResult, DrillResult } from "../../checks/result.ts";
import type { GalleryPicture } from "./gallery.ts";
import { badge, checkAnchor, cut, detailsList, section, sides, verdictClass } from "./parts.ts";
import { type Markup, markup } from "./markup.ts";
import { formatCount } from "../../base/numbers.ts";
import { meaningInWords } from "../cause.ts";
import { countWith, toneOfCheck } from "../words.ts";

/**
 * The causes: what ended the drill, then failed checks, then required ones that did not run, then optional ones.
 * Checks with the same reason are one cause. Undefined where every check passed.
 */
export function failures(result: DrillResult, pictures: readonly GalleryPicture[]): Markup | undefined {
  const of = (verdict: CheckResult["verdict"], required: (check: CheckResult) => boolean) => {
    const checks = result.checks.filter((check) =>
      check.verdict === verdict && required(check) && !isToldByFindings(check)
    );
    return grouped(checks).map((group) => checkCard(group, result.checks, pictures));
  };
  const error = errorCards(result);
  const cards = [
    ...(isSummary(result) ? [] : error),
    ...of("fail", () => true),
    ...of("not_run", (check) => check.required),
    ...unseenMarks(result),
    ...(isSummary(result) ? error : []),
    ...of("not_run", (check) => !check.required),
  ];
  return cards.length === 0 ? undefined : section("causes", titleOf(result), introOf(result), cards);
}

/** Whether its findings, each with what to do, have a section of their own. */
const isToldByFindings = ({ verdict, judges, findings = [] }: CheckResult): boolean =>
  verdict === "fail" && judges === "books" && findings.length > 0;

/** Whether the error only repeats what the checks say in more detail. */
const isSummary = ({ error, checks }: DrillResult): boolean =>
  (error?.code === "CHECK_FAILED" || error?.code === "CHECK_NOT_RUN") &&
  checks.some((check) => check.verdict !== "pass");

/** Checks with the same reason, and nothing of their own to show, stand together. */
function grouped(checks: readonly CheckResult[]): CheckResult[][] {
  const groups = new Map<string, CheckResult[]>();
  for (const check of checks) {
    const own = check.compared || check.details.length > 0 || check.screenshots.length > 0 || !check.message;
    const reason = JSON.stringify(own ? ["own", check.id] : [check.code, check.message, check.hint]);
    groups.set(reason, [...groups.get(reason) ?? [], check]);
  }
  return [...groups.values()];
}

function titleOf(result: DrillResult): string {
  if (!hasCauses(result)) return "What was not checked";
  return result.verdict === "fail" ? "Why it failed" : "Why it is not proved";
}

/** Whether something besides findings keeps the result from being a pass. */
export const hasCauses = ({ checks, error, marks, verdict }: DrillResult): boolean =>
  verdict !== "pass" && (error !== undefined || checks.length === 0 || marks.some(({ seen }) => !seen) ||
    checks.some((check) =>
      check.verdict === "fail" && !isToldByFindings(check) || check.verdict === "not_run" && check.required
    ));

function introOf(result: DrillResult): string {
  const { checks } = result;
  const failed = countWith(checks, "fail");
  const optional = countWith(checks.filter((check) => !check.required), "not_run");
  const notRun = countWith(checks, "not_run") - optional;
  if (!hasCauses(result)) {
    const them = optional === 1 ? "it" : "them";
    return `${formatCount(optional, "optional check")} did not run. The verdict does not rest on ${them}.`;
  }
  const counts = [
    ...(failed > 0 ? [`${formatCount(failed, "check")} failed`] : []),
    ...(notRun > 0 ? [`${formatCount(notRun, "required check")} did not run`] : []),
    ...(optional > 0 ? [`${formatCount(optional, "optional check")} did not run`] : []),
  ].join(", ");
  const meaning = meaningInWords(result);
  return counts === "" ? meaning : `${counts}. ${meaning}`;
}

/** The error that ended the drill, unless a check already says the same. */
function errorCards({ error, checks, verdict }: DrillResult): Markup[] {
  if (!error || checks.some((check) => check.verdict !== "pass" && check.message === error.message)) {
    return [];
  }
  return [markup`<article class="cause ${verdictClass(verdict)}">
<div class="cause-head">${badge(verdict)}<code>${error.code}</code></div>
<h3>${cut(error.message)}</h3>
${detailsList(error.details)}
${todo(error.hint)}
</article>
`];
}

function checkCard(
  group: readonly CheckResult[],
  all: readonly CheckResult[],
  pictures: readonly GalleryPicture[],
): Markup {
  const [check] = group;
  if (!check) return markup``;
  const { required, code, compared, details, hint } = check;
  const tone = toneOfCheck(check);
  const message = cut(check.message ?? "No reason was given.");
  const optional = !required && markup`<span class="tag">optional</span>`;
  const alone = group.length === 1;
  const links = group.map((one) =>
    markup`<li><a href="#${checkAnchor(all, one)}">${one.id}</a> ${one.title}</li>`
  );
  return markup`<article class="cause ${verdictClass(tone)}">
<div class="cause-head">${badge(tone)}${optional}<code>${code ?? "no code"}</code>
${alone && markup`<a class="cause-id" href="#${checkAnchor(all, check)}">${check.id}</a>`}</div>
<h3>${alone ? check.title : message}</h3>
${alone ? markup`<p class="cause-message">${message}</p>` : markup`<ul class="cause-checks">${links}</ul>`}
${compared && sides(check, compared)}
${detailsList(details)}
${pictureLinks(pictures.filter((picture) => picture.check === check))}
${todo(hint)}
</article>
`;
}

function pictureLinks(pictures: readonly GalleryPicture[]): Markup | undefined {
  if (pictures.length === 0) return undefined;
  const links = pictures.map(({ anchor, screenshot }) =>
    markup`<a href="#${anchor}">${screenshot.title}</a> `
  );
  return markup`<p class="cause-pictures">What the browser showed: ${links}</p>`;
}

/** Where a mark was not seen, nothing proves which ERP served the pages (docs/design.md, rule 9). */
function unseenMarks({ marks, verdict, checks }: DrillResult): Markup[] {
  const unseen = marks.filter((mark) => !mark.seen);
  // the check that looked for it says it, and why
  if (unseen.length === 0 || checks.some(({ code }) => code === "MARK_NOT_SEEN")) return [];
  return [markup`<article class="cause ${verdictClass(verdict === "pass" ? "not_run" : verdict)}">
<div class="cause-head">${badge("not_run", "NOT SEEN")}</div>
<h3>The pages could not be shown to be those of what was restored</h3>
<p class="cause-message">Not seen in the browser: ${unseen.map((mark) => mark.what).join(", ")}.</p>
</article>
`];
}

const todo = (hint: string | undefined): Markup | undefined =>
  hint ? markup`<p class="todo"><strong>What to do</strong> ${cut(hint)}</p>` : undefined;
