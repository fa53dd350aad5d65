/** What a backup prints of the set that it took, and of what it saw wrong with the ERP. */

import { formatBytes, formatCount, formatNumber } from "../../base/numbers.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { oneLine } from "../../base/text.ts";
import type { TakenSet } from "../../backup/backup.ts";
import type { JudgedFindings } from "../../backup/judged_findings.ts";
import { type AgedFinding, agesOf } from "../../checks/findings/age.ts";
import { REGISTER_CHECK } from "../../checks/data/register.ts";
import { lastChangeText } from "../../checks/in_use.ts";
import { openInWords } from "../../checks/findings/words.ts";
import { acceptCommand, extractCommand, sinceText } from "../../report/finding_words.ts";
import type { Context } from "../command/context.ts";
import { findingEvent } from "../findings/event.ts";

/** The objects of the set, its warnings, what it holds, and last of all what is wrong with the ERP. */
export function printBackup(
  { name, environment, manifest, uploaded }: TakenSet,
  { open, accepted }: JudgedFindings,
  now: Date,
  context: Pick<Context, "config" | "out" | "outWrapped" | "table" | "event" | "reporter">,
): void {
  const { db, docs, lastChange, startedAt, warnings } = manifest;
  const set = `${environment}/${name}`;
  const objects = [...db.objects, ...docs.objects, docs.index];
  for (const { key, bytes } of objects) {
    context.event({ event: "object", key, bytes, uploaded: uploaded.has(key) });
  }
  for (const one of agesOf([...open, ...accepted], now)) context.event(findingEvent(one, environment));
  const rows = objects.map((
    { key, bytes },
  ) => [key, formatBytes(bytes), uploaded.has(key) ? "" : "unchanged"]);
  context.table(rows, ["left", "right", "left"]);
  for (const warning of warnings) context.reporter.warn(warning);
  const { tables } = db.content;
  context.out(
    `${set}: ${formatCount(tables.length, "table")}, ${
      formatCount(tables.reduce((sum, { rows }) => sum + rows, 0), "row")
    }, ${formatCount(docs.files, "file")}`,
  );
  if (lastChange !== undefined) {
    context.out(`${set}: ${lastChangeText(new Date(lastChange), new Date(startedAt))}`);
  }
  const of = { environment, isDefault: environment === context.config.drill.from, now };
  for (const line of findingLines({ open, accepted }, of)) context.outWrapped(line);
}

/** So many lines a person reads; the others are events of --json. */
const MOST_LINES = 100;

/** Whether something else than the register found it: what the law keeps unchanged is told before all else. */
const isOther = ({ check }: AgedFinding): boolean => check !== REGISTER_CHECK;

interface LinesOf {
  environment: string;
  /** Whether commands may leave `--env` out. */
  isDefault: boolean;
  now: Date;
}

/** A line for each fault that is not accepted, those of the register first, then the oldest first, what to do about the first, and how many are accepted. Pure. */
export function findingLines(
  { open, accepted }: Pick<JudgedFindings, "open" | "accepted">,
  of: LinesOf,
): string[] {
  const aged = agesOf(open, of.now).sort((a, b) => Number(isOther(a)) - Number(isOther(b)));
  const [first] = aged;
  const more = open.length - MOST_LINES;
  const lines = aged.slice(0, MOST_LINES).map((one) =>
    `- ${oneLine(one.finding.sentence)}${one.since === undefined ? "" : `, ${sinceText(one, of.now)}`}`
  );
  return [
    ...(first
      ? [
        `The backup is good. ${of.environment} has ${openInWords(open.length)}:`,
        ...lines,
        ...(more > 0 ? [`and ${formatNumber(more)} more, which --json lists`] : []),
        ...[extractCommand(first, of), acceptCommand(first, of)].flatMap((command) => command ?? []),
      ]
      : []),
    ...(accepted.length === 0 ? [] : [`${formatNumber(accepted.length)} accepted: ${PROGRAM} findings`]),
  ];
}
