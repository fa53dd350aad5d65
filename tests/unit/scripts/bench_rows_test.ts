import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { alternate, medians } from "../../../scripts/bench/measuring/turns.ts";
import {
  markdownTable,
  median,
  overLimits,
  ratioOf,
  type Row,
} from "../../../scripts/bench/measuring/table.ts";

const row: Row = {
  what: "backup of 500 MB",
  ms: 4_400,
  bare: { what: "pg_dump, tar", ms: 4_000 },
  limits: { ratio: 1.2, peakBytes: 250e6 },
  peakBytes: 180e6,
};

describe("a measured row", () => {
  it("is within its limits, to the limit itself", () => {
    assertEquals(overLimits(row), []);
    assertEquals(overLimits({ ...row, ms: 4_800, peakBytes: 250e6 }), []);
    assertEquals(overLimits({ ...row, ms: 400_000, limits: {} }), []);
  });

  // deno-fmt-ignore: a line each
  const over: [what: string, row: Row, said: string][] = [
    ["its ratio", { ...row, ms: 5_000 }, "backup of 500 MB: ratio 1.25, its limit is ratio 1.20"],
    ["its memory", { ...row, peakBytes: 260e6 }, "backup of 500 MB: 260 MB, its limit is 250 MB"],
    ["its time", { ...row, limits: { ms: 4_000 } }, "backup of 500 MB: 4.40 s, its limit is 4.00 s"],
    ["what it may add", { ...row, limits: { moreMs: 300 } }, "backup of 500 MB: 0.40 s more, its limit is 0.30 s more"],
  ];
  for (const [what, wrong, said] of over) {
    it(`says that it is over ${what}`, () => {
      assertEquals(overLimits(wrong), [said]);
      assertStringIncludes(markdownTable([wrong]).at(-1)!, "OVER");
    });
  }

  it("has no ratio where there is nothing to compare it with", () => {
    assertEquals(ratioOf({ what: "drill", ms: 5_000, limits: {} }), undefined);
  });
});

describe("the table", () => {
  it("is Markdown with aligned columns", () => {
    assertEquals(markdownTable([row, { what: "drill", ms: 11_960, limits: { ms: 12_000 } }]), [
      "| what             | ours   | the bare alternative  | ratio | limit              | peak memory |",
      "| ---------------- | ------ | --------------------- | ----- | ------------------ | ----------- |",
      "| backup of 500 MB | 4.40 s | 4.00 s (pg_dump, tar) | 1.10  | ratio 1.20, 250 MB | 180 MB      |",
      "| drill            | 12.0 s |                       |       | 12.0 s             |             |",
    ]);
  });
});

describe("several runs", () => {
  it("count as their median", () => {
    assertEquals([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])], [2, 2.5, 7]);
    assertEquals(medians([{ a: 1, b: 30 }, { a: 3, b: 10 }, { a: 2, b: 20 }]), { a: 2, b: 20 });
  });

  it("take turns, and now one way is first, now the other", async () => {
    const order: string[] = [];
    const way = (name: string) => () => {
      order.push(name);
      return Promise.resolve({ at: order.length });
    };
    const found = await alternate(3, way("ours"), way("bare"));
    assertEquals(order, ["ours", "bare", "bare", "ours", "ours", "bare"]);
    assertEquals(found, { ours: { at: 4 }, bare: { at: 3 } });
  });
});
