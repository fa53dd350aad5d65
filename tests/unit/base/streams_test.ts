import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startTool } from "../../../src/base/process/processes.ts";
import { type Bytes, gathered, inPieces } from "../../../src/base/streams.ts";

async function* chunksOf(...sizes: number[]): AsyncGenerator<Bytes> {
  for (const [at, size] of sizes.entries()) yield await Promise.resolve(new Uint8Array(size).fill(at + 1));
}

describe("gathering small chunks", () => {
  const cases: [what: string, chunks: number[], gathered: number[]][] = [
    ["nothing", [], []],
    ["small ones", [1, 2, 3], [6]],
    ["more than fit", [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], [72, 36]],
    ["a large one passes by itself, after what came before it", [5, 50, 5], [5, 50, 5]],
    ["only large ones", [80, 10, 200], [80, 10, 200]],
    ["empty ones", [0, 0, 4, 0], [4]],
  ];
  for (const [what, chunks, expected] of cases) {
    it(what, async () => {
      const found = await Array.fromAsync(gathered(chunksOf(...chunks), 80));
      assertEquals(found.map(({ length }) => length), expected);
      const plain = await new Blob(await Array.fromAsync(chunksOf(...chunks))).bytes();
      assertEquals(await new Blob(found).bytes(), plain);
    });
  }
});

describe("what a program writes, in pieces", () => {
  it("comes whole", async () => {
    await using tool = startTool("/usr/bin/seq", { args: ["100000"] });
    const pieces = await Array.fromAsync(inPieces(tool.stdout, 1000));
    const text = await new Blob(pieces).text();
    assertEquals(text, Array.from({ length: 100_000 }, (_, at) => `${at + 1}\n`).join(""));
    assertEquals(Math.max(...pieces.map(({ length }) => length)) <= 1000, true);
  });

  it("ends with who stops reading", async () => {
    await using tool = startTool("/usr/bin/yes");
    for await (const piece of inPieces(tool.stdout)) {
      assertEquals(piece[0], "y".charCodeAt(0));
      break;
    }
    assertEquals((await tool.ended).signal, "SIGPIPE");
  });

  it("its stderr goes to who asks for it, and nothing of it is kept", async () => {
    let heard = "";
    const onStderr = (piece: Uint8Array) => void (heard += new TextDecoder().decode(piece));
    await using tool = startTool("/bin/sh", { args: ["-c", "seq 5000 >&2"], onStderr });
    assertEquals((await tool.ended).stderr, "");
    assertEquals(heard.trim().split("\n").length, 5000);
  });
});
