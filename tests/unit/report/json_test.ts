import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DrillResult } from "../../../src/checks/result.ts";
import { checkEvent, renderJson, resultEvent } from "../../../src/report/json.ts";
import { sampleCheck } from "../../support/samples/checks.ts";
import { sampleFail, sampleNothing, sampleNotRun, samplePass } from "../../support/samples/results.ts";

describe("the JSON report", () => {
  it("holds the whole result, and of pictures only what names them", () => {
    const read = JSON.parse(renderJson(samplePass()));
    assertEquals(read.checks.length, samplePass().checks.length);
    assertEquals(read.set.objects, samplePass().set?.objects);
    const logo = read.checks.find((check: { id: string }) => check.id === "browser.logo").screenshots[0];
    assertEquals(Object.keys(logo), ["title", "url", "mediaType", "bytes", "sha256"]);
    assertEquals([typeof logo.bytes, logo.sha256.length], ["number", 64]);
  });

  it("has its keys in one order, whatever the order they came in", () => {
    const turned = (value: unknown): unknown =>
      typeof value !== "object" || value === null || value instanceof Uint8Array || Array.isArray(value)
        ? Array.isArray(value) ? value.map(turned) : value
        : Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, turned(item)]));
    assertEquals(renderJson(turned(sampleFail()) as DrillResult), renderJson(sampleFail()));
  });

  it("holds no field that it does not know", () => {
    const more = { ...samplePass(), password: "hunter2", set: { ...samplePass().set, key: "hunter2" } };
    assertEquals(renderJson(more as DrillResult), renderJson(samplePass()));
  });

  it("keeps long details whole, and takes hostile ones as texts", () => {
    const details = JSON.parse(renderJson(sampleFail())).checks[5].details;
    assertEquals(details.at(-1), sampleFail().checks[5]?.details.at(-1));
    assertEquals(details[2].startsWith("<script>"), true);
  });
});

describe("the events of --json", () => {
  it("are for a check: its id, verdict, title, comparison and duration", () => {
    assertEquals(JSON.parse(JSON.stringify(checkEvent(sampleCheck()))), {
      event: "check",
      id: "data.tables",
      judges: "restore",
      verdict: "pass",
      required: true,
      title: "the sandbox holds as many tables as the backup",
      compared: {
        expected: 277,
        found: 277,
        with: "the manifest's llx_ tables against the restored database",
      },
      ms: 41,
    });
  });

  it("are for a result: verdict, exit status, what it is about, where the report is", () => {
    assertEquals(resultEvent(samplePass(), "/r/report.html"), {
      event: "result",
      verb: "drill",
      verdict: "pass",
      exit: 0,
      lab: false,
      erp: "real",
      set: "prod/20261120T020007Z",
      report: "/r/report.html",
      record: null,
      ms: 41_228,
    });
  });

  it("name the cause: the error, else the first check that failed, else the first that did not run", () => {
    const { error: _, ...withoutError } = sampleFail();
    assertEquals(resultEvent(sampleFail(), undefined).code, "CHECK_FAILED");
    assertEquals(resultEvent(withoutError, undefined).code, "CONTENT_DIFFERS");
    assertEquals(resultEvent({ ...sampleNotRun(), error: undefined }, undefined).code, "BROWSER_MISSING");
    const nothing = resultEvent(sampleNothing(), undefined);
    assertEquals([nothing.set, nothing.report, nothing.exit, nothing.hint?.length! > 0], [
      null,
      null,
      2,
      true,
    ]);
  });
});
