import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { findLostReferences, findNumberHoles } from "../../../src/dolibarr/books/invoice_numbers.ts";

describe("the numbers of invoices", () => {
  const cases: [string, string[], string[]][] = [
    ["one series through all months", ["FA2511-0001", "FA2511-0002", "FA2512-0003"], []],
    ["a hole at the turn of a month", ["FA2511-0001", "FA2512-0003"], [
      "FA: 2 is missing between FA2511-0001 and FA2512-0003",
    ]],
    ["several missing", ["FA2511-0001", "FA2512-0005"], [
      "FA: 2 to 4 are missing between FA2511-0001 and FA2512-0005",
    ]],
    ["a series may begin anywhere", ["FA2511-0100", "FA2511-0101"], []],
    ["each type by itself", ["FA2511-0001", "AV2511-0001", "FA2511-0002"], []],
    ["anew each month", ["FA2511-0001", "FA2511-0002", "FA2512-0001", "FA2512-0002"], []],
    ["anew each month, with a hole", ["FA2511-0001", "FA2511-0003", "FA2512-0001"], [
      "FA: 2 is missing between FA2511-0001 and FA2511-0003",
    ]],
    ["anew each year", ["FA2511-0001", "FA2512-0002", "FA2601-0001", "FA2603-0002"], []],
    ["anew each year, with a hole", ["FA2511-0001", "FA2512-0003", "FA2601-0001"], [
      "FA: 2 is missing between FA2511-0001 and FA2512-0003",
    ]],
    ["another company by itself", ["FA2511-0001", "2/FA2511-0001", "FA2511-0002"], []],
    ["a number given twice", ["FA2511-0001", "FA2511-0002", "FA2511-0002"], [
      "FA: FA2511-0002 is there 2 times",
    ]],
    ["another form is not judged", ["INV-2025-1", "INV-2025-9", "FA2513-0009"], []],
  ];
  for (const [what, refs, holes] of cases) {
    it(what, () => assertEquals(findNumberHoles(refs).faults.map(({ sentence }) => sentence), holes));
  }

  it("are counted, also those of another form", () =>
    assertEquals(findNumberHoles(["FA2511-0001", "FA2511-0002", "X1"]), {
      checked: 2,
      otherForms: 1,
      faults: [],
      series: ["FA 2"],
    }));
});

describe("a finding about the numbers of invoices", () => {
  const faults = (...refs: string[]) => findNumberHoles(refs).faults;
  const subjects = (...refs: string[]) => faults(...refs).map(({ subject, kind }) => `${subject}: ${kind}`);

  it("names the series, the first missing number and the reference before it", () => {
    assertEquals(faults("FA2511-0001", "FA2512-0005"), [{
      subject: "FA 2 after FA2511-0001",
      kind: "missing",
      sentence: "FA: 2 to 4 are missing between FA2511-0001 and FA2512-0005",
      facts: { first: 2, last: 4, next: "FA2512-0005" },
    }]);
    assertEquals(faults("2/FA2511-0003", "2/FA2511-0003", "2/FA2511-0004"), [{
      subject: "2/FA2511-0003",
      kind: "repeated",
      sentence: "2/FA: 2/FA2511-0003 is there 2 times",
      facts: { times: 2 },
    }]);
  });

  it("keeps its name where numbers begin anew with the new year, and where invoices are added", () => {
    const hole = ["FA2511-0001", "FA2512-0003"];
    const named = ["FA 2 after FA2511-0001: missing"];
    assertEquals(subjects(...hole), named);
    assertEquals(subjects(...hole, "FA2512-0004", "FA2601-0005"), named);
    assertEquals(subjects(...hole, "FA2601-0001", "FA2602-0002"), named);
  });

  it("is another where one more number is lost, and two holes of one number are two", () => {
    const [one] = faults("FA2511-0001", "FA2511-0003", "FA2511-0004");
    const [more] = faults("FA2511-0001", "FA2511-0004");
    assertEquals([one!.subject, one!.facts], [more!.subject, { first: 2, last: 2, next: "FA2511-0003" }]);
    assertEquals(more!.facts, { first: 2, last: 3, next: "FA2511-0004" });
    assertEquals(subjects("FA2511-0001", "FA2511-0003", "FA2512-0001", "FA2512-0003"), [
      "FA 2 after FA2511-0001: missing",
      "FA 2 after FA2512-0001: missing",
    ]);
  });

  it("never names two of them alike", () =>
    fc.assert(fc.property(
      fc.array(fc.record({
        prefix: fc.constantFrom("FA", "AV", "2/FA"),
        month: fc.constantFrom("2511", "2512", "2601"),
        number: fc.integer({ min: 1, max: 12 }),
      })),
      (drawn) => {
        const refs = drawn.map(({ prefix, month, number }) =>
          `${prefix}${month}-${String(number).padStart(4, "0")}`
        );
        const ids = subjects(...refs);
        assertEquals(new Set(ids).size, ids.length, ids.join("\n"));
      },
    )));
});

describe("an invoice that is gone", () => {
  const refs = ["FA2511-0001", "FA2511-0003", "FA2512-0004", "AV2511-0001"];
  const cases: [string, string[], string[], string[]][] = [
    ["between two others", ["FA2511-0002"], refs, ["FA2511-0002"]],
    ["the first of its series", ["FA2511-0001"], refs.slice(1), ["FA2511-0001"]],
    ["the last of its series could be deleted", ["FA2512-0005", "AV2511-0002"], refs, []],
    ["its number is another invoice's now", ["FA2511-0003"], refs, []],
    [
      "the last of a year whose numbers begin anew",
      ["FA2512-0005"],
      [...refs, "FA2601-0001", "FA2601-0006"],
      [],
    ],
    ["of a form that cannot be read", ["2025/7"], ["2025/8"], []],
  ];
  for (const [what, gone, there, lost] of cases) {
    it(what, () => assertEquals(findLostReferences(gone, there), lost));
  }
});
