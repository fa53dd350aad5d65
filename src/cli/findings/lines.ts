/** The findings of an environment as a person reads them. Pure. */

import { formatCount } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import type { AgedFinding } from "../../checks/findings/age.ts";
import {
  acceptCommand,
  endsInDays,
  extractCommand,
  sinceText,
  stillRightText,
  untilText,
  withdrawCommand,
} from "../../report/finding_words.ts";
import type { Shell } from "../command/shell.ts";

interface FindingsOf {
  environment: string;
  /** Whether commands may leave `--env` out. */
  isDefault: boolean;
  now: Date;
  colours: Shell["colours"];
}

/** Open ones first, each with since when it is, where it is still right, and the commands about it. */
export function findingsLines(standing: readonly AgedFinding[], of: FindingsOf): string[] {
  const open = standing.filter(({ finding }) => !finding.accepted);
  const accepted = standing.filter(({ finding }) => finding.accepted);
  const { environment, colours } = of;
  const counts = [
    ...(open.length > 0 ? [colours.red(formatCount(open.length, "open finding"))] : []),
    ...(accepted.length > 0 ? [`${accepted.length} accepted`] : []),
  ];
  return [
    `${environment}: ${counts.length === 0 ? colours.green("no finding") : counts.join(", ")}`,
    ...open.flatMap((one) => openLines(one, of)),
    ...accepted.flatMap((one) => acceptedLines(one, of)),
  ];
}

function openLines(one: AgedFinding, of: FindingsOf): string[] {
  const { environment, now, colours } = of;
  const extract = extractCommand(one, of);
  return [
    "",
    `${colours.red("open")}  ${oneLine(one.finding.sentence)}`,
    `  ${sinceText(one, now)}; ${stillRightText(one, environment)}`,
    ...(extract ? [`  ${oneLine(extract)}`] : []),
    `  ${oneLine(acceptCommand(one, of))}`,
  ];
}

function acceptedLines(one: AgedFinding, of: FindingsOf): string[] {
  const { accepted, sentence } = one.finding;
  if (!accepted) return [];
  const { now, colours } = of;
  const days = endsInDays(one, now);
  const soon = days === undefined ? "" : colours.yellow(`, in ${formatCount(days, "day")}`);
  return [
    "",
    `accepted ${untilText(accepted.until)}${soon}  ${oneLine(sentence)}`,
    `  ${sinceText(one, now)}; accepted on ${accepted.at.slice(0, 10)} by ${oneLine(accepted.by)}: ${
      oneLine(accepted.reason)
    }`,
    `  ${oneLine(withdrawCommand(one, of))}`,
  ];
}
