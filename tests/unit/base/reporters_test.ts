import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { jsonReporter, logReporter } from "../../../src/base/terminal/reporters.ts";
import { lineWriter } from "../../../src/cli/command/output.ts";
import { folder } from "../../support/config_file.ts";

describe("progress in a log", () => {
  it("is a line when a step begins and one when it ends", () => {
    const lines: string[] = [];
    using reporter = logReporter((line) => lines.push(line));
    {
      using step = reporter.step("Dumping", "bytes");
      for (let bytes = 0; bytes < 1e6; bytes += 1e3) step.progress(bytes, 1e6);
      step.end("277 tables");
      step.end("twice");
      step.progress(5);
    }
    reporter.note("a note");
    reporter.warn("look");
    assertMatch(lines[1] ?? "", /^Dumping: 277 tables \(\d+ ms\)$/);
    assertEquals([lines[0], ...lines.slice(2)], ["Dumping ...", "a note", "Warning: look"]);
  });
});

describe("what is shown only while it runs", () => {
  it("leaves no line in a log, and with --json only the event that it begins", () => {
    const lines: string[] = [];
    const events: object[] = [];
    for (
      const reporter of [
        logReporter((line) => lines.push(line)),
        jsonReporter((event) => events.push(event), () => {}),
      ]
    ) {
      using shown = reporter;
      shown.step("Every row is there", undefined, { passing: true }).end();
    }
    assertEquals([lines, events.length], [[], 1]);
  });
});

describe("progress with --json", () => {
  it("is a few events however often a step moves, and talk stays beside", () => {
    const events: Record<string, unknown>[] = [];
    const talk: string[] = [];
    using reporter = jsonReporter((event) => events.push({ ...event }), (line) => talk.push(line));
    {
      using step = reporter.step("Dumping", "bytes");
      for (let bytes = 0; bytes < 1e6; bytes++) step.progress(bytes, 1e6);
      step.end("done");
    }
    reporter.warn("look");
    assertEquals(events[0], { event: "progress", step: "Dumping", done: 0, total: undefined, unit: "bytes" });
    const last = events.at(-1);
    assertEquals([last?.done, last?.total, last?.ended, last?.summary], [999_999, 1e6, true, "done"]);
    assertEquals(events.length <= 4, true);
    assertEquals(talk, ["Warning: look"]);
  });
});

describe("progress on a terminal", () => {
  it("is gone when it ends, and what is printed meanwhile stays whole", async () => {
    const script = `${folder}/terminal.ts`;
    await Deno.writeTextFile(
      script,
      `
      import { makeColours } from "${new URL("../../../src/base/terminal/colours.ts", import.meta.url)}";
      import { terminalReporter } from "${new URL(
        "../../../src/base/terminal/reporters.ts",
        import.meta.url,
      )}";
      const print = (text) => Deno.stdout.writeSync(new TextEncoder().encode(text));
      using reporter = terminalReporter(print, () => 60, makeColours(false));
      const wait = () => new Promise((done) => setTimeout(done, 150));
      using one = reporter.step("Dumping", "bytes");
      one.progress(5e6, 10e6);
      await wait();
      reporter.note("a note");
      reporter.aside(() => print("data\\n"));
      { using two = reporter.step("Comparing", "tables"); two.progress(3, 4); await wait(); two.end("4 tables"); }
      { using check = reporter.step("Every row is there", undefined, { passing: true }); await wait(); }
      reporter.note("a sentence that is longer than the sixty columns that this one has");
      { using long = reporter.step("Comparing"); long.end("279 tables compared, each row of each: all are equal"); }
      one.end("10 MB");
    `,
    );
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const { stdout } = await new Deno.Command("script", {
      args: ["-qfec", `${Deno.execPath()} run -A --no-check --config ${config} ${script}`, "/dev/null"],
      stdin: "null",
      signal: AbortSignal.timeout(20_000),
    }).output();
    const raw = new TextDecoder().decode(stdout);
    assertStringIncludes(raw, "5 MB of 10 MB");
    assertStringIncludes(raw, "3 of 4 tables");
    assertStringIncludes(raw, "Every row is there"); // while it ran
    assert(!raw.includes("\x1b[?25l")); // the cursor is not hidden: nobody would bring it back after a kill
    assertEquals(screen(raw).map((line) => line.replace(/\(.*\)/, "()")), [
      "a note",
      "data",
      "✓ Comparing: 4 tables ()",
      "a sentence that is longer than the sixty columns that this",
      "one has",
      "✓ Comparing: 279 tables compared, each row of each: all are",
      "  equal ()",
      "✓ Dumping: 10 MB ()",
    ]);
  });
});

describe("lines on a stream", () => {
  it("are written whole, also where a write takes only a part", () => {
    let written = "";
    const print = lineWriter({
      writeSync(bytes) {
        written += new TextDecoder().decode(bytes.subarray(0, 3));
        return Math.min(3, bytes.length);
      },
    });
    print("abcdefgh");
    assertEquals(written, "abcdefgh\n");
  });

  it("are dropped when nobody reads them any more, and any other error is told", () => {
    let tries = 0;
    const gone = lineWriter({
      writeSync() {
        tries++;
        throw new Deno.errors.BrokenPipe("gone");
      },
    });
    gone("a");
    gone("b");
    assertEquals(tries, 1);
    const full = lineWriter({
      writeSync() {
        throw new Error("No space left on device");
      },
    });
    let told = "";
    try {
      full("a");
    } catch (error) {
      told = String(error);
    }
    assertStringIncludes(told, "No space left");
  });
});

// deno-lint-ignore no-control-regex -- what a terminal obeys begins with the escape character
const PIECES = /\x1b\[(\??\d*)([A-Za-z])|([\s\S])/gu;

/** What a terminal shows in the end: enough of one for cursor moves and erased lines. */
function screen(raw: string): string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  for (const [, code, kind, character] of raw.matchAll(PIECES)) {
    const line = lines[row] ??= [];
    if (kind === "A") row = Math.max(0, row - Number(code || 1));
    else if (kind === "G") column = Number(code || 1) - 1;
    else if (kind === "J") {
      line.splice(column);
      lines.splice(row + 1);
    } else if (kind !== undefined) continue;
    else if (character === "\r") column = 0;
    else if (character === "\n") lines[++row] ??= [];
    else if (character !== undefined) line[column++] = character;
  }
  return lines.map((line) => Array.from(line, (one) => one ?? " ").join("").trimEnd()).filter(Boolean);
}
