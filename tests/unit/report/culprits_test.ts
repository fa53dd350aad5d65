/** Whose fault it is, and what to do: what each report says of each culprit, read as a person reads it. */

import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeColours } from "../../../src/base/terminal/colours.ts";
import type { Culprit, DrillResult } from "../../../src/checks/result.ts";
import { drawCharts } from "../../../src/report/html/charts.ts";
import { historyOf } from "../../../src/report/history.ts";
import { factsOf } from "../../../src/notify/message.ts";
import { renderHtml } from "../../../src/report/html/page.ts";
import { resultEvent } from "../../../src/report/json.ts";
import { renderJunit } from "../../../src/report/junit.ts";
import { renderMarkdown } from "../../../src/report/markdown.ts";
import { metricsOf } from "../../../src/report/metrics.ts";
import { renderFoot } from "../../../src/report/terminal/frame.ts";
import { type Tone, toneOf, verdictSentence } from "../../../src/report/words.ts";
import { culprits, sampleBooks, sampleFinding } from "../../support/samples/culprits.ts";
import { nightly } from "../../support/samples/history.ts";
import { sampleCheck } from "../../support/samples/checks.ts";
import { resultOfChecks } from "../../support/samples/culprits.ts";
import { elementsOf, HTML_VOID, readMarkup, textOf } from "../../support/samples/strict_markup.ts";

const BACK =
  "dolibarr-drill extract prod/20261102T030000Z --document facture/FA2610-0004/FA2610-0004.pdf --to FA2610-0004.pdf";
const ACCEPT =
  "dolibarr-drill findings accept documents.invoices/FA2610-0004/missing --until DATE --reason TEXT";

interface Said {
  verdict: DrillResult["verdict"];
  exit: number;
  culprit?: Culprit;
  tone: Tone;
  sentence: string;
  headline: RegExp;
  hint?: RegExp;
  /** How many cases of JUnit are failures, and how many errors. */
  junit: [failures: number, errors: number];
}

