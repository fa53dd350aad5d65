/** The pages of the documentation against each other, the code that names them, and what they name. */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { importsOf, readSources } from "../support/imports.ts";

const ROOT = new URL("../../", import.meta.url);

interface TextFile {
  /** Below the repository's root: `src/base/errors.ts`. */
  path: string;
  text: string;
}

/** Everything that may name a page or be one. */
async function readTexts(): Promise<TextFile[]> {
  const found: TextFile[] = [];
  const visit = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder || ".", ROOT))) {
      const path = folder + name;
      if (isDirectory) {
        if (folder !== "" || FOLDERS.includes(name)) await visit(`${path}/`);
      } else if (/\.(ts|md|php|sql)$/.test(name) || path === "scripts/run") {
        found.push({ path, text: await Deno.readTextFile(new URL(path, ROOT)) });
      }
    }
  };
  await visit("");
  return found;
}
const FOLDERS = ["src", "tests", "scripts", "fixtures", "docs"];

/** A comment's text without the signs at the beginning of its lines, so that a sentence is found over two of them. */
const flattened = (text: string): string => text.replaceAll(/\s*\n\s*(\*(?!\/)|\/\/)?\s*/g, " ");

/** The headings of a page, without their signs. */
const headingsOf = (page: string): string[] =>
  [...withoutBlocks(page).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading]) => heading!);

const withoutBlocks = (page: string): string => page.replaceAll(/^```[^]*?^```/gm, "");

/** A heading as GitHub links to it: `#exit-statuses`. */
const anchorOf = (heading: string): string =>
  heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");

/** What `text` says of our pages, as sentences about what is not there. */
function wrongReferences({ path, text }: TextFile, pages: ReadonlyMap<string, string>): string[] {
  const flat = flattened(text);
  const wrong: string[] = [];
  for (const [, page = ""] of flat.matchAll(/\bdocs\/([\w-]+\.md)\b/g)) {
    if (!pages.has(`docs/${page}`)) wrong.push(`${path} names docs/${page}, which is not there`);
  }
  for (
    const [, page = "", rule, heading] of flat.matchAll(/\bdocs\/([\w-]+\.md), (?:rule (\d+)|"([^"]+)")/g)
  ) {
    const headings = headingsOf(pages.get(`docs/${page}`) ?? "");
    const there = headings.some((one) => rule ? one.startsWith(`Rule ${rule}:`) : one === heading);
    if (!there) {
      wrong.push(
        `${path} names ${rule ? `rule ${rule}` : `"${heading}"`} of docs/${page}, which has none`,
      );
    }
  }
  return wrong;
}

/** The targets of links in a page that lead nowhere. */
function deadLinks(
  { path, text }: TextFile,
  pages: ReadonlyMap<string, string>,
  files: ReadonlySet<string>,
): string[] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [to = "", anchor] = target.split("#");
    const file = to === "" ? path : new URL(to, `file:///${folder}`).pathname.slice(1);
    if (!files.has(file)) return [`${path} links to ${target}, which is not there`];
    const anchors = headingsOf(pages.get(file) ?? "").map(anchorOf);
    return anchor === undefined || anchors.includes(anchor)
      ? []
      : [`${path} links to ${target}: no such heading`];
  });
}

/** Files and folders of ours that a page names as code, and that are not there. */
function missingPaths({ path, text }: TextFile, files: ReadonlySet<string>): string[] {
  const folders = new Set(
    [...files].flatMap((file) => file.split("/").map((_, at, all) => all.slice(0, at).join("/"))),
  );
  const named = [...withoutBlocks(text).matchAll(/`((?:src|tests|scripts|fixtures|docs)\/[\w./-]+)`/g)]
    .map(([, name]) => name!);
  return named.filter((name) => !files.has(name) && !folders.has(name.replace(/\/$/, "")))
    .map((name) => `${path} names ${name}, which is not there`);
}

async function allFiles(): Promise<Set<string>> {
  const found = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder || ".", ROOT))) {
      if (!isDirectory) found.add(folder + name);
      else if (folder !== "" || FOLDERS.includes(name)) await visit(`${folder}${name}/`);
    }
  };
  await visit("");
  return found;
}

const texts = await readTexts();
const files = await allFiles();
const pages = new Map(texts.filter(({ path }) => path.endsWith(".md")).map(({ path, text }) => [path, text]));
const OWN = "tests/unit/docs_test.ts";
/** Notes of such a name in capitals, which are not in this repository. */
const NOTES = new RegExp(
  `\\b(?:${["facts", "design", "style"].map((name) => name.toUpperCase()).join("|")})\\b`,
);

