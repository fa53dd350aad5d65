import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { gzipSync } from "node:zlib";
import { DrillError } from "../../../src/base/errors.ts";
import { type Bytes, bytesOf, readSmall } from "../../../src/base/streams.ts";
import { openArchive } from "../../../src/documents/archive/compressor.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { type DocumentsIndex, readIndex } from "../../../src/documents/index.ts";
import { leavingLinks } from "../../../src/documents/tree/links.ts";
import { readArchive } from "../../../src/documents/archive/read.ts";
import { revertSwap } from "../../../src/documents/swap/swap.ts";
import { prepareAt, unpackTo } from "../../support/documents/by_path.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { makeTree, OLD, placeOf, readTree } from "../../support/documents/swap_trees.ts";
import {
  END,
  type Entry,
  file,
  folder,
  header,
  indexOfFiles,
  padded,
  tarOf,
} from "../../support/hostile/tars.ts";
import { joinBytes } from "../../support/bytes.ts";

const signal = new AbortController().signal;
const NAME = "prod/docs/20260630T155313Z.tar.gz";
const PAPER = "facture/a.pdf";
const link = (name: string, linkname: string): Entry => ({ name, type: "symlink", linkname });

const good = indexOfFiles({ [PAPER]: "paper" });

/** Unpacks beside a sandbox with known content, is refused, goes back. @returns the error. */
async function refused(tar: Bytes | AsyncIterable<Bytes>, index: DocumentsIndex): Promise<DrillError> {
  await using scratch = await temporaryFolder();
  const root = `${scratch.path}/documents`;
  makeTree(root, OLD);
  const before = readTree(scratch.path);
  const staged = await prepareAt(placeOf(root), "id");
  const archive = { name: NAME, tar: tar instanceof Uint8Array ? bytesOf(tar) : tar };
  const error = await assertRejects(() => unpackTo(archive, staged, index, undefined), DrillError);
  assertMatch(error.message, /^Cannot (read|trust|unpack) prod\/docs\/20260630T155313Z\.tar\.gz: /);
  await revertSwap(placeOf(root));
  assertEquals(readTree(scratch.path), before);
  return error;
}

