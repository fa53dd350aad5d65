import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { allChecks } from "../../../src/checks/all_checks.ts";
import { proofOf } from "../../../src/drill/record/proof.ts";
import { putDrill } from "../../../src/store/records/drills.ts";
import { type ProofBody, putProof } from "../../../src/store/records/proofs.ts";
import { BOOKS_OF_OLD, isUnjudged, judgeAnew } from "../../../src/store/sets/old_drill_proofs.ts";
import { problemsOf, provedAt, readInventory } from "../../../src/store/sets/inventory.ts";
import { booksCheck, drillOf, nightOf, putNight } from "../../support/findings/nights.ts";
import { memoryStore } from "../../support/store/memory_store.ts";
import { samplePass } from "../../support/samples/results.ts";

const SET = nightOf(1);
/** The titles that read today as they did then. */
const SAME = BOOKS_OF_OLD["documents.invoices"]!;
const AT = new Date(drillOf(SET, []).endedAt);
const objects = ["db", "docs"].map((half) => ({
  key: `prod/${half}/${SET}.${half === "db" ? "dump" : "tar.gz"}`,
  bytes: 3,
  sha256: "a".repeat(64),
  sound: true,
}));

/** A failed drill of the version before. */
const failed = (change: Partial<ProofBody> = {}): ProofBody => ({
  ...{ environment: "prod", set: SET, at: AT, verb: "drill", verdict: "fail", objects },
  ...{ proved: [], notProved: [], problems: [`${SAME}: FA2610-0004: it is missing`] },
  ...change,
});

type Check = ReturnType<typeof booksCheck>;
/** A check as that version recorded it: of nothing it said what it judged. */
const check = (id: string, verdict: Check["verdict"] = "fail", change: Partial<Check> = {}): Check =>
  booksCheck(id, [], { verdict, judges: undefined, ...change });

describe("a drill of the version before that failed", () => {
  const judged = (...checks: Check[]) => judgeAnew(failed(), drillOf(SET, checks));

  it("speaks of the ERP alone where each check that failed is one of the books", () => {
    const rows = check("data.rows", "pass");
    assertEquals(judged(check("documents.invoices"), check("data.payments"), rows), "restored");
    assertEquals(judged(check("documents.invoices"), check("data.rows")), "bad");
    assertEquals(judged(check("documents.invoices"), check("backup.objects")), "bad");
    assertEquals(judged(rows), "bad");
  });

  it("proves that the set was restored where nothing that is required was left out of that", () => {
    const notRun = (required: boolean) => check("documents.files", "not_run", { required });
    assertEquals(judged(check("documents.invoices"), notRun(true)), "erp");
    assertEquals(judged(check("documents.invoices"), notRun(false)), "restored");
  });

  it("is not judged by the pages, on which a fault of the ERP shows too, nor by the set's age", () => {
    const pages = check("browser.pdfs", "fail", { part: "browser" });
    const age = check("backup.age", "fail", { part: "backup" });
    assertEquals(judged(check("documents.invoices"), pages, age), "restored");
  });

  it("is judged by what a check says it judges, where it does", () => {
    assertEquals(judged(check("documents.invoices", "fail", { judges: "restore" })), "bad");
    assertEquals(judged(check("data.another", "fail", { judges: "books" })), "restored");
  });

  it("is judged by the titles where its record is gone", () => {
    const byTitles = (...problems: string[]) => judgeAnew(failed({ problems }));
    const [lost] = failed().problems as [string];
    assertEquals(byTitles(lost), "erp");
    assertEquals(byTitles("Every table has the rows: llx_x differs"), "bad");
    assertEquals(byTitles(lost, "Another: x"), "bad");
    assertEquals(byTitles(), "bad");
  });

  it("knows the checks by ids that are still theirs, each of the books", () => {
    const books = allChecks.filter(({ judges }) => judges === "books").map(({ id }) => id);
    assertEquals(Object.keys(BOOKS_OF_OLD).filter((id) => !books.includes(id)), []);
  });
});

