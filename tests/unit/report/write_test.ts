import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError, exitStatusOf } from "../../../src/base/errors.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import { renderReports, writeReports } from "../../../src/report/write.ts";
import { sampleFail, samplePass } from "../../support/samples/results.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const write = async (result: DrillResult, folder: string) =>
  await writeReports(await renderReports(result), folder);

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

describe("writing the reports", () => {
  it("makes the folder, writes all of them, and leaves nothing else there", () =>
    inFolder(async (folder) => {
      const paths = await write(samplePass(), `${folder}/a/b`);
      assertEquals(namesIn(`${folder}/a/b`), [
        "junit.xml",
        "metrics.prom",
        "report.html",
        "report.json",
        "summary.md",
      ]);
      const rights = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
      assertEquals([await rights(paths.html), await rights(paths.metrics)], [0o600, 0o644]);
      assert((await Deno.readTextFile(paths.html)).startsWith("<!doctype html>"));
      assertEquals(JSON.parse(await Deno.readTextFile(paths.json)).verdict, "pass");
      assert((await Deno.readTextFile(paths.junit)).startsWith("<?xml"));
      assert((await Deno.readTextFile(paths.markdown)).startsWith("## ✅ PASS: 277 tables"));
      assert((await Deno.readTextFile(paths.metrics)).startsWith("# HELP dolibarr_drill_verdict "));
    }));

  it("replaces the reports of the drill before", () =>
    inFolder(async (folder) => {
      await write(samplePass(), folder);
      const { json } = await write(sampleFail(), folder);
      assertEquals(JSON.parse(await Deno.readTextFile(json)).verdict, "fail");
      assertEquals(namesIn(folder).length, 5);
    }));

  it("removes what a drill that was killed left half written, and nothing of others", () =>
    inFolder(async (folder) => {
      const left = [
        "report.html~",
        "trace-browser.invoice_list.zip~",
        `.report.html.${crypto.randomUUID()}.part`, // an earlier version's
        `.trace-browser.invoice_list.zip.${crypto.randomUUID()}.part`,
      ];
      const others = ["notes.html~", ".download.part", ".report.html.part"];
      for (const name of [...left, ...others]) await Deno.writeTextFile(`${folder}/${name}`, "half");
      await write(samplePass(), folder);
      assertEquals(namesIn(folder).filter((name) => left.includes(name)), []);
      assertEquals(namesIn(folder).filter((name) => others.includes(name)), others.toSorted());
    }));

  it("says what to do where it cannot write, and leaves nothing half written", () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/file`, "not a folder");
      const error = await assertRejects(
        () => write(samplePass(), `${folder}/file/report`),
        DrillError,
      );
      assertEquals([error.code, exitStatusOf(error.code)], ["REPORT_NOT_WRITABLE", 2]);
      assert(error.message.startsWith(`Cannot write the report into ${folder}/file/report: `));
      assert(error.hint.includes("writable"));
      assertEquals(namesIn(folder), ["file"]);
    }));

  it("keeps a report of another drill where one of the new ones cannot be put in its place", () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/report.html/in the way`, { recursive: true });
      await assertRejects(() => write(samplePass(), folder), DrillError);
      assertEquals(namesIn(folder), ["report.html"]);
    }));
});