describe("an archive that is not what its index says is refused whole", () => {
  // deno-fmt-ignore: a line each
  const cases: [what: string, entries: Entry[], index: DocumentsIndex, code: string, says: RegExp][] = [
    ["a path that climbs out", [file("../evil")], good, "DOCUMENTS_HOSTILE", /"\.\.\/evil": its path leaves/],
    ["one that climbs out in the middle", [file("facture/../../evil")], good, "DOCUMENTS_HOSTILE", /leaves the tree/],
    ["one that stays inside by climbing", [file("facture/../facture/a.pdf")], good, "DOCUMENTS_HOSTILE", /leaves the tree/],
    ["an absolute path", [file("/etc/evil")], good, "DOCUMENTS_HOSTILE", /leaves the tree/],
    ["an absolute path behind ./", [file(".//etc/evil")], good, "DOCUMENTS_DIFFER", /etc\/evil is in the archive and not in the index/],
    ["a folder outside", [folder("../evil/")], good, "DOCUMENTS_HOSTILE", /leaves the tree/],
    ["a NUL in a name", [{ ...file("x"), pax: { path: "a\0b" } } as Entry], good, "DOCUMENTS_HOSTILE", /a\\u0000b/],
    ["a newline in a name", [file("a\nCannot trust: b")], good, "DOCUMENTS_DIFFER", /: "a\\nCannot trust: b" is in the archive and not/],
    ["signs that move a terminal's cursor", [file("a\x1b[2Jb\x9b")], good, "DOCUMENTS_DIFFER", /"a\\u001b\[2Jb\\u009b"/],
    ["a name longer than any", [file("x".repeat(300))], good, "DOCUMENTS_HOSTILE", /longer than any/],
    ["a path longer than any", [folder("a/".repeat(3000))], good, "DOCUMENTS_HOSTILE", /longer than any/],
    ["a link that nobody indexed", [link("l", "facture")], good, "DOCUMENTS_HOSTILE", /to facture, which the index does not know/],
    ["a link that leads elsewhere than indexed", [link("l", "/etc")], indexOfFiles({}, { l: "facture" }), "DOCUMENTS_HOSTILE", /link to \/etc/],
    ["a link in the place of a file", [link(PAPER, "b")], good, "DOCUMENTS_HOSTILE", /link to b/],
    ["a file in the place of a link", [file("l")], indexOfFiles({}, { l: "facture" }), "DOCUMENTS_DIFFER", /not in the index/],
    ["a hard link", [{ name: "l", type: "link", linkname: PAPER }], good, "DOCUMENTS_HOSTILE", /a hard link/],
    ["a hard link in the place of a file", [{ name: PAPER, type: "link", linkname: "/etc/shadow" }], good, "DOCUMENTS_HOSTILE", /a hard link/],
    ["a character device", [{ name: "null", type: "character-device" }], good, "DOCUMENTS_HOSTILE", /character-device/],
    ["a block device", [{ name: PAPER, type: "block-device" }], good, "DOCUMENTS_HOSTILE", /block-device/],
    ["a pipe", [{ name: "pipe", type: "fifo" }], good, "DOCUMENTS_HOSTILE", /a fifo/],
    ["a contiguous file", [{ name: PAPER, type: "contiguous-file" }], good, "DOCUMENTS_HOSTILE", /contiguous-file/],
    ["more bytes than the index says", [file(PAPER, "paper and a bomb")], good, "DOCUMENTS_HOSTILE", /more than the 5 bytes/],
    ["fewer bytes", [file(PAPER, "pap")], good, "DOCUMENTS_DIFFER", /has 3 bytes, the index says 5/],
    ["other bytes of the same length", [file(PAPER, "PAPER")], good, "DOCUMENTS_DIFFER", /other bytes/],
    ["a file that is not in the index", [file(PAPER), file("more")], good, "DOCUMENTS_DIFFER", /more is in the archive and not/],
    ["a file that is missing", [], good, "DOCUMENTS_DIFFER", /1 of 1 files and links are missing/],
    ["a link that is missing", [file(PAPER)], indexOfFiles({ [PAPER]: "paper" }, { l: "facture" }), "DOCUMENTS_DIFFER", /first l$/],
    ["a file twice", [file(PAPER), file(PAPER)], good, "DOCUMENTS_DIFFER", /a\.pdf is in the archive twice/],
    ["a file twice, under another spelling", [file(PAPER), file(`./${PAPER}`)], good, "DOCUMENTS_DIFFER", /twice/],
    ["a link twice", [link("l", "x"), link("l", "x")], indexOfFiles({}, { l: "x" }), "DOCUMENTS_DIFFER", /twice/],
    ["a folder where a file is", [file(PAPER), folder(`${PAPER}/`)], good, "DOCUMENTS_HOSTILE", /a folder, and the index has a file/],
    ["a folder where a file will be", [folder(`${PAPER}/`), file(PAPER)], good, "DOCUMENTS_HOSTILE", /a folder, and the index/],
    ["a folder below a file", [file(PAPER), folder(`${PAPER}/b/`)], good, "DOCUMENTS_HOSTILE", /a folder, and the index/],
    ["a folder below a link", [link("l", "."), folder("l/x/")], indexOfFiles({}, { l: "." }), "DOCUMENTS_HOSTILE", /a folder, and the index/],
    ["a journal of ours", [file(".dolibarr-drill/journal.json")], indexOfFiles({ ".dolibarr-drill/journal.json": "paper" }), "DOCUMENTS_HOSTILE", /only a restore in progress has/],
    ["old documents of ours", [folder(".mycompany.drill-old/x/")], good, "DOCUMENTS_HOSTILE", /only a restore in progress has/],
    ["the archive of another set", [file("facture/b.pdf", "paper b")], good, "DOCUMENTS_DIFFER", /facture\/b\.pdf is in the archive and not/],
  ];
  for (const [what, entries, index, code, says] of cases) {
    it(what, async () => {
      const error = await refused(await tarOf(entries), index);
      assertEquals(error.code, code, error.message);
      assertMatch(error.message, says);
      assertEquals(["\n", "\x1b", "\x9b"].filter((sign) => error.message.includes(sign)), []);
    });
  }
});

