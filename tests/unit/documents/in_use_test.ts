import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { type Bytes, bytesOf } from "../../../src/base/streams.ts";
import { findCompressor, openArchive } from "../../../src/documents/archive/compressor.ts";
import { type Described, packDocuments } from "../../../src/documents/archive/pack.ts";
import { unpackTo } from "../../support/documents/by_path.ts";
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
  const described = archive.describe();
  await Deno.mkdir(`${folder.path}/out`);
  await unpackTo(
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
    ["a file becomes a folder", (root) => { Deno.removeSync(`${root}/b`); Deno.mkdirSync(`${root}/b`); }, without("b"), ["b was replaced by another thing while the documents were read: it is not in the archive"]],
    ["a file becomes a link", (root) => { Deno.removeSync(`${root}/c`); Deno.symlinkSync("b", `${root}/c`); }, without("c"), ["c was replaced by another thing while the documents were read: it is not in the archive"]],
    ["a file becomes a pipe", (root) => { Deno.removeSync(`${root}/b`); new Deno.Command("mkfifo", { args: [`${root}/b`] }).outputSync(); }, without("b"), ["b was replaced by another thing while the documents were read: it is not in the archive"]],
    ["a folder becomes a link", (root) => { Deno.renameSync(`${root}/folder`, `${root}/other`); Deno.symlinkSync("other", `${root}/folder`); }, without("folder/d"), ["folder was replaced by another thing while the documents were read: it is not in the archive", "folder/d vanished while the documents were read: it is not in the archive"]],
    ["a link leads elsewhere", (root) => { Deno.removeSync(`${root}/link`); Deno.symlinkSync("/etc/passwd", `${root}/link`); }, AS_IT_WAS, ["link was replaced by another thing while the documents were read: it is not in the archive"]],
    ["a folder becomes a file", (root) => { Deno.removeSync(`${root}/folder`, { recursive: true }); Deno.writeTextFileSync(`${root}/folder`, "now"); }, without("folder/d"), ["folder was replaced by another thing while the documents were read: it is not in the archive", "folder/d vanished while the documents were read: it is not in the archive"]],
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

  it("what shrank is filled up with zeros, and marked", async () => {
    const { index, warnings } = await packWhile((root) => Deno.truncateSync(`${root}/a large`, LARGE - 100));
    assertEquals(index.files.find(({ path }) => path === "a large")?.changed, true);
    assertEquals(warnings, ["a large changed while it was read"]);
  });
});

describe("packing that is cut off", () => {
  /** Packs a large file, and does something when its first bytes come. */
  async function cutOff(act: () => void, stop?: AbortSignal): Promise<number> {
    await using folder = await temporaryFolder();
    Deno.writeFileSync(`${folder.path}/large`, random(LARGE));
    using archive = packDocuments({ documents: folder.path }, { signal: stop ?? signal });
    let chunks = 0;
    for await (const _ of archive.stream) if (chunks++ === 0) act();
    return chunks;
  }

  it("fails when the compressor is killed", async () => {
    const { name } = findCompressor();
    const kill = () => Deno.kill(childrenNamed(name)[0]!, "SIGKILL");
    const error = await assertRejects(() => cutOff(kill), DrillError);
    assertEquals([error.code, error.message], [
      "TOOL_FAILED",
      `Cannot pack the documents: ${name} was ended by SIGKILL`,
    ]);
  });

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
    assertThrows(() => archive.describe(), TypeError);
    assertEquals(childrenNamed(findCompressor().name), []);
  });
});

/** The process ids of our own children of that name. */
function childrenNamed(name: string): number[] {
  return [...Deno.readDirSync("/proc")].flatMap((entry) => {
    if (!/^\d+$/.test(entry.name)) return [];
    try {
      const [, comm, parent] =
        /^\d+ \((.*)\) \S (\d+)/.exec(Deno.readTextFileSync(`/proc/${entry.name}/stat`)) ?? [];
      return comm === name && Number(parent) === Deno.pid ? [Number(entry.name)] : [];
    } catch {
      return []; // it ended while we looked
    }
  });
}
