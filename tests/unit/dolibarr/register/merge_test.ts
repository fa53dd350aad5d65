import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { mergeRows, overlaid } from "../../../../src/dolibarr/register/merge.ts";

type Rows = Map<number, string>;

const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom("a", "b")), { maxLength: 25 })
  .map((list): Rows => new Map(list.toSorted(([a], [b]) => a - b)));

const lineOf = (id: number, value: string) => `[${id},"${value}"]`;

async function* batches(of: Rows, size: number): AsyncGenerator<string[]> {
  const lines = [...of].map(([id, value]) => lineOf(id, value));
  for (let at = 0; at < lines.length; at += size) yield lines.slice(at, at + size);
}

describe("two parts of a register", () => {
  it("are walked side by side: every row of now, and every row that one side has otherwise", async () => {
    await fc.assert(fc.asyncProperty(rows, rows, fc.integer({ min: 1, max: 7 }), async (was, is, size) => {
      const now: string[] = [];
      const differing: (string | undefined)[][] = [];
      await mergeRows(batches(was, size), batches(is, 3), {
        now: (line) => now.push(line),
        differing: (before, after) => differing.push([before, after]),
      });
      const line = (side: Rows, id: number) => side.has(id) ? lineOf(id, side.get(id)!) : undefined;
      const ids = [...new Set([...was.keys(), ...is.keys()])].sort((a, b) => a - b);
      assertEquals(now, [...is].map(([id, value]) => lineOf(id, value)));
      assertEquals(
        differing,
        ids.map((id) => [line(was, id), line(is, id)]).filter(([before, after]) => before !== after),
      );
    }));
  });

  it("are compared with the rows of earlier nights that still stand", async () => {
    await fc.assert(fc.asyncProperty(rows, rows, rows, async (is, standing, absent) => {
      const overlays = [
        ...[...standing].map(([id, value]) => ({ id, was: lineOf(id, value) })),
        ...[...absent.keys()].filter((id) => !standing.has(id)).map((id) => ({ id, was: null })),
      ];
      const expected = new Map([...is, ...standing]);
      for (const { id, was } of overlays) if (was === null) expected.delete(id);
      const found = (await Array.fromAsync(overlaid(batches(is, 2), overlays.toReversed()))).flat();
      assertEquals(found, [...expected].sort(([a], [b]) => a - b).map(([id, value]) => lineOf(id, value)));
    }));
  });
});