describe("an index that leads out is refused before anything is unpacked", () => {
  // deno-fmt-ignore: a line each
  const cases: [what: string, files: string[], links: Record<string, string>, says: RegExp][] = [
    ["a link out of the tree", [], { "facture/out": "../../etc/passwd" }, /link out of the tree, to \.\.\/\.\.\/etc/],
    ["an absolute link", [], { out: "/etc" }, /link out of the tree/],
    ["a link out through another link", [], { "a/b/up": "../..", "out": "a/b/up/.." }, /"out": it is a link out/],
    ["a link out through a link to itself and up", [], { "d/here": ".", "d/out": "here/../../etc" }, /"d\/out"/],
    ["a file below a link", ["l/x"], { l: "facture" }, /"l": the archive has files below it/],
    ["a file below a file", ["a", "a/b"], {}, /"a": the archive has files below it/],
    ["a link below a link", [], { l: "x", "l/y": "z" }, /"l": the archive has files below it/],
    ["a path that climbs out", ["../evil"], {}, /leaves the tree/],
    ["a path in another spelling", ["./a"], {}, /no plain path/],
    ["a path of ours", [".documents.drill-new/a"], {}, /only a restore in progress/],
  ];
  for (const [what, files, links, says] of cases) {
    it(what, async () => {
      const index = indexOfFiles(Object.fromEntries(files.map((path) => [path, "paper"])), links);
      const entries = [
        ...files.map((path) => file(path)),
        ...Object.entries(links).map(([at, to]) => link(at, to)),
      ];
      const error = await refused(await tarOf(entries), index);
      assertEquals(error.code, "DOCUMENTS_HOSTILE");
      assertMatch(error.message, says);
    });
  }

  it("a path twice", async () => {
    const index = { ...good, files: [...good.files, ...good.files] };
    assertEquals((await refused(await tarOf([file(PAPER)]), index)).code, "DOCUMENTS_DIFFER");
  });

  it("a bomb", () => {
    const zeros = gzipSync(new Uint8Array(60 * 1024 * 1024), { level: 1 });
    const bomb = joinBytes(...Array(10).fill(zeros));
    assertEquals(assertThrows(() => readIndex(bomb, "index"), DrillError).code, "OBJECT_CORRUPT");
  });
});

describe("links that lead in a circle, or through one another inside, lead nowhere else", () => {
  for (const links of [{ a: "b", b: "a" }, { a: "a/a" }, { "x/up": "..", "y": "x/up/x" }, { a: "../a" }]) {
    const leaving = Object.keys(links).length === 1 && "a" in links && links.a === "../a";
    it(JSON.stringify(links), () =>
      assertEquals(
        [...leavingLinks(Object.entries(links).map(([path, target]) => ({ path, target })))],
        leaving ? ["a"] : [],
      ));
  }
});

const whole = await tarOf([folder("facture/"), file(PAPER)]);
describe("bytes that are no whole tar", () => {
  const bomb = async function* (kind: string, count: number): AsyncGenerator<Bytes> {
    for (let at = 0; at < count; at += 1000) {
      yield joinBytes(...Array.from({ length: 1000 }, (_, n) => header(`d${at + n}/`, kind)));
    }
  };
  // deno-fmt-ignore: a line each
  const cases: [what: string, tar: () => Bytes | AsyncIterable<Bytes>, code: string, says: RegExp][] = [
    ["cut off in a file", () => whole.slice(0, 512 * 2 + 3), "OBJECT_CORRUPT", /its tar is truncated after 1\.03 kB$/],
    ["cut off in a header", () => whole.slice(0, 512 + 100), "OBJECT_CORRUPT", /its tar is truncated after 612 B$/],
    ["cut off between two entries", () => whole.slice(0, 512), "DOCUMENTS_DIFFER", /1 of 1 files/],
    ["empty", () => new Uint8Array(), "DOCUMENTS_DIFFER", /1 of 1 files/],
    ["only zeros", () => END, "DOCUMENTS_DIFFER", /1 of 1 files/],
    ["something else", () => padded("<html>not found</html>"), "OBJECT_CORRUPT", /its tar is damaged within the first 512 B: /],
    ["with garbage at its end", () => joinBytes(whole, padded("garbage")), "OBJECT_CORRUPT", /its tar is damaged within the first [\d.]+ kB: /],
    ["with half a block at its end", () => joinBytes(whole, new TextEncoder().encode("rest")), "OBJECT_CORRUPT", /its tar is truncated after [\d.]+ kB$/],
    ["with another tar at its end", () => joinBytes(whole, whole), "DOCUMENTS_DIFFER", /twice/],
    ["with a kind that nobody knows", () => joinBytes(header("facture/a.pdf", "S"), END), "DOCUMENTS_HOSTILE", /of no known kind/],
    ["with a huge extended header", () => joinBytes(header("x", "x", 5_000_000)), "OBJECT_CORRUPT", /exceeds max size/],
    ["with ten thousand extended headers for one entry", () => { const pax = Array.from({ length: 10_000 }, (_, at) => `15 k${String(at).padStart(5, "0")}=1234\n`.replace(/^15/, "15")).join(""); return joinBytes(header("x", "x", pax.length), padded(pax), header(PAPER, "0"), END); }, "DOCUMENTS_HOSTILE", /extended headers/],
    ["with a million folders", () => bomb("5", 1_000_000), "DOCUMENTS_HOSTILE", /more than its files can need/],
    ["with a million files that nobody indexed", () => bomb("0", 1_000_000), "DOCUMENTS_DIFFER", /d0 is in the archive and not in the index/],
    ["that never ends", async function* () { yield whole; while (true) yield await Promise.resolve(new Uint8Array(16 * 1024 * 1024)); }, "DOCUMENTS_HOSTILE", /which its index cannot need/],
    ["with a folder that has a content", () => joinBytes(header("facture/", "5", 512), padded("not a header"), whole), "OBJECT_CORRUPT", /its tar is damaged within the first [\d.]+ kB: /],
  ];
  for (const [what, tar, code, says] of cases) {
    it(what, async () => {
      const error = await refused(tar(), good);
      assertEquals(error.code, code, error.message);
      assertMatch(error.message, says);
    });
  }
});

