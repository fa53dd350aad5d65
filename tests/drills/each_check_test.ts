/** Every check is seen to fail: one way to break what it looks at, and only what it looks at. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../src/base/reporter.ts";
import { protectedOnes } from "../../src/cli/clients.ts";
import { createDrillAccount } from "../../src/dolibarr/drill_account.ts";
import { chooseSamples, isValidated } from "../../src/dolibarr/invoices.ts";
import { writeMarks } from "../../src/dolibarr/marks.ts";
import { openBrowser, openErp } from "../../src/dolibarr/pages/browser.ts";
import { type Check, runCheck } from "../../src/drill/check.ts";
import { browserChecks, type BrowserContext } from "../../src/drill/checks/browser.ts";
import { type DataContext, readDataContext } from "../../src/drill/checks/context.ts";
import { dataChecks } from "../../src/drill/checks/restored.ts";
import { timeChecks } from "../../src/drill/checks/time.ts";
import type { FaultMode } from "../../src/lab/stand_in/faults.ts";
import { connect, type Session } from "../../src/postgres/session.ts";
import { contentOf } from "../../src/postgres/snapshot.ts";
import { restore, type RestoreProof } from "../../src/restore/restore.ts";
import { type Lease, takeLease } from "../../src/store/lease.ts";
import { findSet } from "../../src/store/sets.ts";
import { type DrillLab, startDrillLab } from "../support/drill_lab.ts";

const signal = new AbortController().signal;

/** Breaks what one data check looks at, and undoes it; `says` is in its message. */
interface DataTwin {
  says: RegExp;
  /** A changed context, */
  context?: (context: DataContext) => DataContext;
  /** or a change of the restored sandbox, by the provisioner, and how it is undone. */
  sql?: [string, string];
  file?: (documents: string) => string;
}

const DATA_TWINS: Record<string, DataTwin> = {
  "backup.objects": {
    says: /\.dump is not what was backed up/,
    context: (context) => ({
      ...context,
      proof: {
        ...context.proof,
        read: context.proof.read.map((one) => ({ ...one, sha256: "0".repeat(64) })),
      },
    }),
  },
  "backup.age": {
    says: /is just now old|is \S+ min old/,
    context: (context) => ({ ...context, maxAgeMs: 0 }),
  },
  "backup.suspect": {
    says: /is newer and bad: no users/,
    context: (context) => ({
      ...context,
      newer: [{ name: "20991231T000000Z", flaws: ["no users"] }],
    }),
  },
  "data.objects": {
    says: /\d+ of kind TRIGGER, the dump has \d+/,
    sql: [
      "CREATE TRIGGER one_more BEFORE UPDATE ON llx_societe FOR EACH ROW EXECUTE FUNCTION update_modified_column_tms()",
      "DROP TRIGGER one_more ON llx_societe",
    ],
  },
  "data.sequences": {
    says: /llx_facture_rowid_seq gives 1 next, llx_facture\.rowid has \d+/,
    sql: [
      "SELECT setval('llx_facture_rowid_seq', 1, false)",
      "SELECT setval('llx_facture_rowid_seq', (SELECT max(rowid) FROM llx_facture))",
    ],
  },
  "data.tables": {
    says: /only 249 tables|expected \d+/,
    context: (context) => ({ ...context, content: context.content.slice(0, 249) }),
  },
  "data.rows": {
    says: /llx_societe: \d+ rows/,
    sql: [
      "UPDATE llx_societe SET nom = nom || '!' WHERE rowid = 1",
      "UPDATE llx_societe SET nom = left(nom, -1) WHERE rowid = 1",
    ],
  },
  "data.not_empty": { says: /no validated invoice/, context: (context) => ({ ...context, invoices: [] }) },
  "data.owners": {
    says: /function public\.not_ours\(\) belongs to provisioner/,
    sql: ["CREATE FUNCTION not_ours() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION not_ours"],
  },
  "data.user_lookup": {
    says: /expected provisioner's/,
    context: (context) => ({
      ...context,
      proof: {
        ...context.proof,
        database: { ...context.proof.database, lookup: { ...context.proof.database.lookup, after: null } },
      },
    }),
  },
  "data.neutralised": {
    says: /llx_cronjob has rows whose status is not 0/,
    sql: ["UPDATE llx_cronjob SET status = 1", "UPDATE llx_cronjob SET status = 0"],
  },
  "documents.files": {
    says: /mycompany\/logos\/logo\.png: 1 bytes/,
    file: (documents) => `${documents}/mycompany/logos/logo.png`,
  },
  "documents.invoices": {
    says: /FA\S+: facture\S+ is missing/,
    context: (context) => ({
      ...context,
      proof: { ...context.proof, index: { ...context.proof.index, files: [] } },
    }),
  },
  "documents.logo": {
    says: /logo\.png has other bytes than the backup/,
    file: (documents) => `${documents}/mycompany/logos/logo.png`,
  },
};

/** Which fault of the stand-in each browser check must see. */
const BROWSER_TWINS: Record<string, { fault: FaultMode; says: RegExp }[]> = {
  "browser.sandbox": [
    { fault: "other-message", says: /does not bear the mark/ },
    { fault: "sql-error-202", says: /technical error/ },
    { fault: "server-error", says: /500/ },
    { fault: "blank", says: /blank|empty/i },
  ],
  "browser.sign_in": [{ fault: "signed-out", says: /refused|sign-in/ }, { fault: "setup", says: /setup/i }],
  "browser.documents_mark": [{
    fault: "document-missing",
    says: /does not exist|ErrorFileDoesNotExists|not hold|no such file/i,
  }],
  "browser.company": [{ fault: "other-company", says: /found .+, expected/ }],
  "browser.logo": [{ fault: "picture-missing", says: /placeholder|nophoto|picture/i }, {
    fault: "logo-fallback",
    says: /in place of the company's logo/,
  }],
  "browser.invoice_list": [
    { fault: "empty-list", says: /short|expected/ },
    { fault: "short-list", says: /short|expected/ },
    { fault: "sql-error", says: /technical error|nobody is signed in/ },
  ],
  "browser.invoices": [{ fault: "wrong-total", says: /the page shows .+; the database has/ }, {
    fault: "wrong-status",
    says: /the page shows .+draft.+; the database has/i,
  }],
  "browser.pdfs": [{ fault: "altered-pdf", says: /serves other bytes/ }],
};

