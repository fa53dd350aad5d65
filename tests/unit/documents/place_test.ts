import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { placeSwap, type RootFacts } from "../../../src/documents/swap/place.ts";
import { prepareSwap, settleDocuments, unfinishedRestore } from "../../../src/documents/swap/swap.ts";
import { planMoves } from "../../../src/documents/swap/entries.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { makeTree, NEW, OLD, readTree, under } from "../../support/documents/swap_trees.ts";

describe("where the parts of a restore may lie", () => {
  const plain: RootFacts = {
    root: "/srv/documents",
    is: "folder",
    isMountPoint: false,
    mountedInside: [],
    sameDevice: true,
    aboveWritable: true,
    rootWritable: true,
    ownerCanBeKept: true,
  };
  // deno-fmt-ignore: a line each
  const cases: [what: string, facts: Partial<RootFacts>, method: string, why: string][] = [
    ["an ordinary folder", {}, "beside", "writable, on the same device"],
    ["a volume", { isMountPoint: true, sameDevice: false }, "inside", "it is a mount point"],
    ["a folder bound from the same disk", { isMountPoint: true }, "inside", "it is a mount point"],
    ["a folder whose parent is on another disk", { sameDevice: false }, "inside", "on another device"],
    ["a folder whose parent is read-only", { aboveWritable: false }, "inside", "above it is not writable"],
    ["a folder of another user's", { ownerCanBeKept: false }, "inside", "could not be given its owner"],
    ["a read-only volume", { isMountPoint: true, rootWritable: false }, "none", "it is a mount point, and it is not writable itself"],
    ["a folder with a volume inside", { mountedInside: ["/srv/documents/ecm"] }, "none", "/srv/documents/ecm is mounted inside it"],
    ["a link", { is: "other" }, "none", "it is no folder"],
    ["a folder that is not there yet", { is: "absent", rootWritable: false }, "beside", "writable"],
    ["one that is not there, where none can be made", { is: "absent", aboveWritable: false }, "none", "it is not there, and the folder above it is not writable"],
  ];
  for (const [what, facts, method, why] of cases) {
    it(`${what}: ${method}`, () => {
      const placement = placeSwap({ ...plain, ...facts });
      assertEquals(placement.method, method);
      assertStringIncludes(placement.why, why);
    });
  }

  it("refuses a link in the place of the folder, and changes nothing", async () => {
    await using folder = await temporaryFolder();
    makeTree(`${folder.path}/elsewhere`, { a: "a" });
    await Deno.symlink("elsewhere", `${folder.path}/mycompany`);
    const before = readTree(folder.path);
    const error = await assertRejects(() => prepareSwap(`${folder.path}/mycompany`, "id"), DrillError);
    assertEquals(error.code, "DOCUMENTS_NOT_WRITABLE");
    assertEquals(readTree(folder.path), before);
  });
});

describe("which entries of a volume move", () => {
  it("all but what stays, and of the archive what the target has none of", () => {
    const there = [".dolibarr-drill", "facture", "install.lock", "lost+found"];
    assertEquals(planMoves(there, ["facture", "install.lock", "lost+found"]), {
      old: ["facture"],
      new: ["facture"],
    });
    assertEquals(planMoves(["ecm"], ["install.lock"]), { old: ["ecm"], new: ["install.lock"] });
  });
});

describe("journals", () => {
  it("of earlier versions are settled", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    makeTree(root, OLD);
    makeTree(`${folder.path}/.documents.drill-new`, NEW);
    await Deno.writeTextFile(`${folder.path}/.documents.drill-journal.json`, '{"format":1,"id":"id-1"}\n');
    assertEquals(await unfinishedRestore(root), "id-1");
    assertEquals(await settleDocuments(root, "another"), "put back");
    assertEquals(readTree(folder.path), under("documents", OLD));
  });

  for (
    const text of [
      "",
      "{}",
      '{"format":2,"id":"x"}',
      '{"format":2,"minReader":2,"id":"x"}',
      '{"format":1,"id":"x","moves":{"old":["../a"],"new":[]}}',
    ]
  ) {
    it(`that cannot be trusted are left, with all beside them: ${text}`, async () => {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      makeTree(root, { ...OLD, ".dolibarr-drill/journal.json": text, ".dolibarr-drill/old/a": "kept" });
      const before = readTree(folder.path);
      const error = await assertRejects(() => settleDocuments(root, undefined), DrillError);
      assertEquals(error.code, text.includes('"format":2') ? "STORE_NEWER" : "DOCUMENTS_NOT_WRITABLE");
      assertEquals(readTree(folder.path), before);
    });
  }

  it("that are gone do not make old documents garbage", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    makeTree(root, { a: "a", ".dolibarr-drill/old/b": "old" });
    const before = readTree(folder.path);
    assertEquals(
      (await assertRejects(() => settleDocuments(root, undefined), DrillError)).code,
      "DOCUMENTS_NOT_WRITABLE",
    );
    assertEquals(readTree(folder.path), before);
  });
});