// deno-fmt-ignore: a block each
const CASES: Record<keyof typeof culprits, Said> = {
  clean: {
    verdict: "pass", exit: 0, tone: "pass", sentence: "This backup can be brought back", junit: [0, 0],
    headline: /^prod\/20261120T020007Z was restored into sandbox and proved: 277 tables, 23,104 rows and 1,204 documents are equal, and the ERP shows them$/,
  },
  oneFinding: {
    verdict: "fail", exit: 1, culprit: "erp", tone: "findings", junit: [1, 0],
    sentence: "This backup can be brought back; prod has 1 fault that is not accepted",
    headline: /^The backup prod\/20261120T020007Z can be brought back\. prod has 1 fault that is not accepted: FA2610-0004: facture\/FA2610-0004\/FA2610-0004\.pdf is missing, since the night of 3 November$/,
    hint: /^Get it back: dolibarr-drill extract prod\/20261102T030000Z --document .*\. Or accept it: dolibarr-drill findings accept documents\.invoices\/FA2610-0004\/missing --until DATE --reason TEXT$/,
  },
  manyFindings: {
    verdict: "fail", exit: 1, culprit: "erp", tone: "findings", junit: [1, 0],
    sentence: "This backup can be brought back; prod has 44 faults that are not accepted",
    headline: /prod has 44 faults that are not accepted, the first: FA2610-0001: .* is missing, since the night of 3 November$/,
    hint: /^Get it back: /,
  },
  accepted: {
    verdict: "pass", exit: 0, tone: "pass", sentence: "This backup can be brought back", junit: [0, 0],
    headline: /and the ERP shows them; findings: 12 accepted$/,
  },
  mixed: {
    verdict: "fail", exit: 1, culprit: "erp", tone: "findings", junit: [1, 0],
    sentence: "This backup can be brought back; prod has 2 faults that are not accepted",
    headline: /prod has 2 faults that are not accepted, the first: FA2610-0004: .* since the night of 3 November \(3 accepted\)$/,
    hint: /^Get it back: /,
  },
  mended: {
    verdict: "pass", exit: 0, tone: "pass", sentence: "This backup can be brought back", junit: [0, 0],
    headline: /and the ERP shows them; FA2610-0004 is no longer wrong, or no longer there$/,
  },
  damaged: {
    verdict: "fail", exit: 1, culprit: "backup", tone: "fail", sentence: "This backup cannot be brought back", junit: [1, 0],
    headline: /^prod\/20261120T020007Z: prod\/db\/20261120T020007Z\.dump is damaged/, hint: /^Restore another set/,
  },
  notRecent: {
    verdict: "fail", exit: 1, culprit: "backup", tone: "fail", junit: [1, 0],
    sentence: "This backup can be brought back, but it is not as recent as it must be",
    headline: /the newest good set is 3 d old/, hint: /dolibarr-drill backup/,
  },
  wrongSandbox: {
    verdict: "not_run", exit: 2, culprit: "sandbox", tone: "not_run", junit: [0, 7],
    sentence: "Not proved: sandbox is at fault, not the backup",
    headline: /^prod\/20261120T020007Z was restored into sandbox and is what was backed up, but sandbox does not show it: the sign-in page does not have the mark/,
    hint: /^The backup is not at fault\. Check web\.url/,
  },
  workloadDown: {
    verdict: "not_run", exit: 2, culprit: "sandbox", tone: "not_run", junit: [0, 8],
    sentence: "Not proved: sandbox is at fault, not the backup",
    headline: /but sandbox does not show it: Cannot start sandbox/, hint: /^Read its log/,
  },
  accountRefused: {
    verdict: "not_run", exit: 2, culprit: "sandbox", tone: "not_run", junit: [0, 1],
    sentence: "Not proved: sandbox is at fault, not the backup",
    headline: /access is denied to this account/, hint: /^The backup is not at fault\. Give the account the right/,
  },
  brokenPage: {
    verdict: "fail", exit: 1, culprit: "sandbox", tone: "fail", junit: [1, 0],
    sentence: "This backup was restored, but sandbox does not show it as it should",
    headline: /the server answered 500/, hint: /^Open the page/,
  },
  blindCheck: {
    verdict: "fail", exit: 1, culprit: "tool", tone: "fail", junit: [1, 0],
    sentence: "This backup was restored, but the drill did not do all of its own work",
    headline: /data\.rows did not fail/, hint: /^Do not rely on this check/,
  },
  storeGone: {
    verdict: "not_run", exit: 2, culprit: "backup", tone: "not_run", junit: [0, 1],
    sentence: "Not proved: the backups could not be read",
    headline: /./, hint: /^Look at the endpoint/,
  },
};

const pageOf = (result: DrillResult) => readMarkup(renderHtml(result), HTML_VOID);
const heroOf = (result: DrillResult) => elementsOf(pageOf(result), "header")[0]!;
const terminalOf = (result: DrillResult) =>
  renderFoot(result, "/srv/report.html", 80, makeColours(false)).split("\n");
const sectionOf = (result: DrillResult, id: string) =>
  elementsOf(pageOf(result), "section").find(({ attributes }) => attributes.id === id);

/** The commands of a part of the page, as they are copied from it. */
const commandsIn = (part: ReturnType<typeof readMarkup>): string[] =>
  elementsOf(part, "code").filter(({ attributes }) => attributes.class === "command")
    .map((code) => elementsOf(code, "span").map(textOf).join(" "));

