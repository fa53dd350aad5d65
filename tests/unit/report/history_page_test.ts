import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { historyOf } from "../../../src/report/history.ts";
import { drawCharts, svgMarkup } from "../../../src/report/html/charts.ts";
import { renderHtml } from "../../../src/report/html/page.ts";
import { markupText } from "../../../src/report/html/markup.ts";
import { renderMarkdown } from "../../../src/report/markdown.ts";
import { metricsOf, renderMetrics } from "../../../src/report/metrics.ts";
import { nightly, nights } from "../../support/samples/history.ts";
import { HOSTILE, LEAKED, sampleFail, sampleNothing, samplePass } from "../../support/samples/results.ts";
import {
  type Element,
  elementsOf,
  HTML_VOID,
  readMarkup,
  textOf,
} from "../../support/samples/strict_markup.ts";

const bad = { verdict: "fail", exit: 1 } as const;
const history = historyOf(nights(40, (before) => before === 7 ? bad : { ms: 40_000 - 100 * before }));
const all = (element: Element): Element[] => [element, ...element.children.flatMap(all)];

describe("the history in the page", () => {
  it("is drawn over time for durations and sizes, each with what is to be seen in words", async () => {
    const charts = await drawCharts(history);
    assertEquals(charts.map(({ title }) => title), [
      "How long the drill took",
      "How long the restore took",
      "Size of the dump",
      "Size of the documents' archive",
    ]);
    assertMatch(charts[0]!.summary, /in 40 drills: from 36\.1 s to 41\.2 s, 40 s in the newest; 1 FAIL$/);
    for (const { drawing } of charts) {
      const svg = readMarkup(markupText(drawing));
      assertEquals(svg.name, "svg");
      assert(elementsOf(svg, "path").length > 2);
      for (const { name, attributes } of all(svg)) {
        assert(!("style" in attributes) && !["style", "script", "image"].includes(name), name);
      }
      assert(markupText(drawing).length < 30_000);
    }
  });

  it("is a section with tables, well-formed, and only where there was a drill before", async () => {
    const view = { history, charts: await drawCharts(history) };
    const page = readMarkup(renderHtml(samplePass(), view), HTML_VOID);
    const section = elementsOf(page, "section").find(({ attributes }) => attributes.id === "history")!;
    const drawn = all(section).filter(({ attributes }) => attributes.class === "drawing");
    assertEquals(drawn.flatMap((one) => elementsOf(one, "svg")).length, 4);
    assertMatch(textOf(section), /40 drills since .*: 39 passed\. This one is a PASS\./);
    assertMatch(textOf(section), /The whole drill 40 s 38\.\d s 36\.\d s steady/);
    const first = historyOf([nightly(0)]);
    assertEquals(await drawCharts(first), []);
    assert(!renderHtml(samplePass(), { history: first, charts: [] }).includes('id="history"'));
  });

  it("takes what lies in the store as text", async () => {
    const hostile = historyOf(
      nights(3, () => ({ headline: HOSTILE, phases: [{ title: HOSTILE, ms: 5 }], company: HOSTILE })),
    );
    const source = renderHtml(samplePass(), { history: hostile, charts: await drawCharts(hostile) });
    readMarkup(source, HTML_VOID);
    assert(!source.includes("<script"));
  });

  it("lets nothing of a drawing through that is not on its list", () => {
    const node = (nodeName: string, more = {}) => ({
      nodeType: 1,
      nodeName,
      nodeValue: null,
      childNodes: [],
      attributes: [],
      ...more,
    });
    const attributes = [{ name: "onload", value: "x" }, { name: "style", value: "x" }, {
      name: "d",
      value: `"><b`,
    }];
    const svg = node("svg", {
      childNodes: [node("script"), node("foreignObject"), node("style"), node("path", { attributes })],
    });
    assertEquals(markupText(svgMarkup(svg)!), `<svg><path d="&quot;&gt;&lt;b"></path></svg>`);
  });
});

