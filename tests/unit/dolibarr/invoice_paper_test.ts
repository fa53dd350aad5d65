import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { paperOf, type RecordedFiles, sanitizedName } from "../../../src/dolibarr/papers/invoice_paper.ts";

const DRAFT = "facture/(PROV51)/(PROV51).pdf";

/** The list of files with these paths in it. */
function recordedAs(...paths: string[]): RecordedFiles {
  const folderOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
  return {
    md5Of: (path) => paths.includes(path) ? null : undefined,
    namesIn: (folder) =>
      paths.filter((path) => folderOf(path) === folder).map((path) => path.slice(folder.length + 1)),
  };
}

const find = (
  named: string | null,
  { rows = [], files = [], ref = "FA2511-0003" }: { rows?: string[]; files?: string[]; ref?: string } = {},
) => paperOf({ ref, named }, recordedAs(...rows), (path) => files.includes(path));

describe("the paper of an invoice", () => {
  const own = "facture/FA2511-0003/FA2511-0003.pdf";

  it("is what its row names in the folder of its reference, there or not", () => {
    assertEquals(find(own), own);
    const other = "facture/FA2511-0003/FA2511-0003_letter.odt";
    assertEquals(find(other, { files: [own] }), other);
  });

  it("is the one of the reference where its row still names the draft's", () => {
    assertEquals(find(DRAFT, { files: [own] }), own);
    assertEquals(find(DRAFT, { rows: [own] }), own, "it is lost: its row says where it lay");
    assertEquals(find(DRAFT), own, "it is lost with its row");
    assertEquals(find(DRAFT, { files: [DRAFT] }), DRAFT, "the folder was never moved");
  });

  it("is found where no row names it, and none where there is nothing", () => {
    assertEquals(find(null, { files: [own] }), own);
    assertEquals(find(null, { rows: [own] }), own);
    assertEquals(
      find(null, { rows: ["facture/FA2511-0003/photo.jpg", "facture/FA2511-0003/a.PDF"] }),
      "facture/FA2511-0003/a.PDF",
    );
    assertEquals(find(null, { rows: ["facture/FA2511-0003/photo.jpg"] }), null);
    assertEquals(find(null), null);
  });

  it("is missed at another place that its row names", () => {
    assertEquals(find("facture/old/FA.pdf"), "facture/old/FA.pdf");
  });

  it("of another company lies below its number, and elsewhere only where that is named", () => {
    const of2 = (named: string | null, files: string[], rows: string[] = []) =>
      paperOf({ ref: "FA2511-0003", entity: 2, named }, recordedAs(...rows), (path) => files.includes(path));
    assertEquals(of2(`2/${own}`, []), `2/${own}`);
    assertEquals(of2(null, [own, `2/${own}`]), `2/${own}`);
    assertEquals(of2(null, [own]), null, "the first company's");
    assertEquals(of2(own, []), own, "the shared place, named");
    assertEquals(of2("2/facture/(PROV51)/(PROV51).pdf", [own]), `2/${own}`);
  });

  it("lies in a folder named as Dolibarr names it", () => {
    const names: [ref: string, folder: string][] = [
      ["FA2511-0003", "FA2511-0003"],
      ["FV/2026/0002", "FV_2026_0002"],
      ["(PROV51)", "(PROV51)"],
      ["Ré--1 -x", "Re_1 _x"],
      ["A..B", "AB"],
      ["A: 1?", "A_ 1_"],
    ];
    assertEquals(names.map(([ref]) => sanitizedName(ref)), names.map(([, folder]) => folder));
    const path = "facture/FV_2026_0002/FV_2026_0002.pdf";
    assertEquals(find(null, { ref: "FV/2026/0002", files: [path] }), path);
  });
});
