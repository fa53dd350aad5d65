/** A few real drills one after the other: what one leaves, the next one tells of. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../src/backup/backup.ts";
import { silentReporter } from "../../src/base/terminal/reporter.ts";
import { type StoredDrillResult, storeDrillResult } from "../../src/drill/record/store_result.ts";
import { listDrills, readNewestDrills } from "../../src/store/records/drills.ts";
import { connect } from "../../src/postgres/connection/session.ts";
import { resultOf, runCli } from "../support/cli.ts";
import { type DrillLab, type SetCopy, startDrillLab } from "../support/lab/drill_lab.ts";
import { temporaryFolder } from "../support/folder.ts";

describe("three drills in a row", () => {
  let lab: DrillLab;
  let copy: SetCopy;
  let report: Awaited<ReturnType<typeof temporaryFolder>>;
  const kept: StoredDrillResult[] = [];
  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    [copy, report] = [await lab.copyOfSet(), await temporaryFolder()];
    for (let drill = 0; drill < 3; drill++) {
      const result = await lab.drill({
        store: copy.store,
        opensPages: false,
        ...drill === 2 ? { maxAgeMs: 1 } : {},
      });
      kept.push(
        await storeDrillResult(copy.store, result, { folder: report.path, reporter: silentReporter }),
      );
    }
  });
  afterAll(async () => {
    await report[Symbol.asyncDispose]();
    await copy[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  it("make a history that grows by one each time, with true durations, sizes and rows", () => {
    assertEquals(kept.map(({ history }) => history.points.length), [1, 2, 3]);
    const points = kept[2]!.history.points;
    for (const { ms, restoreMs, dumpBytes, rows, set } of points) {
      assert(ms >= restoreMs! && restoreMs! > 0);
      assertEquals([set, dumpBytes], [`prod/${copy.manifest.set}`, copy.manifest.db.objects[0]!.bytes]);
      assertEquals(rows, copy.manifest.db.content.tables.reduce((sum, table) => sum + table.rows, 0));
    }
  });

  it("each lie in the store as a record that reads strictly, and as a page", async () => {
    const drills = await listDrills(copy.store, "prod");
    assertEquals(
      drills.map(({ json, html }) => [typeof json, typeof html]),
      Array(3).fill(["string", "string"]),
    );
    const unreadable: string[] = [];
    const read = await readNewestDrills(
      copy.store,
      "prod",
      9,
      ({ error }) => void unreadable.push(error.message),
    );
    assertEquals([read.length, unreadable], [3, []]);
    const page = await Deno.readTextFile(copy.path(drills[0]!.html!));
    assertEquals(page.match(/class="chart"/g)?.length, 4);
  });

  it("have the verdicts of their checks: the last one's set was older than it may", async () => {
    const [newest] = await readNewestDrills(copy.store, "prod", 1, () => {});
    // no page was opened, so the first two are NOT RUN
    assertEquals([newest?.found.verdict, kept[2]!.history.points.map(({ verdict }) => verdict)], [
      "fail",
      ["not_run", "not_run", "fail"],
    ]);
  });

  it("are what `status` tells of", async () => {
    for (const { json } of await listDrills(copy.store, "prod")) {
      await lab.store.put(json!, copy.store.get(json!));
    }
    const { code, stdout } = await runCli(["status", "--config", lab.configFile, "--json"]);
    const { environment, verdict } = resultOf(stdout);
    assertEquals([code, environment, verdict], [1, "prod", "fail"]);
    const status = stdout.split("\n").map((line) => line && JSON.parse(line)).find((one) =>
      one.event === "status"
    );
    assertEquals([status.drill.verdict, status.set.flaws, status.drillsSincePass > 2], ["fail", [], true]);
  });

  it("say what a check looks at, so that a constant which switches it off is a finding", async () => {
    const constant = "INVOICE_CAN_ALWAYS_BE_REMOVED";
    await using prod = await connect(lab.prod.database);
    await prod.query(
      `INSERT INTO public.llx_const (name, entity, value, type, visible) VALUES ('${constant}', 1, '1', 'chaine', 0)`,
    );
    // what is restored must not answer for itself: with this operator no constant would be found by its name
    await prod.query(
      `CREATE FUNCTION public.never(varchar, varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
       CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.never)`,
    );
    try {
      await backup(lab.prod, copy.store, { reporter: silentReporter, signal: new AbortController().signal });
    } finally {
      await prod.query("DROP FUNCTION public.never(varchar, varchar) CASCADE");
      await prod.query(`DELETE FROM public.llx_const WHERE name = '${constant}'`);
    }
    const { checks } = await lab.drill({ store: copy.store, opensPages: false });
    const numbering = checks.find(({ id }) => id === "data.numbering")!;
    assertEquals([numbering.verdict, numbering.findings?.map(({ id }) => id)], [
      "fail",
      ["data.numbering/all/nothing-to-check"],
    ]);
    assertStringIncludes(numbering.message!, `${constant} is set`);
    assertStringIncludes(numbering.message!, `in prod/${copy.manifest.set} it was `);
  });
});
