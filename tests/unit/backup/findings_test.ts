import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lostDocuments, type NamedDocuments, recordedFindings } from "../../../src/backup/findings.ts";
import { judgedFindings } from "../../../src/backup/judged_findings.ts";
import type { Finding } from "../../../src/checks/result.ts";
import type { PaperRow } from "../../../src/dolibarr/papers/invoice_paper.ts";
import type { DocumentsIndex } from "../../../src/documents/index.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import type { Acceptance } from "../../../src/store/records/acceptances.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";

const file = (path: string, bytes = 5) => ({ path, bytes, mtimeMs: 0, ctimeMs: 0, sha256: "a".repeat(64) });
const indexOf = (more: Partial<DocumentsIndex> = {}): DocumentsIndex => ({
  excludes: [],
  files: [file("facture/FA1/FA1.pdf"), file("facture/FA2/FA2.pdf", 0), file("fournisseur/S1/S1.pdf")],
  links: [],
  ...more,
});
const invoice = (ref: string, named: string | null = `facture/${ref}/${ref}.pdf`) => ({ ref, named });
const papersNamed = (...invoices: PaperRow[]) => ({
  invoices,
  recorded: { md5Of: () => undefined, namesIn: () => [] },
});
const idsOf = (named: NamedDocuments, index = indexOf()) =>
  lostDocuments(named, index).findings.map(({ id }) => id);

describe("documents that rows name", () => {
  it("are no findings where they are archived", () => {
    const papers = [{ by: "supplier invoice S1", path: "fournisseur/S1/S1.pdf", md5: [] }];
    assertEquals(idsOf({ invoices: papersNamed(invoice("FA1")), papers }), []);
  });

  it("are findings where they are gone or empty, and none where none was ever made", () => {
    const invoices = papersNamed(invoice("FA1"), invoice("FA2"), invoice("FA3"), invoice("FA4", null));
    const { covers, findings } = lostDocuments({ invoices }, indexOf());
    assertEquals(covers, ["missing", "empty", "never-made"].map((kind) => `documents.invoices/${kind}`));
    const path = "facture/FA2/FA2.pdf";
    const empty = { path, sha256: sha256Of(new Uint8Array()) };
    assertEquals(findings.map(({ with: _, ...finding }) => finding), [
      {
        id: "documents.invoices/FA2/empty",
        subject: "FA2",
        sentence: "FA2: facture/FA2/FA2.pdf is empty",
        facts: empty,
        document: empty,
      },
      {
        id: "documents.invoices/FA3/missing",
        subject: "FA3",
        sentence: "FA3: facture/FA3/FA3.pdf is missing",
        facts: { path: "facture/FA3/FA3.pdf" },
        document: { path: "facture/FA3/FA3.pdf" },
      },
    ]);
  });

  it("are missing where nothing names them any more, and an earlier set has them or missed them", () => {
    const invoices = papersNamed(invoice("FA4", null), invoice("FA1", null));
    const wasThere = (path: string) => path === "facture/FA4/FA4.pdf";
    const { findings } = lostDocuments({ invoices }, indexOf(), { wasThere });
    assertEquals(findings.map(({ id, document }) => [id, document?.path]), [
      ["documents.invoices/FA4/missing", "facture/FA4/FA4.pdf"],
    ]);
  });

  it("are those of the final number where a row still names the draft's", () => {
    const draft = (ref: string) => invoice(ref, "facture/(PROV51)/(PROV51).pdf");
    assertEquals(idsOf({ invoices: papersNamed(draft("FA1")) }), []);
    const { findings } = lostDocuments({ invoices: papersNamed(draft("FA9")) }, indexOf());
    assertEquals(findings.map(({ facts }) => facts.path), ["facture/FA9/FA9.pdf"]);
  });

  it("are none where one was being written just then, and are empty where it was written before", () => {
    const invoices = papersNamed(invoice("FA2"));
    const at = (started: number) => lostDocuments({ invoices }, indexOf(), { started: new Date(started) });
    assertEquals([at(0).findings.length, at(1).findings.length], [0, 1]);
  });

  it("are the company's logo, where none is set any more and an earlier set has it", () => {
    const paths = ["mycompany/logos/a.png", "mycompany/logos/thumbs/a.png", "mycompany/x.odt"];
    const found = (logo: string, files: string[] = []) =>
      lostDocuments({ papers: [], logo }, indexOf({ files: files.map((path) => file(path)) }), { paths })
        .findings.map(({ id }) => id);
    assertEquals(found(""), ["documents.papers/mycompany/logos/a.png/missing"]);
    assertEquals([found("", paths), found("b.png")], [[], []]);
  });

  it("are so for suppliers' papers too, each by its path", () => {
    const papers = [{ by: "contract CT1", path: "contract/CT1/CT1.pdf", md5: [] }];
    const { covers, findings: [finding] } = lostDocuments({ papers }, indexOf());
    assertEquals(covers, ["documents.papers/missing", "documents.papers/empty"]);
    assertEquals(finding?.id, "documents.papers/contract/CT1/CT1.pdf/missing");
    assertMatch(finding?.sentence ?? "", /is missing: contract CT1 names it/);
  });

  it("are none where the backup itself leaves them out", () => {
    const invoices = papersNamed(invoice("FA3"));
    assertEquals(idsOf({ invoices }, indexOf({ excludes: ["facture/FA3"] })), []);
    assertEquals(
      idsOf({ invoices }, indexOf({ leftOut: [{ path: "facture/FA3", target: "/srv/old" }] })),
      [],
    );
    assertEquals(idsOf({ invoices }, indexOf({ excludes: ["facture/FA9"] })), [
      "documents.invoices/FA3/missing",
    ]);
  });

  it("are not looked at where the database did not answer", () => {
    assertEquals(lostDocuments({}, indexOf()), { covers: [], findings: [] });
    assertEquals(recordedFindings({ covers: [], findings: [] }), {});
    assertEquals(recordedFindings(undefined), {});
  });

  it("are recorded as far as a manifest has room, and then stand for no others", () => {
    const many = (count: number) =>
      lostDocuments(
        { invoices: papersNamed(...Array.from({ length: count }, (_, at) => invoice(`FB${at}`))) },
        indexOf(),
      );
    const [whole, cut] = [many(1000), many(1001)];
    assertEquals(recordedFindings(whole).findings, whole);
    assertEquals(recordedFindings(cut).findings, { covers: [], findings: cut.findings.slice(0, 1000) });
  });
});

