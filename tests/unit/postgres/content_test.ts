import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compareContent } from "../../../src/postgres/catalogue/compare_content.ts";
import {
  type BackedUpState,
  lossesSince,
  suspectReasons,
} from "../../../src/dolibarr/tables/suspect_state.ts";

const table = (name: string, rows: number, hash = "1") => ({ table: `public.${name}`, rows, hash });

describe("comparing what two databases hold", () => {
  const backup = [table("llx_facture", 48), table("llx_user", 2)];

  it("finds nothing where both hold the same, in any order", () => {
    assertEquals(compareContent(backup, [...backup].reverse()), []);
  });

  for (
    const [what, found, sentence] of [
      [
        "a table that is missing",
        [backup[1]!],
        "public.llx_facture: missing; the backup has it with 48 rows",
      ],
      [
        "a row less",
        [table("llx_facture", 47), backup[1]!],
        "public.llx_facture: 47 rows, the backup has 48",
      ],
      [
        "one changed row",
        [table("llx_facture", 48, "2"), backup[1]!],
        "public.llx_facture: 48 rows, but their content differs",
      ],
      ["a table too many", [...backup, table("x", 3)], "public.x: not in the backup; found with 3 rows"],
    ] as const
  ) {
    it(`names ${what}`, () => {
      assertEquals(compareContent(backup, found).map((one) => `${one.table}: ${one.what}`), [sentence]);
    });
  }
});

describe("a backup that looks lost", () => {
  const whole = [
    ...Array.from({ length: 275 }, (_, at) => table(`llx_t${at}`, 0)),
    table("llx_user", 3),
    table("llx_facture", 200),
    table("llx_societe", 3),
    table("llx_c_paiement", 3),
    table("llx_blockedlog", 60),
  ];
  const good = { tables: whole, files: 100 };
  const judged = (now: BackedUpState) => [...suspectReasons(now), ...lossesSince(now, good)];
  const withRows = (name: string, rows: number) => ({
    ...good,
    tables: whole.map((one) => one.table === `public.${name}` ? { ...one, rows } : one),
  });

  it("is told from an ERP under another prefix or in another schema, in one sentence", () => {
    for (const place of ["public.erp_", "erp.llx_"]) {
      const tables = ["const", "facture", "facturedet", "user"].map((name) => ({
        table: `${place}${name}`,
        rows: 3,
        hash: "0",
      }));
      assertEquals(suspectReasons({ tables, files: 9 }), [
        `Dolibarr's tables are ${place}*: this tool knows the prefix llx_ and the schema public alone`,
      ]);
    }
  });

  it("is not suspected when it is whole, alone or against the one before", () => {
    assertEquals([suspectReasons(good), lossesSince(good, good)], [[], []]);
  });

  for (
    const [what, now, reason] of [
      [
        "few tables",
        { ...good, tables: whole.slice(-200) },
        "only 200 llx_ tables: Dolibarr has at least 250",
      ],
      ["no users", {
        ...good,
        tables: whole.map((one) => one.table === "public.llx_user" ? { ...one, rows: 0 } : one),
      }, "no users"],
      ["a large table that lost most rows", {
        ...good,
        tables: whole.map((one) => one.rows === 200 ? { ...one, rows: 99 } : one),
      }, "public.llx_facture has 99 rows, the set before has 200"],
      [
        "a small table of papers that lost every row",
        withRows("llx_societe", 0),
        "public.llx_societe has 0 rows, the set before has 3",
      ],
      [
        "an unalterable log that lost a line",
        withRows("llx_blockedlog", 59),
        "public.llx_blockedlog has 59 rows, the set before has 60",
      ],
      ["a tree that lost most files", { ...good, files: 49 }, "49 documents, the set before has 100"],
    ] as const
  ) {
    it(`is suspected for ${what}`, () => assertEquals(judged(now), [reason]));
  }

  it("is not suspected for half, which is an ordinary archiving", () => {
    assertEquals(judged({ ...withRows("llx_facture", 100), files: 50 }), []);
    assertEquals(judged(withRows("llx_c_paiement", 0)), []);
  });
});
