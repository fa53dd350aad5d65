import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeColours } from "../../../src/base/terminal/colours.ts";
import { allChecks } from "../../../src/checks/all_checks.ts";
import type { CheckResult, DrillResult } from "../../../src/checks/result.ts";
import { checkBlock, checkLine, checkPrinter } from "../../../src/report/terminal/checks.ts";
import { renderFoot, renderHead } from "../../../src/report/terminal/frame.ts";
import { hasUnit } from "../../../src/report/units.ts";
import { PART_TITLE } from "../../../src/report/words.ts";
import { displayWidth } from "../../../src/base/columns.ts";
import { sampleCheck } from "../../support/samples/checks.ts";
import {
  HOSTILE,
  LAB_BANNER,
  sampleFail,
  sampleNothing,
  sampleNotRun,
  samplePass,
} from "../../support/samples/results.ts";

const plain = makeColours(false);
const colours = makeColours(true);
const PATH = "/srv/ci/report/report.html";
const samples: Record<string, () => DrillResult> = {
  pass: () => samplePass(),
  fail: () => sampleFail(),
  not_run: sampleNotRun,
  nothing: sampleNothing,
};
const checksPrinted = ({ checks }: DrillResult, width: number, colours = plain): string[] => {
  const print = checkPrinter(width, colours);
  return [...checks.map(print), print.rest()].filter((text) => text !== undefined);
};
/** What `drill` prints, one after the other. */
const printed = (result: DrillResult, width: number, colours = plain) =>
  [
    renderHead(result, width, colours),
    ...checksPrinted(result, width, colours),
    renderFoot(result, PATH, width, colours),
  ].join("\n");
const linesOf = (result: DrillResult, width: number) => printed(result, width).split("\n");

describe("the line of a check", () => {
  it("has the same columns for every check, at 80 and at 140, and is never wider", () => {
    const checks = [
      ...samplePass().checks,
      ...sampleFail().checks,
      sampleCheck({
        title:
          "Hôtel des Salines, 漢字, Ölgård et l'accent de\u0301compose\u0301 dans un titre très long, si long",
      }),
      sampleCheck({
        title: HOSTILE,
        compared: { expected: HOSTILE, found: HOSTILE.repeat(9), with: HOSTILE },
      }),
      sampleCheck({ compared: undefined, ms: 3_599_000 }),
    ];
    for (const width of [80, 140]) {
      for (const check of checks) {
        const [first = "", ...others] = checkLine(check, width, plain).split("\n");
        assertEquals(displayWidth(first), width, first);
        assertMatch(first, /^(✓ PASS {4}|✗ FAIL {4}|– NOT RUN ) \S.* \S+ \S+$/u);
        assert(
          others.every((line) => displayWidth(line) <= width && line.startsWith(" ".repeat(11))),
          others.join(),
        );
      }
    }
  });

  it("cuts no sentence: what does not fit goes on in the next line", () => {
    for (const width of [50, 80, 100, 140]) {
      for (const check of allChecks) {
        const line = checkLine(sampleCheck({ ...check, verdict: "pass", ms: 5 }), width, plain);
        assert(!line.includes("…"), line);
        if (width < 110) {
          const words = line.replaceAll(/\s+/g, " ").replace(" 5 ms", "");
          assertStringIncludes(words, check.title);
        }
      }
    }
  });

  it("has the unit of what was found, and knows that of every check", () => {
    const lines = (id: string, found: number | string) =>
      checkLine(sampleCheck({ id, compared: { expected: found, found, with: "x" } }), 80, plain);
    assertMatch(lines("data.tables", 279), / 279 tables\b/);
    assertMatch(lines("documents.files", 1), / 1 file\b/);
    assertMatch(lines("browser.sign_in", 200), / status 200\b/);
    assertStringIncludes(lines("browser.logo", "a".repeat(64)), ` ${"a".repeat(12)}…`);
    assertEquals(allChecks.map(({ id }) => id).filter((id) => !hasUnit(id)), []);
  });

  it("fits narrow and very wide terminals", () => {
    const widest = (width: number) =>
      Math.max(...checkLine(sampleCheck(), width, plain).split("\n").map(displayWidth));
    assert(widest(50) <= 50);
    assert(widest(400) <= 160);
  });

  it("says the verdict in a word, so that it reads without colour", () => {
    assertStringIncludes(checkLine(sampleCheck(), 80, plain), "✓ PASS");
    assertStringIncludes(checkLine(sampleCheck({ verdict: "fail" }), 80, plain), "✗ FAIL");
    assertStringIncludes(checkLine(sampleCheck({ verdict: "not_run" }), 80, plain), "– NOT RUN");
  });

  it("is green for PASS alone", () => {
    const green = "\x1b[32m";
    assertStringIncludes(checkBlock(sampleCheck(), 80, colours), green);
    for (const verdict of ["fail", "not_run"] as const) {
      for (const required of [true, false]) {
        const block = checkBlock(sampleCheck({ verdict, required, details: ["x"], hint: "y" }), 80, colours);
        assert(!block.includes(green), block);
      }
    }
  });

  it("shows what was found, and what was expected where they differ", () => {
    const compared = { expected: 277, found: 276, with: "the manifest against the database" };
    assertStringIncludes(
      checkLine(sampleCheck({ verdict: "fail", compared }), 80, plain),
      "276 ≠ 277 tables",
    );
    assertStringIncludes(
      checkLine(sampleCheck({ compared: { ...compared, expected: "at least 250" } }), 80, plain),
      "276 tables (at least 250)",
    );
    assertStringIncludes(
      checkLine(sampleCheck({ compared }), 140, plain),
      "the manifest against the database",
    );
  });

  it("cannot be made to steer the terminal", () => {
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(linesOf(sampleFail(), 80).join("\n")));
  });
});

