import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { send } from "../../../src/backup/upload.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { mainDocuments, readIndex, writeIndex } from "../../../src/documents/index.ts";
import { unpackSet } from "../../../src/restore/unpack_set.ts";
import type { RestorableSet } from "../../../src/store/sets/restorable_set.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { temporaryFolder } from "../../support/folder.ts";

const { signal } = new AbortController();

describe("a restore of documents with further folders", () => {
  it("checks them, leaves them out, and says so", async () => {
    await using folder = await temporaryFolder();
    for (const path of ["prod/facture", "custom/mod", "sandbox"]) {
      await Deno.mkdir(`${folder.path}/${path}`, { recursive: true });
    }
    await Deno.writeTextFile(`${folder.path}/prod/facture/a.pdf`, "paper");
    await Deno.writeTextFile(`${folder.path}/custom/mod/a.php`, "module");
    await Deno.symlink("a.php", `${folder.path}/custom/mod/link`);
    const store = await openFileStore(`file://${folder.path}/store`);
    const source = { documents: `${folder.path}/prod`, moreFolders: { custom: `${folder.path}/custom` } };
    using packed = packDocuments(source, { signal });
    const archive = await send(store, "prod/docs/a.tar.gz", packed.stream);
    const described = await packed.describe(() => store.get(archive.key));
    const index = await send(store, "prod/docs/a.index.json.gz", bytesOf(writeIndex(described.index)));
    const set = { name: "prod/a", archive, index } as unknown as RestorableSet;

    const found = await unpackSet(set, `${folder.path}/sandbox`, store, {
      id: "id",
      alone: false,
      reporter: silentReporter,
      signal,
    });
    assertEquals(found.proof.files, 2);
    assertEquals(found.index.files.map(({ path }) => path), ["facture/a.pdf"]);
    assertEquals(found.leftOut, [{
      what: "custom",
      why: "further folders are not restored by this version; they are in the archive",
    }]);
    const staged = [...Deno.readDirSync(folder.path)].map(({ name }) => name).find((name) =>
      /drill-new/.test(name)
    );
    assertEquals([...Deno.readDirSync(`${folder.path}/${staged}`)].map(({ name }) => name), ["facture"]);
  });

  it("lets no index name a folder outside of the archive", () => {
    const index = { excludes: [], files: [], links: [], roots: { "../..": "/" } };
    let refused = "";
    try {
      readIndex(writeIndex(index as Parameters<typeof writeIndex>[0]), "index");
    } catch (error) {
      refused = (error as { code: string }).code;
    }
    assertEquals(refused, "OBJECT_CORRUPT");
  });

  it("takes an index without them as it is", () => {
    const index = {
      excludes: ["x"],
      files: [],
      links: [{ path: "custom/a", target: "b" }],
    };
    assertEquals(mainDocuments(index), index);
    assertEquals(mainDocuments({ ...index, roots: { custom: "/custom" } }), { ...index, links: [] });
  });
});
