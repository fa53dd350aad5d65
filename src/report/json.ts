/** The result for machines: one JSON document, and the events of `--json`. Fields are named one by one, so that nothing else gets in. */

import { createHash } from "node:crypto";
import type { StoredDrill } from "../store/records/drill_schema.ts";
import type {
  CheckResult,
  Compared,
  ControlResult,
  Culprit,
  DrillResult,
  Finding,
  Judged,
  Screenshot,
} from "../checks/result.ts";
import { countFindings } from "../checks/findings/words.ts";
import { prepareCheck, prepareResult } from "../checks/overall_verdict.ts";
import { adviceOf, causeOf } from "./cause.ts";

/**
 * The whole result as JSON, keys in one fixed order, 2 spaces, a line feed at the end. Of a picture its title,
 * address, media type, size in bytes and SHA-256 are written; the picture itself is in the HTML report.
 */
export const renderJson = (drilled: DrillResult): string =>
  `${JSON.stringify({ format: drilled.format, ...storedOf(drilled) }, null, 2)}\n`;

/** The result as it is stored and as `report.json` has it: everything but the pictures' bytes. */
export function storedOf(drilled: DrillResult): StoredDrill {
  const result = prepareResult(drilled);
  return {
    id: result.id,
    startedAt: result.startedAt,
    endedAt: result.endedAt,
    ms: result.ms,
    verdict: result.verdict,
    exit: result.exit,
    headline: result.headline,
    culprit: result.culprit,
    lab: result.lab,
    erp: result.erp,
    level: result.level,
    banner: result.banner,
    company: result.company,
    from: result.from,
    into: result.into,
    set: result.set && setInJson(result.set),
    restoreMs: result.restoreMs,
    invoicesOpened: result.invoicesOpened,
    leftOut: result.leftOut.map(({ what, why }) => ({ what, why })),
    neutralised: result.neutralised.map(({ what, rows, why }) => ({ what, rows, why })),
    encrypted: result.encrypted && [...result.encrypted],
    reachedState: result.reachedState,
    marks: result.marks.map(({ what, seen }) => ({ what, seen })),
    seed: result.seed,
    versions: Object.fromEntries(Object.entries(result.versions).sort(([a], [b]) => a < b ? -1 : 1)),
    phases: result.phases.map(({ title, ms }) => ({ title, ms })),
    checks: result.checks.map(checkInJson),
    mended: result.mended?.map(findingInJson),
    rota: result.rota?.map(({ set, verdict, ms, message }) => ({ set, verdict, ms, message })),
    control: result.control && controlInJson(result.control),
    told: result.told && { webhook: result.told.webhook, alive: result.told.alive },
    error: result.error && {
      code: result.error.code,
      message: result.error.message,
      hint: result.error.hint,
      details: [...result.error.details],
    },
  };
}

/** The event of a check with `--json`, printed when it ends. */
interface CheckEvent {
  event: "check";
  id: string;
  verdict: CheckResult["verdict"];
  judges: Judged;
  required: boolean;
  title: string;
  compared?: Compared;
  code?: string;
  message?: string;
  hint?: string;
  /** Of a check of the books: all that it found, also what is accepted. */
  findings?: Finding[];
  ms: number;
}

export function checkEvent(check: CheckResult): CheckEvent {
  const { id, verdict, judges = "restore", required, title, compared, code, message, hint, findings, ms } =
    prepareCheck(check);
  return {
    event: "check",
    id,
    verdict,
    judges,
    required,
    title,
    compared: compared && sides(compared),
    code,
    message,
    hint,
    findings: findings?.map(findingInJson),
    ms,
  };
}

/** The last event with `--json`. `set`, `report` and `record` are null where there is none. */
interface ResultEvent {
  event: "result";
  verb: "drill";
  verdict: DrillResult["verdict"];
  exit: DrillResult["exit"];
  /** Absent on a PASS. */
  culprit?: Culprit;
  lab: boolean;
  erp: DrillResult["erp"];
  set: string | null;
  report: string | null;
  /** The key under which the store keeps what was found. */
  record: string | null;
  /** How many findings are open and how many accepted; absent where no check of the books came to an end. */
  findings?: { open: number; accepted: number };
  /** The ids of those that are right again since the drill before; absent where there are none. */
  mended?: string[];
  ms: number;
  code?: string;
  message?: string;
  hint?: string;
}

/** `reportPath`: where the HTML report is; `record`: its key in the store. */
export function resultEvent(
  drilled: DrillResult,
  reportPath: string | undefined,
  record?: string,
): ResultEvent {
  const result = prepareResult(drilled);
  const { verdict, exit, culprit, lab, erp, ms, mended = [] } = result;
  const findings = countFindings(result.checks);
  const hint = adviceOf(result);
  return {
    event: "result",
    verb: "drill",
    verdict,
    exit,
    ...(culprit ? { culprit } : {}),
    lab,
    erp,
    set: result.set?.name ?? null,
    report: reportPath ?? null,
    record: record ?? null,
    ...(findings ? { findings } : {}),
    ...(mended.length > 0 ? { mended: mended.map(({ id }) => id) } : {}),
    ms,
    ...causeOf(result),
    ...(hint ? { hint } : {}),
  };
}

function setInJson(set: NonNullable<DrillResult["set"]>) {
  return {
    name: set.name,
    takenAt: set.takenAt,
    ...(set.accepted === undefined ? {} : { accepted: set.accepted }),
    objects: set.objects.map(({ half, key, bytes, sha256 }) => ({ half, key, bytes, sha256 })),
    tables: set.tables,
    rows: set.rows,
    files: set.files,
    documentBytes: set.documentBytes,
  };
}

const controlInJson = ({ check, by, verdict, message, ms, lastTried }: ControlResult): ControlResult => ({
  check,
  by,
  verdict,
  message,
  ms,
  lastTried,
});

function checkInJson(check: CheckResult) {
  return {
    id: check.id,
    title: check.title,
    part: check.part,
    judges: check.judges,
    required: check.required,
    verdict: check.verdict,
    compared: check.compared && sides(check.compared),
    code: check.code,
    message: check.message,
    hint: check.hint,
    details: [...check.details],
    findings: check.findings?.map(findingInJson),
    ms: check.ms,
    screenshots: check.screenshots.map(pictureInJson),
  };
}

/** Fields are named one by one here too. */
function findingInJson(
  { id, subject, sentence, with: compared, facts, document, accepted, history }: Finding,
): Finding {
  return {
    ...{ id, subject, sentence, with: compared, facts: { ...facts } },
    document: document && { path: document.path, sha256: document.sha256 },
    accepted: accepted &&
      { until: accepted.until, reason: accepted.reason, by: accepted.by, at: accepted.at },
    history: history && { since: history.since, stillRightIn: history.stillRightIn },
  };
}

const sides = (compared: Compared): Compared => ({
  expected: compared.expected,
  found: compared.found,
  with: compared.with,
});

function pictureInJson({ title, url, mediaType, bytes }: Screenshot) {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { title, url, mediaType, bytes: bytes.byteLength, sha256 };
}