describe("every check, broken", () => {
  let lab: DrillLab;
  let proof: RestoreProof;
  let lease: Lease;
  let session: Session;
  let provisioner: Session;
  let data: DataContext;

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    const set = await findSet(lab.store, "prod", "latest");
    lease = await takeLease(lab.store, "sandbox", "drill");
    proof = await restore(set, lab.sandbox, lab.store, {
      lease,
      protectedOnes: protectedOnes(lab.config, { from: "prod", into: "sandbox" }, silentReporter),
      reporter: silentReporter,
      signal,
    });
    session = await connect(lab.sandbox.database);
    provisioner = await lab.provisioner();
    data = await context();
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await provisioner[Symbol.asyncDispose]();
    await proof.workload[Symbol.asyncDispose]();
    await lease[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  const context = () =>
    readDataContext(
      { proof, newer: [], sandbox: lab.sandbox, session, maxAgeMs: 3_600_000 },
      () => contentOf(session),
    );

  it("has a twin for each check that there is", () => {
    assertEquals(Object.keys(DATA_TWINS).sort(), dataChecks.map(({ id }) => id).sort());
    assertEquals(Object.keys(BROWSER_TWINS).sort(), browserChecks.map(({ id }) => id).sort());
    assertEquals(timeChecks.map(({ id }) => id), ["drill.duration"]);
  });

  for (const check of dataChecks) {
    it(`${check.id} passes on what was restored, and fails once it is broken`, async () => {
      assertEquals(await verdictOn(check, data), "pass");
      const { sql, file, says, context: change } = DATA_TWINS[check.id]!;
      const path = file?.(lab.sandbox.documents);
      const kept = path === undefined ? undefined : await Deno.readFile(path);
      try {
        if (sql) await provisioner.query(`SET session_replication_role = replica; ${sql[0]}`);
        if (path !== undefined) await Deno.writeTextFile(path, "x");
        const result = await runCheck(check, change ? change(data) : await context(), signal);
        assertEquals(result.verdict, "fail", result.message);
        assertMatch(result.message ?? "", says);
      } finally {
        if (sql) await provisioner.query(sql[1]);
        if (path !== undefined && kept) await Deno.writeFile(path, kept);
      }
      assertEquals(await verdictOn(check, await context()), "pass");
    });
  }

  it("backup.age fails on a set of the future: a clock is wrong, and its age is not known", async () => {
    const seenAt = new Date(Date.now() + 86_460_000); // a day and a minute
    const future = {
      ...data,
      proof: { ...data.proof, source: { ...data.proof.source, seenAt } },
    };
    const result = await runCheck(dataChecks.find(({ id }) => id === "backup.age")!, future, signal);
    assertEquals(result.verdict, "fail");
    assertMatch(result.message ?? "", /24 h ahead of this machine's clock/);
  });

  it("drill.duration fails on a drill that took longer than it may", async () => {
    const result = await runCheck(timeChecks[0]!, { ms: 2000, maxDurationMs: 1000 }, signal);
    assertEquals([result.verdict, result.message], ["fail", "the drill took 2 s, 1 s are allowed"]);
  });

  it("in the browser: each passes, and fails on what looks fine and is not", async () => {
    await proof.workload.start();
    await using account = await createDrillAccount(session);
    await using marks = await writeMarks(session, lab.sandbox.documents);
    await using browser = await openBrowser();
    const faults = `${lab.folder}/sandbox/faults.json`;
    const samples = chooseSamples(data.invoices.filter(isValidated), 3, "test");

    /** Runs all browser checks as a drill does; the fault begins with the check that must see it. */
    async function look(from?: string, fault?: FaultMode) {
      await using erp = await openErp(browser, lab.sandbox.web.url);
      const context: BrowserContext = {
        erp,
        documents: lab.sandbox.documents,
        company: data.company,
        invoices: data.invoices,
        samples,
        account,
        marks,
      };
      const results = [];
      for (const check of browserChecks) {
        if (fault && check.id === from) await Deno.writeTextFile(faults, JSON.stringify({ mode: fault }));
        results.push(await runCheck(check, context, signal));
        if (check.id === from) break;
      }
      return results;
    }

    assertEquals((await look()).filter(({ verdict }) => verdict !== "pass"), []);
    for (const [id, twins] of Object.entries(BROWSER_TWINS)) {
      for (const { fault, says } of twins) {
        try {
          const seen = (await look(fault === "logo-fallback" ? "browser.sandbox" : id, fault)).at(-1)!;
          const result = fault === "logo-fallback" ? (await look(id)).at(-1)! : seen;
          assertEquals([id, fault, result.verdict], [id, fault, "fail"], result.message);
          assertMatch(result.message ?? "", says, `${id} on ${fault}`);
        } finally {
          await Deno.remove(faults).catch(() => undefined); // it may not have come to it
        }
      }
    }
  });

  const verdictOn = async (check: Check<DataContext>, data: DataContext) =>
    (await runCheck(check, data, signal)).verdict;
});
