import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { progressBar, progressText } from "../../../src/base/terminal/progress_text.ts";
import {
  cutTo,
  displayWidth,
  formatAge,
  formatBytes,
  formatCount,
  formatMs,
  nearest,
  suggestion,
  table,
} from "../../../src/base/text.ts";

const HOUR = 3_600_000;

describe("numbers for a person", () => {
  it("bytes in decimal units", () => {
    const shown: [number, string][] = [
      [0, "0 B"],
      [999, "999 B"],
      [1000, "1 kB"],
      [1540, "1.54 kB"],
      [35_000_000, "35 MB"],
      [999_499, "999 kB"],
      [999_500, "1 MB"],
      [1_786_000_000, "1.79 GB"],
      [2.5e15, "2500 TB"],
    ];
    for (const [bytes, text] of shown) assertEquals(formatBytes(bytes), text);
  });

  it("durations", () => {
    const shown: [number, string][] = [
      [0, "0 ms"],
      [999.4, "999 ms"],
      [999.6, "1 s"],
      [3_240, "3.2 s"],
      [59_940, "59.9 s"],
      [59_960, "1 min 00 s"],
      [125_000, "2 min 05 s"],
      [3 * HOUR + 12 * 60_000, "3 h 12 min"],
      [52 * HOUR, "2 d 4 h"],
    ];
    for (const [ms, text] of shown) assertEquals(formatMs(ms), text);
  });

  it("ages, and a clock that is ahead", () => {
    const shown: [number, string][] = [
      [-59_000, "just now"],
      [30_000, "just now"],
      [5 * 60_000, "5 min"],
      [47 * HOUR, "47 h"],
      [12 * 24 * HOUR, "12 days"],
      [100 * 24 * HOUR, "3 months"],
      [800 * 24 * HOUR, "2 years"],
      [-3 * HOUR, "3 h ahead"],
    ];
    for (const [ms, text] of shown) assertEquals(formatAge(ms), text);
  });

  it("counts", () => {
    assertEquals([0, 1, 2, 12_345].map((count) => formatCount(count, "row")), [
      "0 rows",
      "1 row",
      "2 rows",
      "12,345 rows",
    ]);
  });
});

describe("progress", () => {
  it("in bytes tells speed and what is left", () => {
    assertEquals(
      progressText({ done: 50e6, total: 200e6, unit: "bytes", ms: 5_000 }),
      "50 MB of 200 MB, 10 MB/s, 15 s left",
    );
    assertEquals(progressText({ done: 50e6, unit: "bytes", ms: 5_000 }), "50 MB, 10 MB/s");
    assertEquals(
      progressText({ done: 200e6, total: 200e6, unit: "bytes", ms: 5_000 }),
      "200 MB of 200 MB, 40 MB/s",
    );
  });

  it("in things counts them", () => {
    assertEquals(progressText({ done: 12, total: 277, unit: "tables", ms: 500 }), "12 of 277 tables");
    assertEquals(progressText({ done: 1, unit: "files", ms: 500 }), "1 file");
  });

  it("promises nothing before it knows anything", () => {
    assertEquals(progressText({ done: 0, unit: "bytes", ms: 0 }), "");
    assertEquals(progressText({ done: 0, total: 10, unit: "tables", ms: 0 }), "0 of 10 tables");
    assertEquals(progressText({ done: 3, ms: 100 }), "");
    assertEquals(progressBar({ done: 3 }), "");
    assertEquals(progressBar({ done: 0, total: 0 }), "");
  });

  it("as a bar never leaves its frame", () => {
    assertEquals(progressBar({ done: 1, total: 2 }, 4), "━━──  50 %");
    assertEquals(progressBar({ done: 5, total: 2 }, 4), "━━━━ 100 %");
    assertEquals(progressBar({ done: 1999, total: 2000 }, 4), "━━━─  99 %");
  });
});

describe("tables", () => {
  it("are aligned by what is seen, not by characters", () => {
    const rows = [["a", "1", "x"], ["\x1b[31mred\x1b[39m", "100", "y"], ["日本", "20", ""]];
    assertEquals(table(rows, ["left", "right"]), [
      "a       1  x",
      "\x1b[31mred\x1b[39m   100  y",
      "日本   20",
    ]);
  });

  it("keep a cell on one line", () => assertEquals(table([["a\n b", "c"]]), ["a b  c"]));

  it("count wide, combined and coloured characters right", () => {
    assertEquals(["abc", "é", "e\u0301", "日本", "✓", "🙂", "\x1b[1mb\x1b[0m"].map(displayWidth), [
      3,
      1,
      1,
      4,
      1,
      2,
      1,
    ]);
  });

  it("are cut with an ellipsis", () => {
    assertEquals(cutTo("abcdef", 6), "abcdef");
    assertEquals(cutTo("abcdefg", 6), "abcde…");
    assertEquals(cutTo("日本語", 4), "日…");
  });
});

describe("the nearest name", () => {
  const names = ["prod", "sandbox", "access_key", "secret_key"];
  it("is found where a letter is missing, wrong or swapped", () => {
    for (const word of ["sandobx", "sndbox", "Sandbox", "sandboxx"]) {
      assertEquals(nearest(word, names), "sandbox");
    }
    assertEquals(nearest("accessKey", names), "access_key");
    assertEquals(nearest("acces-key", names), "access_key");
  });
  it("is none where nothing is near", () => {
    for (const word of ["staging", "x", ""]) assertEquals(nearest(word, names), undefined);
    assertEquals(suggestion("staging", ["prod"]), "known are prod");
    assertEquals(suggestion("staging", []), "known are none");
    assertEquals(suggestion("prdo", ["prod"]), 'did you mean "prod"?');
  });
});
