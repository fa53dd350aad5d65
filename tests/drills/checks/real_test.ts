/** The checks on what Dolibarr itself wrote, and on its own pages: each passes, and fails on its twin. */

import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createDrillAccount } from "../../../src/dolibarr/sandbox/drill_account.ts";
import { writeMarks } from "../../../src/dolibarr/sandbox/marks.ts";
import { openBrowser } from "../../../src/dolibarr/pages/visit/browser.ts";
import { readBrowserFacts } from "../../../src/checks/browser/context.ts";
import { dataChecks } from "../../../src/checks/all_checks.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import { startRestoredLab } from "../../support/lab/restored_lab.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { failOnTheirTwins, openVisitors, passOverLostPdfs } from "./browser_twins.ts";
import { assertWholePass } from "../../support/lab/not_run.ts";
import { rolledBack, savedFolder } from "../../support/lab/put_back.ts";
import { runCheck } from "../../../src/checks/run.ts";

/** What depends on what Dolibarr itself writes. */
const ITS_OWN =
  /^data\.(foreign_keys|indexes|new_rows|logged|invoice_totals|supplier|payments|numbering|bookkeeping|unalterable)|^documents\./;

const skip = await whyNoDolibarr();

describe("the checks on what Dolibarr itself wrote and shows", { skip }, () => {
  it("pass on what was restored, and fail on their twins", async () => {
    const signal = new AbortController().signal;
    const look = { level: "deep", samples: 3, maxAgeMs: 24 * 3_600_000 } as const;
    await using restored = await startRestoredLab("real", look);
    const { lab, proof, session, provisioner } = restored;
    const context = await restored.context();
    const results: CheckResult[] = [];
    for (const check of dataChecks) results.push(await runCheck(check, context, signal));
    assertWholePass(results, "real", "deep");
    for (const check of dataChecks.filter(({ id }) => ITS_OWN.test(id))) {
      await using _files = await savedFolder(lab.sandbox.documents);
      const result = await rolledBack(
        session,
        async (session) => await runCheck(check, await check.twin.apply({ ...context, session }), signal),
      );
      assertEquals([check.id, result.verdict], [check.id, "fail"], result.message);
      assertMatch(result.message ?? "", /\w+/);
    }
    await proof.workload.start();
    await using account = await createDrillAccount(session);
    await using marks = await writeMarks(session, lab.sandbox.documents);
    await using browser = await openBrowser();
    await using visitors = await openVisitors(browser, await readBrowserFacts(context, account, marks));
    assertEquals((await visitors.whole()).filter(({ verdict }) => verdict !== "pass"), []);
    await failOnTheirTwins(visitors, provisioner, lab.sandbox.documents);
    await passOverLostPdfs(visitors, context);
  });
});
