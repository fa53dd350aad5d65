import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { placeSwap, type RootFacts } from "../../../src/documents/swap/place.ts";
import { newSwap, settleDocuments, unfinishedRestore } from "../../../src/documents/swap/swap.ts";
import { planMoves } from "../../../src/documents/swap/entries.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { makeTree, OLD, placeOf, readTree, stateOf, under } from "../../support/documents/swap_trees.ts";
import { prepareAt } from "../../support/documents/by_path.ts";

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
    ["a folder beside which its owner may write", { aboveReached: "/srv belongs to the user with the id 33" }, "inside", "the documents' owner could exchange what is made beside it: /srv belongs to the user with the id 33"],
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
    const error = await assertRejects(
      () => prepareAt(placeOf(`${folder.path}/mycompany`), "id"),
      DrillError,
    );
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

describe("a journal", () => {
  it("is kept for this user alone, and nothing of it lies in the tree", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    makeTree(root, OLD);
    const place = placeOf(root);
    await prepareAt(place, "id-1");
    assertEquals(await unfinishedRestore(place.state), "id-1");
    assertEquals(Object.keys(readTree(folder.path)).filter((path) => path.includes("journal")), []);
    assertEquals((await Deno.stat(place.state.path!)).mode! & 0o777, 0o700);
    await Deno.chmod(place.state.path!, 0o777);
    const error = await assertRejects(() => settleDocuments(place.state, undefined), DrillError);
    assertEquals(error.code, "STATE_REFUSED");
    await Deno.chmod(place.state.path!, 0o700);
    assertEquals(await settleDocuments(place.state, undefined), "put back");
    assertEquals(readTree(folder.path), under("documents", OLD));
  });

  const whole = '{"format":2,"minReader":2,"id":"x","root":"/srv/documents","method":"beside"';
  for (
    const text of [
      "",
      "{}",
      '{"format":1,"id":"x"}',
      '{"format":3,"minReader":3,"id":"x"}',
      `${whole},"moves":{"old":["../a"],"new":[]}}`,
      `${whole},"moves":{"old":[".."],"new":[]}}`,
    ]
  ) {
    it(`that cannot be trusted is left, with all that it is about: ${text}`, async () => {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      makeTree(root, { ...OLD, ".dolibarr-drill/old/a": "kept" });
      const state = stateOf(root);
      await Deno.writeTextFile(`${state.make()}/swap-0.json`, text);
      const before = readTree(folder.path);
      const error = await assertRejects(() => settleDocuments(state, undefined), DrillError);
      assertEquals(error.code, text.includes('"format":3') ? "STORE_NEWER" : "STATE_REFUSED");
      assertEquals(readTree(folder.path), before);
    });
  }

  it("of another tree says nothing of this one, and what no journal knows is never in the way of a rename", async () => {
    await using folder = await temporaryFolder();
    const [root, other] = [`${folder.path}/documents`, `${folder.path}/others`];
    makeTree(other, { a: "a" });
    await prepareAt(placeOf(other), "id-1");
    for (const left of [".dolibarr-drill/old/b", ".dolibarr-drill/new/b"]) {
      makeTree(root, { a: "a", [left]: "theirs" });
      const before = readTree(root);
      await assertRejects(
        () => newSwap("inside", placeOf(root)).prepare({ id: "id-2" }),
        Error,
        "there is no journal",
      );
      assertEquals(await settleDocuments(stateOf(root), undefined), "nothing");
      assertEquals(readTree(root), before);
      await Deno.remove(root, { recursive: true });
    }
    makeTree(root, { a: "a" });
    await Deno.symlink(other, `${root}/.dolibarr-drill`);
    await assertRejects(() => newSwap("inside", placeOf(root)).prepare({ id: "id-2" }), Error, "is a link");
    assertEquals(readTree(other), { a: "a" });
  });
});
