import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
} from "../../../src/base/numbers.ts";

const HOUR = 3_600_000;

describe("numbers for a person", () => {
  it("bytes in decimal units, with three significant digits", () => {
    const shown: [number, string][] = [
      [0, "0 B"],
      [999, "999 B"],
      [1000, "1 kB"],
      [1540, "1.54 kB"],
      [1_130_000, "1.13 MB"],
      [35_000_000, "35 MB"],
      [48_612_331, "48.6 MB"],
      [999_499, "999 kB"],
      [999_500, "1 MB"],
      [1_786_000_000, "1.79 GB"],
      [2.5e15, "2,500 TB"],
    ];
    for (const [bytes, text] of shown) assertEquals(formatBytes(bytes), text);
  });

  it("durations, in the two units that matter", () => {
    const shown: [number, string][] = [
      [-3, "0 ms"],
      [0, "0 ms"],
      [7.4, "7 ms"],
      [999.4, "999 ms"],
      [999.6, "1 s"],
      [3_240, "3.2 s"],
      [59_940, "59.9 s"],
      [59_960, "1 min"],
      [125_000, "2 min 05 s"],
      [HOUR - 400, "1 h"],
      [HOUR + 4 * 60_000, "1 h 04 min"],
      [3 * HOUR + 12 * 60_000, "3 h 12 min"],
      [26 * HOUR, "26 h"],
      [48 * HOUR - 60_000, "47 h 59 min"],
      [48 * HOUR, "2 d"],
      [52 * HOUR, "2 d 4 h"],
      [1_300 * 24 * HOUR, "1,300 d"],
    ];
    for (const [ms, text] of shown) assertEquals(formatDuration(ms), text);
  });

  it("ages, never more than they are, and a clock that is ahead", () => {
    const shown: [number, string][] = [
      [-59_000, "< 1 min"],
      [30_000, "< 1 min"],
      [5 * 60_000 + 59_000, "5 min"],
      [3 * HOUR + 12 * 60_000, "3 h 12 min"],
      [47 * HOUR, "47 h"],
      [52 * HOUR + 3_540_000, "2 d 4 h"],
      [10 * 24 * HOUR - 1, "9 d 23 h"],
      [12.9 * 24 * HOUR, "12 d"],
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
    assertEquals(formatCount(2, "entry", "entries"), "2 entries");
    assertEquals([7, 5_151, 0.125, 1_234.5678].map(formatNumber), ["7", "5,151", "0.125", "1,234.568"]);
  });
});
