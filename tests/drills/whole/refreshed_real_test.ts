/** A sandbox that was made like production as it is now: the same data, the same pages, and the pooler's function untouched. */

import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { protectedOnes } from "../../../src/cli/command/clients.ts";
import { readCompany } from "../../../src/dolibarr/company.ts";
import { createDrillAccount } from "../../../src/dolibarr/sandbox/drill_account.ts";
import { readInvoices } from "../../../src/dolibarr/books/invoices.ts";
import { chooseSampleInvoices } from "../../../src/dolibarr/books/sample_invoices.ts";
import { writeMarks } from "../../../src/dolibarr/sandbox/marks.ts";
import { openBrowser } from "../../../src/dolibarr/pages/visit/browser.ts";
import { readPageFacts } from "../../../src/checks/browser/page_facts.ts";
import { browserChecks } from "../../../src/checks/browser/browser_checks.ts";
import { openVisitor, readBrowserFacts } from "../../../src/checks/browser/context.ts";
import { DEFAULT_EXCLUDES } from "../../../src/documents/tree/walk.ts";
import { compareContent } from "../../../src/postgres/catalogue/compare_content.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { openCurrentState } from "../../../src/restore/current_state.ts";
import { restoreIncoming } from "../../../src/restore/restore.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { type DrillLab, startDrillLab, treeOf } from "../../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { runCheck } from "../../../src/checks/run.ts";

const skip = await whyNoDolibarr();
const signal = AbortSignal.timeout(120_000);

describe("a refresh of the real Dolibarr", { skip }, () => {
  it("makes the sandbox like production to the row and the file, but for what neutralising lists, and its pages work", async () => {
    await using lab = await startDrillLab("real");
    await using lease = await takeLease(lab.store, "sandbox", "refresh");
    await using live = await openCurrentState(lab.prod, { reporter: silentReporter, signal });
    const brought = await restoreIncoming(live.incoming, lab.sandbox, lab.store, {
      protectedOnes: protectedOnes(lab.config, { from: "prod", into: "sandbox" }, silentReporter),
      lease,
      reporter: silentReporter,
      signal,
    });
    await using workload = brought.workload;
    await using session = await connect(lab.sandbox.database);

    const changed = new Set(brought.database!.changed.map(({ table }) => table));
    const differ = compareContent(await contents(lab, "prod"), await contents(lab, "sandbox"));
    assertEquals(differ.filter(({ table }) => !changed.has(table)), []);
    assertGreater(brought.database!.neutralised.length, 0);
    const taken = [...DEFAULT_EXCLUDES, "install.lock"]; // the lock of its installer is the sandbox's own
    assertEquals(await treeOf(lab.sandbox, taken), await treeOf(lab.prod, taken));
    const { before, after } = brought.database!.lookup;
    assertEquals([after, after?.owner], [before, "provisioner"]);

    await using account = await createDrillAccount(session);
    await using marks = await writeMarks(session, lab.sandbox.documents);
    await workload.start();
    await using browser = await openBrowser();
    const invoices = await readInvoices(session);
    const samples = chooseSampleInvoices(invoices, 3, "refresh");
    const pages = await readPageFacts(session, lab.sandbox.documents, { files: [], links: [] }, samples);
    const read = { session, sandbox: lab.sandbox, company: await readCompany(session), invoices };
    const served = await readBrowserFacts(
      { ...read, samples, pages },
      account,
      marks,
    );
    await using visitor = await openVisitor(browser, served);
    for (const check of browserChecks) {
      const { id, verdict, message } = await runCheck(check, visitor, signal);
      assertEquals([id, verdict], [id, "pass"], message);
    }
  });
});

async function contents(lab: DrillLab, name: "prod" | "sandbox") {
  await using session = await connect(lab[name].database);
  return await contentOf(session);
}
