import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createHash } from "node:crypto";
import type { DrillResult } from "../../../src/checks/result.ts";
import { renderHtml } from "../../../src/report/html/page.ts";
import { pictureSize } from "../../../src/report/html/gallery.ts";
import { sampleCheck } from "../../support/samples/checks.ts";
import { paintPng } from "../../support/samples/pictures.ts";
import {
  HOSTILE,
  LAB_BANNER,
  sampleFail,
  sampleNothing,
  sampleNotRun,
  samplePass,
} from "../../support/samples/results.ts";
import {
  type Element,
  elementsOf,
  HTML_VOID,
  readMarkup,
  textOf,
} from "../../support/samples/strict_markup.ts";

const samples: [string, DrillResult][] = [
  ["pass", samplePass()],
  ["fail", sampleFail()],
  ["not run", sampleNotRun()],
  ["nothing", sampleNothing()],
];
const pages = new Map(samples.map(([name, result]) => [name, renderHtml(result)]));
const pageOf = (name: string): Element => readMarkup(pages.get(name)!, HTML_VOID);
const all = (element: Element): Element[] => [element, ...element.children.flatMap(all)];
const classesOf = (element: Element): string[] => element.attributes.class?.split(" ") ?? [];
const withClass = (element: Element, name: string) =>
  all(element).filter((one) => classesOf(one).includes(name));

