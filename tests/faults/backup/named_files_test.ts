/** Files that rows name, where the names or the folders are those of what a backup leaves out. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { dirname } from "node:path";
import { backup } from "../../../src/backup/backup.ts";
import { readSmall } from "../../../src/base/streams.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { type DocumentsIndex, readIndex } from "../../../src/documents/index.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Manifest } from "../../../src/store/records/manifest.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { savedFolder } from "../../support/lab/put_back.ts";

const signal = new AbortController().signal;
const NAMED = ["ecm/temp/plan.pdf", "societe/2/import.log", "ticket/TK1/trace.log"];
const OWN = ["dolibarr.log", "facture/temp/x.pdf", "admin/backup/old.sql", "ecm/temp/other.pdf"];
/** No row names it, and it is a person's all the same. */
const PERSONS = "produit/P1/measured.log";

for (const kind of ["stand-in", "real"] as const) {
  describe(`a file that a row names (${kind})`, { skip: kind === "real" && await whyNoDolibarr() }, () => {
    let lab: DrillLab;
    let files: AsyncDisposable;
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let store: Store;

    beforeAll(async () => {
      lab = await startDrillLab(kind);
      files = await savedFolder(lab.prod.documents);
      folder = await temporaryFolder();
      store = await openFileStore(`file://${folder.path}`);
      for (const path of [...NAMED, ...OWN, PERSONS]) {
        const file = `${lab.prod.documents}/${path}`;
        await Deno.mkdir(dirname(file), { recursive: true });
        await Deno.writeTextFile(file, path);
      }
      await using session = await connect(lab.prod.database);
      for (const path of [...NAMED, "ecm/temp/gone.pdf"]) {
        await session.query(
          `INSERT INTO llx_ecm_files (ref, label, entity, filepath, filename)
           VALUES (md5($1 || 'named'), md5($1), 1, $2, $3)`,
          [path, dirname(path), path.slice(path.lastIndexOf("/") + 1)],
        );
      }
    });
    afterAll(async () => {
      await using session = await connect(lab.prod.database);
      await session.query(
        "DELETE FROM llx_ecm_files WHERE ref = md5(filepath || '/' || filename || 'named')",
      );
      await files[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    });

    const take = async (source: OpenEnvironment = lab.prod, half?: "docs") => {
      const { manifest } = await backup(source, store, {
        reporter: silentReporter,
        signal,
        ...(half ? { half } : {}),
      });
      return { manifest, index: await indexOf(manifest) };
    };
    const indexOf = async ({ docs: { index: { key } } }: Manifest): Promise<DocumentsIndex> =>
      readIndex(await readSmall(store.get(key)), key);
    const among = ({ files }: DocumentsIndex, paths: readonly string[]) =>
      files.map(({ path }) => path).filter((path) => paths.includes(path));

    it("is in the backup, and what is Dolibarr's own is not", async () => {
      const { manifest, index } = await take();
      assertEquals(among(index, [...NAMED, ...OWN, PERSONS]), [...NAMED, PERSONS].toSorted());
      assertEquals(index.keepsNamed, true);
      assertEquals(manifest.warnings, []);
    });

    it("makes no other archive the night after, also of the documents alone", async () => {
      const first = await take();
      const second = await take();
      assertEquals(second.manifest.docs.objects, first.manifest.docs.objects);
      const alone = await take(lab.prod, "docs");
      assertEquals(alone.manifest.docs.objects, first.manifest.docs.objects);
      await Deno.writeTextFile(`${lab.prod.documents}/${PERSONS}`, "changed");
      const changed = await take(lab.prod, "docs");
      assertEquals(among(changed.index, NAMED), NAMED);
      assertEquals(changed.index.keepsNamed, true);
    });

    it("is told where a person's own exclude keeps it out", async () => {
      const { manifest, index } = await take({ ...lab.prod, excludes: ["*.log", "ecm/temp"] });
      assertEquals(among(index, NAMED), []);
      assertEquals(index.keepsNamed, undefined);
      assertEquals(manifest.warnings.length, 2, JSON.stringify(manifest.warnings));
      assertMatch(
        manifest.warnings[0]!,
        /^1 file that a row names is in no backup, first ecm\/temp\/plan\.pdf: the exclude "ecm\/temp" /,
      );
      assertMatch(
        manifest.warnings[1]!,
        /^2 files that rows name are in no backup, first societe\/2\/import\.log: the exclude "\*\.log" /,
      );
    });
  });
}
