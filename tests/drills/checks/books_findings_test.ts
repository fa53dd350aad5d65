/** What each check of the books finds: every wound once, by the same name every night, and nothing in a healthy ERP. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { dataChecks } from "../../../src/checks/all_checks.ts";
import { type DataContext, readDataContext } from "../../../src/checks/data/context.ts";
import type { CheckResult, Finding } from "../../../src/checks/result.ts";
import { runCheck } from "../../../src/checks/run.ts";
import { FAULTS_AT_MOST } from "../../../src/dolibarr/fault.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import { rolledBack, savedFolder } from "../../support/lab/put_back.ts";
import { type RestoredLab, startRestoredLab } from "../../support/lab/restored_lab.ts";
import { HEALTHY, type Wound, WOUNDS } from "./books_wounds.ts";

const signal = new AbortController().signal;
/** Without those that compare with the backup itself: register_test.ts, links_test.ts and in_use_test.ts of tests/faults/backup/. */
const booksChecks = dataChecks.filter(({ id, judges }) =>
  judges === "books" && !["backup.in_use", "data.register", "documents.links"].includes(id)
);

describe("the findings of the checks of the books", () => {
  let restored: RestoredLab;
  let whole: DataContext;
  beforeAll(async () => {
    restored = await startRestoredLab("stand-in", { level: "deep", samples: 3, maxAgeMs: 3_600_000 });
    whole = await restored.context();
  });
  afterAll(() => restored[Symbol.asyncDispose]());

  /** What a check finds after these wounds; all is put back. */
  async function look(id: string, ...wounds: Pick<Wound, "sql" | "file">[]): Promise<CheckResult> {
    const check = dataChecks.find((one) => one.id === id)!;
    await using _files = await savedFolder(whole.sandbox.documents);
    for (const { file } of wounds) await file?.(whole.sandbox.documents);
    return await rolledBack(restored.provisioner, async (session) => {
      await session.query("SET LOCAL session_replication_role = replica");
      for (const { sql } of wounds) if (sql) await session.query(sql);
      const known = await readDataContext({ ...whole, session }, () => contentOf(session));
      return await runCheck(check, { ...known, samples: whole.samples }, signal);
    });
  }

  const identities = ({ findings = [] }: CheckResult) =>
    findings.map(({ id, subject, facts, document }) => ({
      ...{ id, subject, facts },
      ...(document ? { document } : {}),
    }));
  const hashes = ({ findings = [] }: CheckResult) => findings.map(findingHash);

  it("have wounds of every one of them", () =>
    assertEquals(
      [...new Set(WOUNDS.map(({ check }) => check))].sort(),
      booksChecks.map(({ id }) => id).sort(),
    ));

  for (const { check, what, expected, other, ...wound } of WOUNDS) {
    it(`${check}: ${what}`, async () => {
      const found = await look(check, wound);
      assertEquals([found.verdict, found.judges], ["fail", "books"]);
      const faults = typeof expected === "function" ? await expected(whole) : expected;
      assertEquals(
        identities(found),
        faults.map(({ subject, kind, facts, document }) => ({
          id: `${check}/${subject}/${kind}`,
          ...{ subject, facts: facts ?? {} },
          ...(document ? { document } : {}),
        })),
      );
      for (const { sentence, with: compared } of found.findings!) {
        assertNotEquals([sentence, compared], ["", ""]);
      }
      assertEquals(identities(await look(check, wound)), identities(found), "the night after");
      if (!other) return;
      const changed = await look(check, other);
      assertEquals(changed.findings!.map(({ id }) => id), found.findings!.map(({ id }) => id));
      assertEquals(hashes(changed).filter((hash) => hashes(found).includes(hash)), []);
    });
  }

  it("are one for each of two wounds, and each once", async () => {
    for (const { id } of booksChecks) {
      const [one, two] = WOUNDS.filter(({ check, pairs }) => check === id && pairs);
      if (!one || !two) continue;
      const both = await look(id, one, two);
      const alone = [...identities(await look(id, one)), ...identities(await look(id, two))];
      assertEquals(sorted(identities(both)), sorted(alone), id);
    }
  });

  it("are all told, and of very many the number of those that are not", async () => {
    const entries = (count: number) => ({
      sql:
        `INSERT INTO llx_accounting_bookkeeping (entity, piece_num, doc_date, doc_type, doc_ref, fk_doc, fk_docdet,
          numero_compte, label_compte, debit, credit, fk_user_author, code_journal)
        SELECT 1, n, '2026-01-31', 'import', 'x', 0, 0, '411', 'x', n, 0, 1, 'OD' FROM generate_series(1, ${count}) AS n`,
    });
    const many = await look("data.bookkeeping", entries(150));
    assertEquals([many.findings!.length, new Set(many.findings!.map(({ id }) => id)).size], [150, 150]);
    const more = await look("data.bookkeeping", entries(FAULTS_AT_MOST + 50));
    assertEquals(more.compared?.found, 0);
    assertEquals([more.findings!.length, more.findings!.at(-1)!.id, more.findings!.at(-1)!.facts], [
      FAULTS_AT_MOST + 1,
      "data.bookkeeping/others/not-listed",
      { count: 50 },
    ]);
    const lines = await look("data.foreign_keys", { sql: "UPDATE llx_facturedet SET fk_facture = -rowid" });
    const [{ count } = { count: 0 }] = await restored.session.query<{ count: number }>(
      "SELECT count(*)::integer AS count FROM llx_facturedet",
    );
    assertEquals(lines.findings!.length, count);
    assertEquals(lines.compared!.found, Number(lines.compared!.expected) - 1, "one key is broken");
  });

  for (const { what, ...healthy } of HEALTHY) {
    it(`are none: ${what}`, async () => {
      for (const { id } of booksChecks) {
        const found = await look(id, healthy);
        assertEquals([id, found.findings, found.verdict === "fail"], [id, undefined, false], found.message);
      }
    });
  }
});

const sorted = (list: readonly Pick<Finding, "id">[]) => list.toSorted((a, b) => a.id < b.id ? -1 : 1);
