/** Three results of a drill as they may come, for the tests of the reports: a pass, a fail with two causes, a not run. */

import type { CheckResult, DrillResult } from "../../../src/checks/result.ts";
import { COMPANY, DB_SHA, DOCS_SHA, paintedPictures, passingChecks, type SamplePictures } from "./checks.ts";

export const LAB_BANNER = "EMBEDDED LAB: this proves the tool on a demo company, not a company's backup";

/** Texts that try to get out of every format: markup, CDATA, control and bidi characters, half a letter. */
export const HOSTILE =
  `<script>alert("1")</script> ]]> <!-- & ' " \u0000\u0007\u001b[31mred\u001b[0m \u202eevil\u202c \ud800 é漢字`;
/** Credentials as they must never be handed to a report; if they are, they are taken out. */
export const LEAKED =
  "postgres://erp_user:s3cr3t-Pa55@db:5432/erp and https://erp.example/list.php?token=abcdef0123&id=7";

/** All green, on the company's own ERP, with pictures and one optional check that did not run. */
export function samplePass(pictures: SamplePictures = paintedPictures()): DrillResult {
  return {
    format: 1,
    id: "20261120T061500Z",
    startedAt: "2026-11-20T06:15:00.412Z",
    endedAt: "2026-11-20T06:15:41.640Z",
    ms: 41_228,
    verdict: "pass",
    exit: 0,
    headline:
      "277 tables with 23,104 rows and 1,204 files came back to the hash, and 22 invoices opened in a browser with their PDFs.",
    lab: false,
    erp: "real",
    level: "standard",
    company: COMPANY,
    from: "prod",
    into: "sandbox",
    set: {
      name: "prod/20261120T020007Z",
      takenAt: "2026-11-20T02:00:07Z",
      objects: [
        { half: "db", key: "prod/db/20261120T020007Z.dump", bytes: 2_104_882, sha256: DB_SHA },
        { half: "docs", key: "prod/docs/20261119T020004Z.tar.gz", bytes: 48_612_331, sha256: DOCS_SHA },
      ],
      tables: 277,
      rows: 23_104,
      files: 1204,
      documentBytes: 51_930_112,
    },
    restoreMs: 8_430,
    invoicesOpened: 22,
    leftOut: [
      {
        what: "function user_lookup(text)",
        why: "It belongs to the provisioner, and the sandbox has its own.",
      },
      { what: "schema public", why: "It is there already, and its grants are the sandbox's." },
      { what: "86 files */temp/*, *.log, *.pdf_preview-*.png", why: "Dolibarr makes them again." },
    ],
    encrypted: ["STRIPE_TEST_SECRET_KEY (llx_const)", "iban_prefix of 8 rows (llx_societe_rib)"],
    neutralised: [
      { what: "MAIN_DISABLE_ALL_MAILS = 1", rows: 1, why: "No mail leaves the sandbox." },
      { what: "llx_cronjob.status = 0", rows: 14, why: "No scheduled job acts on the world." },
      {
        what: "llx_emailcollector_emailcollector.status = 0",
        rows: 2,
        why: "A collector would read and move real mail.",
      },
      { what: "llx_webhook_target.status = 0", rows: 0, why: "No webhook is called." },
    ],
    marks: [{ what: "the sign-in page's message", seen: true }, {
      what: "a file under mycompany/",
      seen: true,
    }],
    seed: "7b1f-20261120T061500Z",
    versions: {
      "Dolibarr": "22.0.4",
      "PostgreSQL, server": "15.18 (Debian 15.18-0+deb12u1)",
      "pg_dump": "15.18",
      "Chromium": "156.0.8078.79",
      "dolibarr-drill": "0.1.0",
      "Deno": "2.9.6",
    },
    phases: [
      { title: "look for the newest set", ms: 210 },
      { title: "fetch and hash the objects", ms: 3_120 },
      { title: "restore the database", ms: 4_890 },
      { title: "unpack the documents", ms: 3_540 },
      { title: "check the data", ms: 1_480 },
      { title: "start the sandbox", ms: 6_012 },
      { title: "open it in the browser", ms: 21_300 },
    ],
    checks: passingChecks(pictures),
  };
}