describe("the HTML report", () => {
  it("is well-formed, says its language, and loads nothing", () => {
    for (const [name, source] of pages) {
      const page = pageOf(name);
      assertEquals(page.attributes.lang, "en");
      for (const element of all(page)) {
        assert(!["script", "link", "iframe", "object", "form", "base"].includes(element.name), element.name);
        const { src, href, style, ...others } = element.attributes;
        if (src !== undefined) assertMatch(src, /^data:image\/(png|jpeg);base64,[A-Za-z0-9+/=]+$/);
        if (href !== undefined) assertMatch(href, /^#[a-z]+[a-z0-9-]*$/);
        assertEquals(style, undefined);
        assert(
          !Object.keys(others).some((attribute) => attribute.startsWith("on") || attribute === "srcset"),
        );
      }
      assert(!/@import|url\(/i.test(source));
    }
  });

  it("allows by its policy only its own style sheet and pictures in the file", () => {
    const page = pageOf("pass");
    const style = elementsOf(page, "style")[0]!.text;
    const policy = elementsOf(page, "meta").find(({ attributes }) => attributes["http-equiv"])?.attributes
      .content;
    const hash = createHash("sha256").update(style).digest("base64");
    assertStringIncludes(policy!, `default-src 'none'; style-src 'sha256-${hash}'; img-src data:;`);
  });

  it("holds every object's key and whole hash, and every check", () => {
    for (const [name, result] of samples) {
      const text = textOf(pageOf(name));
      for (const object of result.set?.objects ?? []) {
        assertStringIncludes(text, object.key);
        assertStringIncludes(text, object.sha256 ?? "none was recorded");
      }
      for (const check of result.checks) assertStringIncludes(text, check.id);
      const rows = elementsOf(pageOf(name), "tr").filter((row) => row.attributes.id?.startsWith("check-"));
      assertEquals(rows.length, result.checks.length);
    }
  });

  it("says the verdict in words first of all", () => {
    const first = (name: string) => elementsOf(pageOf(name), "h1").map(textOf);
    assertEquals(first("pass"), ["This backup can be brought back"]);
    assertEquals(first("fail"), ["This backup cannot be brought back"]);
    assertEquals(first("not run"), ["Not proved: the drill could not do its own work"]);
    assertEquals(first("nothing"), ["Not proved: the backups could not be read"]);
    const interrupted = renderHtml({ ...sampleNothing(), exit: 130 });
    assertStringIncludes(interrupted, "Not proved: the drill was interrupted");
  });

  it("is green for PASS alone: in its head, its rows, its badges and its bar", () => {
    for (const [name, result] of samples) {
      const page = pageOf(name);
      assertEquals(
        withClass(page, "hero")[0]?.attributes.class,
        `hero v-${result.verdict.replace("_", "-")}`,
      );
      const rows = elementsOf(page, "tr").filter((row) => row.attributes.id?.startsWith("check-"));
      const order = ["backup", "data", "documents", "browser"];
      const checks = [...result.checks].sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
      for (const [index, row] of rows.entries()) {
        const green = withClass(row, "v-pass").length > 0;
        assertEquals(green, checks[index]?.verdict === "pass");
        assertEquals(textOf(row).includes("NOT RUN"), checks[index]?.verdict === "not_run");
      }
      const passed = result.checks.filter((check) => check.verdict === "pass").length;
      assertEquals(
        elementsOf(page, "rect").filter((one) => classesOf(one).includes("v-pass")).length,
        passed,
      );
    }
    assertEquals(withClass(pageOf("nothing"), "v-pass").length, 0);
    for (const badge of withClass(pageOf("not run"), "badge")) {
      assertEquals(classesOf(badge).includes("v-pass"), textOf(badge).trim() === "PASS");
    }
  });

  it("shows a result that calls itself a pass, but holds a required check that did not run, as not proved", () => {
    const page = readMarkup(
      renderHtml({ ...samplePass(), checks: [sampleCheck({ verdict: "not_run" })] }),
      HTML_VOID,
    );
    assertEquals(withClass(page, "hero")[0]?.attributes.class, "hero v-not-run");
  });

  it("brings what failed before everything else, with cause, comparison and what to do", () => {
    const main = elementsOf(pageOf("fail"), "main")[0]!;
    const causes = main.children[0]!;
    assertEquals(causes.attributes.id, "causes");
    const text = textOf(causes);
    for (
      const part of [
        "CONTENT_DIFFERS",
        "23,103",
        "23,104",
        "What to do",
        "DOCUMENTS_DIFFER",
        "llx_facture: 48 rows",
      ]
    ) {
      assertStringIncludes(text, part);
    }
    assert(
      text.indexOf("CONTENT_DIFFERS") < text.indexOf("CHECK_FAILED"),
      "real causes before the one that counts them",
    );
  });

  it("says the same reason of many checks once", () => {
    const causes = elementsOf(pageOf("not run"), "section").find((one) => one.attributes.id === "causes")!;
    assertEquals(textOf(causes).split("no Chromium was found").length - 1, 1);
    for (const check of sampleNotRun().checks.filter((one) => one.part === "browser")) {
      assertStringIncludes(textOf(causes), check.id);
    }
  });

  it("says what no backup holds, and of further folders what the check on them found", () => {
    const said = (code?: "NOTHING_TO_CHECK") => {
      const more = sampleCheck({
        id: "documents.more",
        ...(code ? { verdict: "not_run", code, required: false } : {}),
      });
      const result = samplePass();
      const page = readMarkup(renderHtml({ ...result, checks: [...result.checks, more] }), HTML_VOID);
      return textOf(all(page).find(({ attributes }) => attributes.id === "not-held")!);
    };
    for (const text of [said(), said("NOTHING_TO_CHECK")]) {
      assertStringIncludes(text, "conf/conf.php");
      assertStringIncludes(text, "the login, and the instance's id");
    }
    assertStringIncludes(said("NOTHING_TO_CHECK"), "with modules of your own");
    assertStringIncludes(said(), "all but the folders of the check");
  });

  it("has the banner as its first and as its last words, where one is due", () => {
    for (const [name, banner] of [["fail", LAB_BANNER], ["not run", sampleNotRun().banner!]] as const) {
      const body = elementsOf(pageOf(name), "body")[0]!;
      for (const end of [body.children[0]!, body.children.at(-1)!]) {
        assertEquals([end.name, textOf(end).trim()], ["aside", banner]);
      }
    }
    assertEquals(withClass(pageOf("pass"), "banner").length, 0);
    assertMatch(renderHtml({ ...samplePass(), lab: true }), /<aside class="banner".*EMBEDDED LAB/);
  });

  it("shows each picture once, with a text in its place and its size", () => {
    const images = elementsOf(pageOf("pass"), "img").map(({ attributes }) => attributes);
    assertEquals(images.length, 3);
    assertEquals([images[1]?.alt, images[1]?.width, images[1]?.height], ["The company's logo", "480", "160"]);
    const empty = { title: "x", url: "y", mediaType: "image/png" as const, bytes: new Uint8Array() };
    assert(
      !renderHtml({ ...samplePass(), checks: [sampleCheck({ screenshots: [empty] })] }).includes("<img"),
    );
  });

  it("shows the pictures of failed checks first, then one of each check, then the others", () => {
    const bytes = paintPng(2, 2, []);
    const shot = (title: string) => ({ title, url: "", mediaType: "image/png" as const, bytes });
    const checks = [
      sampleCheck({ id: "a", screenshots: [shot("a1"), shot("a2")] }),
      sampleCheck({ id: "b", screenshots: [shot("b1")] }),
      sampleCheck({ id: "c", verdict: "fail", screenshots: [shot("c1")] }),
    ];
    const page = readMarkup(renderHtml({ ...samplePass(), checks }), HTML_VOID);
    assertEquals(elementsOf(page, "img").map(({ attributes }) => attributes.alt), ["c1", "a1", "b1", "a2"]);
  });

  it("takes any text as text, and no credentials", () => {
    const source = renderHtml({
      ...sampleFail(),
      headline: HOSTILE,
      seed: HOSTILE,
      versions: { [HOSTILE]: HOSTILE },
    });
    readMarkup(source, HTML_VOID);
    assert(!/<script|s3cr3t|abcdef0123/.test(source));
    assertStringIncludes(source, "&lt;script&gt;");
  });

  it("cuts what a page would drown in, and says where the rest is", () => {
    const details = Array.from({ length: 5_000 }, () => "x".repeat(5_000));
    const source = renderHtml({ ...samplePass(), checks: [sampleCheck({ verdict: "fail", details })] });
    assert(source.length < 300_000);
    assertStringIncludes(source, "and 4,800 more lines, in report.json");
  });

  it("has headings in order, one main part, named sections, and heads for the columns of each table", () => {
    for (const [name] of samples) {
      const page = pageOf(name);
      const levels = all(page).filter(({ name }) => /^h[1-6]$/.test(name)).map(({ name }) => Number(name[1]));
      assertEquals(levels[0], 1);
      levels.forEach((level, index) => assert(level - (levels[index - 1] ?? 0) <= 1));
      assertEquals(elementsOf(page, "main").length, 1);
      const ids = all(page).map(({ attributes }) => attributes.id).filter((id) => id !== undefined);
      assertEquals(new Set(ids).size, ids.length);
      for (const { attributes } of elementsOf(page, "section")) {
        assert(attributes["aria-label"] || ids.includes(attributes["aria-labelledby"] ?? ""));
      }
      for (const { attributes } of elementsOf(page, "a")) assert(ids.includes(attributes.href!.slice(1)));
      for (const table of elementsOf(page, "table")) {
        assert(
          elementsOf(elementsOf(table, "thead")[0]!, "th").every((head) => head.attributes.scope === "col"),
        );
      }
    }
  });
});

describe("the size of a picture", () => {
  it("is read from PNG and JPEG, and from nothing else", () => {
    assertEquals(pictureSize(paintPng(30, 20, [])), { width: 30, height: 20 });
    const jpeg = [
      0xff,
      0xd8,
      0xff,
      0xe0,
      0,
      4,
      1,
      2,
      0xff,
      0xc2,
      0,
      11,
      8,
      0x01,
      0x90,
      0x02,
      0x80,
      3,
      0,
      0,
      0,
    ];
    assertEquals(pictureSize(new Uint8Array(jpeg)), { width: 640, height: 400 });
    assertEquals(pictureSize(new Uint8Array(jpeg.slice(0, 12))), undefined);
    assertEquals(pictureSize(new TextEncoder().encode("<svg></svg> is not one of them")), undefined);
    assertEquals(pictureSize(new Uint8Array()), undefined);
  });
});

describe("values that no backup can decrypt, in the report", () => {
  it("have a part of the page, and none where there are none", () => {
    assertStringIncludes(pages.get("pass")!, "<li>iban_prefix of 8 rows (llx_societe_rib)</li>");
    const { encrypted: _, ...without } = samplePass();
    assert(!renderHtml(without).includes("What only production can decrypt"));
  });
});