describe("what is not judged anew", () => {
  // deno-fmt-ignore: a line each
  const cases: [title: string, change: Partial<ProofBody>][] = [
    ["a proof of now, which says that it judged", { judged: true }],
    ["a proof that told faults of the ERP apart", { faults: [] }],
    ["a drill that found an object damaged", { objects: objects.map((one) => ({ ...one, sound: false })) }],
    ["a drill that knows no object", { objects: [] }],
    ["a verify", { verb: "verify" }],
    ["a drill that passed", { verdict: "pass" }],
  ];
  for (const [title, change] of cases) it(title, () => assertEquals(isUnjudged(failed(change)), false));
  it("and every other failed drill is", () => assertEquals(isUnjudged(failed()), true));
});

describe("a set over which a drill failed", () => {
  /** What is said against the set, with these proofs and drills. */
  async function problems(proof: ProofBody, ...drills: ReturnType<typeof drillOf>[]): Promise<string[]> {
    const store = memoryStore();
    await putNight(store, SET);
    await putProof(store, proof);
    for (const drill of drills) await putDrill(store, "prod", drill);
    const inventory = await readInventory(store, "prod");
    return problemsOf(inventory.sets[0]!, inventory).map((problem) => problem.slice(0, 15));
  }
  const BAD = ["it failed drill"];
  const ofRestore = [check("documents.invoices", "fail", { judges: "restore" })];
  const otherTitle = failed({ problems: ["Every invoice has its PDF: FA2610-0004: it is missing"] });

  it("is good where that was the ERP's fault, by the record where there is one", async () => {
    assertEquals(await problems(failed()), []);
    assertEquals(await problems(otherTitle), BAD);
    assertEquals(await problems(otherTitle, drillOf(SET, [check("documents.invoices")])), []);
    assertEquals(await problems(failed(), drillOf(SET, ofRestore)), BAD);
  });

  it("is proved by that drill, as by one that passed, where its record shows that it was restored", async () => {
    const store = memoryStore();
    await putNight(store, SET);
    await putProof(store, failed());
    const proved = async () => {
      const inventory = await readInventory(store, "prod");
      return provedAt(inventory.sets[0]!, inventory)?.verb;
    };
    assertEquals(await proved(), undefined);
    await putDrill(store, "prod", drillOf(SET, [check("documents.invoices")]));
    assertEquals(await proved(), "drill");
  });

  it("is judged by no drill of another set or of another time", async () => {
    assertEquals(await problems(failed(), drillOf(SET, ofRestore, { set: drillOf(nightOf(2), []).set })), []);
    const later = { endedAt: new Date(AT.getTime() + 6_000).toISOString() };
    assertEquals(await problems(failed(), drillOf(SET, ofRestore, later)), []);
    const inTime = { endedAt: new Date(AT.getTime() + 5_000).toISOString() };
    assertEquals(await problems(failed(), drillOf(SET, ofRestore, inTime)), BAD);
  });

  it("is bad where today's drill found that the backup left a document out, under the same title", async () => {
    const leftOut = {
      ...samplePass().checks[0]!,
      ...{
        id: "documents.invoices",
        title: SAME,
        part: "documents",
        judges: "restore",
        verdict: "fail",
      } as const,
      message: 'FA2610-0004: it is not in the backup: the exclude "facture" keeps it out',
    };
    const result = {
      ...samplePass(),
      verdict: "fail",
      exit: 1,
      endedAt: AT.toISOString(),
      checks: [leftOut],
    } as const;
    const proof = proofOf({ ...result, checks: [leftOut] }, { environment: "prod", name: SET })!;
    assertEquals([proof.verdict, proof.judged], ["fail", true]);
    assertEquals(await problems({ ...proof, objects }), BAD);
    const { judged: _, ...before } = { ...proof, objects };
    assertEquals(await problems(before), []); // the version before said it in the same words of any document
  });
});
