/** A company of ten years passes untouched, says what of it nobody can judge, and what it loses is found in each of its corners. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { CORPUS } from "../../../fixtures/broken/corpus.ts";
import type { BrokenCase } from "../../../fixtures/broken/case.ts";
import type { DataContext } from "../../../src/checks/data/context.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import { judgeCase } from "../../support/lab/broken_cases.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { assertNotRun, mayNotRun } from "../../support/lab/not_run.ts";
import { type RestoredLab, restoredLabOf } from "../../support/lab/restored_lab.ts";
import { startTenYears } from "../../support/lab/ten_years/ten_years.ts";

const skip = await whyNoDolibarr();
/** As of the demo company; but this one has accounts. */
const { "data.bookkeeping": _, ...MAY_NOT_RUN } = mayNotRun("real", "standard");

describe("a company of ten years", { skip }, () => {
  let restored: RestoredLab;
  let drilled: readonly CheckResult[];
  let headline = "";
  let whole: DataContext;
  beforeAll(async () => {
    const lab = await startTenYears();
    ({ checks: drilled, headline } = await lab.drill({ level: "standard" }));
    restored = await restoredLabOf(lab, { level: "standard", samples: 1, maxAgeMs: 3_600_000 });
    whole = await restored.context();
  });
  afterAll(() => restored[Symbol.asyncDispose]());

  const told = (id: string) => {
    const { compared, details = [] } = drilled.find((check) => check.id === id)!;
    return [compared?.with, ...details].join("\n");
  };
  /** The checks that are no pass, but for what this company has nothing of. */
  const failed = (checks: readonly CheckResult[]) =>
    checks.filter(({ id, verdict, code }) => verdict !== "pass" && MAY_NOT_RUN[id] !== code);
  const broken = async (how: Partial<BrokenCase>) =>
    failed(
      await judgeCase(
        { id: "", what: "", lost: "before the backup", failedBy: [], ...how },
        whole,
        restored.provisioner,
      ),
    ).map(({ id, message }) => `${id}: ${message}`);

  it("passes a drill, in which nothing is NOT RUN but what needs a superuser", () => {
    assertEquals(
      drilled.filter(({ verdict }) => verdict === "fail").map(({ message }) => message),
      [],
      headline,
    );
    assertNotRun(drilled, MAY_NOT_RUN);
  });

  it("says how its log was read, and which numbers were judged by which mask, which not", () => {
    assertMatch(
      told("data.unalterable_log"),
      /2 entities.*lines 1 to \d+ in UTC, from \d+ on in Europe\/Paris/,
    );
    assertStringIncludes(told("data.numbering"), "the references of 2 entities");
    assertStringIncludes(told("data.numbering"), "references show: FV{yyyy}-{0000} (36)");
    assertMatch(told("data.numbering"), /2[0-9] references of a mask that Dolibarr has no more/);
    assertMatch(told("documents.invoices"), /no PDF was ever made of 2 validated invoices: FA/);
  });

  it("misses one invoice of a mask of earlier years", async () => {
    const which = "SELECT rowid FROM llx_facture WHERE ref = 'FV2018-0020'";
    assertEquals(
      await broken({
        sql:
          `DELETE FROM llx_facturedet WHERE fk_facture IN (${which}); DELETE FROM llx_facture WHERE rowid IN (${which});
          DELETE FROM llx_ecm_files WHERE filepath = 'facture/FV2018-0020'`,
      }),
      [
        "data.numbering: FV: 20 is missing between FV2018-0019 and FV2018-0021",
        "data.logged_invoices: FV2018-0020 is missing: the unalterable log recorded it with 168.88",
      ],
    );
  });

  it("misses a paper of another kind, of the second entity, of a draft", async () => {
    const { path } = await restored.session.query<{ path: string }>(
      "SELECT filepath || '/' || filename AS path FROM llx_ecm_files WHERE filename LIKE '%.odt'",
    ).then(([row]) => row!);
    for (const lost of [path, "2/facture/IN2608-0001/IN2608-0001.pdf"]) {
      const said = await broken({ files: [{ act: "remove", path: lost }] });
      assertEquals(said.length, 1, said.join("\n"));
      assertStringIncludes(said[0]!, `${lost} is missing`);
    }
    const [draft] = await restored.session.query<{ path: string }>(
      "SELECT filepath || '/' || filename AS path FROM llx_ecm_files WHERE filepath LIKE 'facture/(PROV%' AND filename LIKE 'plan%'",
    );
    assert(draft);
    const said = await broken({ files: [{ act: "empty", path: draft.path }] });
    assertMatch(said.join("\n"), /^documents\.papers: facture\/\(PROV\d+\)\/plan .* is empty/);
  });

  for (const id of ["log-line-gone", "pdf-bit-flipped"]) {
    const one = CORPUS.find((broken) => broken.id === id)!;
    it(`is found broken: ${one.what}`, async () => {
      const found = failed(await judgeCase(one, whole, restored.provisioner));
      assertEquals(found.map(({ id }) => id), one.failedBy.map(({ check }) => check));
    });
  }
});
