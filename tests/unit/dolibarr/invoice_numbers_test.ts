import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  findLostReferences,
  findNumberHoles,
  formsOf,
  NO_MASKS,
  notJudged,
  withEarlierMasks,
} from "../../../src/dolibarr/books/numbering/invoice_numbers.ts";

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
    ["one dated back to before the first", ["FA2502-0003", "FA2511-0001", "FA2511-0002", "FA2512-0004"], []],
    ["and one lost beside it", ["FA2502-0003", "FA2511-0001", "FA2512-0004"], [
      "FA: 2 to 3 are missing between FA2511-0001 and FA2512-0004",
    ]],
    [
      "one dated back to the year before, whose numbers had begun at its own",
      ["FA2411-0001", "FA2412-0002", "FA2412-0005", "FA2501-0001", "FA2501-0002", "FA2502-0003"]
        .concat("FA2503-0004", "FA2504-0006"),
      [],
    ],
    [
      "numbers that a mask with the year took, which are no months",
      ["AV2604-0001", "AV2606-0002", "AV2017-0003", "AV2018-0004", "AV2611-0006", "AV2611-0007"],
      ["AV: 5 is missing between AV2606-0002 and AV2611-0006"],
    ],
    [
      "numbers that a mask with the year took, some of which look like months",
      ["FA2011-0001", "FA2012-0002", "FA2013-0003", "FA2014-0004", "FA2601-0005", "FA2601-0007"],
      ["FA: 6 is missing between FA2601-0005 and FA2601-0007"],
    ],
    ["those of another entity do not count", ["FA2511-0001", "2/FA2017-0002", "FA2511-0003"], [
      "FA: 2 is missing between FA2511-0001 and FA2511-0003",
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
      earlier: new Map(),
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

describe("the numbers of invoices by a mask", () => {
  /** What is found in these references where the first entity has this mask, and its fiscal year begins with that month. */
  const look = (mask: string, refs: readonly string[], fiscalMonth = "1") =>
    findNumberHoles(refs, {
      forms: formsOf([
        { entity: 0, name: "SOCIETE_FISCAL_MONTH_START", value: fiscalMonth },
        { entity: 1, name: "FACTURE_MERCURE_MASK_INVOICE", value: mask },
      ]),
      shared: false,
    });
  // deno-fmt-ignore: a line each
  const cases: [what: string, mask: string, refs: string[], holes: string[], fiscalMonth?: string][] = [
    ["by year alone", "FV{yyyy}-{0000}", ["FV2026-0001", "FV2026-0003"], ["FV 2 after FV2026-0001"]],
    ["on through the years", "FV{yyyy}-{0000}", ["FV2025-0001", "FV2025-0002", "FV2026-0003"], []],
    ["anew each year", "FV{yyyy}-{0000@1}", ["FV2025-0001", "FV2025-0002", "FV2026-0001"], []],
    ["anew each year, the first two lost", "FV{yyyy}-{0000@1}", ["FV2025-0001", "FV2026-0003"], ["FV 1 after FV2025-0001"]],
    ["anew each month", "F{yy}{mm}-{000@99}", ["F2511-001", "F2511-002", "F2512-001", "F2601-003"], ["F 1 after F2512-001"]],
    ["anew in September", "FB{yy}{mm}-{0000@9}", ["FB2507-0008", "FB2508-0009", "FB2509-0001", "FB2601-0003"], ["FB 2 after FB2509-0001"]],
    ["with the fiscal year", "FB{yy}{mm}-{0000@0}", ["FB2506-0001", "FB2507-0001", "FB2606-0002"], [], "7"],
    ["with the year that is printed", "F{yyyy}{mm}-{0000@+}", ["F202606-0001", "F202707-0001"], [], "7"],
    ["from an offset on", "FV{yyyy}-{0000+100@1}", ["FV2025-0052", "FV2025-0053", "FV2026-0101"], []],
    ["the counter before the year", "{0000}/{yyyy}", ["0001/2026", "0003/2026"], ["{0000}/{yyyy} 2 after 0001/2026"]],
    ["like the name of an entity", "{yyyy}/{0000}", ["2026/0001", "2026/0003"], ["{yyyy}/{0000} 2 after 2026/0001"]],
    ["with a customer's code", "F{cccc}-{yy}-{0000}", ["FACME-26-0001", "FBETA-26-0002", "FACME-26-0004"], ["FBETA 3 after FBETA-26-0002"]],
    ["one for each customer", "{cccc000}-{yy}", ["ACME001-26", "BETA001-26", "ACME003-26"], ["ACME 2 after ACME001-26"]],
    ["with signs of regular expressions", "F.({yyyy})+{000}", ["F.(2026)+001", "F.(2026)+003"], ["F.( 2 after F.(2026)+001"]],
    ["where the reset came later", "FV{yyyy}-{0000@1}", ["FV2024-0001", "FV2025-0002", "FV2026-0001"], []],
    ["where the reset went", "FV{yyyy}-{0000}", ["FV2024-0001", "FV2024-0002", "FV2025-0001", "FV2025-0002"], []],
  ];
  for (const [what, mask, refs, expected, fiscalMonth] of cases) {
    it(`${mask}: ${what}`, () => {
      const found = look(mask, refs, fiscalMonth);
      assertEquals(found.faults.map(({ subject }) => subject), expected);
      assertEquals([found.checked, found.otherForms], [refs.length, 0]);
    });
  }

  it("are the fiscal year's also where no mask says so", () => {
    const years = ["FB2409-0001", "FB2410-0002", "FB2412-0003", "FB2501-0004", "FB2507-0008", "FB2509-0001"];
    const found = (...more: string[]) =>
      findNumberHoles([...years, "FB2503-0005", "FB2504-0006", ...more]).faults.map(({ subject }) => subject);
    assertEquals(found("FB2505-0007", "FB2511-0002"), []);
    assertEquals(found("FB2511-0002"), ["FB 7 after FB2504-0006"]);
    assertEquals(found("FB2505-0007", "FB2511-0003"), ["FB 2 after FB2509-0001"]);
  });

  it("are not judged where the mask is another one now, or cannot be read", () => {
    for (const mask of ["FV{yyyy}-{0000}", "X{zz}-{0000}", "X", "X{000@13}", "X{000@1}"]) {
      const { checked, otherForms } = look(mask, ["OLD/2024/1", "OLD/2024/9", "FA2511-0001"]);
      assertEquals([checked, otherForms], [1, 2], mask);
    }
  });

  it("are one series in all entities that share the counter", () => {
    const refs = ["FA2511-0001", "2/FA2511-0002", "FA2511-0003"];
    const faults = (shared: boolean) => findNumberHoles(refs, { forms: new Map(), shared }).faults.length;
    assertEquals([faults(true), faults(false)], [0, 1]);
  });

  it("tell an invoice that was lost from one that could be deleted", () => {
    const rules = {
      forms: formsOf([{ entity: 1, name: "FACTURE_MERCURE_MASK_INVOICE", value: "FV{yyyy}-{0000}" }]),
      shared: false,
    };
    const there = ["FV2026-0001", "FV2026-0003"];
    assertEquals(findLostReferences(["FV2026-0002", "FV2026-0004"], there, rules), ["FV2026-0002"]);
    assertEquals(notJudged(["FV2026-0002", "OLD/7"], rules), ["OLD/7"]);
  });

  it("are read from the unalterable log too, which has a reference as the name of a file", () => {
    const rules = {
      forms: formsOf([{ entity: 1, name: "FACTURE_MERCURE_MASK_INVOICE", value: "{yy}{mm}/{0000@1}" }]),
      shared: false,
    };
    assertEquals(findLostReferences(["2611_0002"], ["2611/0001", "2611/0003"], rules), ["2611_0002"]);
    assertEquals(findLostReferences(["2611_0002"], ["2611/0001", "2611/0002", "2611/0003"], rules), []);
  });
});

describe("the numbers of a mask that Dolibarr has no more", () => {
  const pad = (number: number) => String(number).padStart(4, "0");
  const numbers = (count: number, ref: (number: number) => string) =>
    Array.from({ length: count }, (_, at) => ref(at + 1));
  const look = (refs: readonly string[], entities = [1]) => {
    const rules = { ...NO_MASKS, forms: withEarlierMasks(refs, NO_MASKS, entities) };
    const { faults, otherForms, earlier } = findNumberHoles(refs, rules);
    return { faults: faults.map(({ subject }) => subject), otherForms, masks: [...earlier.keys()], rules };
  };
  const year = (number: number) => 2017 + Math.floor((number - 1) / 20);
  const month = (number: number) => String(1 + Math.floor((number - 1) / 5)).padStart(2, "0");
  const inYear = (number: number) => pad(1 + (number - 1) % 20);
  const inMonth = (number: number) => pad(1 + (number - 1) % 5);

  // deno-fmt-ignore: a line each
  const told: [mask: string, ref: (number: number) => string, lost: string, hole: string][] = [
    ["FV{yyyy}-{0000}", (n) => `FV${year(n)}-${pad(n)}`, "FV2018-0030", "FV 30 after FV2018-0029"],
    ["FV{yyyy}-{0000}", (n) => `FV${year(n)}-${inYear(n)}`, "FV2018-0010", "FV 10 after FV2018-0009"],
    ["{yy}{mm}/{0000}", (n) => `17${month(n)}/${inMonth(n)}`, "1703/0003", "{yy}{mm}/{0000} 3 after 1703/0002"],
    ["{0000}/{yyyy}", (n) => `${pad(n)}/${year(n)}`, "0030/2018", "{0000}/{yyyy} 30 after 0029/2018"],
    ["INV{yyyy}{0000}", (n) => `INV${year(n)}${pad(n)}`, "INV20180030", "INV 30 after INV20180029"],
    ["R-{0000}", (n) => `R-${pad(n)}`, "R-0030", "R 30 after R-0029"],
  ];
  for (const [mask, ref, lost, hole] of told) {
    it(`are told by ${ref(1)} ... ${ref(60)}, and the one that is lost`, () => {
      const refs = numbers(60, ref);
      const { faults, otherForms, masks } = look(refs);
      assertEquals([faults, otherForms, masks.length], [[], 0, 1], masks.join());
      const found = look(refs.filter((one) => one !== lost));
      assertEquals([found.faults, found.otherForms], [[hole], 0], mask);
      const there = refs.filter((one) => one !== lost);
      assertEquals(findLostReferences([lost.replace("/", "_")], there, found.rules), [
        lost.replace("/", "_"),
      ]);
    });
  }

  it("are those of its own entity", () => {
    const refs = numbers(60, (n) => `2/FV${year(n)}-${pad(n)}`).filter((_, at) => at !== 30);
    assertEquals(look(refs, [1, 2]).faults, ["2/FV 31 after 2/FV2018-0030"]);
    const both = [...refs, ...numbers(60, (n) => `FV${year(n)}-${pad(n)}`)];
    assertEquals(look(both, [1, 2]).faults, ["2/FV 31 after 2/FV2018-0030"]);
  });

  // deno-fmt-ignore: a line each
  const untold: [what: string, refs: string[]][] = [
    ["of few references", numbers(30, (n) => `FV${year(n)}-${pad(n)}`)],
    ["with many holes, as of invoices of another program", numbers(120, (n) => `FV${year(n)}-${pad(n)}`).filter((_, at) => at % 20 !== 7)],
    ["with two holes in fewer than a hundred", numbers(60, (n) => `FV${year(n)}-${pad(n)}`).filter((_, at) => at !== 17 && at !== 40)],
    ["with a customer's code", numbers(60, (n) => `F${["AB", "CD", "EF"][n % 3]}-${pad(Math.ceil(n / 3))}`)],
    ["with two counters, of which either may be the number", numbers(60, (n) => `${pad(n)}-${pad(n + 7)}`)],
    ["without a number", numbers(60, () => "OLD")],
  ];
  for (const [what, refs] of untold) {
    it(`are not judged, and counted, ${what}`, () => {
      const { faults, otherForms } = look(refs);
      assertEquals([faults, otherForms], [[], refs.length]);
    });
  }
});
