import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type Counts, countTests, isGreen, readJunit, summaryLines } from "../../../scripts/test_counts.ts";
import { parse, RECORDS_FILE } from "../../support/std/records.ts";

/** A file of tests in which everything happens that can happen to a test. */
const TESTS = `
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
describe("outer", () => {
  it("passes", () => {});
  it("fails", () => { throw new Error("boom\\nsecond line"); });
  it("is skipped", { skip: "no Dolibarr here" }, () => {});
  it.skip("is skipped without a reason");
  it("is skipped while it runs", (t) => t.skip("found out late"));
  it("takes too long", { timeout: 20 }, ({ signal }) => new Promise((resolve) => signal.onabort = resolve));
  describe("inner", () => { it("passes", () => {}); });
  describe("inner, skipped", { skip: "all of it" }, () => { beforeAll(() => { throw new Error("never run"); }); it("one", () => {}); it("two", () => {}); });
});
describe("a hook fails", () => {
  beforeAll(() => { throw new Error("no lab"); });
  it("one", () => {});
  describe("inside", () => { it("two", () => {}); });
});
describe("the last hook fails", () => { afterAll(() => { throw new Error("not stopped"); }); it("passes", () => {}); });
describe("leaks", () => { it("leaves a file open", () => { Deno.openSync(Deno.execPath()); }); });
it("outside", () => {});
it("outside, leaking", () => { Deno.openSync(Deno.execPath()); });
it("outside, skipped", { skip: "no reason at all" }, () => {});
Deno.test("plain", async (t) => { await t.step("a step", () => {}); });
`;

let folder = "";
const run = async (source: string): Promise<{ counts: Counts; exit: number }> => {
  const name = `${folder}/${crypto.randomUUID()}`;
  await Deno.writeTextFile(`${name}_test.ts`, source);
  await Deno.writeTextFile(`${name}.ndjson`, "");
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "-A",
      "--no-check",
      "--config",
      "deno.json",
      `--junit-path=${name}.xml`,
      `${name}_test.ts`,
    ],
    env: { [RECORDS_FILE]: `${name}.ndjson` },
    stdout: "piped",
    stderr: "null",
  }).output();
  const xml = await Deno.readTextFile(`${name}.xml`).catch(() => ""); // not written where a file could not be loaded
  return {
    counts: countTests(
      parse(await Deno.readTextFile(`${name}.ndjson`)),
      readJunit(xml),
      code,
      new TextDecoder().decode(stdout),
    ),
    exit: code,
  };
};

describe("the test command counts", () => {
  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "drill-runner-" });
  });
  afterAll(() => Deno.remove(folder, { recursive: true }));

  it("each test once, and tells what failed and why something was skipped", async () => {
    const { counts, exit } = await run(TESTS);
    assertEquals(exit, 1);
    assertEquals(counts.skipped, [
      "outer > is skipped: no Dolibarr here",
      "outer > is skipped without a reason: no reason is given",
      "outer > is skipped while it runs: found out late",
      "outer > inner, skipped > one: all of it",
      "outer > inner, skipped > two: all of it",
      "outside, skipped: no reason at all",
    ]);
    const leak = "Leaks detected";
    assertEquals(counts.failed.map((line) => line.replace(/Leaks detected.*/, leak)).sort(), [
      "a hook fails > inside > two: beforeAll failed: no lab",
      "a hook fails > one: beforeAll failed: no lab",
      `leaks: ${leak}`,
      "outer > fails: boom",
      "outer > takes too long: not finished after 0.02 s",
      `outside, leaking: ${leak}`,
      "the last hook fails: Uncaught Error: not stopped",
    ]);
    // outer, inner, the last hook's, leaks', outside, plain and its step
    assertEquals(counts.passed, 7);
    assert(!isGreen(counts));
  });

  it("a whole green file as green", async () => {
    const { counts, exit } = await run(`
      import { describe, it } from "@std/testing/bdd";
      describe("a", () => { it("b", () => {}); it("c", { skip: "not here" }, () => {}); });`);
    assertEquals([exit, counts.passed, counts.failed, isGreen(counts)], [0, 1, [], true]);
    assertEquals(summaryLines(counts), ["Skipped:", "  a > c: not here", "1 passed, 0 failed, 1 skipped"]);
  });

  it("a file that cannot be loaded as a failure", async () => {
    const { counts, exit } = await run(`import "./nowhere.ts";`);
    assertEquals([exit, counts.passed, isGreen(counts)], [1, 0, false]);
    assertStringIncludes(counts.failed.join(), "deno test ended with 1");
  });

  it("an error that no test caught as a failure, by its file and its words", async () => {
    const { counts } = await run(`
      import { describe, it } from "@std/testing/bdd";
      describe("a", () => { it("b", () => {}); });
      Deno.test("plain", () => new Promise((resolve) => { setTimeout(resolve, 60_000); Promise.reject(new Error("boom")); }));
      Deno.test("after it", () => {});`);
    assertEquals(counts.failed.map((line) => line.replace(/^\S+_test\.ts: /, "FILE: ")).sort(), [
      "FILE: an error that no test caught: (in promise) Error: boom",
      "after it: Cancelled",
      "plain: Cancelled",
    ]);
    assertEquals(counts.passed, 1);
  });

  it("a test that ended the process as one that never came to its end", async () => {
    const { counts } = await run(`
      import { describe, it } from "@std/testing/bdd";
      describe("a", () => { it("b", () => {}); it("c", () => Deno.kill(Deno.pid, "SIGKILL")); it("d", () => {}); });`);
    assertEquals(counts.passed, 1);
    assertEquals(counts.failed, ["a > c: it never came to its end", "a > d: it never came to its end"]);
  });

  it("nothing at all as not green", () => {
    const counts = countTests([], [], 0);
    assertEquals(isGreen(counts), false);
    assertEquals(summaryLines(counts), ["No test passed.", "0 passed, 0 failed, 0 skipped"]);
  });
});
