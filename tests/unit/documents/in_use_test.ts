import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { type Bytes, bytesOf, readSmall } from "../../../src/base/streams.ts";
import { findCompressor, openArchive } from "../../../src/documents/archive/compressor.ts";
import { type Described, packDocuments } from "../../../src/documents/archive/pack.ts";
import { unpackDocuments } from "../../../src/documents/archive/unpack.ts";
import { temporaryFolder } from "../../support/folder.ts";

const signal = new AbortController().signal;
const NAME = "prod/docs/20260630T155313Z.tar.gz";
/** What no pipe holds and no compressor shrinks: tar is in the midst of it when the first bytes come out. */
const LARGE = 12_000_000;

function random(bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536));
  return all;
}

/** A tree whose first file is large, packed while `change` is done to it. What comes out is unpacked against its index. */
async function packWhile(change: (root: string) => void): Promise<Described & { root: string }> {
  await using folder = await temporaryFolder();
  const root = `${folder.path}/source`;
  Deno.mkdirSync(`${root}/folder`, { recursive: true });
  Deno.writeFileSync(`${root}/a large`, random(LARGE));
  for (const name of ["b", "c", "folder/d"]) Deno.writeTextFileSync(`${root}/${name}`, `${name} `.repeat(50));
  Deno.symlinkSync("b", `${root}/link`);
  using archive = packDocuments({ documents: root }, { signal });
  const reading = archive.stream[Symbol.asyncIterator]();
  const chunks: Bytes[] = [];
  for (let next = await reading.next(); !next.done; next = await reading.next()) {
    if (chunks.length === 0) change(root);
    chunks.push(next.value);
  }
  const packed = new Uint8Array(await new Blob(chunks).arrayBuffer());
  const described = await archive.describe(() => bytesOf(packed));
  await Deno.mkdir(`${folder.path}/out`);
  await unpackDocuments(
    openArchive(NAME, bytesOf(packed), signal),
    `${folder.path}/out`,
    described.index,
    undefined,
  );
  return { ...described, root };
}

const sizes = ({ index }: Described) =>
  Object.fromEntries(index.files.map(({ path, bytes }) => [path, bytes]));
const AS_IT_WAS = { "a large": LARGE, "b": 100, "c": 100, "folder/d": 450 };

const CHANGED = "changed while it was read";
const without = (path: string) =>
  Object.fromEntries(Object.entries(AS_IT_WAS).filter(([name]) => name !== path));

describe("packing a tree that is in use: the index is what the archive holds", () => {
  const half = (root: string) => `${root}/a large`;
  // deno-fmt-ignore: a line each
  const changes: [what: string, change: (root: string) => void, sizes: Record<string, number>, warnings: string[]][] = [
    ["nothing", () => {}, AS_IT_WAS, []],
    ["a file grows while tar is in it", (root) => Deno.writeFileSync(half(root), random(500), { append: true }), AS_IT_WAS, []],
    ["a file shrinks while tar is in it", (root) => Deno.truncateSync(half(root), LARGE - 100), AS_IT_WAS, []],
    ["a file is written over while tar is in it", (root) => Deno.writeFileSync(half(root), random(LARGE)), AS_IT_WAS, []],
    ["a file is replaced while tar is in it", (root) => { Deno.writeTextFileSync(`${root}/x`, "x"); Deno.renameSync(`${root}/x`, half(root)); }, AS_IT_WAS, []],
    ["a file is removed while tar is in it", (root) => Deno.removeSync(half(root)), AS_IT_WAS, []],
    ["a file grows before tar is there", (root) => Deno.writeTextFileSync(`${root}/b`, "more", { append: true }), { ...AS_IT_WAS, b: 104 }, []],
    ["a file shrinks before tar is there", (root) => Deno.truncateSync(`${root}/b`, 9), { ...AS_IT_WAS, b: 9 }, []],
    ["other bytes of the same size", (root) => Deno.writeTextFileSync(`${root}/b`, "x".repeat(100)), AS_IT_WAS, []],
    ["a file is touched", (root) => Deno.utimeSync(`${root}/b`, 1, 1), AS_IT_WAS, []],
    ["a file becomes unreadable for others", (root) => Deno.chmodSync(`${root}/b`, 0o600), AS_IT_WAS, []],
    ["a file is new", (root) => Deno.writeTextFileSync(`${root}/b2`, "new"), AS_IT_WAS, []],
    ["a file vanishes", (root) => Deno.removeSync(`${root}/b`), without("b"), ["b vanished while the documents were read: it is not in the archive"]],
    ["a folder vanishes", (root) => Deno.removeSync(`${root}/folder`, { recursive: true }), without("folder/d"), ["folder vanished while the documents were read: it is not in the archive", "folder/d vanished while the documents were read: it is not in the archive"]],
    ["a file becomes a folder", (root) => { Deno.removeSync(`${root}/b`); Deno.mkdirSync(`${root}/b`); }, without("b"), ["b vanished while the documents were read: it is not in the archive"]],
    ["a folder becomes a file", (root) => { Deno.removeSync(`${root}/folder`, { recursive: true }); Deno.writeTextFileSync(`${root}/folder`, "now"); }, { ...without("folder/d"), folder: 3 }, ["folder changed while it was read", "folder/d vanished while the documents were read: it is not in the archive"]],
  ];
  for (const [what, change, expected, warnings] of changes) {
    it(what, async () => {
      const described = await packWhile(change);
      assertEquals(sizes(described), expected);
      // whether a file was hashed before or after it changed is a matter of moments
      const sure = described.warnings.filter((line) => warnings.includes(line) || !line.endsWith(CHANGED));
      assertEquals(sure, warnings);
    });
  }

  it("a file becomes a link, a link leads elsewhere", async () => {
    const { index } = await packWhile((root) => {
      Deno.removeSync(`${root}/c`);
      Deno.symlinkSync("b", `${root}/c`);
      Deno.removeSync(`${root}/link`);
      Deno.symlinkSync("folder/d", `${root}/link`);
    });
    assertEquals(index.links, [{ path: "c", target: "b" }, { path: "link", target: "folder/d" }]);
  });
});