describe("the summary for a CI job", () => {
  it("has verdict and cause in its first line, then the set, the checks and the durations", () => {
    const text = renderMarkdown(sampleFail(), history);
    const lines = text.split("\n");
    assertMatch(lines[0]!, /^## ❌ FAIL: 2 of 18 checks failed: a table is short of a row/);
    assertStringIncludes(text, "prod/20261120T020007Z");
    assertMatch(
      text,
      /\| ❌ FAIL \| The data \| .*`data\.rows`.* \| 23,104 tables \| 23,103 tables \| CONTENT/,
    );
    assertMatch(text, /\| The whole drill \| 41\.2 s \| \d/);
    const rows = lines.filter((line) => line.startsWith("| ❌") || line.startsWith("| ✅"));
    assertEquals(rows.findIndex((line) => line.startsWith("| ✅")), 2);
    for (const row of rows) assertEquals(row.split(/(?<!\\)\|/).length, 8, row);
  });

  it("says what it ran on first and last, and what could not be done", () => {
    const lab = renderMarkdown(sampleFail()).trim().split("\n");
    assertEquals([lab[2], lab.at(-1)], [lab.at(-1), lab[2]]);
    assertMatch(lab[2]!, /^> EMBEDDED LAB/);
    const text = renderMarkdown(sampleNothing());
    assertMatch(text, /^## ⚠️ NOT RUN: No drill was possible: the store cannot be reached\.\n/);
    assertMatch(text, /\*\*STORE\\_UNREACHABLE\*\*: Cannot list .*No set was restored.*No check ran\./s);
  });

  it("takes any text as text, and no credentials", () => {
    const text = renderMarkdown({ ...samplePass(), headline: `${HOSTILE} | ${LEAKED} [a](b)` });
    for (const bad of ["<script", "s3cr3t", "abcdef0123", "\u0007", "\u202e"]) {
      assert(!text.includes(bad), bad);
    }
    assertStringIncludes(text, String.raw`\| `);
    assertStringIncludes(text, String.raw`\[a\](b)`);
  });
});

describe("the metrics", () => {
  const valueOf = (text: string, name: string) =>
    new RegExp(`^dolibarr_drill_${name}[{ ].*?([0-9.e+]+)$`, "m").exec(text)?.[1];

  it("are in Prometheus' text format, with verdict, durations, sizes and counts", async () => {
    const text = await renderMetrics(samplePass(), history);
    assertMatch(
      text,
      /^dolibarr_drill_verdict\{verdict="pass",environment="prod",into="sandbox",lab="false"\} 1$/m,
    );
    assertMatch(text, /^dolibarr_drill_checks\{verdict="pass",required="true",.*\} 17$/m);
    assertMatch(text, /^dolibarr_drill_phase_duration_seconds\{phase="restore the database",.*\} 4\.89$/m);
    assertEquals(
      ["duration_seconds", "tables", "rows", "set_age_seconds", "failures_in_a_row"].map((name) =>
        valueOf(text, name)
      ),
      ["41.228", "277", "23104", "15293.412", "0"],
    );
    for (const line of text.trim().split("\n")) {
      assertMatch(line, /^$|^# (HELP|TYPE) dolibarr_drill_\w+ .+$|^dolibarr_drill_\w+\{[^{}]+\} [0-9.e+]+$/);
    }
  });

  it("leave out what is not known, and know the last PASS of another night", async () => {
    const text = await renderMetrics(sampleNothing(), historyOf([]));
    for (const name of ["tables", "set_age_seconds", "last_success_timestamp_seconds", "object_bytes"]) {
      assertEquals(valueOf(text, name), undefined, name);
    }
    assertEquals(valueOf(text, "exit_status"), "2");
    const failed = await renderMetrics(sampleFail(), historyOf(nights(4, (before) => before < 2 ? bad : {})));
    assertEquals(valueOf(failed, "failures_in_a_row"), "2");
    assertEquals(valueOf(failed, "last_success_timestamp_seconds"), "1794982560");
  });

  it("add up what bears the same name, and take hostile names as text", async () => {
    const phases = [{ title: 'a"b\\\n', ms: 1_000 }, { title: 'a"b\\\n', ms: 2_000 }];
    const text = await renderMetrics({ ...samplePass(), phases });
    assertMatch(text, /phase_duration_seconds\{phase="a\\"b\\\\\\n",.*\} 3$/m);
  });

  it("are each in docs/metrics.md", async () => {
    const docs = await Deno.readTextFile(new URL("../../../docs/metrics.md", import.meta.url));
    for (const { name } of metricsOf(samplePass(), history)) {
      const short = name.replace("dolibarr_drill", "");
      assert(docs.includes(`\`${name}`) || docs.includes(`\`${short}\``), name);
    }
  });
});