describe("the documentation", () => {
  it("has every page, heading and rule that the code and the pages name", () => {
    const others = texts.filter(({ path }) => path !== OWN);
    assertEquals(others.flatMap((file) => wrongReferences(file, pages)), []);
  });

  it("stands on its own, as the code does: nothing points to notes that are elsewhere", () => {
    const away = texts.filter(({ path, text }) => path !== OWN && NOTES.test(text)).map(({ path }) => path);
    assertEquals(away, []);
  });

  it("links to nothing that is not there", () => {
    const ours = texts.filter(({ path }) => pages.has(path));
    assertEquals(ours.flatMap((file) => deadLinks(file, pages, files)), []);
  });

  it("names only files that are there", () => {
    const ours = texts.filter(({ path }) => pages.has(path));
    assertEquals(ours.flatMap((file) => missingPaths(file, files)), []);
  });

  it("has a heading for each event of --json", () => {
    const named = texts.filter(({ path }) => path.startsWith("src/"))
      .flatMap(({ text }) => [...text.matchAll(/\bevent: "(\w+)"/g)].map(([, event]) => event!));
    assert(named.length > 10, `${named.length}`);
    const headings = headingsOf(pages.get("docs/events.md")!);
    assertEquals(named.filter((event) => !headings.includes(event)), []);
  });

  it("has the ten rules, each once and in their order", () => {
    const rules = headingsOf(pages.get("docs/design.md")!).flatMap((heading) =>
      /^Rule (\d+):/.exec(heading)?.[1] ?? []
    );
    assertEquals(rules, Array.from({ length: 10 }, (_, at) => `${at + 1}`));
  });
});

describe("the picture of the architecture", () => {
  const picture = /^```mermaid\n([^]*?)^```/m.exec(pages.get("docs/design.md")!)![1]!;

  it("has every folder of src, and leads along each import between two of them", async () => {
    const { inside, arrows } = readPicture(picture);
    const sources = await readSources(new URL("src/", ROOT));
    const folderOf = (path: string) => path === "main.ts" ? "main" : path.split("/")[0]!;
    const folders = new Set(sources.map(({ path }) => folderOf(path)));
    assertEquals([...folders].filter((folder) => !inside.has(folder)), []);
    const imports = new Set(
      sources.flatMap(importsOf).filter(({ ours, from, to }) => ours && folderOf(from) !== folderOf(to))
        .map(({ from, to }) => `${folderOf(from)} ${folderOf(to)}`),
    );
    assert(imports.size > 30, `${imports.size}`);
    const away = [...imports].filter((pair) => {
      const [from, to] = pair.split(" ") as [string, string];
      return !reaches(from, to, inside, arrows);
    });
    assertEquals(away, []);
  });
});

describe("a reference that leads nowhere is found:", () => {
  const some = new Map([["docs/a.md", "# A\n\n## Rule 1: one\n\n## Some words\n"]]);
  const wrong: [title: string, text: string, said: string][] = [
    ["a page", "/** As docs/b.md says. */", "docs/b.md"],
    ["a rule", "/** docs/a.md, rule 2 */", "rule 2"],
    ["a rule over two lines", "/**\n * It is so (docs/a.md,\n * rule 3).\n */", "rule 3"],
    ["a heading", '// docs/a.md, "Other words"', '"Other words"'],
  ];
  for (const [title, text, said] of wrong) {
    it(title, () => {
      const [first = ""] = wrongReferences({ path: "src/a.ts", text }, some);
      assert(first.includes(said), first);
    });
  }

  it("and one that is right is not", () => {
    const text = '/** docs/a.md, rule 1; docs/a.md,\n * "Some words" */';
    assertEquals(wrongReferences({ path: "src/a.ts", text }, some), []);
  });

  it("a link to a page, and to a heading", () => {
    const text = "[a](a.md#some-words) [b](b.md) [c](a.md#none) [d](https://example.org/x.md)";
    assertEquals(deadLinks({ path: "docs/c.md", text }, some, new Set(["docs/a.md"])), [
      "docs/c.md links to b.md, which is not there",
      "docs/c.md links to a.md#none: no such heading",
    ]);
  });
});

interface Picture {
  /** Each node with the groups that it lies in; a group is a node too. */
  inside: Map<string, string[]>;
  arrows: Map<string, string[]>;
}

/** A Mermaid flowchart, as far as ours goes: `a["..."] --> b`, `subgraph c ... end`. */
function readPicture(text: string): Picture {
  const inside = new Map<string, string[]>();
  const arrows = new Map<string, string[]>();
  const groups: string[] = [];
  const meet = (name: string) => {
    if (groups.length > 0 || !inside.has(name)) inside.set(name, [...groups]);
  };
  for (const line of text.split("\n").map((line) => line.trim())) {
    const group = /^subgraph (\w+)/.exec(line)?.[1];
    if (group !== undefined) {
      meet(group);
      groups.push(group);
    } else if (line === "end") groups.pop();
    else if (!/^(flowchart|direction) /.test(line)) {
      const [from, to] = line.split(/\s*-\.?->\s*/).map((part) => /^\w+/.exec(part)?.[0]);
      for (const name of [from, to, ...[...line.matchAll(/(\w+)\["/g)].map(([, name]) => name)]) {
        if (name !== undefined) meet(name);
      }
      if (from !== undefined && to !== undefined) arrows.set(from, [...arrows.get(from) ?? [], to]);
    }
  }
  return { inside, arrows };
}

/** Whether arrows lead from one node to another; one from or to a group counts for each node in it. */
function reaches(from: string, to: string, inside: Picture["inside"], arrows: Picture["arrows"]): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    if (one === to) return true;
    if (seen.has(one)) continue;
    seen.add(one);
    for (const start of [one, ...inside.get(one) ?? []]) {
      for (const end of arrows.get(start) ?? []) {
        next.push(end);
        for (const [node, groups] of inside) if (groups.includes(end)) next.push(node);
      }
    }
  }
  return false;
}
