import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { progressBar, progressText } from "../../../src/base/terminal/progress_text.ts";

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
