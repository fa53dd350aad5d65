import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { coloursFor, makeColours } from "../../../src/base/terminal/colours.ts";
import {
  displayWidth,
  oneLine,
  shorten,
  withoutControls,
  withoutCredentials,
  wrap,
} from "../../../src/base/shown_text.ts";
import {
  ageInWords,
  bannerOf,
  formatBytes,
  formatDuration,
  formatMoment,
  plural,
} from "../../../src/report/words.ts";
import { HOSTILE } from "../../support/samples/results.ts";

describe("text of a report", () => {
  it("has no control characters, no bidi overrides and no half letters", () => {
    assertEquals(withoutControls("a\u0000\u001b[31mb\u202ec\u0085\ud800\r\nd\te"), "a[31mbc\ufffd\nd\te");
    assertNotMatch(oneLine(HOSTILE), /[\p{Cc}\u202a-\u202e]/u);
  });

  it("takes credentials out of addresses and parameters, and nothing else", () => {
    for (
      const [given, kept] of [
        ["postgres://u:p@ss@db:5432/erp", "postgres://***@db:5432/erp"],
        ["https://key@store.example/x", "https://***@store.example/x"],
        ["/list.php?token=abc&id=7", "/list.php?token=***&id=7"],
        ["host=db password='a b' user=u", "host=db password=*** user=u"],
        ["?X-Amz-Signature=ff&x=1", "?X-Amz-Signature=***&x=1"],
        ["mail to compta@brasserie-du-port.example", "mail to compta@brasserie-du-port.example"],
        ["https://erp.example/a@b", "https://erp.example/a@b"],
        ["Cannot sign in: the password is wrong", "Cannot sign in: the password is wrong"],
      ] as const
    ) assertEquals(withoutCredentials(given), kept);
  });

  it("ends on a text made to be slow", async () => {
    // in a thread that the test's limit can end: in time that grows with the square of the text it would take hours
    const worker = new Worker(new URL("./without_credentials_worker.ts", import.meta.url), {
      type: "module",
    });
    try {
      const ended = new Promise<MessageEvent>((resolve) => worker.onmessage = resolve);
      assertEquals((await ended).data, true);
    } finally {
      worker.terminate();
    }
  });

  it("knows how wide letters are", () => {
    assertEquals(displayWidth("Hôtel"), 5);
    assertEquals(displayWidth("Ho\u0302tel"), 5);
    assertEquals(displayWidth("漢字✓–…"), 7);
    assertEquals(displayWidth("🙂"), 2);
  });

  it("shortens and wraps by width, and loses nothing while wrapping", () => {
    assertEquals(shorten("Électricité Kerouac", 11), "Électricit…");
    assertEquals(shorten("漢字漢字", 5), "漢字…");
    assertEquals(shorten("short", 5), "short");
    const lines = wrap(`un mot ${"x".repeat(50)} et la fin`, 20);
    assertEquals(lines.every((line) => displayWidth(line) <= 20), true);
    assertEquals(lines.join("").replaceAll(" ", ""), `unmot${"x".repeat(50)}etlafin`);
  });

  it("says numbers, durations and moments in one way", () => {
    assertEquals([0, 7.4, 999.6, 8_430, 59_949, 59_950, 185_000, 3_840_000].map(formatDuration), [
      "0 ms",
      "7 ms",
      "1.0 s",
      "8.4 s",
      "59.9 s",
      "1 min 00 s",
      "3 min 05 s",
      "1 h 04 min",
    ]);
    assertEquals([1, 999, 48_612_331, 999_960].map(formatBytes), [
      "1 byte",
      "999 bytes",
      "48.6 MB",
      "1.0 MB",
    ]);
    assertEquals([plural(1, "row"), plural(23_104, "row")], ["1 row", "23,104 rows"]);
    assertEquals(formatMoment("2026-11-20T02:00:07Z"), "20 Nov 2026, 02:00:07 UTC");
    assertEquals(formatMoment("soon"), "soon");
  });

  it("tells the age of a set, also when a clock is wrong", () => {
    const age = (takenAt: string) =>
      ageInWords({
        startedAt: "2026-11-20T06:15:00Z",
        set: { name: "", takenAt, objects: [], tables: 0, rows: 0, files: 0, documentBytes: 0 },
      });
    assertEquals(age("2026-11-20T02:00:07Z"), "4 h 14 min");
    assertEquals(age("2026-11-17T02:00:00Z"), "3 days 4 h");
    assertEquals(age("2026-11-21T00:00:00Z"), "in the future");
    assertEquals(age("yesterday"), undefined);
    assertEquals(ageInWords({ startedAt: "2026-11-20T06:15:00Z" }), undefined);
  });

  it("has a banner for the lab and the stand-in even when nobody gave one", () => {
    assertEquals(bannerOf({ lab: false, erp: "real" }), undefined);
    assertMatch(bannerOf({ lab: true, erp: "real" }) ?? "", /LAB/);
    assertMatch(bannerOf({ lab: false, erp: "stand-in" }) ?? "", /STAND-IN/);
  });
});

describe("colours", () => {
  const on = (isTerminal: boolean, variables: Record<string, string>) =>
    coloursFor({ isTerminal: () => isTerminal }, (name) => variables[name]).on;

  it("follow NO_COLOR, then FORCE_COLOR, then the terminal", () => {
    assertEquals(on(true, {}), true);
    assertEquals(on(false, {}), false);
    assertEquals(on(true, { NO_COLOR: "1" }), false);
    assertEquals(on(true, { NO_COLOR: "" }), true);
    assertEquals(on(false, { FORCE_COLOR: "1" }), true);
    assertEquals(on(true, { FORCE_COLOR: "0" }), false);
    assertEquals(on(true, { NO_COLOR: "1", FORCE_COLOR: "1" }), false);
    assertEquals(on(true, { TERM: "dumb" }), false);
  });

  it("end after the text, and are nothing when off", () => {
    assertEquals(makeColours(true).red("x"), "\x1b[31mx\x1b[39m");
    assertEquals(makeColours(false).red("x"), "x");
  });
});
