/** What real ERPs hold and is no fault of theirs, on Dolibarr's own database: each with a loss beside it that is told. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { dataChecks } from "../../../src/checks/all_checks.ts";
import { type DataContext, readDataContext } from "../../../src/checks/data/context.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import { runCheck } from "../../../src/checks/run.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { rolledBack, savedFolder } from "../../support/lab/put_back.ts";
import { type RestoredLab, startRestoredLab } from "../../support/lab/restored_lab.ts";
import { type Change, SITUATIONS } from "./healthy_situations.ts";

const skip = await whyNoDolibarr();
const signal = new AbortController().signal;

describe("a healthy ERP", { skip }, () => {
  let restored: RestoredLab;
  let whole: DataContext;
  beforeAll(async () => {
    restored = await startRestoredLab("real", { level: "deep", samples: 3, maxAgeMs: 3_600_000 });
    whole = await restored.context();
  });
  afterAll(() => restored[Symbol.asyncDispose]());

  /** What a check finds after these changes; all is put back. */
  async function look(id: string, ...changes: Change[]): Promise<CheckResult> {
    const check = dataChecks.find((one) => one.id === id)!;
    await using _files = await savedFolder(whole.sandbox.documents);
    for (const { file } of changes) await file?.(whole.sandbox.documents, whole);
    const told = changes.reduce((context, change) => change.context?.(context) ?? context, whole);
    return await rolledBack(restored.provisioner, async (session) => {
      await session.query("SET LOCAL session_replication_role = replica");
      for (const { sql } of changes) if (sql) await session.query(sql);
      const known = await readDataContext({ ...told, session }, () => contentOf(session));
      return await runCheck(check, known, signal);
    });
  }

  for (const { check, what, given, verdict = "pass", says, but } of SITUATIONS) {
    it(`passes ${check} ${what}`, async () => {
      const found = await look(check, given);
      assertEquals([found.verdict, found.findings ?? []], [verdict, []], found.message);
      if (says) assertMatch([found.message, found.compared?.with, ...found.details].join("\n"), says);
    });
    it(`and fails it ${but.what}`, async () => {
      const found = await look(check, given, but);
      assertEquals(found.verdict, "fail", found.message);
      assertMatch(found.message ?? "", but.says);
    });
  }
});
