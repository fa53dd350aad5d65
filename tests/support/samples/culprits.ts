/** A result for each culprit, on a drill that is otherwise that of `samplePass`: for the tests of what reports say of them. */

import { headlineOf } from "../../../src/checks/headline.ts";
import { prepareResult } from "../../../src/checks/overall_verdict.ts";
import type { CheckResult, DrillResult, Finding } from "../../../src/checks/result.ts";
import { exitOf } from "../../../src/base/verdict.ts";
import { overallVerdict } from "../../../src/checks/overall_verdict.ts";
import { sampleCheck } from "./checks.ts";
import { samplePass } from "./results.ts";

/** An invoice of October whose PDF is gone since the set of 3 November. `at`: the last digits of its number. */
export function sampleFinding(at: number, more: Partial<Finding> = {}): Finding {
  const ref = `FA2610-${String(at).padStart(4, "0")}`;
  const path = `facture/${ref}/${ref}.pdf`;
  return {
    id: `documents.invoices/${ref}/missing`,
    subject: ref,
    sentence: `${ref}: ${path} is missing`,
    with: "each invoice's PDF against its row",
    facts: {},
    document: { path },
    history: { since: "20261103T030000Z", stillRightIn: "20261102T030000Z" },
    ...more,
  };
}

/** The same, accepted by a person. */
export const sampleAccepted = (at: number): Finding =>
  sampleFinding(at, {
    accepted: {
      until: "2027-06-30",
      reason: "lost before 2020, the paper is in the cellar",
      by: "anna@office",
      at: "2026-11-10T09:00:00Z",
    },
  });

/** A check of the books with these findings. */
export function sampleBooks(findings: Finding[], more: Partial<CheckResult> = {}): CheckResult {
  const open = findings.filter(({ accepted }) => !accepted);
  const accepted = findings.length - open.length;
  return sampleCheck({
    id: "documents.invoices",
    part: "documents",
    judges: "books",
    title: "Every validated invoice has its PDF, whole, with the bytes that Dolibarr recorded",
    verdict: open.length > 0 ? "fail" : "pass",
    compared: { expected: 1204, found: 1204 - findings.length, with: "each invoice's PDF against its row" },
    ...(findings.length > 0 ? { findings } : {}),
    ...(open.length > 0
      ? {
        code: "CHECK_FAILED",
        message: `${open[0]!.sentence}${open.length > 1 ? `, and ${open.length - 1} more findings` : ""}`,
        details: open.slice(0, 20).map(({ sentence }) => sentence),
      }
      : accepted > 0
      ? { message: `${accepted} findings accepted` }
      : {}),
    ...more,
  });
}

/** The result whose checks these are, as a drill makes it. */
export function resultOfChecks(checks: CheckResult[], more: Partial<DrillResult> = {}): DrillResult {
  const verdict = overallVerdict(checks);
  const ended = { ...samplePass(), verdict, exit: exitOf(verdict), checks, ...more };
  return prepareResult({ ...ended, headline: headlineOf({ ...ended, wanted: "latest" }) });
}

const withBooks = (findings: Finding[]): CheckResult[] => [...samplePass().checks, sampleBooks(findings)];

const changed = (change: (check: CheckResult) => Partial<CheckResult>): CheckResult[] =>
  withBooks([]).map((check) => ({ ...check, ...change(check) }));

const unseen = "the sign-in page does not have the mark: the address leads to another ERP";
const unseenHint = "The backup is not at fault. Check web.url of the sandbox and its ingress.";

const list = (from: number, count: number, of: (at: number) => Finding): Finding[] =>
  Array.from({ length: count }, (_, at) => of(from + at));

