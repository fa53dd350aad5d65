import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DrillResult } from "../../../src/checks/result.ts";
import { makeColours } from "../../../src/base/terminal/colours.ts";
import { prepareResult } from "../../../src/checks/overall_verdict.ts";
import { renderHtml } from "../../../src/report/html/page.ts";
import { renderJson } from "../../../src/report/json.ts";
import { renderJunit } from "../../../src/report/junit.ts";
import { renderMarkdown } from "../../../src/report/markdown.ts";
import { renderFoot } from "../../../src/report/terminal/frame.ts";
import { sampleCheck } from "../../support/samples/checks.ts";
import {
  LEAKED,
  sampleFail,
  sampleNothing,
  sampleNotRun,
  samplePass,
} from "../../support/samples/results.ts";

const settled = (change: Partial<DrillResult>) => {
  const { verdict, exit } = prepareResult({ ...samplePass(), ...change });
  return [verdict, exit];
};

describe("that the documents' owner could write what a crash leaves", () => {
  const why = "The owner of the documents may write into /srv/state/sandbox-0a1b2c3d";
  const every = (result: DrillResult): string[] => [
    renderHtml(result),
    renderJson(result),
    renderMarkdown(result),
    renderJunit(result),
    renderFoot(result, "/r.html", 300, makeColours(false)),
  ];
  it("is in every report, and in none where nothing shows it", () => {
    const reached = every({ ...samplePass(), reachedState: why });
    assertEquals(reached.map((text) => text.includes(why)), reached.map(() => true));
    assertEquals(
      every(samplePass()).map((text) => /reachedState|Who can reach|security\.md/.test(text)),
      reached.map(() => false),
    );
  });
});

describe("the verdict of a report", () => {
  it("is what the drill said, where that agrees with what it holds", () => {
    assertEquals(
      [samplePass(), sampleFail(), sampleNotRun(), sampleNothing()].map(prepareResult).map((r) => r.exit),
      [
        0,
        1,
        2,
        2,
      ],
    );
  });

  it("is FAIL as soon as one check failed, also an optional one", () => {
    const checks = [sampleCheck(), sampleCheck({ verdict: "fail", required: false })];
    assertEquals(settled({ checks }), ["fail", 1]);
  });

  it("is FAIL rather than NOT RUN when there is both", () => {
    const checks = [sampleCheck({ verdict: "not_run" }), sampleCheck({ verdict: "fail" })];
    assertEquals(settled({ checks, verdict: "not_run", exit: 2 }), ["fail", 1]);
  });

  it("is FAIL when the error that ended the drill means checked and bad", () => {
    const error = { code: "OBJECT_CORRUPT", message: "", hint: "", details: [] };
    assertEquals(settled({ verdict: "not_run", exit: 2, error }), ["fail", 1]);
  });

  it("is no PASS with a required check that did not run", () => {
    assertEquals(settled({ checks: [sampleCheck(), sampleCheck({ verdict: "not_run" })] }), ["not_run", 2]);
  });

  it("is a PASS with an optional check that did not run", () => {
    const checks = [sampleCheck(), sampleCheck({ verdict: "not_run", required: false })];
    assertEquals(settled({ checks }), ["pass", 0]);
  });

  it("is no PASS without a check, with an unseen mark, or with an error", () => {
    assertEquals(settled({ checks: [] }), ["not_run", 2]);
    assertEquals(settled({ marks: [{ what: "mark", seen: false }] }), ["not_run", 2]);
    assertEquals(settled({ error: { code: "INTERNAL", message: "", hint: "", details: [] } }), [
      "not_run",
      2,
    ]);
  });

  it("keeps the exit status of an interruption", () => {
    assertEquals(settled({ verdict: "not_run", exit: 130 }), ["not_run", 130]);
  });

  it("comes without credentials, wherever they were", () => {
    const prepared = prepareResult({
      ...samplePass(),
      headline: LEAKED,
      versions: { server: LEAKED },
      checks: [sampleCheck({ details: [LEAKED], message: LEAKED })],
    });
    assertEquals(/s3cr3t|abcdef0123/.test(JSON.stringify(prepared)), false);
    assertEquals(/s3cr3t/.test(JSON.stringify(LEAKED)), true);
  });
});
