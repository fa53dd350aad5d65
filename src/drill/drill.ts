/** The drill: the newest set into the sandbox, checks on the data, checks in the browser, one result. */

import { asDrillError, DrillError, type ErrorCode } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { timestampOf } from "../base/time.ts";
import { VERSION } from "../base/version.ts";
import { createDrillAccount } from "../dolibarr/drill_account.ts";
import { chooseSamples, isValidated } from "../dolibarr/invoices.ts";
import { writeMarks } from "../dolibarr/marks.ts";
import { openBrowser, openErp } from "../dolibarr/pages/browser.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { identify, versionText } from "../postgres/identity.ts";
import { connect } from "../postgres/session.ts";
import { contentOf } from "../postgres/snapshot.ts";
import { restore, type RestoreProof } from "../restore/restore.ts";
import type { ProtectedEnvironment } from "../restore/target.ts";
import { takeLease } from "../store/lease.ts";
import { type BackupSet, findSet } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { type Check, exitOf, notReached, runCheck, verdictOf, verdictOfError } from "./check.ts";
import { browserChecks, type BrowserContext } from "./checks/browser.ts";
import { dataChecks, readDataContext } from "./checks/data.ts";
import { timeChecks } from "./checks/time.ts";
import { prepareResult } from "./report/prepare.ts";
import type { CheckResult, DrillResult } from "./result.ts";
import { headlineOf, labBanner } from "./words.ts";

export interface DrillOptions {
  /** The environment whose sets are drilled. */
  from: string;
  /** `latest`, or a set's name. */
  set: string;
  sandbox: OpenEnvironment;
  protectedOnes: readonly ProtectedEnvironment[];
  samples: number;
  seed: string;
  /** How old the set may be (RPO), and how long the drill may take (RTO), both in ms. */
  maxAgeMs: number;
  maxDurationMs: number;
  /** False: no page is opened. The browser's checks are then NOT RUN, so such a drill is never a pass. */
  look?: boolean;
  lab: { erp: "real" | "stand-in"; reason?: string } | undefined;
  reporter: Reporter;
  signal: AbortSignal;
  /** Called with each check as it is done. */
  onCheck: (check: CheckResult) => void;
}

/**
 * Runs a whole drill. What is found wrong, and what could not be done, is in the result; only an interruption throws.
 * The sandbox runs afterwards on the restored state, or on its old one where the restore was refused.
 */
export async function drill(store: Store, options: DrillOptions): Promise<DrillResult> {
  const record = newRecord(options);
  try {
    await using _lease = await takeLease(store, options.sandbox.name, "drill", { signal: options.signal });
    const set = await findSet(store, options.from, options.set);
    record.describeSet(set);
    await using browser = options.look === false ? noBrowser() : startEarly(options.signal);
    const proof = await record.phase(
      "Restore into the sandbox",
      () => restore(set, options.sandbox, store, options),
    );
    await using _workload = proof.workload;
    record.describeProof(proof);
    await checkAll(proof, browser, record, options);
    await record.run(
      timeChecks,
      { ms: record.elapsed(), maxDurationMs: options.maxDurationMs },
      options.signal,
    );
  } catch (error) {
    options.signal.throwIfAborted();
    record.fail(error);
  }
  return record.finish();
}

/** Data first, while the workload is still down; then the browser. */
async function checkAll(
  proof: RestoreProof,
  starting: EarlyBrowser,
  record: DrillRecord,
  options: DrillOptions,
): Promise<void> {
  const { sandbox, signal } = options;
  await using session = await connect(sandbox.database);
  record.versions.PostgreSQL = versionText((await identify(session)).serverVersion);
  const data = await record.phase("Checks on the data", async () => {
    const context = await readDataContext(
      { proof, sandbox, session, maxAgeMs: options.maxAgeMs },
      () => contentOf(session),
    );
    await record.run(dataChecks, context, signal);
    return context;
  });
  record.company = data.company.name || record.company;
  record.versions.Dolibarr = data.company.version || "unknown";
  await using account = sandbox.web.account
    ? ownAccount(sandbox.web.account)
    : await createDrillAccount(session);
  await using marks = await writeMarks(session, sandbox.documents);
  await record.phase("Start of the sandbox", () => proof.workload.start());
  await record.phase("Checks in the browser", async () => {
    const browser = await starting.ready;
    record.versions.Chromium = browser.version();
    await using erp = await openErp(browser, sandbox.web.url);
    const samples = chooseSamples(data.invoices.filter(isValidated), options.samples, options.seed);
    const context: BrowserContext = {
      erp,
      documents: sandbox.documents,
      company: data.company,
      invoices: data.invoices,
      samples,
      account,
      marks,
    };
    await record.run(browserChecks, context, signal);
    record.looked(samples.length);
  });
}

interface EarlyBrowser extends AsyncDisposable {
  ready: ReturnType<typeof openBrowser>;
}

/** Starts the browser beside the restore, which does not wait for it; what it fails with is told when it is needed. */
function startEarly(signal: AbortSignal): EarlyBrowser {
  const ready = openBrowser({ signal });
  ready.catch(() => undefined); // told by whoever awaits `ready`
  return { ready, [Symbol.asyncDispose]: () => ready.then((browser) => browser.close(), () => undefined) };
}