describe("what a tree may have comes over", () => {
  it("but no setuid bit, and times that no disk holds become others", async () => {
    await using scratch = await temporaryFolder();
    const tar = await tarOf([{ ...file(PAPER), mode: 0o6755, mtime: new Date(8.64e15) }]);
    await unpackTo({ name: NAME, tar: bytesOf(tar) }, scratch.path, good, undefined);
    const { mode } = await Deno.lstat(`${scratch.path}/${PAPER}`);
    assertEquals(mode! & 0o7777, 0o755);
    assertEquals(
      (await Deno.lstat(`${scratch.path}/facture`)).mode! & 0o7777,
      0o755,
      "a folder that is only implied",
    );
  });

  it("one folder alone, with a link to documents outside of it and none out of all", async () => {
    await using scratch = await temporaryFolder();
    const links = { "mycompany/to": "../facture/a.pdf" };
    const index = indexOfFiles({ "mycompany/logo": "paper", "facture/a.pdf": "paper" }, links);
    const entries = [file("mycompany/logo"), file(PAPER), link("mycompany/to", "../facture/a.pdf")];
    const unpack = async (index: DocumentsIndex) => {
      const archive = { name: NAME, tar: bytesOf(await tarOf(entries)) };
      return await unpackTo(archive, scratch.path, index, undefined, { below: "mycompany" });
    };
    const leaving = { ...index, links: [{ path: "mycompany/to", target: "../../etc" }] };
    assertEquals((await assertRejects(() => unpack(leaving), DrillError)).code, "DOCUMENTS_HOSTILE");
    await unpack(index);
    assertEquals(readTree(scratch.path), { logo: "paper", to: { link: "../facture/a.pdf" } });
  });

  it("a name with a newline, links through one another, an empty folder", async () => {
    await using scratch = await temporaryFolder();
    const [source, target] = [`${scratch.path}/source`, `${scratch.path}/target`];
    makeTree(source, {
      "two\nlines": "x",
      "a/b": "b",
      "to-a": { link: "a" },
      "through": { link: "to-a/b" },
      "circle": { link: "circle" },
      "out": { link: "to-a/../../etc" },
      "empty": null,
    });
    await Deno.mkdir(target);
    using archive = packDocuments({ documents: source }, { signal });
    const packed = await readSmall(archive.stream);
    const { index } = archive.describe();
    assertEquals(index.leftOut, [{ path: "out", target: "to-a/../../etc" }]);
    await unpackTo(openArchive(NAME, bytesOf(packed), signal), target, index, undefined);
    const { out: _, ...rest } = readTree(source);
    assertEquals(readTree(target), rest);
  });
});

describe("an archive that is only read", () => {
  // deno-fmt-ignore: a line each
  const cases: [what: string, entries: Entry[], code: string][] = [
    ["a file through a link that it makes itself", [link("l", "/tmp"), file("l/x")], "DOCUMENTS_HOSTILE"],
    ["a link out through another", [link("b", "."), link("a", "b/../..")], "DOCUMENTS_HOSTILE"],
    ["a file twice", [file("a"), file("a")], "DOCUMENTS_DIFFER"],
    ["a hard link", [{ name: "l", type: "link", linkname: "a" }], "DOCUMENTS_HOSTILE"],
  ];
  for (const [what, entries, code] of cases) {
    it(`is refused with ${what}`, async () => {
      const archive = { name: NAME, tar: bytesOf(await tarOf(entries)) };
      const error = await assertRejects(() => readArchive(archive), DrillError);
      assertEquals(error.code, code);
      assertMatch(error.message, /^Cannot (trust|unpack) prod\/docs\/20260630T155313Z\.tar\.gz: /);
    });
  }
  it("is refused when it is cut off", async () => {
    const tar = (await tarOf([file("a", "x".repeat(2000))])).slice(0, 1000);
    const error = await assertRejects(() => readArchive({ name: NAME, tar: bytesOf(tar) }), DrillError);
    assertEquals([error.code, error.message], [
      "OBJECT_CORRUPT",
      `Cannot read ${NAME}: its tar is truncated after 1 kB`,
    ]);
  });
});
