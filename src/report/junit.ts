/**
 * JUnit XML, for the CI that shows it. FAIL is a `failure`; a required NOT RUN is an `error` of type `not_run`, and an
 * optional one is `skipped` with its reason, so that a PASS shows no red.
 */

import {
  acceptCommand,
  acceptedFindings,
  countFindings,
  extractCommand,
  openFaults,
  sinceInWords,
} from "../checks/findings/words.ts";
import type { CheckResult, DrillResult, Finding } from "../checks/result.ts";
import { CONTROL_WORD, controlTitle } from "./control_words.ts";
import { prepareResult } from "../checks/overall_verdict.ts";
import { withoutControls } from "../base/text.ts";
import { bannerOf, VERDICT_WORD, verdictSentence } from "./words.ts";
import { withUnit } from "./units.ts";

/** One suite with a case for each check; one more case where the verdict is not explained by any of them. */
export function renderJunit(drilled: DrillResult): string {
  const result = prepareResult(drilled);
  const cases = [...result.checks.map((check) => caseOfCheck(check, result)), ...casesOfVerdict(result)];
  const counts = attributes({
    tests: cases.length,
    failures: cases.filter((one) => one.outcome === "failure").length,
    errors: cases.filter((one) => one.outcome === "error").length,
    skipped: cases.filter((one) => one.outcome === "skipped").length,
    time: seconds(result.ms),
  });
  const banner = bannerOf(result);
  const name = `${banner ? `${banner}: ` : ""}drill of ${
    result.set?.name ?? result.from
  } into ${result.into}`;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="dolibarr-drill"${counts}>`,
    `  <testsuite${attributes({ name })}${counts}${
      attributes({ timestamp: result.startedAt, id: result.id })
    }>`,
    `    <properties>`,
    ...propertiesOf(result).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    `    </properties>`,
    ...cases.map((one) => one.xml),
    `  </testsuite>`,
    `</testsuites>`,
    ``,
  ].join("\n");
}

interface Case {
  outcome: "passed" | "failure" | "error" | "skipped";
  xml: string;
}

function caseOfCheck(check: CheckResult, result: DrillResult): Case {
  const accepted = check.judges === "books" ? acceptedFindings([check]).map(acceptedInWords) : [];
  const open = attributes({
    classname: `drill.${check.part}`,
    name: `${check.id}: ${check.title}`,
    time: seconds(check.ms),
  });
  if (check.verdict === "pass") {
    return {
      outcome: "passed",
      xml: `    <testcase${open}>${output([...evidenceOf(check), ...accepted])}</testcase>`,
    };
  }
  const outcome = check.verdict === "fail" ? "failure" : check.required ? "error" : "skipped";
  const type = check.verdict === "fail" ? check.code ?? "CHECK_FAILED" : "not_run";
  const reason = [check.code, check.message].filter((text) => text).join(": ");
  const optional = check.required ? "" : " (optional)";
  const message = `${VERDICT_WORD[check.verdict]}${optional}: ${reason || "no reason was given"}`;
  const lines = outcome === "failure" ? evidenceWithFindings(check, result) : evidenceOf(check);
  return { outcome, xml: notPassed(open, outcome, type, message, lines, accepted) };
}

/** Each open finding with its id, since when it is there, and the commands; in the place of details that say less. */
function evidenceWithFindings(check: CheckResult, result: DrillResult): string[] {
  const findings = openFaults([check]).flatMap(({ finding }) => finding ? [finding] : []);
  if (findings.length === 0) return evidenceOf(check);
  return [
    ...evidenceOf({ ...check, details: [] }),
    ...findings.flatMap((finding) => {
      const since = sinceInWords(finding, result);
      const back = extractCommand(finding, result);
      return [
        `${finding.id}: ${finding.sentence}${since ? `, ${since}` : ""}`,
        ...(back ? [`  ${back}`] : []),
        `  ${acceptCommand(finding)}`,
      ];
    }),
  ];
}

const acceptedInWords = ({ id, sentence, accepted }: Finding): string =>
  `accepted until ${accepted?.until} by ${accepted?.by} (${accepted?.reason}): ${id}: ${sentence}`;

/** A case for the error that ended the drill, or for a verdict that no other case shows, so that CI cannot be green. */
function casesOfVerdict(result: DrillResult): Case[] {
  const isShown = result.checks.some((check) =>
    check.verdict !== "pass" && (check.required || check.verdict === "fail")
  );
  if (result.verdict === "pass" || (isShown && !result.error)) return [];
  const open = attributes({
    classname: "drill",
    name: "drill.verdict: the drill reached its end",
    time: "0.000",
  });
  const outcome = result.verdict === "fail" ? "failure" : "error";
  const { error } = result;
  const type = outcome === "error" ? "not_run" : error?.code ?? "CHECK_FAILED";
  const message = `${VERDICT_WORD[result.verdict]}: ${
    error ? `${error.code}: ${error.message}` : result.headline
  }`;
  return [{
    outcome,
    xml: notPassed(open, outcome, type, message, error ? [...error.details, error.hint] : []),
  }];
}

function notPassed(
  open: string,
  outcome: Exclude<Case["outcome"], "passed">,
  type: string,
  message: string,
  lines: string[],
  aside: string[] = [],
): string {
  // the form of JUnit has no type of what is skipped
  const about: Record<string, string> = outcome === "skipped" ? { message } : { type, message };
  return [
    `    <testcase${open}>`,
    `      <${outcome}${attributes(about)}>${escapeXml(lines.join("\n"))}</${outcome}>`,
    ...(aside.length > 0 ? [`      <system-out>${escapeXml(aside.join("\n"))}</system-out>`] : []),
    `    </testcase>`,
  ].join("\n");
}

function evidenceOf(check: CheckResult): string[] {
  const { compared } = check;
  return [
    ...(compared
      ? [
        `expected ${withUnit(check, compared.expected)}, found ${
          withUnit(check, compared.found)
        }: ${compared.with}`,
      ]
      : []),
    ...check.details,
    ...(check.hint ? [check.hint] : []),
  ];
}

function propertiesOf(result: DrillResult): [string, string | number][] {
  const banner = bannerOf(result);
  return [
    ...(banner ? [["banner", banner] as [string, string]] : []),
    ["verdict", VERDICT_WORD[result.verdict]],
    ["exit", result.exit],
    ["sentence", verdictSentence(result)],
    ["headline", result.headline],
    ...(result.culprit ? [["culprit", result.culprit] as [string, string]] : []),
    ...findingProperties(result),
    ["lab", String(result.lab)],
    ["erp", result.erp],
    ["company", result.company],
    ["from", result.from],
    ["into", result.into],
    ...(result.reachedState ? [["reachedState", result.reachedState] as [string, string]] : []),
    ["set", result.set?.name ?? "none"],
    ...(result.set ? [["set.takenAt", result.set.takenAt] as [string, string]] : []),
    ...(result.set?.accepted === undefined
      ? []
      : [["set.accepted", result.set.accepted] as [string, string]]),
    ...(result.set?.objects ?? []).flatMap((object): [string, string | number][] => [
      [`object.${object.half}.key`, object.key],
      [`object.${object.half}.bytes`, object.bytes],
      [`object.${object.half}.sha256`, object.sha256 ?? "none was recorded"],
    ]),
    ...(result.control
      ? [
        [
          "control",
          `${CONTROL_WORD[result.control.verdict]}: ${controlTitle(result.control)}`,
        ] as [string, string],
      ]
      : []),
    ["seed", result.seed],
    ...Object.entries(result.versions).map((
      [name, version],
    ): [string, string] => [`version.${name}`, version]),
  ];
}

function findingProperties({ checks, mended = [] }: DrillResult): [string, string | number][] {
  const counts = countFindings(checks);
  return [
    ...(counts ? [["findings", `${counts.open} open, ${counts.accepted} accepted`] as [string, string]] : []),
    ...(mended.length > 0 ? [["mended", mended.map(({ id }) => id).join(", ")] as [string, string]] : []),
  ];
}

const output = (lines: string[]): string =>
  lines.length === 0 ? "" : `\n      <system-out>${escapeXml(lines.join("\n"))}</system-out>\n    `;

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) =>
      ` ${name}="${escapeXml(String(value)).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;")}"`
    )
    .join("");
}

/** Text for XML 1.0, inside an element or an attribute. Characters that XML cannot hold at all are left out. */
function escapeXml(text: string): string {
  return withoutControls(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