function noBrowser(): EarlyBrowser {
  const refused = Promise.reject(
    new DrillError(
      "CHECK_NOT_RUN",
      "No page was opened: this drill was told not to look",
      "Run it with the browser.",
    ),
  );
  refused.catch(() => undefined); // told by whoever awaits `ready`
  return { ready: refused, [Symbol.asyncDispose]: () => Promise.resolve() };
}

const ownAccount = (account: { login: string; password: string }) => ({
  ...account,
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

/** Which check an error of the restore is the finding of; any other belongs to the first that was not reached. */
const CHECK_OF_CODE: Partial<Record<ErrorCode, string>> = {
  OBJECT_CORRUPT: "backup.objects",
  OBJECT_MISSING: "backup.objects",
  DUMP_UNREADABLE: "backup.objects",
  DUMP_FOREIGN: "data.tables",
  CONTENT_DIFFERS: "data.rows",
  DOCUMENTS_DIFFER: "documents.files",
  DOCUMENTS_HOSTILE: "documents.files",
};

/** What fails when all checks are done and the account, the marks or the workload cannot be put right. */
const CLEAN_UP = {
  id: "drill.clean_up",
  title: "The drill left nothing of its own in the sandbox",
  part: "browser",
  required: true,
} as const;

type DrillRecord = ReturnType<typeof newRecord>;

/** The result as it grows. */
function newRecord(options: DrillOptions) {
  const startedAt = new Date();
  const began = performance.now();
  const checks: CheckResult[] = [];
  const left: Check<never>[] = [...dataChecks, ...browserChecks, ...timeChecks] as Check<
    never
  >[];
  const facts: Pick<
    DrillResult,
    "set" | "error" | "restoreMs" | "invoicesOpened" | "leftOut" | "neutralised" | "marks" | "phases"
  > = {
    leftOut: [],
    neutralised: [],
    marks: [],
    phases: [],
  };

  function add(check: CheckResult): void {
    const at = left.findIndex(({ id }) => id === check.id);
    if (at >= 0) left.splice(at, 1);
    checks.push(check);
    options.onCheck(check);
  }

  return {
    company: options.sandbox.name,
    versions: { "dolibarr-drill": VERSION, Deno: Deno.version.deno } as Record<string, string>,
    elapsed: () => Math.round(performance.now() - began),
    /** Times one part of the drill. */
    async phase<T>(title: string, body: () => Promise<T>): Promise<T> {
      const start = performance.now();
      try {
        return await body();
      } finally {
        facts.phases.push({ title, ms: Math.round(performance.now() - start) });
      }
    },
    async run<Context>(
      list: readonly Check<Context>[],
      context: Context,
      signal: AbortSignal,
    ): Promise<void> {
      for (const check of list) add(await runCheck(check, context, signal));
    },
    describeSet({ name, environment, manifest }: BackupSet): void {
      const object = (half: "db" | "docs") => manifest[half].objects.map((one) => ({ half, ...one }));
      facts.set = {
        name: `${environment}/${name}`,
        takenAt: manifest.startedAt,
        objects: [...object("db"), ...object("docs")],
        tables: manifest.db.content.tables.length,
        rows: manifest.db.content.tables.reduce((sum, { rows }) => sum + rows, 0),
        files: manifest.docs.files,
        documentBytes: manifest.docs.bytes,
      };
      this.versions["pg_dump"] = manifest.versions.pg_dump ?? "unknown";
    },
    describeProof(proof: RestoreProof): void {
      facts.restoreMs = facts.phases.at(-1)?.ms;
      facts.leftOut = proof.leftOut;
      facts.neutralised = proof.database.neutralised;
    },
    /** What the browser phase looked at. */
    looked(invoicesOpened: number): void {
      facts.invoicesOpened = invoicesOpened;
      const seen = (id: string) => checks.some((check) => check.id === id && check.verdict === "pass");
      facts.marks = [
        {
          what: "a random message, written into the sandbox's database, on its sign-in page",
          seen: seen("browser.sandbox"),
        },
        {
          what: "a random file, written into the sandbox's documents, served by its ERP",
          seen: seen("browser.documents_mark"),
        },
      ];
    },
    /** What ended the drill becomes the finding of the check that it belongs to; what comes after it was not reached. */
    fail(thrown: unknown): void {
      const error = asDrillError(thrown);
      facts.error = {
        code: error.code,
        message: error.message,
        hint: error.hint,
        details: [...error.details],
      };
      const { id, title, part, required } = left.find(({ id }) => id === CHECK_OF_CODE[error.code]) ??
        left[0] ?? CLEAN_UP;
      add({ id, title, part, required, ...verdictOfError(error), ms: 0, screenshots: [] });
    },
    finish(): DrillResult {
      for (const check of [...left]) {
        add(notReached(check, facts.error ? `not reached: ${facts.error.message}` : "not reached"));
      }
      const verdict = verdictOf(checks);
      const banner = labBanner(options.lab);
      const endedAt = new Date();
      return prepareResult({
        format: 1,
        id: timestampOf(startedAt),
        startedAt: startedAt.toISOString(),
        endedAt: endedAt.toISOString(),
        ms: this.elapsed(),
        verdict,
        exit: exitOf(verdict),
        headline: headlineOf(verdict, checks, facts.set, {
          from: options.from,
          into: options.sandbox.name,
          wanted: options.set,
        }),
        lab: options.lab !== undefined,
        erp: options.lab?.erp ?? "real",
        banner,
        company: this.company,
        from: options.from,
        into: options.sandbox.name,
        ...facts,
        seed: options.seed,
        versions: this.versions,
        checks,
      });
    },
  };
}
