import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
// @ts-types="npm:@types/tar-stream@3.1.5"
import { extract, type Headers } from "tar-stream";
import { runTool } from "../../../../src/base/process/processes.ts";
import { type Bytes, bytesOf, readSmall } from "../../../../src/base/streams.ts";
import { packDocuments } from "../../../../src/documents/archive/pack.ts";
import { tarEnd, type TarHeader, tarHeader } from "../../../../src/documents/archive/tar_headers.ts";
import { joinBytes } from "../../../support/bytes.ts";
import { unpackTo } from "../../../support/documents/by_path.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const signal = new AbortController().signal;
const FILE: TarHeader = {
  path: "a",
  type: "file",
  bytes: 0,
  mode: 0o640,
  uid: 33,
  gid: 34,
  mtimeMs: 1_700_000_000_999,
};

/** What the library that reads our archives makes of a header. */
async function read(header: Partial<TarHeader>): Promise<Headers & { pax?: Record<string, string> | null }> {
  const entries = extract();
  entries.end(joinBytes(tarHeader({ ...FILE, ...header }), tarEnd()));
  for await (const entry of entries as AsyncIterable<{ header: Headers; resume(): void }>) {
    entry.resume();
    return entry.header;
  }
  throw new Error("there is no entry");
}

describe("a header of a tar archive", () => {
  it("says what an entry is, in whole seconds", async () => {
    const { name, mode, uid, gid, size, mtime, type } = await read({});
    assertEquals([name, mode, uid, gid, size, type], ["a", 0o640, 33, 34, 0, "file"]);
    assertEquals(mtime?.getTime(), 1_700_000_000_000);
    const link = await read({ type: "link", target: "../b" });
    assertEquals([link.type, link.linkname], ["symlink", "../b"]);
    assertEquals((await read({ type: "directory" })).type, "directory");
  });

  const L = "l".repeat(90);
  // deno-fmt-ignore: a line each
  const paths: [what: string, path: string, isExtended: boolean][] = [
    ["of 100 bytes", "x".repeat(100), false],
    ["of 101 bytes in one name", "x".repeat(101), true],
    ["long, with a folder to split at", `${L}/${L}`, false],
    ["longer than both fields", `${L}/${L}/${L}`, true],
    ["with no folder at the right place", `${"x".repeat(156)}/${L}`, true],
    ["with a slash right before the last hundred bytes", `${"x".repeat(155)}/${"y".repeat(100)}`, false],
    ["in another script", "été/\u{1F9FE}.pdf", true],
    ["with a newline", "a\nb", true],
  ];
  for (const [what, path, isExtended] of paths) {
    it(`gives back a path ${what}`, async () => {
      const { name, pax } = await read({ path });
      assertEquals([name, pax?.path !== undefined], [path, isExtended]);
    });
  }

  it("gives back a folder whose slash has no room", async () => {
    const { name } = await read({ path: "x".repeat(100), type: "directory" });
    assertEquals(name.replace(/\/$/, ""), "x".repeat(100));
  });

  // deno-fmt-ignore: a line each
  const extended: [what: string, header: Partial<TarHeader>, key: string, value: string][] = [
    ["a time before 1970", { mtimeMs: -86_399_877 }, "mtime", "-86400"],
    ["a size beyond 8 GiB", { bytes: 8 ** 11 }, "size", "8589934592"],
    ["an owner of a user namespace", { uid: 2_100_000 + 33 }, "uid", "2100033"],
    ["such a group", { gid: 4_294_967_294 }, "gid", "4294967294"],
    ["a long target", { type: "link", target: "t".repeat(101) }, "linkpath", "t".repeat(101)],
    ["a target in another script", { type: "link", target: "été" }, "linkpath", "été"],
  ];
  for (const [what, header, key, value] of extended) {
    it(`has an extended one for ${what}`, async () => {
      if (header.bytes === undefined) assertEquals((await read(header)).pax?.[key], value);
      const text = new TextDecoder().decode(tarHeader({ ...FILE, ...header }));
      assert(text.includes(` ${key}=${value}\n`), text);
    });
  }

  it("has one for nothing else: a time after 2038, the largest of the fields", () => {
    for (const header of [{ mtimeMs: 4_300_000_000_000 }, { bytes: 8 ** 11 - 1 }, { uid: 8 ** 7 - 1 }]) {
      assertEquals(tarHeader({ ...FILE, ...header }).length, 512);
    }
  });
});

