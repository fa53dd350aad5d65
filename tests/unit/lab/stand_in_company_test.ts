import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readDemoCompany } from "../../../src/lab/demo_company.ts";
import { chainLines, eventsOf, sha256 } from "../../../src/lab/stand_in/rows/unalterable_log.ts";
import { readFault } from "../../../src/lab/stand_in/faults.ts";
import { phpPasswordHash } from "../../../src/lab/stand_in/fill.ts";
import { centsOf, decimalOf, papersOf, sumOf, taxOn } from "../../../src/lab/stand_in/rows/papers.ts";
import { invoicePdf } from "../../../src/lab/stand_in/pdf.ts";
import { rowsOf } from "../../../src/lab/stand_in/rows/company_rows.ts";
import { schemaSql, STAND_IN_TABLES } from "../../../src/lab/stand_in/tables/schema.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { PLACEHOLDER } from "../../../src/lab/stand_in/pages/files.ts";

const FIXTURES = new URL("../../../fixtures/", import.meta.url).pathname;
const company = readDemoCompany(`${FIXTURES}company.json`);
const papers = papersOf(company);

describe("the stand-in's company", () => {
  it("has the invoices that its file asks for", () => {
    const { count, draftsAtTheEnd } = company.invoices;
    assertEquals(papers.filter(({ type }) => type === 0).length, count);
    assertEquals(papers.filter(({ state }) => state === "draft").length, draftsAtTheEnd);
    assertEquals(papers[0]!.ref, "FA2511-0001");
    assert(
      papers.some(({ ref, type, net, correctsId }) =>
        ref.startsWith("AV") && type === 2 && net < 0 && correctsId
      ),
    );
  });

  it("counts references without a gap, in the order of their dates", () => {
    for (const prefix of ["FA", "AV"]) {
      const numbers = papers.filter(({ ref }) => ref.startsWith(prefix)).map(({ ref }) =>
        Number(ref.slice(-4))
      );
      assertEquals(numbers, numbers.map((_, at) => at + 1));
    }
    const dates = papers.map(({ date }) => date);
    assertEquals(dates, dates.toSorted());
  });

  it("has totals that are the sums of their lines", () => {
    for (const { net, tax, lines } of papers) {
      assertEquals([net, tax], [sumOf(lines.map((line) => line.net)), sumOf(lines.map((line) => line.tax))]);
    }
  });

  it("counts in whole cents and rounds a tax away from zero", () => {
    assertEquals([centsOf("640.00"), centsOf("-0.5"), decimalOf(-5), decimalOf(123456)], [
      64000,
      -50,
      "-0.05",
      "1234.56",
    ]);
    assertEquals([taxOn(25, "10"), taxOn(-25, "10"), taxOn(64000, "5.5")], [3, -3, 3520]);
    assertThrows(() => centsOf("1.005"), RangeError);
  });

  it("is the same in every row, every time", () => {
    const once = () => JSON.stringify([...rowsOf(company, papersOf(company), [], ["$2y$a", "$2y$b"])]);
    assertEquals(once(), once());
  });

  it("names only tables and columns that it has", () => {
    for (
      const [table, rows] of rowsOf(company, papers, [{
        paper: papers[0]!,
        path: "facture/A/A.pdf",
        md5: "0",
      }], ["a", "b"])
    ) {
      const columns = new Set(STAND_IN_TABLES.get(table)?.map(({ name }) => name));
      for (const row of rows) {
        for (const name of Object.keys(row)) assert(columns.has(name), `llx_${table}.${name}`);
      }
    }
  });
});

describe("the stand-in's tables", () => {
  it("are as many as a Dolibarr has", () => {
    assert(STAND_IN_TABLES.size >= 276, `${STAND_IN_TABLES.size}`);
    assertEquals(schemaSql().match(/CREATE TABLE public\.llx_/g)?.length, STAND_IN_TABLES.size);
  });

  it("have foreign keys that can be deferred, and times that renew themselves", () => {
    const sql = schemaSql();
    assert(sql.match(/ FOREIGN KEY [^;]* DEFERRABLE/g)!.length > 20);
    assert(sql.match(/EXECUTE FUNCTION public\.update_modified_column_tms/g)!.length > 100);
    assert(
      !STAND_IN_TABLES.get("facturedet")!.some(({ name }) => name === "tms"),
      "this one has none in Dolibarr either",
    );
  });
});

describe("the stand-in's unalterable log", () => {
  const events = eventsOf(company, papers);
  const rows = chainLines(events, "salt", "first", "SuperAdmin");

  it("has a line for the module, each validated invoice and each payment, in the order of time", () => {
    const validated = papers.filter(({ state }) => state !== "draft").length;
    const paid = papers.filter(({ payment }) => payment).length;
    assertEquals(rows.length, 1 + validated + paid);
    assertEquals(rows.map((row) => row.date_creation), rows.map((row) => row.date_creation).toSorted());
  });

  it("is chained as Dolibarr chains it: recomputed from what is stored", () => {
    assertEquals(firstBroken(rows), undefined);
  });

  it("shows a line that is missing or was altered", () => {
    assertEquals(firstBroken(rows.toSpliced(3, 1)), 3);
    assertEquals(firstBroken(rows.with(5, { ...rows[5]!, amounts: "1.00" })), 5);
  });

  /** The first line whose signature is not that of its stored values and of the line before. */
  function firstBroken(lines: typeof rows): number | undefined {
    let previous = "first";
    const at = lines.findIndex((row) => {
      const [created, dated] = [row.date_creation, row.date_object].map((text) =>
        Date.parse(`${text.replace(" ", "T")}Z`) / 1000
      );
      const key = [
        created,
        row.action,
        String(Number(row.amounts)),
        row.ref_object,
        dated,
        row.user_fullname,
        row.object_data,
      ].join("|");
      const good = row.signature === sha256("salt" + previous + key) &&
        row.signature_line === sha256("salt" + key);
      previous = row.signature;
      return !good;
    });
    return at < 0 ? undefined : at;
  }
});

describe("the stand-in's files", () => {
  it("are the same PDF every time, and another one for another invoice", async () => {
    const logo = await Deno.readFile(`${FIXTURES}${company.logo}`);
    const once = await invoicePdf(papers[0]!, company, logo);
    assertEquals(await invoicePdf(papers[0]!, company, logo), once);
    assert(new TextDecoder("latin1").decode(once).startsWith("%PDF-"));
    assert((await invoicePdf(papers[1]!, company, logo)).length !== once.length);
  });

  it("have a placeholder as long as Dolibarr's", () => {
    assertEquals([PLACEHOLDER.length, ...PLACEHOLDER.subarray(1, 4)], [4713, 0x50, 0x4e, 0x47]);
  });

  it("have passwords hashed as PHP does", async () => {
    const hash = phpPasswordHash("one word");
    assert(/^\$2y\$10\$.{53}$/.test(hash), hash);
    const { compare } = await import("bcryptjs");
    assertEquals([await compare("one word", hash), await compare("another", hash)], [true, false]);
  });
});

describe("the stand-in's faults", () => {
  it("are none without a file, and never one that nobody knows", async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/faults.json`;
    assertEquals(readFault(file).mode, undefined);
    await Deno.writeTextFile(file, `{"mode":"slow","ms":5}`);
    assertEquals(readFault(file), { mode: "slow", ms: 5 });
    await Deno.writeTextFile(file, `{"mode":"sloww"}`);
    assertThrows(() => readFault(file), Error, `the fault "sloww" does not exist`);
  });
});