describe("under a check that did not pass", () => {
  it("are its code, message, comparison, details and hint, indented", () => {
    const block = checkBlock(
      sampleCheck({
        verdict: "fail",
        code: "CONTENT_DIFFERS",
        message: "2 tables differ",
        compared: { expected: 5, found: 4, with: "a against b" },
        details: ["llx_facture"],
        hint: "Look there.",
      }),
      80,
      plain,
    ).split("\n").slice(1);
    assertEquals(block.map((line) => line.trim()), [
      "CONTENT_DIFFERS: 2 tables differ",
      "expected 5 tables, found 4 tables: a against b",
      "- llx_facture",
      "Look there.",
    ]);
    assert(block.every((line) => line.startsWith(" ".repeat(11))));
  });

  it("are no more lines than one can read, and the number of the others", () => {
    const details = Array.from({ length: 500 }, (_, index) => `table ${index}`);
    const block = checkBlock(sampleCheck({ verdict: "fail", details }), 80, plain);
    assert(block.split("\n").length < 20);
    assertStringIncludes(block, "and 488 more, in the report");
  });

  it("is nothing when the check before gave the same reason", () => {
    const check = sampleCheck({ verdict: "not_run", compared: undefined, code: "X", message: "No browser" });
    const print = checkPrinter(80, plain);
    const shown = [print(check), print(check), print.rest()].join("\n");
    assertEquals([shown.match(/– NOT RUN/g)?.length, shown.match(/X: No browser/g)?.length], [2, 1]);
  });
});

describe("checks that an error kept from being reached", () => {
  const why = "Cannot reach erp-sandbox";
  const notRun = (part: CheckResult["part"], code: string, message: string) =>
    sampleCheck({ part, verdict: "not_run", compared: undefined, code, message, hint: "Is it running?" });
  const ended = notRun("data", "DATABASE_UNREACHABLE", why);
  const unreached = [
    ...Array.from({ length: 20 }, () => notRun("data", "CHECK_NOT_RUN", `not reached: ${why}`)),
    ...Array.from({ length: 5 }, () => notRun("browser", "CHECK_NOT_RUN", `not reached: ${why}`)),
  ];

  it("are one line with their number, and the error is not among them: it is told at the end", () => {
    const print = checkPrinter(80, plain);
    const shown = [sampleCheck({ part: "backup" }), ended, ...unreached].map(print).filter((text) => text);
    assertEquals(shown.length, 1); // the one that passed
    assertEquals(
      print.rest()!.trim().replaceAll(/\s+/g, " "),
      "– NOT RUN 26 checks: an error ended the drill before them (the data 21, in the browser 5)",
    );
  });

  it("are told of once in all that a drill prints", () => {
    const result = {
      ...sampleNothing(),
      headline: `prod/1 is not proved, by no fault of its own: ${why}`,
      error: { code: "DATABASE_UNREACHABLE", message: why, hint: "Is it running?", details: [] },
      checks: [ended, ...unreached],
    };
    assertEquals(printed(result, 80).match(/Cannot reach/g)?.length, 1);
  });

  it("leave a check as it is that did not run for another reason", () => {
    const print = checkPrinter(80, plain);
    const other = notRun("documents", "NOTHING_TO_CHECK", "there is no paper");
    const shown = [other, ...unreached].map(print).filter((text) => text);
    assertStringIncludes(shown.join("\n"), "NOTHING_TO_CHECK: there is no paper");
  });
});

