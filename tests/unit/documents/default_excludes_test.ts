import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { globToPattern } from "../../../src/documents/tree/globs.ts";
import { areEarlierDefaults, DEFAULT_EXCLUDES, keptWithFolders } from "../../../src/documents/tree/walk.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import { temporaryFolder } from "../../support/folder.ts";

const isLeftOut = (path: string) => DEFAULT_EXCLUDES.some((one) => globToPattern(one).test(path));

describe("what a backup leaves out by itself", () => {
  for (
    const path of [
      "dolibarr.log",
      "cron_run_jobs.php.log",
      "facture/temp/massgeneration/1/x.pdf",
      "2/facture/temp/x",
      "fournisseur/facture/temp/x",
      "12/fournisseur/commande/temp/x",
      "users/3/temp/attachment.pdf",
      "projet/tasks/temp/x",
      "admin/temp/x",
      "admin/backup/old.sql",
      "admin/backup/a/b.sql",
      "propale/PR1/PR1.pdf_preview-0.png",
    ]
  ) {
    it(`is Dolibarr's own: ${path}`, () => assertEquals(isLeftOut(path), true));
  }
  for (
    const path of [
      "ticket/TK1/trace.log",
      "societe/2/import.log",
      "2/import.log",
      "ecm/Kunden/temp/plan.pdf",
      "produit/temp",
      "medias/image/temp/x.png",
      "societe/2/temp/x.pdf",
      "ecm/admin/backup/x.sql",
      "temperature.txt",
      "facture/temporary/x.pdf",
    ]
  ) {
    it(`is nothing of a person's: ${path}`, () => assertEquals(isLeftOut(path), false));
  }

  it("is known from what the versions before left out", () => {
    assertEquals(areEarlierDefaults(["*/temp/*", "*.log", "*.pdf_preview-*.png", "admin/backup/*"]), true);
    assertEquals(areEarlierDefaults(["*/temp/*", "*.log"]), false);
    assertEquals(areEarlierDefaults(DEFAULT_EXCLUDES), false);
  });

  it("is not what a row names, and still all that lies beside it", async () => {
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/ecm/temp/deep`, { recursive: true });
    for (const name of ["plan.pdf", "other.pdf", "deep/a.pdf", "deep/b.pdf"]) {
      await Deno.writeTextFile(`${folder.path}/ecm/temp/${name}`, name);
    }
    const kept = keptWithFolders(["ecm/temp/plan.pdf", "ecm/temp/deep/b.pdf", "ecm/temp/gone.pdf"]);
    assertEquals(
      walkTree(folder.path, DEFAULT_EXCLUDES, "", kept).map(({ path }) => path),
      ["ecm", "ecm/temp", "ecm/temp/deep", "ecm/temp/deep/b.pdf", "ecm/temp/plan.pdf"],
    );
    assertEquals(walkTree(folder.path).map(({ path }) => path), ["ecm", "ecm/temp"]);
  });
});