describe("whose fault it is", () => {
  for (const [name, said] of Object.entries(CASES)) {
    const result = culprits[name as keyof typeof culprits]();

    it(`is read in the verdict, the headline and the hint: ${name}`, () => {
      const { verdict, exit, culprit, headline } = result;
      assertEquals([verdict, exit, culprit], [said.verdict, said.exit, said.culprit]);
      assertEquals([verdictSentence(result), toneOf(result)], [said.sentence, said.tone]);
      assertMatch(headline, said.headline);
      const { hint, culprit: told } = resultEvent(result, undefined);
      assertEquals([told, hint === undefined], [said.culprit, said.hint === undefined]);
      if (said.hint) assertMatch(hint ?? "", said.hint);
    });

    it(`is read in JUnit and in the page's hero: ${name}`, () => {
      const junit = readMarkup(renderJunit(result));
      assertEquals([elementsOf(junit, "failure").length, elementsOf(junit, "error").length], said.junit);
      const property = elementsOf(junit, "property").find(({ attributes }) => attributes.name === "culprit");
      assertEquals(property?.attributes.value, said.culprit);
      const hero = heroOf(result);
      assertEquals(hero.attributes.class, `hero v-${said.tone.replace("_", "-")}`);
      assertEquals(elementsOf(hero, "h1").map(textOf), [said.sentence]);
      const words = textOf(hero);
      if (said.culprit === "erp") {
        assertMatch(words, /FA2610-000\d: .* is missing, since the night of 3 November/);
      } else assertMatch(words, new RegExp(said.headline.source.replaceAll(/^\^|\$$/g, "")));
      assertEquals(words.includes("What to do"), said.hint !== undefined);
    });

    it(`is never a lost backup where the backup is faithful: ${name}`, () => {
      const isLost = said.culprit === "backup" && name === "damaged";
      for (
        const text of [
          renderHtml(result),
          terminalOf(result).join("\n"),
          renderMarkdown(result),
          renderJunit(result),
        ]
      ) {
        assertEquals(
          /cannot be brought back|Do not rely on this backup/.test(text),
          isLost,
          text.slice(0, 2000),
        );
      }
    });
  }

  it("is the first thing that a message says", () => {
    assertMatch(
      factsOf(culprits.oneFinding(), undefined, "pass").cause,
      /^The backup prod\/20261120T020007Z can be brought back\. prod has 1 fault/,
    );
    assertMatch(
      factsOf(culprits.wrongSandbox(), undefined, "pass").cause,
      /^sandbox is at fault, not the backup: the sign-in page does not/,
    );
    assertMatch(
      factsOf(culprits.damaged(), undefined, "pass").cause,
      /^This backup cannot be brought back: prod\/db/,
    );
    assertEquals(
      factsOf(culprits.accepted(), undefined, "fail").cause,
      "the drill passes again: the backup can be brought back; the drill before was FAIL; findings: 12 accepted",
    );
    const facts = factsOf(culprits.mixed(), undefined, "pass");
    assertEquals([facts.culprit, facts.findings], ["erp", "2 open, 3 accepted"]);
    assertEquals(factsOf(culprits.clean(), undefined, "pass").culprit, "none");
  });

  it("is the backup also where the ERP has faults as well, and those are told beside it", () => {
    const old = sampleCheck({ id: "backup.age", part: "backup", verdict: "fail", message: "it is 3 d old" });
    const result = resultOfChecks([
      ...culprits.clean().checks.slice(1, -1),
      old,
      sampleBooks([sampleFinding(4)]),
    ]);
    assertEquals([result.culprit, verdictSentence(result)], [
      "backup",
      "This backup can be brought back, but it is not as recent as it must be",
    ]);
    assertMatch(result.headline, /it is 3 d old\. prod has 1 fault that is not accepted: FA2610-0004/);
    assert(sectionOf(result, "findings"));
  });

  it("is the backup where another set is gone, and nothing is said against this one", () => {
    const gone = sampleCheck({ id: "backup.sets", part: "backup", verdict: "fail", message: "X is missing" });
    const result = resultOfChecks([...culprits.clean().checks.slice(1), gone]);
    assertEquals([result.culprit, verdictSentence(result)], [
      "backup",
      "This backup can be brought back, but another one is gone or was changed",
    ]);
  });

  it("is told with what failed besides, such as a sandbox that can act on the world", () => {
    const failed = (id: string, message: string) =>
      sampleCheck({ id, part: id.startsWith("browser") ? "browser" : "data", verdict: "fail", message });
    const result = resultOfChecks([
      ...culprits.clean().checks.slice(0, -1),
      sampleBooks([sampleFinding(4)]),
      failed("data.neutralised", "mails can be sent"),
      failed("browser.invoices", "a page answered 500"),
    ]);
    assertEquals([result.verdict, result.culprit], ["fail", "erp"]);
    assertMatch(result.headline, /3 November\. 2 other checks failed: mails can be sent$/);
    assertMatch(textOf(heroOf(result)), /3 November\. 2 other checks failed: mails can be sent/);
    const [night] = historyOf([nightly(0, { checks: result.checks, culprit: "erp" })]).points;
    assertEquals(night?.besides, ["2 other checks failed: mails can be sent"]);
  });

  it("is told with what was not looked at, where the sandbox failed after the findings were found", () => {
    const down = culprits.workloadDown();
    const result = resultOfChecks(
      [...down.checks.slice(0, -1), sampleBooks([sampleFinding(4)])],
      { error: down.error, marks: [] },
    );
    assertEquals([result.verdict, result.culprit], ["fail", "erp"]);
    assertMatch(
      result.headline,
      /^The backup \S+ can be brought back\. prod has 1 fault .* 3 November\. 7 required checks did not run: Cannot start sandbox/,
    );
    assertFalse(/cannot be brought back/.test(renderHtml(result)));
  });
});