describe("the report on a terminal", () => {
  it("has the banner in its first and in its last line, and only there when it is due", () => {
    for (const [name, banner] of [["fail", LAB_BANNER], ["not_run", sampleNotRun().banner]] as const) {
      const lines = linesOf(samples[name]!(), 80);
      assertEquals([lines[0], lines.at(-1)], [banner, banner]);
    }
    assert(!linesOf(samplePass(), 80).some((line) => /lab|stand-in/i.test(line)));
    const unsaid = linesOf({ ...samplePass(), erp: "stand-in" }, 80);
    assertMatch(unsaid[0]!, /STAND-IN/);
    assertEquals(unsaid[0], unsaid.at(-1));
  });

  it("fits 80 columns, but for the banner and the path, which are never cut", () => {
    for (const sample of Object.values(samples)) {
      for (const line of linesOf(sample(), 80)) {
        const whole = line.includes(PATH) || line === sample().banner;
        assert(whole || displayWidth(line) <= 80, line);
      }
    }
  });

  it("says verdict, set, objects with the beginning of their hash, counts, durations and where the report is", () => {
    const text = linesOf(samplePass(), 160).join("\n");
    for (
      const part of [
        "✓ PASS  This backup can be brought back",
        "prod/20261120T020007Z",
        "4 h 14 min old",
        "prod/db/20261120T020007Z.dump",
        "sha256 9f2c6b1e0a7d",
        "277 tables, 23,104 rows, 1,204 files",
        "17 passed, 0 failed, 1 not run",
        "restore the database 4.9 s",
        PATH,
      ]
    ) assertStringIncludes(text, part);
  });

  it("never says PASS of what was not proved", () => {
    const verdict = (result: DrillResult) =>
      linesOf(result, 80).find((line) =>
        /^[✓✗–] (PASS|FAIL|NOT RUN) {2}\S/u.test(line) && !/ \d+ ms$| s$/.test(line)
      );
    assertEquals(verdict(sampleFail()), "✗ FAIL  This backup cannot be brought back");
    assertEquals(verdict(sampleNotRun()), "– NOT RUN  Not proved: the drill could not do its own work");
    assertEquals(verdict(sampleNothing()), "– NOT RUN  Not proved: the backups could not be read");
    assertEquals(
      verdict({ ...samplePass(), checks: [] }),
      "– NOT RUN  Not proved: no backup could be restored into sandbox",
    );
    assert(!printed({ ...samplePass(), checks: [] }, 80, colours).includes("\x1b[32m"));
  });

  it("can be printed as the checks come, with a heading where a new part begins", () => {
    const { checks } = samplePass();
    const lines = checks.map(checkPrinter(80, plain)).join("\n").split("\n");
    const parts = checks.map(({ part }) => part).filter((part, at, all) => part !== all[at - 1]);
    assertEquals(
      lines.filter((line) => !/^[✓✗–] | {11}/u.test(line) && line !== ""),
      parts.map((part) => PART_TITLE[part]),
    );
    assertEquals(renderHead(samplePass(), 80, plain), "Drill: prod into sandbox");
  });
});

describe("values that no backup can decrypt", () => {
  it("are named, with what to keep for them, and where there are none nothing is said", () => {
    const result = samplePass();
    const text = printed(result, 200);
    assertStringIncludes(
      text,
      "encrypted  STRIPE_TEST_SECRET_KEY (llx_const), iban_prefix of 8 rows (llx_societe_rib): the key is in production's conf.php, which is in no backup",
    );
    const { encrypted: _, ...without } = result;
    assert(!printed(without, 200).includes("encrypted "));
  });
});