describe("an archive of documents, as GNU tar reads it", () => {
  it("has names, owners, rights, times, links and bytes of the tree", async () => {
    await using folder = await temporaryFolder();
    const source = `${folder.path}/source`;
    const deep = `${"d".repeat(120)}/${"e".repeat(120)}`;
    await Deno.mkdir(`${source}/${deep}`, { recursive: true });
    const names = ["plain", "été.pdf", "two\nlines", `${deep}/${"f".repeat(120)}`, "before", "after"];
    for (const name of names) await Deno.writeTextFile(`${source}/${name}`, name.repeat(300));
    await Deno.symlink("plain", `${source}/link`);
    await Deno.symlink(`${deep}/${"f".repeat(120)}`, `${source}/long link`);
    await Deno.chmod(`${source}/plain`, 0o4751);
    if (Deno.uid() === 0) await Deno.chown(`${source}/été.pdf`, 3_000_033, 3_000_034);
    for (
      const [name, when] of [["before", "1965-03-04 05:06:07"], ["after", "2040-03-04 05:06:07"]] as const
    ) {
      await runTool("/usr/bin/touch", { args: ["-d", `${when} UTC`, `${source}/${name}`] });
    }
    // tar compares fractions of a second, which no archive of ours has, where there is any extended header
    await runTool("/usr/bin/find", { args: [source, "-exec", "touch", "-hd", "@1700000000", "{}", ";"] });
    // tar compares fractions of a second, which no archive of ours has, where there is any extended header
    await runTool("/usr/bin/find", { args: [source, "-exec", "touch", "-hd", "@1700000000", "{}", ";"] });
    for (
      const [name, when] of [["before", "1965-03-04 05:06:07"], ["after", "2040-03-04 05:06:07"]] as const
    ) {
      await runTool("/usr/bin/touch", { args: ["-d", `${when} UTC`, `${source}/${name}`] });
    }
    using archive = packDocuments({ documents: source }, { signal });
    const packed = `${folder.path}/packed.tar.gz`;
    await Deno.writeFile(packed, await readSmall(archive.stream));
    const { code, stdout, stderr } = await runTool("/usr/bin/tar", {
      args: ["--compare", "--numeric-owner", "-zf", packed, "-C", source],
    });
    assertEquals([code, stdout, stderr], [0, "", ""]);
    const listed = await runTool("/usr/bin/tar", {
      args: ["-tvzf", packed, "--numeric-owner", "--full-time", "--utc"],
    });
    assert(/1965-03-04 05:06:07 before\n/.test(listed.stdout), listed.stdout);
    assert(/2040-03-04 05:06:07 after\n/.test(listed.stdout), listed.stdout);
    // and comes back so by ourselves
    await Deno.mkdir(`${folder.path}/out`);
    const bytes = await runTool("/usr/bin/gzip", { args: ["-dk", packed] });
    assertEquals(bytes.code, 0);
    const tar = bytesOf(await Deno.readFile(packed.replace(/\.gz$/, "")) as Bytes);
    await unpackTo({ name: "packed", tar }, `${folder.path}/out`, archive.describe().index, undefined);
    for (const name of ["before", "after"]) {
      const [one, other] = ["source", "out"].map((at) => Deno.statSync(`${folder.path}/${at}/${name}`).mtime);
      assertEquals(other, one, name);
    }
  });
});
