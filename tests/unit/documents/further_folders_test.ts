import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { send } from "../../../src/backup/upload.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { unchangedSince } from "../../../src/documents/archive/unchanged.ts";
import { furtherDocuments, mainDocuments, readIndex, writeIndex } from "../../../src/documents/index.ts";
import { commitTogether, revertPrepared, swapInTogether } from "../../../src/documents/swap/together.ts";
import { writeOut } from "../../../src/restore/to_folder.ts";
import { unpackSet } from "../../../src/restore/unpack_set.ts";
import type { RestorableSet } from "../../../src/store/sets/restorable_set.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { makeTree, placeOf, readTree, stateOf } from "../../support/documents/swap_trees.ts";
import { temporaryFolder } from "../../support/folder.ts";

const { signal } = new AbortController();
const quiet = { reporter: silentReporter, signal };

const PAPER = { "facture/a.pdf": "paper" };
const MODULE = { "mod/a.php": "module", "mod/link": { link: "a.php" }, "empty": null };
const OLD_MODULE = { "old/old.php": "the sandbox's" };

/** A backup of `prod` with its further folder, and a sandbox beside it that has one too. */
async function makeSet() {
  const folder = await temporaryFolder();
  const at = (path: string) => `${folder.path}/${path}`;
  makeTree(at("prod"), PAPER);
  makeTree(at("custom"), { ...MODULE, "mod/away": { link: "../../prod/facture" } });
  makeTree(at("sandbox"), { "facture/old.pdf": "old" });
  makeTree(at("sandbox-custom"), OLD_MODULE);
  const source = { documents: at("prod"), moreFolders: { custom: at("custom") } };
  const store = await openFileStore(`file://${at("store")}`);
  using packed = packDocuments(source, { signal });
  const archive = await send(store, "prod/docs/a.tar.gz", packed.stream);
  const described = packed.describe();
  const index = await send(store, "prod/docs/a.index.json.gz", bytesOf(writeIndex(described.index)));
  const set = { name: "a", environment: "prod", archive, index } as unknown as RestorableSet;
  return {
    ...{ at, source, set, store, index: described.index },
    unpack: (further: Record<string, string>) =>
      unpackSet(set, at("sandbox"), store, {
        ...{
          id: "id",
          alone: true,
          state: stateOf(at("sandbox")),
          further: new Map(Object.entries(further)),
        },
        ...quiet,
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe("a backup of documents with further folders", () => {
  it("leaves out a link that leads out of the further folder it lies in, and says so", async () => {
    await using made = await makeSet();
    assertEquals(made.index.leftOut, [{ path: "custom/mod/away", target: "../../prod/facture" }]);
    assertEquals(made.index.links, [{ path: "custom/mod/link", target: "a.php" }]);
  });

  it("is used again while nothing of them changed, and not where such a link leads elsewhere", async () => {
    await using made = await makeSet();
    const earlier = { index: made.index, takenAt: new Date() };
    assertEquals((await unchangedSince(made.source, earlier, { signal })).unchanged, true);
    await Deno.remove(made.at("custom/mod/away"));
    await Deno.symlink("/srv", made.at("custom/mod/away"));
    const { unchanged, why } = await unchangedSince(made.source, earlier, { signal });
    assertEquals([unchanged, why], [false, "the link custom/mod/away leads elsewhere"]);
  });

  it("is refused while one of them is not there, is no folder, or has the name of a document", async () => {
    await using made = await makeSet();
    const refused = async (custom: string, documents = made.source.documents) => {
      const pack = () =>
        Promise.resolve().then(() => packDocuments({ documents, moreFolders: { custom } }, { signal }));
      return (await assertRejects(pack, DrillError)).code;
    };
    assertEquals(await refused(made.at("none")), "DOCUMENTS_UNREADABLE");
    assertEquals(await refused(made.at("prod/facture/a.pdf")), "DOCUMENTS_UNREADABLE");
    makeTree(made.at("prod"), { "custom/x": "x" });
    assertEquals(await refused(made.at("custom")), "CONFIG_INVALID");
  });
});

describe("a restore of documents with further folders", () => {
  it("puts each in the place of the target's, with its owner, and every byte compared", async () => {
    await using made = await makeSet();
    if (Deno.uid() === 0) await Deno.chown(made.at("sandbox-custom"), 7, 8);
    const found = await made.unpack({ custom: made.at("sandbox-custom") });
    assertEquals(found.proof.files, 2);
    assertEquals(found.index.files.map(({ path }) => path), ["facture/a.pdf"]);
    assertEquals(
      found.further.map(({ name, folder, index }) => [name, folder, index.files.map(({ path }) => path)]),
      [
        ["custom", made.at("sandbox-custom"), ["mod/a.php"]],
      ],
    );
    assertEquals(found.leftOut, [{
      what: "custom/mod/away",
      why: "a link out of the documents, to ../../prod/facture: it is not in the backup",
    }]);
    const roots = [made.at("sandbox"), made.at("sandbox-custom")].map((root) =>
      placeOf(root, made.at("sandbox"))
    );
    await swapInTogether(roots, "id", { alone: true });
    await commitTogether(roots);
    assertEquals(readTree(made.at("sandbox")), PAPER);
    assertEquals(readTree(made.at("sandbox-custom")), MODULE);
    if (Deno.uid() === 0) {
      const owners = ["", "/mod", "/mod/a.php"].map((path) =>
        Deno.statSync(made.at(`sandbox-custom${path}`))
      );
      assertEquals(owners.map(({ uid, gid }) => [uid, gid]), [[7, 8], [7, 8], [7, 8]]);
      assertEquals(Deno.statSync(made.at("sandbox/facture/a.pdf")).uid, 0);
    }
  });

  it("checks those that the target has no folder for, leaves them out, and says so", async () => {
    await using made = await makeSet();
    const found = await made.unpack({});
    assertEquals(found.further.map(({ name, folder }) => [name, folder]), [["custom", undefined]]);
    assertEquals(found.leftOut[0], {
      what: "custom",
      why:
        "the target names no folder for it: add it to documents.more there, or write it out with restore --to",
    });
    await swapInTogether([placeOf(made.at("sandbox"))], "id", { alone: true });
    await commitTogether([placeOf(made.at("sandbox"))]);
    assertEquals(readTree(made.at("sandbox")), PAPER);
  });

  it("leaves a folder of the target that the set does not hold as it is, and says so", async () => {
    await using made = await makeSet();
    const found = await made.unpack({ custom: made.at("sandbox-custom"), extra: made.at("prod") });
    assertEquals(found.leftOut[0], {
      what: "extra",
      why: `prod/a holds no further folder of that name: ${made.at("prod")} stays as it is`,
    });
    await revertPrepared(
      ["sandbox", "sandbox-custom", "prod"].map((name) => placeOf(made.at(name), made.at("sandbox"))),
      "id",
    );
    assertEquals(readTree(made.at("sandbox")), { "facture/old.pdf": "old" });
    assertEquals(readTree(made.at("sandbox-custom")), OLD_MODULE);
    assertEquals(readTree(made.at("prod")), PAPER);
  });

  it("makes no link of an older archive that leads out of its further folder, and says so", async () => {
    await using made = await makeSet();
    makeTree(made.at("whole"), {
      ...PAPER,
      "custom/mod/a.php": "module",
      "custom/away": { link: "../facture" },
    });
    using packed = packDocuments({ documents: made.at("whole") }, { signal });
    const archive = await send(made.store, "prod/docs/b.tar.gz", packed.stream);
    const described = packed.describe();
    const whole = { ...described.index, roots: { custom: "/custom" } };
    const index = await send(made.store, "prod/docs/b.index.json.gz", bytesOf(writeIndex(whole)));
    assertEquals(whole.links, [{ path: "custom/away", target: "../facture" }]);
    const written = await writeOut({ ...made.set, archive, index }, made.at("out"), made.store, {
      ...{ half: "docs", ...quiet },
    });
    assertEquals(readTree(made.at("out")), {
      "documents/facture/a.pdf": "paper",
      "more/custom/mod/a.php": "module",
    });
    assertEquals(written.leftOut.map(({ what }) => what), ["custom/away"]);
  });

  it("writes them beside the documents where it writes files", async () => {
    await using made = await makeSet();
    const written = await writeOut(made.set, made.at("out"), made.store, { half: "docs", ...quiet });
    assertEquals(written.further, [
      { name: "custom", path: made.at("out/more/custom"), files: 1, lay: made.at("custom") },
    ]);
    assertEquals(readTree(made.at("out/documents")), PAPER);
    assertEquals(readTree(made.at("out/more/custom")), MODULE);
    assertEquals(written.leftOut.map(({ what }) => what), ["custom/mod/away"]);
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

  it("takes an index without them as it is, and one with them in parts", () => {
    const index = {
      excludes: ["x"],
      files: [],
      links: [{ path: "custom/a", target: "b" }],
    };
    assertEquals(mainDocuments(index), index);
    const further = { ...index, roots: { custom: "/custom" } };
    assertEquals(mainDocuments(further), { ...index, links: [] });
    assertEquals(furtherDocuments(further, "custom"), { ...index, links: [{ path: "a", target: "b" }] });
  });
});
