/**
 * A document that production lost, and nobody noticed: the nights after it are still backed up, and the newest set is the
 * one that a disaster brings back. The document comes back out of the night before.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import { findDocuments, matcherOf } from "../../../src/restore/extract/find.ts";
import { extractDocuments } from "../../../src/restore/extract/documents.ts";
import { verdictSentence } from "../../../src/report/words.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { putAcceptance } from "../../../src/store/records/acceptances.ts";
import { problemsOf, readInventory } from "../../../src/store/sets/inventory.ts";
import { latestIn } from "../../../src/store/sets/latest.ts";
import { restorableSetOf } from "../../../src/store/sets/restorable_set.ts";
import type { Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";

describe("an invoice's PDF that production lost", { skip: await whyNoDolibarr() }, () => {
  const signal = new AbortController().signal;
  const work = { reporter: silentReporter, signal };
  let lab: DrillLab;
  let store: Store;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  let bytes: Uint8Array;

  const night = async () => (await backup(lab.prod, store, work)).name;
  const latest = async () => latestIn(await readInventory(store, "prod"))?.name;
  const drill = () => lab.drill({ store, level: "fast" });

  beforeAll(async () => {
    lab = await startDrillLab("real");
    folder = await temporaryFolder();
    store = await openFileStore(`file://${folder.path}/store`);
    await night();
    const { documents } = await findDocuments(
      store,
      (await readInventory(store, "prod")).sets,
      matcherOf("FA*.pdf"),
      {
        signal,
      },
    );
    path = documents.at(-1)!.path;
    bytes = await Deno.readFile(`${lab.prod.documents}/${path}`);
  });
  afterAll(async () => {
    await Deno.writeFile(`${lab.prod.documents}/${path}`, bytes);
    await lab[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("makes the drill fail over the ERP, and not over the backup", async () => {
    assertEquals((await drill()).verdict, "pass");
    await Deno.remove(`${lab.prod.documents}/${path}`);
    const set = await night();
    const result: DrillResult = await drill();
    assertEquals([result.verdict, result.exit, result.culprit], ["fail", 1, "erp"]);
    assertEquals(result.set?.name, `prod/${set}`);
    assertStringIncludes(
      result.headline,
      `prod/${set} can be brought back. prod has 1 fault that is not accepted`,
    );
    assertMatch(result.headline, /is missing/);
    assertEquals(
      result.checks.filter(({ verdict }) => verdict === "fail").map(({ id }) => id),
      ["documents.invoices"],
      "one lost PDF is told once",
    );
    const findings = result.checks.flatMap(({ findings = [] }) => findings);
    assertEquals(findings.map(({ document }) => document?.path), [path]);
    assertMatch(findings[0]!.id, /^documents\.invoices\/FA\d+-\d+\/missing$/);
    assertMatch(verdictSentence(result), /^This backup can be brought back/);
  });

  it("says since when it is lost and where it is still right, and stands for as long as nobody accepts it", async () => {
    const [second, first] = (await readInventory(store, "prod")).sets.map(({ name }) => name);
    const [finding] = (await drill()).checks.flatMap(({ findings = [] }) => findings);
    assertEquals(finding?.history, { since: second!, stillRightIn: first! });
    const at = new Date();
    const accepted = {
      environment: "prod",
      finding: { ...finding!, history: undefined },
      reason: "its paper copy is in the binder of 2026",
      by: "anne@office",
      at: at.toISOString(),
    };
    const until = new Date(at.getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
    await putAcceptance(store, { ...accepted, until }, crypto.randomUUID());
    const result = await drill();
    assertEquals([result.verdict, result.exit, result.culprit], ["pass", 0, undefined], result.headline);
    assertMatch(`${result.headline} ${verdictSentence(result)}`, /1 finding is accepted|1 accepted/);
    await putAcceptance(
      store,
      { ...accepted, at: new Date(at.getTime() + 1).toISOString() },
      crypto.randomUUID(),
    );
    assertEquals((await drill()).culprit, "erp");
  });

  it("leaves latest at the newest set, night after night", async () => {
    const second = await night();
    assertEquals(await latest(), second);
    assertEquals((await drill()).culprit, "erp");
    const third = await night();
    assertEquals(await latest(), third);
    const inventory = await readInventory(store, "prod");
    assertEquals(inventory.sets.map((set) => problemsOf(set, inventory)).flat(), []);
  });

  it("is found in the night before, and brought back from there", async () => {
    const { sets } = await readInventory(store, "prod");
    const { documents: [document] } = await findDocuments(store, sets, matcherOf(path), { signal });
    assertEquals([document?.path, document?.missingSince], [path, sets.at(-2)!.name]);
    const whole = sets.find(({ name }) => name === document!.versions[0]!.newest)!;
    const file = `${lab.prod.documents}/${path}`;
    await extractDocuments(restorableSetOf(whole), [{ path, file }], store, work);
    assertEquals(await Deno.readFile(file), bytes);
    await night();
    const result = await drill();
    assertEquals([result.verdict, result.culprit], ["pass", undefined], result.headline);
  });
});
