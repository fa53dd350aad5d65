import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DrillResult } from "../../../src/checks/result.ts";
import { renderJunit } from "../../../src/report/junit.ts";
import { sampleCheck } from "../../support/samples/checks.ts";
import {
  HOSTILE,
  LAB_BANNER,
  sampleFail,
  sampleNothing,
  sampleNotRun,
  samplePass,
} from "../../support/samples/results.ts";
import { elementsOf, readMarkup } from "../../support/samples/strict_markup.ts";

const read = (result: DrillResult) => {
  const root = readMarkup(renderJunit(result));
  const [suite] = elementsOf(root, "testsuite");
  const cases = elementsOf(root, "testcase");
  const { tests, failures, errors, skipped } = suite!.attributes;
  return { root, suite: suite!, cases, counts: [tests, failures, errors, skipped].map(Number) };
};

describe("the JUnit report", () => {
  it("is read by a reader that refuses what is not well-formed", () => {
    for (
      const bad of [
        "<a>",
        "<a></b>",
        "<a b=c/>",
        "<a>&</a>",
        "<a>\u0001</a>",
        '<a b="<"/>',
        "<a/><b/>",
        '<a b="1" b="2"/>',
      ]
    ) {
      assertThrows(() => readMarkup(bad));
    }
    for (const sample of [samplePass(), sampleFail(), sampleNotRun(), sampleNothing()]) read(sample);
  });

  it("counts what it holds", () => {
    for (const sample of [samplePass(), sampleFail(), sampleNotRun(), sampleNothing()]) {
      const { root, cases, counts } = read(sample);
      assertEquals(counts, [
        cases.length,
        elementsOf(root, "failure").length,
        elementsOf(root, "error").length,
        elementsOf(root, "skipped").length,
      ]);
      assertEquals(root.attributes.tests, String(cases.length));
    }
    assertEquals(read(samplePass()).counts, [18, 0, 0, 1]);
    assertEquals(read(sampleNotRun()).counts, [19, 0, 8, 1]);
  });

  it("has an error of type not_run for each required check that did not run, and skips an optional one with its reason", () => {
    const { root } = read({
      ...samplePass(),
      checks: [sampleCheck({ verdict: "not_run", required: true })],
    });
    assertEquals(elementsOf(root, "error").map((error) => error.attributes.type), ["not_run"]);
    assertEquals(elementsOf(root, "skipped"), []);

    const optional = read({
      ...samplePass(),
      checks: [
        ...samplePass().checks,
        sampleCheck({ verdict: "not_run", required: false, message: "no amcheck" }),
      ],
    });
    const skipped = elementsOf(optional.root, "skipped");
    assertEquals(elementsOf(optional.root, "error"), []);
    assertStringIncludes(skipped.at(-1)!.attributes.message!, "NOT RUN (optional)");
    assertStringIncludes(skipped.at(-1)!.attributes.message!, "no amcheck");
  });

  it("is never green where nothing but optional checks did not run", () => {
    const { root } = read({
      ...samplePass(),
      checks: [sampleCheck({ verdict: "not_run", required: false })],
    });
    assertEquals(elementsOf(root, "error").map((error) => error.attributes.type), ["not_run"]);
  });

  it("has a failure with its code for each check that failed", () => {
    const { root } = read(sampleFail());
    const types = elementsOf(root, "failure").map((failure) => failure.attributes.type);
    assertEquals(types.slice(0, 2), ["CONTENT_DIFFERS", "DOCUMENTS_DIFFER"]);
  });

  it("is never green without a pass, even without a check", () => {
    assertEquals(read(sampleNothing()).counts, [1, 0, 1, 0]);
    assertEquals(read({ ...sampleNothing(), error: undefined }).counts, [1, 0, 1, 0]);
    assertEquals(read({ ...sampleNothing(), verdict: "fail", error: undefined }).counts, [1, 1, 0, 0]);
    assertEquals(read({ ...samplePass(), marks: [{ what: "mark", seen: false }] }).counts, [19, 0, 1, 1]);
  });

  it("carries the set, the objects and their hashes as properties, and the banner in its name", () => {
    const { root, suite } = read(sampleFail());
    const properties = Object.fromEntries(
      elementsOf(root, "property").map(({ attributes }) => [attributes.name, attributes.value]),
    );
    assertEquals(properties["set"], "prod/20261120T020007Z");
    assertEquals(properties["object.docs.sha256"], sampleFail().set?.objects[1]?.sha256);
    assertEquals(properties["object.db.key"], "prod/db/20261120T020007Z.dump");
    assertEquals(properties["banner"], LAB_BANNER);
    assertStringIncludes(suite.attributes.name!, LAB_BANNER);
  });

  it("gives any text back as it was, less what XML cannot hold", () => {
    const { root } = read({
      ...samplePass(),
      checks: [
        sampleCheck({
          verdict: "fail",
          code: "X",
          message: `${HOSTILE}\nline 2\tend`,
          title: HOSTILE,
          details: [HOSTILE],
        }),
      ],
    });
    const shown = `<script>alert("1")</script> ]]> <!-- & ' " [31mred[0m evil \ufffd é漢字`;
    assertEquals(elementsOf(root, "failure")[0]?.attributes.message, `FAIL: X: ${shown}\nline 2\tend`);
    assertStringIncludes(elementsOf(root, "failure")[0]!.text, shown);
  });
});
