import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { displayWidth, shorten, table, wrap, wrapIndented } from "../../../src/base/columns.ts";

describe("text in columns", () => {
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

  it("wraps no command of this program, which is there to be copied", () => {
    const path = `facture/FA2512-0007/${"x".repeat(30)}.pdf`;
    const accept =
      "dolibarr-drill findings accept 'documents.invoices/FA 1/missing' --until DATE --reason TEXT";
    assertEquals(
      wrap(
        `Get it back: dolibarr-drill extract latest --document ${path} --to a.pdf. Or accept it: ${accept}`,
        40,
      ),
      [
        "Get it back:",
        `dolibarr-drill extract latest --document ${path} --to a.pdf.`,
        "Or accept it:",
        accept,
      ],
    );
    assertEquals(wrap("dolibarr-drill list shows which sets are good: restore one by its name", 30), [
      "dolibarr-drill list shows",
      "which sets are good: restore",
      "one by its name",
    ]);
    assertEquals(wrapIndented("  two words", 22), ["  two words"]);
    assertEquals(wrapIndented("  three longer words here", 22), ["  three longer words", "  here"]);
  });

  it("loses its colours where it is shortened, and only there", () => {
    assertEquals(shorten("\x1b[31mabcdef\x1b[39m", 6), "\x1b[31mabcdef\x1b[39m");
    assertEquals(shorten("\x1b[31mabcdefg\x1b[39m", 6), "abcde…");
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
    assertEquals(shorten("abcdef", 6), "abcdef");
    assertEquals(shorten("abcdefg", 6), "abcde…");
    assertEquals(shorten("日本語", 4), "日…");
  });
});
