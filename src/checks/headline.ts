/** The sentences with which a drill begins and ends. Pure. */

import type { CheckResult, DrillResult } from "./result.ts";
import { formatCount, formatNumber } from "../base/numbers.ts";
import { conclusionOf } from "./culprit.ts";
import { acceptedFindings, nightOf, openFaults, openInWords, quietInWords } from "./findings/words.ts";

/** What a headline is made of: a result without it. `wanted`: `latest`, or a set's name. */
type Headed =
  & Pick<
    DrillResult,
    "verdict" | "exit" | "checks" | "set" | "from" | "into" | "level" | "error" | "mended" | "startedAt"
  >
  & { wanted: string };

/** What was proved, or whose fault it is that it was not and why, in one line. */
export function headlineOf(result: Headed): string {
  const { verdict, checks, set, from, into, wanted } = result;
  const name = set?.name ?? `${from}/${wanted}`;
  if (verdict === "pass" && set) return provedHeadline(result, set);
  const { meaning } = conclusionOf(result);
  if (meaning === "findings") return findingsHeadline(result, name);
  if (meaning === "older_damaged") return olderHeadline(result, name);
  const cause = causeOf(result);
  if (meaning === "not_recent" || meaning === "others_changed" || meaning === "register_lost") {
    return `${name}: ${cause}${faultsInWords(result)}`;
  }
  if (meaning === "not_shown") {
    return `${name} was restored into ${into} and is what was backed up, but ${into} does not show it: ${cause}`;
  }
  return meaning === "not_restored" && checks.length > 0 && set
    ? `${name} is not proved, by no fault of its own: ${cause}`
    : `${name}: ${cause}`;
}

function provedHeadline(result: Headed, set: NonNullable<DrillResult["set"]>): string {
  const { into, level } = result;
  const quiet = quietInWords(result);
  const proved = level === "fast"
    ? `fast drill: ${set.name} was restored into ${into}: ${
      sizeOf(set)
    } are equal, and the ERP can be signed in to; its other pages were not opened`
    : `${set.name} was restored into ${into} and proved: ${sizeOf(set)} are equal, and the ERP shows them`;
  return quiet === "" ? proved : `${proved}; ${quiet}`;
}

/** Of an ERP that is at fault: that its backup is not, how many faults there are, and the first. */
function findingsHeadline(result: Headed, name: string): string {
  const { checks, from } = result;
  const count = openFaults(checks).length;
  const accepted = acceptedFindings(checks).length;
  const backup = conclusionOf(result).restored
    ? `The backup ${name} can be brought back`
    : `The backup ${name} was not proved to its end`;
  return `${backup}. ${from} has ${openInWords(count)}${count > 1 ? ", the first" : ""}: ${
    firstFaultInWords(result)
  }${accepted > 0 ? ` (${formatNumber(accepted)} accepted)` : ""}${
    besidesInWords(result).map((sentence) => `. ${sentence}`).join("")
  }`;
}

/** `FA2610-0004: ... is missing, since the night of 3 November`; empty where nothing is open. */
export function firstFaultInWords({ checks, startedAt }: Pick<DrillResult, "checks" | "startedAt">): string {
  const [{ sentence, finding } = { sentence: "", finding: undefined }] = openFaults(checks);
  return finding?.history ? `${sentence}, since ${nightOf(finding.history.since, startedAt)}` : sentence;
}

/** Of an older set that is bad, and of what else there is to say of that night. */
function olderHeadline(result: Headed, name: string): string {
  const older = result.checks.find(({ id, verdict }) => id.startsWith("rota.") && verdict === "fail");
  const own = conclusionOf(result).restored
    ? `${name} can be brought back, but an older backup cannot`
    : `${name} was not proved, and an older backup cannot be brought back`;
  return `${own}: ${older?.message}${faultsInWords(result)}`;
}

/** What is wrong with the ERP as well, where that is not the gravest. */
function faultsInWords({ checks, from }: Headed): string {
  const [first, ...others] = openFaults(checks);
  return first ? `. ${from} has ${openInWords(others.length + 1)}: ${first.sentence}` : "";
}

/**
 * What there is to say besides on a night on which the ERP is at fault, a sentence each without its full stop: what else
 * failed, such as a page or this tool's own work, and what was not looked at.
 */
export function besidesInWords({ checks, error }: {
  checks: readonly {
    verdict: CheckResult["verdict"];
    judges?: CheckResult["judges"];
    required: boolean;
    title: string;
    message?: string;
  }[];
  error?: { message: string };
}): string[] {
  const failed = checks.filter(({ verdict, judges }) => verdict === "fail" && judges !== "books");
  const missing = checks.filter(({ verdict, required }) => verdict === "not_run" && required);
  return [
    ...(failed[0]
      ? [`${formatCount(failed.length, "other check")} failed: ${failed[0].message ?? failed[0].title}`]
      : []),
    ...(missing[0]
      ? [
        `${formatCount(missing.length, "required check")} did not run: ${
          error?.message ?? missing[0].message
        }`,
      ]
      : []),
  ];
}

function causeOf({ verdict, checks, error }: Headed): string {
  const cause = checks.find((check) => check.verdict === verdict && check.required) ??
    checks.find((check) => check.verdict === verdict);
  const message = cause?.message ?? "no check ran";
  return verdict === "fail" && error && stoppedBeforeAnyFailure(checks, error)
    ? `${error.message}; and ${message}`
    : message;
}

/** `277 tables, 23,104 rows and 1,204 documents`. */
const sizeOf = ({ tables, rows, files }: NonNullable<DrillResult["set"]>): string =>
  `${formatCount(tables, "table")}, ${formatCount(rows, "row")} and ${formatCount(files, "document")}`;

/**
 * Whether the error that ended the drill is the cause of its verdict: it is no FAIL itself, and no check had failed before.
 * A check that failed before the error stays the cause.
 */
export function stoppedBeforeAnyFailure(
  checks: readonly CheckResult[],
  error: NonNullable<DrillResult["error"]>,
): boolean {
  const first = checks.find(({ verdict, code, message }) =>
    verdict === "fail" || verdict === "not_run" && code === error.code && message === error.message
  );
  return first?.verdict === "not_run";
}