describe("the archive is asked again", () => {
  async function asked(now: () => number): Promise<number> {
    await using folder = await temporaryFolder();
    Deno.writeTextFileSync(`${folder.path}/a`, "a");
    Deno.writeTextFileSync(`${folder.path}/b`, "b");
    using archive = packDocuments({ documents: folder.path }, { signal, now });
    const packed = await readSmall(archive.stream);
    let times = 0;
    const { askedOfArchive, index } = await archive.describe(() => {
      times++;
      return bytesOf(packed);
    });
    assertEquals([times > 0, index.files.length], [askedOfArchive > 0, 2]);
    return askedOfArchive;
  }

  it("of files younger than their times can tell", async () => assertEquals(await asked(Date.now), 2));
  it("and of no others", async () => assertEquals(await asked(() => Date.now() + 10_000), 0));
});

describe("packing that is cut off", () => {
  /** Packs a large file, and does something when its first bytes come. */
  async function cutOff(act: (root: string) => void, stop?: AbortSignal): Promise<number> {
    await using folder = await temporaryFolder();
    Deno.writeFileSync(`${folder.path}/large`, random(LARGE));
    using archive = packDocuments({ documents: folder.path }, { signal: stop ?? signal });
    let chunks = 0;
    for await (const _ of archive.stream) if (chunks++ === 0) act(folder.path);
    return chunks;
  }

  for (
    const [name, says] of [["tar", "tar ended with 137"], [
      findCompressor().name,
      "the compressor ended with 137",
    ]] as const
  ) {
    it(`fails when ${name} is killed`, async () => {
      const error = await assertRejects(() => cutOff((root) => killBelow(root, name)), DrillError);
      assertEquals([error.code, error.message], ["TOOL_FAILED", `Cannot pack the documents: ${says}`]);
    });
  }

  it("ends with everything that it started when it is interrupted", async () => {
    const stop = new AbortController();
    await assertRejects(
      () => cutOff(() => stop.abort(new DOMException("Interrupted", "AbortError")), stop.signal),
      DOMException,
    );
  });

  it("ends with everything that it started when nobody reads on", async () => {
    await using folder = await temporaryFolder();
    Deno.writeFileSync(`${folder.path}/large`, random(LARGE));
    using archive = packDocuments({ documents: folder.path }, { signal });
    for await (const _ of archive.stream) break;
    await assertRejects(() => archive.describe(() => bytesOf("")), TypeError);
    assertEquals(processesOf(folder.path), []);
  });
});

interface Process {
  pid: number;
  parent: number;
  name: string;
}

/** The shell that packs `root`, and its children. */
function processesOf(root: string): Process[] {
  const all: (Process & { line: string })[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [, comm = "", parent] =
        /^\d+ \((.*)\) \S (\d+)/.exec(Deno.readTextFileSync(`/proc/${name}/stat`)) ?? [];
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      all.push({ pid: Number(name), parent: Number(parent), name: comm, line });
    } catch {
      // it ended while we looked
    }
  }
  const own = all.filter(({ line }) => line.includes(root));
  return [
    ...own,
    ...all.filter(({ parent, line }) => own.some(({ pid }) => pid === parent) && !line.includes(root)),
  ];
}

function killBelow(root: string, name: string): void {
  const [found] = processesOf(root).filter((one) => one.name === name);
  if (!found) throw new Error(`no ${name} packs ${root}`);
  Deno.kill(found.pid, "SIGKILL");
}