describe("a night in the history on which only the ERP was at fault", () => {
  const history = historyOf([
    nightly(0, { checks: culprits.accepted().checks }),
    nightly(1, { ...culprits.oneFinding(), id: nightly(1).id, startedAt: nightly(1).startedAt }),
    nightly(2, { ...culprits.damaged(), id: nightly(2).id, startedAt: nightly(2).startedAt }),
  ]);

  it("is known by its culprit and its findings, and looks like no lost backup", async () => {
    assertEquals(history.points.map(({ verdict, culprit, findings }) => [verdict, culprit, findings]), [
      ["fail", "backup", { open: 0, accepted: 0 }],
      ["fail", "erp", { open: 1, accepted: 0 }],
      ["pass", undefined, { open: 0, accepted: 12 }],
    ]);
    const page = readMarkup(
      renderHtml(culprits.accepted(), { history, charts: await drawCharts(history) }),
      HTML_VOID,
    );
    const section = elementsOf(page, "section").find(({ attributes }) => attributes.id === "history")!;
    assertStringIncludes(textOf(section), "In 1 only the ERP was at fault: that backup can be brought back.");
    const table = elementsOf(section, "table").find(({ attributes }) => attributes.class === "plain drills")!;
    const rows = elementsOf(elementsOf(table, "tbody")[0]!, "tr");
    const badges = rows.map((row) => elementsOf(row, "span").map(({ attributes }) => attributes.class)[0]);
    assertEquals(badges, ["badge v-pass", "badge v-findings", "badge v-fail"]);
    assertStringIncludes(textOf(rows[0]!), "12 accepted");
    assertStringIncludes(textOf(rows[1]!), "1 finding");
    const drawn = elementsOf(section, "div").map(({ attributes }) => attributes["aria-label"] ?? "");
    assert(drawn.some((label) => label.includes("1 FAIL, 1 FAIL over the ERP alone")), drawn.join("\n"));
  });
});

