import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { requireRoom } from "../../../scripts/bench/data/data_lab.ts";
import { readEvent, spanOf, type TimedEvent, wholeOf } from "../../../scripts/bench/measuring/events.ts";
import { copyRows, splitOf } from "../../../scripts/bench/data/fill.ts";
import { measure, shell } from "../../../scripts/bench/measuring/programs.ts";
import { BENCHES, readOptions } from "../../../scripts/bench/options.ts";

const signal = new AbortController().signal;

describe("what the benchmark is told", () => {
  it("is everything, with both sizes, three times each, where nothing is said", () => {
    assertEquals(readOptions([]), { only: BENCHES, sizes: [500e6, 2e9], runs: 3, json: false });
  });

  it("is read in the order of the measurements, the smallest size first", () => {
    const args = [
      "--only",
      "backup",
      "--only=help",
      "--size",
      "1.5 GB",
      "--size",
      "500mb",
      "--runs",
      "5",
      "--json",
    ];
    assertEquals(readOptions(args), { only: ["help", "backup"], sizes: [500e6, 1.5e9], runs: 5, json: true });
    assertEquals(readOptions(["--help"]), undefined);
  });

  // deno-fmt-ignore: a line each
  const wrong: [args: string[], said: string][] = [
    [["--only", "bakcup"], 'did you mean "backup"'],
    [["--size", "500"], "--size 500 is not a size"],
    [["--size", "1MB"], "--size 1MB is not a size of at least 100 MB"],
    [["--runs", "0"], "--runs 0 is not a whole number"],
    [["--sise", "1GB"], "--sise"],
  ];
  for (const [args, said] of wrong) {
    it(`refuses ${args.join(" ")}`, () => {
      const error = assertThrows(() => readOptions(args), DrillError);
      assertEquals(error.code, "USAGE");
      assertStringIncludes(error.message, said);
    });
  }
});

describe("the times in the events", () => {
  const step = (at: number, title: string, ended?: true): TimedEvent => ({
    at,
    event: { event: "progress", step: title, ...(ended ? { ended } : {}) },
  });
  const events = [
    step(100, "Dumping the database erp"),
    step(110, "Archiving the documents in /srv"),
    step(400, "Archiving the documents in /srv", true),
    step(401, "Reading back the archive and its index"),
    step(500, "Dumping the database erp", true),
    step(900, "Reading back the archive and its index", true),
    { at: 950, event: { event: "result" } },
  ];

  it("are taken from the first of some steps to the end of the last, whatever runs beside them", () => {
    assertEquals(spanOf(events, ["Dumping the database", "Archiving the documents"]), 400);
    assertEquals(wholeOf(events), 850);
  });

  it("are refused where a step never ended, or never came", () => {
    assertThrows(() => spanOf(events.slice(0, 3), ["Dumping the database"]), Error, "Dumping the database");
    assertThrows(() => spanOf(events, ["Loading the database"]), Error, "Loading the database");
    assertThrows(() => wholeOf(events.slice(0, -1)), Error, "result");
  });

  it("are looked for in NDJSON only", () => {
    assertEquals([readEvent('{"event":"result"}'), readEvent("a line for a person")], [
      { event: "result" },
      undefined,
    ]);
  });
});

describe("the data", () => {
  it("are split as the table says", () => {
    assertEquals(splitOf(500e6), { database: 150e6, documents: 350e6 });
    assertEquals(splitOf(2e9), { database: 400e6, documents: 1_600e6 });
  });

  it("are as many rows as were asked for, each as COPY reads it", () => {
    const text = [...copyRows(300)].map((chunk) => new TextDecoder().decode(chunk)).join("");
    const rows = text.trimEnd().split("\n").map((line) => line.split("\t"));
    assertEquals([rows.length, new Set(rows.map((row) => row.length)).size, rows[299]![0]], [300, 1, "299"]);
    assertEquals(rows.map(([, , label, note]) => [label!.length, note!.length]), rows.map(() => [472, 472]));
  });

  it("are not made where the disk has no room for them", () => {
    assertEquals(assertThrows(() => requireRoom("/", 1e18), DrillError).code, "DISK_FULL");
  });
});

describe("measuring a program", () => {
  it("tells how long it took, what events it printed, and how much memory it held", async () => {
    const script = `sleep 0.1; echo '{"event":"result"}'; echo other`;
    const { ms, events, peakBytes } = await measure(shell(script), { cwd: "/", signal });
    assert(ms >= 100, `${ms} ms`);
    assertEquals(events.map(({ event }) => event), [{ event: "result" }]);
    assert(peakBytes > 100_000 && peakBytes < 100e6, `${peakBytes} bytes`);
  });

  it("gives no time to what failed, also in the middle of a pipe", async () => {
    const error = await assertRejects(
      () => measure(shell("(echo broken >&2; exit 3) | cat"), { cwd: "/", signal }),
      DrillError,
    );
    assertEquals([error.code, error.details], ["TOOL_FAILED", ["broken"]]);
  });

  it("stops what it measures", async () => {
    await assertRejects(() =>
      measure(shell("exec sleep 20"), { cwd: "/", signal: AbortSignal.timeout(100) })
    );
  });
});
