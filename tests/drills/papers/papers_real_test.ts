/** Papers as people work with them in the real Dolibarr: none is an alarm, and each that is lost afterwards is found. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type { DataContext } from "../../../src/checks/data/context.ts";
import { namedPapers } from "../../../src/checks/documents/named_papers.ts";
import { runCheck } from "../../../src/checks/run.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { rolledBack, savedFolder } from "../../support/lab/put_back.ts";
import { type RestoredLab, startRestoredLab } from "../../support/lab/restored_lab.ts";
import { runPhp } from "../../support/lab/run_php.ts";

const skip = await whyNoDolibarr();
const signal = new AbortController().signal;

describe("papers in the real Dolibarr", { skip }, () => {
  let restored: RestoredLab;
  let files: AsyncDisposable;
  let context: DataContext;
  beforeAll(async () => {
    restored = await startRestoredLab("real", { level: "fast", samples: 1, maxAgeMs: 24 * 3_600_000 });
    files = await savedFolder(restored.lab.sandbox.documents);
    context = await restored.context();
  });
  afterAll(async () => {
    await files[Symbol.asyncDispose]();
    await restored[Symbol.asyncDispose]();
  });

  const php = (step: string) =>
    runPhp(new URL("./papers.php", import.meta.url), restored.lab, "sandbox", step);
  const look = () => runCheck(namedPapers, context, signal);
  const idsOf = async () => (await look()).findings?.map(({ id }) => id) ?? [];

  it("are no alarm after a draft with a scan was deleted, orders validated, PDFs made again, a product renamed", async () => {
    const before = await look();
    assertEquals([before.verdict, before.findings], ["pass", undefined], before.message);
    await php("modules");
    const { scan } = JSON.parse(await php("papers"));
    assertEquals(scan, false, "Dolibarr removes the file");
    const [left] = await restored.session.query<{ rows: number }>(
      "SELECT count(*)::integer AS rows FROM llx_ecm_files WHERE filename = 'scan.pdf'",
    );
    assertEquals(left?.rows, 1, "and leaves its row");
    const after = await look();
    assertEquals([after.verdict, after.findings], ["pass", undefined], after.message);
    const checked = ({ compared }: typeof after) => Number(compared!.expected);
    // a customer's file, and of the proposal, the order and the expense report a PDF and a file each
    assertEquals(checked(after) - checked(before), 7);
  });

  it("are no fault of a set of the version before, whose defaults left out what a row names", async () => {
    const { index } = context.proof;
    const earlier = { excludes: ["*/temp/*", "*.log", "*.pdf_preview-*.png", "admin/backup/*"] };
    const { keepsNamed: _, ...rest } = index;
    await rolledBack(restored.session, async (session) => {
      await session.query(
        `INSERT INTO llx_ecm_files (ref, label, entity, filepath, filename) VALUES (md5('log'), md5('log'), 1, 'societe/1', 'import.log')`,
      );
      const now = await runCheck(namedPapers, { ...context, session }, signal);
      assertEquals(now.findings?.map(({ id }) => id), ["documents.papers/societe/1/import.log/missing"]);
      const proof = { ...context.proof, index: { ...rest, ...earlier } };
      const before = await runCheck(namedPapers, { ...context, session, proof }, signal);
      assertEquals(before.verdict, "pass", before.message);
      assertMatch(
        before.details.join(),
        /1 file that the version which took this set left out, first societe/,
      );
    });
  });

  it("are findings where they are gone, empty, cut or other bytes", async () => {
    const rows = await restored.session.query<{ path: string }>(
      `SELECT filepath || '/' || filename AS path FROM llx_ecm_files
        WHERE filepath ~ '^(commande|expensereport|propale|societe)/' ORDER BY 1`,
    );
    const paths = rows.map(({ path }) => path);
    const [note, order, receipt, , , proposal] = paths.filter((path) => !path.startsWith("societe"));
    const party = paths.find((path) => path.startsWith("societe"))!;
    const at = (path: string) => `${restored.lab.sandbox.documents}/${path}`;
    await Deno.truncate(at(order!), 900);
    await Deno.remove(at(note!));
    await Deno.remove(at(receipt!));
    const { size } = await Deno.stat(at(proposal!));
    const bytes = await Deno.readFile(at(proposal!));
    bytes.fill(0, 2_000, Math.min(6_000, size - 2_000));
    await Deno.writeFile(at(proposal!), bytes);
    await Deno.truncate(at(party));
    assertEquals(
      (await idsOf()).toSorted(),
      [
        `documents.papers/${order}/damaged`,
        `documents.papers/${note}/missing`,
        `documents.papers/${receipt}/missing`,
        `documents.papers/${proposal}/other-bytes`,
        `documents.papers/${party}/empty`,
      ].toSorted(),
    );
  });
});
