/** Each broken backup must end in FAIL, with the check, the code and the cause; a refused one leaves the sandbox as it was. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type { DrillResult } from "../../../src/checks/result.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import type { ErpKind } from "../../support/lab/lab.ts";
import { assertNotRun, assertWholePass, mayNotRun, notReached } from "../../support/lab/not_run.ts";
import { BROKEN_BACKUPS } from "./backups.ts";

export function describeBroken(name: string, kind: ErpKind, { skip }: { skip?: string } = {}): void {
  describe(`a drill of a broken backup, with ${name}`, { skip }, () => {
    let lab: DrillLab;
    beforeAll(async () => {
      lab = await startDrillLab(kind);
      const first = await lab.drill({ opensPages: false });
      assertEquals(first.checks.filter(({ verdict }) => verdict === "fail"), []);
      assertNotRun(first.checks, mayNotRun(kind, "standard"), notReached("CHECK_NOT_RUN", "standard"));
    });
    afterAll(async () => await lab[Symbol.asyncDispose]());

    for (const broken of BROKEN_BACKUPS) {
      it(`fails on ${broken.name}, by ${broken.failedBy}`, async () => {
        await using copy = await lab.copyOfSet();
        await broken.make(copy, lab);
        const before = broken.refused ? await lab.sandboxState() : "";
        const result = await lab.drill({ store: copy.store, opensPages: false });
        assertFailedBy(result, broken.failedBy, broken.code, broken.cause);
        if (broken.refused) assertEquals(await lab.sandboxState(), before);
        assertEquals(await lab.sandbox.workload.state(), "up");
        assertEquals(leftBeside(lab.sandbox.documents), []);
      });
    }

    it("fails on a sandbox that answers with a database error's page, by what the browser sees", async () => {
      const { workload } = lab.sandbox;
      // the restore is whole; then a table goes before the ERP is started
      const sandbox = {
        ...lab.sandbox,
        workload: {
          ...workload,
          stop: async (signal: AbortSignal) => {
            const stopped = await workload.stop(signal);
            return {
              start: async () => {
                await using session = await connect(lab.sandbox.database); // one before would block the restore
                await session.query("ALTER TABLE public.llx_facture RENAME TO llx_facture_gone");
                await stopped.start();
              },
              stayDown: (reason: string) => stopped.stayDown(reason),
              [Symbol.asyncDispose]: () => stopped[Symbol.asyncDispose](),
            };
          },
        },
      };
      const result = await lab.drill({ sandbox });
      const seen = result.checks.find(({ verdict }) => verdict === "fail");
      assertWholePass(result.checks.filter(({ part }) => part !== "browser"), kind);
      assertFailedBy(result, seen?.id ?? "none", "CHECK_FAILED", /technical error/i);
    });
  });
}

function assertFailedBy(result: DrillResult, id: string, code: string, cause: RegExp): void {
  assertEquals([result.verdict, result.exit], ["fail", 1]);
  const check = result.checks.find((one) => one.id === id);
  assert(check, `no check ${id}`);
  assertEquals([check.verdict, check.code], ["fail", code], check.message);
  assertMatch(check.message ?? "", cause);
  const first = result.checks.find(({ verdict }) => verdict === "fail");
  assert(
    result.headline.includes(first?.message ?? "(none)"),
    `the headline does not name the cause: ${result.headline}`,
  );
}

const leftBeside = (documents: string): string[] => {
  const parent = documents.slice(0, documents.lastIndexOf("/"));
  return [...Deno.readDirSync(parent)].map(({ name }) => name).filter((name) => name.includes(".drill"));
};