export const culprits = {
  clean: (): DrillResult => resultOfChecks(withBooks([])),
  oneFinding: (): DrillResult => resultOfChecks(withBooks([sampleFinding(4)])),
  manyFindings: (): DrillResult => resultOfChecks(withBooks(list(1, 44, sampleFinding))),
  accepted: (): DrillResult => resultOfChecks(withBooks(list(1, 12, sampleAccepted))),
  mixed: (): DrillResult =>
    resultOfChecks(withBooks([...list(1, 3, sampleAccepted), ...list(4, 2, sampleFinding)])),
  mended: (): DrillResult => resultOfChecks(withBooks([]), { mended: [sampleAccepted(4)] }),
  damaged: (): DrillResult =>
    resultOfChecks(changed(({ id }) =>
      id === "backup.objects"
        ? {
          verdict: "fail",
          code: "OBJECT_CORRUPT",
          message: "prod/db/20261120T020007Z.dump is damaged: its SHA-256 is not the recorded one",
          hint: "Restore another set: dolibarr-drill list shows which are good.",
        }
        : {}
    )),
  notRecent: (): DrillResult =>
    resultOfChecks(
      changed(({ id }) =>
        id === "backup.age"
          ? {
            verdict: "fail",
            code: "CHECK_FAILED",
            message: "the newest good set is 3 d old: backups have stopped",
          }
          : {}
      ),
    ),
  /** The pages are those of another ERP. */
  wrongSandbox: (): DrillResult =>
    resultOfChecks(
      changed(({ part, id }) =>
        part !== "browser" ? {} : {
          verdict: "not_run",
          code: "MARK_NOT_SEEN",
          message: id === "browser.sign_in" ? unseen : `not looked at: ${unseen}`,
          hint: unseenHint,
          details: [],
          screenshots: [],
          ...(id === "browser.sign_in" ? {} : { compared: undefined, ms: 0 }),
        }
      ),
      { marks: samplePass().marks.map((mark) => ({ ...mark, seen: false })) },
    ),
  workloadDown: (): DrillResult => {
    const error = {
      code: "WORKLOAD_FAILED",
      message: "Cannot start sandbox: https://erp-sandbox.example.org does not answer after 3 min",
      hint: "Read its log.",
      details: [],
    };
    return resultOfChecks(
      changed(({ part }) =>
        part === "browser"
          ? {
            verdict: "not_run",
            code: error.code,
            message: error.message,
            compared: undefined,
            screenshots: [],
          }
          : {}
      ),
      { error, marks: [], invoicesOpened: undefined },
    );
  },
  accountRefused: (): DrillResult =>
    resultOfChecks(changed(({ id }) =>
      id === "browser.company"
        ? {
          verdict: "not_run",
          code: "ACCOUNT_REFUSED",
          message: "Cannot read /admin/company.php: access is denied to this account",
          hint: "The backup is not at fault. Give the account the right to read this part of the ERP.",
          compared: undefined,
        }
        : {}
    )),
  /** A page of the restored ERP, after both marks were seen. */
  brokenPage: (): DrillResult =>
    resultOfChecks(changed(({ id }) =>
      id === "browser.invoices"
        ? {
          verdict: "fail",
          code: "CHECK_FAILED",
          message: "Cannot read /compta/facture/card.php: the server answered 500",
          hint: "Open the page in a browser.",
        }
        : {}
    )),
  blindCheck: (): DrillResult =>
    resultOfChecks([
      ...withBooks([]),
      sampleCheck({
        id: "drill.negative_control",
        part: "browser",
        title: "The sandbox, broken on purpose, makes the check fail that must see it",
        verdict: "fail",
        code: "CHECK_FAILED",
        message: "data.rows did not fail on a broken sandbox",
        hint: "Do not rely on this check.",
      }),
    ]),
  storeGone: (): DrillResult => {
    const error = {
      code: "STORE_UNREACHABLE",
      message: "Cannot list s3://company-backup/erp/prod: no answer after 15 s",
      hint: "Look at the endpoint and the network.",
      details: [],
    };
    return resultOfChecks([], { error, set: undefined, marks: [] });
  },
};