describe("what a backup found", () => {
  const now = new Date("2026-11-30T04:00:00Z");
  const findings: Finding[] =
    lostDocuments({ invoices: papersNamed(invoice("FA3"), invoice("FA5")) }, indexOf()).findings;
  const [one, other] = findings as [Finding, Finding];
  const accept = (finding: Finding, until?: string): [string, Acceptance] => [findingHash(finding), {
    environment: "prod",
    finding,
    ...(until ? { until } : {}),
    reason: "burnt",
    by: "anne",
    at: "2026-11-01T00:00:00.000Z",
  }];
  const judged = (decisions: [string, Acceptance][], known: Finding[] = []) => {
    const { open, accepted, newOnes } = judgedFindings(findings, {
      acceptances: new Map(decisions),
      known,
      now,
    });
    return [open, accepted, newOnes].map((list) => list.map(({ subject }) => subject));
  };

  it("is open and new where no person decided and nothing knew of it", () => {
    assertEquals(judged([]), [["FA3", "FA5"], [], ["FA3", "FA5"]]);
  });

  it("is told as accepted while the acceptance lasts, and never as new", () => {
    assertEquals(judged([accept(one, "2026-11-30")]), [["FA5"], ["FA3"], ["FA5"]]);
    assertEquals(judged([accept(one, "2026-11-29")]), [["FA3", "FA5"], [], ["FA3", "FA5"]]);
    assertEquals(judged([accept(one)]), [["FA3", "FA5"], [], ["FA3", "FA5"]]);
  });

  it("is open and not new where an earlier set or a drill has it with the same facts", () => {
    assertEquals(judged([], [one]), [["FA3", "FA5"], [], ["FA5"]]);
    assertEquals(judged([], [one, { ...other, facts: { path: "elsewhere" } }])[2], ["FA5"]);
  });
});