describe("a finding", () => {
  it("is on the page once, with its id, since when, where it is still right, and both commands", () => {
    const result = culprits.oneFinding();
    const section = sectionOf(result, "findings")!;
    const text = textOf(section);
    for (
      const part of [
        "FA2610-0004: facture/FA2610-0004/FA2610-0004.pdf is missing",
        "Since the night of 3 November, 18 nights; still right in",
        "prod/20261102T030000Z",
      ]
    ) {
      assertStringIncludes(text, part);
    }
    assertEquals(commandsIn(section), [BACK, ACCEPT]);
    assertEquals(commandsIn(heroOf(result)), [BACK, ACCEPT]);
    assertEquals(
      elementsOf(pageOf(result), "main")[0]!.children[0]!.attributes.id,
      "findings",
      "it comes first",
    );
    assertFalse(textOf(sectionOf(result, "causes")!).includes("FA2610-0004"), "it is told once");
  });

  it("says where no set has it right, and how it is accepted then", () => {
    const lost = sampleFinding(4, { history: { since: "20251103T030000Z" } });
    const result = resultOfChecks([...culprits.clean().checks.slice(0, -1), sampleBooks([lost])]);
    const section = sectionOf(result, "findings")!;
    assertStringIncludes(
      textOf(section),
      "Since the night of 3 November 2025, 383 nights; no set that is known has it right",
    );
    assertEquals(commandsIn(section), [ACCEPT]);
    assertStringIncludes(textOf(section), "Mend it in prod, or accept it");
  });

  it("is on the page also where there are many: all of them, the first openly, the others folded", () => {
    const section = sectionOf(culprits.manyFindings(), "findings")!;
    const [details] = elementsOf(section, "details");
    assertEquals(elementsOf(section, "li").length, 44);
    assertEquals(elementsOf(details!, "li").length, 41);
    assertMatch(textOf(elementsOf(details!, "summary")[0]!), /and 41 more findings/);
    assertEquals(commandsIn(heroOf(culprits.manyFindings())).at(-1), "dolibarr-drill findings");
  });

  it("is on the page folded where it is accepted: by whom, until when and why", () => {
    const section = sectionOf(culprits.accepted(), "findings")!;
    const [details] = elementsOf(section, "details");
    assertEquals(textOf(elementsOf(details!, "summary")[0]!).trim(), "12 accepted findings");
    const rows = elementsOf(elementsOf(details!, "tbody")[0]!, "tr");
    assertEquals(rows.length, 12);
    for (const part of ["2027-06-30", "the paper is in the cellar", "anna@office"]) {
      assertStringIncludes(textOf(rows[0]!), part);
    }
    assertFalse(textOf(section).includes("findings accept"));
  });

  it("is told once that it is right again", () => {
    const result = culprits.mended();
    assertStringIncludes(
      textOf(sectionOf(result, "findings")!),
      "FA2610-0004 is no longer wrong, or no longer there",
    );
    assert(terminalOf(result).some((line) => line === "FA2610-0004 is no longer wrong, or no longer there"));
    assertStringIncludes(renderMarkdown(result), "FA2610-0004 is no longer wrong, or no longer there.");
    assertEquals(sectionOf(culprits.clean(), "findings"), undefined);
  });

  it("is a line on a terminal of 80 columns, ten at most, with the number of the others and the commands whole", () => {
    const lines = terminalOf(culprits.manyFindings());
    const at = lines.indexOf("prod has 44 faults that are not accepted:");
    assert(at > 0);
    const shown = lines.slice(at + 1, at + 11);
    assert(shown.every((line) => line.startsWith("- FA2610-") && line.length <= 80), shown.join("\n"));
    assertMatch(shown[0]!, /^- FA2610-0001: facture.*…?.*\.pdf is missing, since 3 Nov, 18 nights$/);
    assert(lines.every((line) => line.length <= 80 || line.startsWith("dolibarr-drill ")), lines.join("\n"));
    assertEquals(lines[at + 11], "and 34 more: report.html, or dolibarr-drill findings");
    const one = terminalOf(culprits.oneFinding());
    assert(one.includes(BACK) && one.includes(ACCEPT));
    assert(terminalOf(culprits.accepted()).includes("12 accepted: dolibarr-drill findings"));
  });

  it("is in JUnit: in the failure of its check where it is open, in its output where it is accepted", () => {
    const junit = readMarkup(renderJunit(culprits.mixed()));
    const [failure] = elementsOf(junit, "failure");
    for (const part of ["documents.invoices/FA2610-0004/missing", "FA2610-0005/missing", BACK, ACCEPT]) {
      assertStringIncludes(textOf(failure!), part);
    }
    assertFalse(textOf(failure!).includes("FA2610-0001"));
    const of = (xml: ReturnType<typeof readMarkup>) =>
      elementsOf(xml, "testcase").find(({ attributes }) =>
        attributes.name!.startsWith("documents.invoices")
      )!;
    const [output] = elementsOf(of(junit), "system-out");
    assertMatch(
      textOf(output!),
      /^accepted until 2027-06-30 by anna@office \(.*\): documents\.invoices\/FA2610-0001/,
    );
    const passed = of(readMarkup(renderJunit(culprits.accepted())));
    assertEquals(textOf(elementsOf(passed, "system-out")[0]!).match(/accepted until/g)?.length, 12);
    const properties = elementsOf(junit, "property").map((
      { attributes },
    ) => [attributes.name, attributes.value]);
    assertEquals(properties.find(([name]) => name === "findings")?.[1], "2 open, 3 accepted");
  });

  it("is in the summary of a CI job: a few openly, many folded, and the accepted folded", () => {
    const one = renderMarkdown(culprits.oneFinding());
    assertMatch(one, /^## 🟠 FAIL: The backup/);
    assertStringIncludes(one, "| `documents.invoices/FA2610-0004/missing` |");
    assertFalse(one.includes("<details>"));
    const many = renderMarkdown(culprits.manyFindings());
    assertStringIncludes(many, "<details><summary>all of them</summary>");
    assertEquals(many.match(/^\| `documents\.invoices\/FA2610-\d{4}\/missing` \|/gm)?.length, 44);
    assertStringIncludes(renderMarkdown(culprits.accepted()), "<details><summary>12 accepted</summary>");
  });

  it("is counted for a monitor, with the culprit", () => {
    const of = (result: DrillResult, name: string) =>
      Object.fromEntries(
        metricsOf(result, undefined).find((metric) => metric.name === `dolibarr_drill_${name}`)?.values
          .map(({ labels, value }) => [Object.values(labels ?? {}).join(), value]) ?? [],
      );
    assertEquals(of(culprits.mixed(), "findings"), { open: 2, accepted: 3 });
    assertEquals(of(culprits.clean(), "findings"), { open: 0, accepted: 0 });
    assertEquals(of(culprits.storeGone(), "findings"), {}, "nothing was looked at");
    assertEquals(of(culprits.mixed(), "culprit"), { backup: 0, erp: 1, sandbox: 0, tool: 0 });
    assertEquals(of(culprits.clean(), "culprit"), { backup: 0, erp: 0, sandbox: 0, tool: 0 });
  });

  it("is counted in the last event of a program", () => {
    const { findings, mended } = resultEvent(culprits.mixed(), undefined);
    assertEquals([findings, mended], [{ open: 2, accepted: 3 }, undefined]);
    assertEquals(resultEvent(culprits.mended(), undefined).mended, [
      "documents.invoices/FA2610-0004/missing",
    ]);
    assertEquals(resultEvent(culprits.storeGone(), undefined).findings, undefined);
  });

  it("cannot steer a terminal or a page by its texts", () => {
    const evil = sampleFinding(4, {
      id: "documents.invoices/<script>'; rm -rf \u001b[31m/missing",
      sentence: "<script>alert(1)</script>\u001b[31m",
    });
    const result = resultOfChecks([...culprits.clean().checks.slice(0, -1), sampleBooks([evil])]);
    assertFalse(renderHtml(result).includes("<script"));
    assertFalse(terminalOf(result).join("\n").includes("\u001b"));
    assertStringIncludes(
      terminalOf(result).join("\n"),
      `accept $'documents.invoices/<script>\\047; rm -rf \\033[31m/missing'`,
    );
    readMarkup(renderJunit(result));
  });
});