/** Two causes: a table short of a row, and a PDF that is another one. On the embedded lab, with hostile texts. */
export function sampleFail(pictures: SamplePictures = paintedPictures()): DrillResult {
  const pass = samplePass(pictures);
  const failing: Record<string, Partial<CheckResult>> = {
    "data.rows": {
      verdict: "fail",
      code: "CONTENT_DIFFERS",
      message: "Cannot accept the restored database: 2 of 277 tables differ from the backup",
      hint: "Drill the set before this one, and compare the two tables: dolibarr-drill list shows the sets.",
      compared: {
        expected: 23_104,
        found: 23_103,
        with: "the rows that the manifest counted, table by table, against the restored database",
      },
      details: [
        "llx_facture: 48 rows expected, 47 found",
        "llx_facturedet: 131 rows, as expected, but another content (sha 5be1… is not 90aa…)",
        HOSTILE,
        `llx_const: ${"very long ".repeat(300)}end`,
      ],
    },
    "browser.pdfs": {
      verdict: "fail",
      code: "DOCUMENTS_DIFFER",
      message: "The PDF of FA2611-0012 is not the one that Dolibarr recorded",
      hint: "Look at the file's history in the store: it may have been replaced in production too.",
      compared: {
        expected: "md5 0f3b5a0f6f6e1c6d9b0a2a3e1f0c4d55",
        found: "md5 d41d8cd98f00b204e9800998ecf8427e",
        with: "llx_ecm_files.label against the bytes that the browser got",
      },
      details: ["facture/FA2611-0012/FA2611-0012.pdf, 0 bytes", LEAKED],
    },
  };
  return {
    ...pass,
    verdict: "fail",
    exit: 1,
    headline: "2 of 18 checks failed: a table is short of a row, and the PDF of FA2611-0012 is another one.",
    lab: true,
    banner: LAB_BANNER,
    company: `${COMPANY} <script>alert(1)</script>`,
    checks: pass.checks.map((check) => ({ ...check, ...failing[check.id] })),
    error: {
      code: "CHECK_FAILED",
      message: "Cannot vouch for prod/20261120T020007Z: 2 checks failed",
      hint: "Nothing was changed in production. Read the two causes, then drill an older set.",
      details: [],
    },
  };
}

/** Nothing was proved: no browser on a machine that drilled the stand-in. */
export function sampleNotRun(): DrillResult {
  const pass = samplePass();
  const browserMissing: Partial<CheckResult> = {
    verdict: "not_run",
    compared: undefined,
    code: "BROWSER_MISSING",
    message: "Cannot open the sandbox: no Chromium was found",
    hint: "Install it: apt-get install chromium. scripts/run does it on Debian.",
    details: [],
    screenshots: [],
    ms: 0,
  };
  return {
    ...pass,
    verdict: "not_run",
    exit: 2,
    headline: "The data came back to the hash, but no page could be opened: no Chromium was found.",
    erp: "stand-in",
    banner: "stand-in, not Dolibarr: 22.0.4 could not be had (no network); set DOLIBARR_HOME",
    invoicesOpened: 0,
    marks: pass.marks.map((mark) => ({ ...mark, seen: false })),
    checks: pass.checks.map((check) => check.part === "browser" ? { ...check, ...browserMissing } : check),
    phases: pass.phases.slice(0, 6),
    ms: 19_252,
    error: {
      code: "BROWSER_MISSING",
      message: "Cannot open the sandbox: no Chromium was found",
      hint: "Install it: apt-get install chromium. scripts/run does it on Debian.",
      details: [],
    },
  };
}

/** Could not even begin: no set, no check. */
export function sampleNothing(): DrillResult {
  return {
    ...samplePass(),
    verdict: "not_run",
    exit: 2,
    headline: "No drill was possible: the store cannot be reached.",
    set: undefined,
    restoreMs: undefined,
    invoicesOpened: undefined,
    leftOut: [],
    neutralised: [],
    marks: [],
    phases: [],
    checks: [],
    error: {
      code: "STORE_UNREACHABLE",
      message: "Cannot list s3://company-backup/erp/prod: no answer after 15 s",
      hint: "Look at the endpoint and the network: dolibarr-drill list --debug.",
      details: ["connect ETIMEDOUT"],
    },
  };
}
