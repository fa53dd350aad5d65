/** Invoices that the real Dolibarr numbers by a mask: none is an alarm, and one that is lost is found. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type DataContext, readDataContext } from "../../../src/checks/data/context.ts";
import { invoiceNumbering, loggedInvoices } from "../../../src/checks/data/numbering_and_log.ts";
import { runCheck } from "../../../src/checks/run.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { rolledBack } from "../../support/lab/put_back.ts";
import { type RestoredLab, startRestoredLab } from "../../support/lab/restored_lab.ts";
import { runPhp } from "../../support/lab/run_php.ts";

const skip = await whyNoDolibarr();
const signal = new AbortController().signal;
const SCRIPT = new URL("./invoices.php", import.meta.url);

describe("invoices numbered by a mask", { skip }, () => {
  let restored: RestoredLab;
  let context: DataContext;
  beforeAll(async () => {
    restored = await startRestoredLab("real", { level: "fast", samples: 1, maxAgeMs: 24 * 3_600_000 });
    context = await restored.context();
  });
  afterAll(() => restored[Symbol.asyncDispose]());

  for (const mask of ["FV{yyyy}-{0000}", "{yy}{mm}/{0000@1}", "F{000+40@99}-{yyyy}{mm}"]) {
    it(`${mask}: passes as Dolibarr makes them, and finds the middle one of three that is lost`, async () => {
      const [first, lost, next] = JSON.parse(await runPhp(SCRIPT, restored.lab, "sandbox", mask)) as string[];
      for (const check of [invoiceNumbering, loggedInvoices]) {
        const { verdict, message, details } = await runCheck(check, context, signal);
        assertEquals([check.id, verdict], [check.id, "pass"], message ?? details.join("\n"));
      }
      await rolledBack(restored.session, async (session) => {
        await session.query(
          "DELETE FROM llx_facturedet USING llx_facture f WHERE fk_facture = f.rowid AND f.ref = $1",
          [lost],
        );
        await session.query("DELETE FROM llx_facture WHERE ref = $1", [lost]);
        const known = await readDataContext({ ...context, session }, () => contentOf(session));
        const numbering = await runCheck(invoiceNumbering, known, signal);
        assertEquals(numbering.findings?.map(({ facts }) => facts.next), [next]);
        assertMatch(numbering.findings![0]!.subject, new RegExp(`after ${first!.replaceAll("/", "\\/")}$`));
        const logged = await runCheck(loggedInvoices, known, signal);
        assertEquals(logged.findings?.map(({ id }) => id), [
          `data.logged_invoices/${lost!.replaceAll("/", "_")}/missing`,
        ]);
        // where the mask is another one now neither can be told, and neither is counted as good
        await session.query(
          "UPDATE llx_const SET value = 'OTHER{000}' WHERE name = 'FACTURE_MERCURE_MASK_INVOICE'",
        );
        const unknown = await runCheck(loggedInvoices, known, signal);
        assertEquals(unknown.verdict, "pass");
        assertMatch(
          unknown.details.join("\n"),
          /1 validated invoice of the log that is there no more, .*: not judged/,
        );
      });
    });
  }
});
