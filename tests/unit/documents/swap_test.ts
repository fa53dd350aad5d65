import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import { placeSwap, rootFacts } from "../../../src/documents/swap/place.ts";
import {
  commitSwap,
  newSwap,
  revertSwap,
  settleDocuments,
  swapIn,
  unfinishedRestore,
} from "../../../src/documents/swap/swap.ts";
import { whyNotTaken } from "../../../src/documents/tree/names.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { mountSmallDisk, whyNoDisk } from "../../support/platform/small_disk.ts";
import {
  makeTree,
  NEW,
  OLD,
  placeOf,
  readTree,
  stateOf,
  SWAPPED,
  under,
} from "../../support/documents/swap_trees.ts";
import { prepareAt, stagedOf } from "../../support/documents/by_path.ts";

/** The hidden folder of a swap inside `root`. */
function oursIn(root: string): string {
  const names = [...Deno.readDirSync(root)].map(({ name }) => name).filter((name) =>
    name.startsWith(".dolibarr-drill")
  );
  assertEquals(names.length, 1);
  return `${root}/${names[0]}`;
}

const METHODS = ["beside", "inside"] as const;

for (const method of METHODS) {
  describe(`a swap ${method === "beside" ? "of the whole folder" : "of its entries one by one"}`, () => {
    it("leaves the new documents, what stays, and nothing else", async () => {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      makeTree(root, OLD);
      await Deno.chmod(root, 0o750);
      if (Deno.uid() === 0) await Deno.chown(root, 33, 33);
      const locked = (await Deno.stat(`${root}/install.lock`)).mtime;
      const staging = newSwap(method, placeOf(root));
      await staging.prepare({ id: "id-1" });
      makeTree(await stagedOf(staging), NEW);
      assert(whyNotTaken("install.lock", true) !== undefined);
      assertEquals(await unfinishedRestore(stateOf(root)), "id-1");
      const own = walkTree(root, []).map(({ path }) => path);
      assertEquals(own.filter((path) => path.includes("drill")), [], "the walk sees what is staged");
      await swapIn(placeOf(root), "id-1");
      await commitSwap(placeOf(root));
      assertEquals(readTree(folder.path), under("documents", SWAPPED));
      const { mode, uid } = await Deno.stat(root);
      assertEquals([mode! & 0o777, uid], [0o750, Deno.uid() === 0 ? 33 : Deno.uid()]);
      assertEquals((await Deno.stat(`${root}/install.lock`)).mtime, locked);
      await revertSwap(placeOf(root)); // after the end it changes nothing
      assertEquals(readTree(root), SWAPPED);
    });

    it("brings install.lock where the target has none", async () => {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      makeTree(root, { a: "old" });
      const swap = newSwap(method, placeOf(root));
      await swap.prepare({ id: "id-1" });
      makeTree(await stagedOf(swap), NEW);
      await swapIn(placeOf(root), "id-1");
      await commitSwap(placeOf(root));
      assertEquals(readTree(folder.path), under("documents", NEW));
    });

    it("does not swap in what another restore staged", async () => {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      makeTree(root, OLD);
      await newSwap(method, placeOf(root)).prepare({ id: "id-1" });
      assertEquals((await assertRejects(() => swapIn(placeOf(root), "id-2"), DrillError)).code, "LEASE_HELD");
      await revertSwap(placeOf(root));
      assertEquals(readTree(folder.path), under("documents", OLD));
    });

    it("removes what somebody made in the place of an old entry, when it goes back", async () => {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      makeTree(root, OLD);
      const swap = newSwap(method, placeOf(root), (step) => {
        if (/aside|moved was a file/.test(step)) throw new Error("stop");
      });
      await swap.prepare({ id: "id-1" });
      makeTree(await stagedOf(swap), NEW);
      await assertRejects(() => swap.swapIn(), Error, "stop");
      makeTree(root, { "facture/stray": "stray" });
      await settleDocuments(stateOf(root), undefined);
      assertEquals(readTree(folder.path), under("documents", OLD));
    });

    it("does not go back once the old documents are being removed", async () => {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      makeTree(root, OLD);
      const swap = newSwap(method, placeOf(root), (step) => {
        if (step.endsWith("given up")) throw new Error("stop");
      });
      await swap.prepare({ id: "id-1" });
      makeTree(await stagedOf(swap), NEW);
      await swap.swapIn();
      await assertRejects(() => swap.commit(), Error, "stop");
      assertEquals(Object.keys(readTree(folder.path)).some((path) => /drill(-|\/)old\//.test(path)), false);
      await revertSwap(placeOf(root));
      assertEquals(readTree(folder.path), under("documents", SWAPPED));
    });

    it("comes to the old or the new documents, whole, wherever the process is killed", async () => {
      const seen: string[] = [];
      for (let step = 1;; step++) {
        const said = await killedAt(method, step);
        if (said.includes("END")) break;
        seen.push(said.at(-1)!);
      }
      assert(seen.length >= (method === "beside" ? 9 : 17), seen.join(", "));
    });
  });
}

/** Kills a process at the given step, settles as the database would tell, and compares. @returns what the process said. */
async function killedAt(method: "beside" | "inside", step: number): Promise<string[]> {
  await using folder = await temporaryFolder();
  const root = `${folder.path}/documents`;
  makeTree(root, OLD);
  const child = new URL("../../support/documents/swap_child.ts", import.meta.url).pathname;
  const { stdout, code, stderr } = await runTool(Deno.execPath(), {
    args: ["run", "-A", "--no-check", child, method, root, stateOf(root).path!, String(step)],
  });
  const said = stdout.trim().split("\n");
  assertEquals(code, said.includes("END") ? 0 : 137, stderr);
  const committed = said.includes("COMMIT");
  await settleDocuments(stateOf(root), committed ? "id-1" : undefined);
  assertEquals(readTree(folder.path), under("documents", committed ? SWAPPED : OLD), said.join(", "));
  assertEquals(await settleDocuments(stateOf(root), undefined), "nothing");
  return said;
}

describe("a restore of the documents alone", () => {
  for (const method of METHODS) {
    it(`goes back before its swap began, and forward after (${method})`, async () => {
      for (let step = 1, over = false; !over; step++) {
        await using folder = await temporaryFolder();
        const root = `${folder.path}/documents`;
        makeTree(root, OLD);
        let [steps, last] = [0, ""];
        const swap = newSwap(method, placeOf(root), (name) => {
          last = name;
          if (++steps === step) throw new Error("stop");
        });
        over = await (async () => {
          await swap.prepare({ id: "id-1", alone: true });
          makeTree(await stagedOf(swap), NEW);
          await swap.swapIn();
          return true;
        })().catch(() => false);
        const began = over || /aside|in its place|moved|moves/.test(last);
        assertEquals(
          await settleDocuments(stateOf(root), undefined),
          began ? "finished" : "put back",
          last,
        );
        assertEquals(readTree(folder.path), under("documents", began ? SWAPPED : OLD), last);
      }
    });
  }

  it("is as it was when its swap fails", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    makeTree(root, OLD);
    makeTree(await prepareAt(placeOf(root), "id-1", { alone: true }), NEW);
    const onStep = (step: string) => {
      if (step === "the old folder is aside") throw new Error("EBUSY");
    };
    const error = await assertRejects(() => swapIn(placeOf(root), "id-1", { onStep }), Error);
    assertStringIncludes(error.message, "EBUSY");
    assertEquals(readTree(folder.path), under("documents", OLD));
  });

  it("keeps a new entry in whose place an old one vanished", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    makeTree(root, OLD);
    const swap = newSwap("inside", placeOf(root), (step) => {
      if (step === "moved empty") throw new Error("stop"); // the first of the new ones
      if (step === "moved facture") {
        Deno.removeSync(`${oursIn(root)}/old/facture`, { recursive: true });
      }
    });
    await swap.prepare({ id: "id-1", alone: true });
    makeTree(await stagedOf(swap), NEW);
    await assertRejects(() => swap.swapIn(), Error, "stop");
    await Deno.rename(`${await stagedOf(swap)}/facture`, `${root}/facture`);
    await settleDocuments(stateOf(root), undefined);
    assertEquals(readTree(root), SWAPPED);
  });

  it("of one folder is settled with the documents, and seen by no walk", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    const mycompany = `${root}/mycompany`;
    makeTree(root, OLD);
    makeTree(await prepareAt(placeOf(mycompany, root), "id-1", { alone: true }), {
      "logos/logo.png": "new",
    });
    assertEquals(walkTree(root, []).filter(({ path }) => path.includes("drill")), []);
    const swap = newSwap("beside", placeOf(mycompany, root), () => {
      throw new Error("killed");
    });
    await assertRejects(() => swap.swapIn()); // before the renames
    assertEquals(await settleDocuments(stateOf(root), undefined), "put back");
    assertEquals(readTree(root), OLD);

    makeTree(await prepareAt(placeOf(mycompany, root), "id-2", { alone: true }), {
      "logos/logo.png": "new",
    });
    await swapIn(placeOf(mycompany, root), "id-2");
    assertEquals(walkTree(root, []).filter(({ path }) => path.includes("drill")), []);
    assertEquals(await settleDocuments(stateOf(root), undefined), "finished");
    assertEquals(readTree(root), { ...OLD, "mycompany/logos/logo.png": "new" });
  });

  it("of one folder with a database is decided by the database, found from the documents", async () => {
    for (const committed of [true, false]) {
      await using folder = await temporaryFolder();
      const root = `${folder.path}/documents`;
      makeTree(root, OLD);
      makeTree(await prepareAt(placeOf(`${root}/mycompany`, root), "id-1"), { "logos/logo.png": "new" });
      await swapIn(placeOf(`${root}/mycompany`, root), "id-1");
      assertEquals(await unfinishedRestore(stateOf(root)), "id-1");
      await settleDocuments(stateOf(root), committed ? "id-1" : "id-0");
      assertEquals(readTree(root), { ...OLD, "mycompany/logos/logo.png": committed ? "new" : "old" });
      assertEquals(await unfinishedRestore(stateOf(root)), undefined);
    }
  });

  it("makes a folder that was not there, and unmakes it", async () => {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/mycompany`;
    makeTree(await prepareAt(placeOf(root), "id-1"), NEW);
    await swapIn(placeOf(root), "id-1");
    assertEquals(readTree(root), NEW);
    await revertSwap(placeOf(root));
    assertEquals(readTree(folder.path), {});
    makeTree(await prepareAt(placeOf(root), "id-1"), NEW);
    await swapIn(placeOf(root), "id-1");
    await commitSwap(placeOf(root));
    assertEquals(readTree(folder.path), under("mycompany", NEW));
  });
});

const noDisk = await whyNoDisk();
describe("a volume, whose root cannot be renamed", { skip: noDisk }, () => {
  let disk: Awaited<ReturnType<typeof mountSmallDisk>>;
  beforeAll(async () => disk = await mountSmallDisk("4m"));
  afterAll(() => disk[Symbol.asyncDispose]());

  it("is found, whoever owns it, and refused when it is read-only", async () => {
    await using other = await mountSmallDisk("1m");
    const remount = async (as: string) => {
      const { code, stderr } = await runTool("mount", { args: ["-o", `remount,${as}`, other.path] });
      assertEquals(code, 0, stderr);
    };
    await Deno.chown(other.path, 33, 33);
    await Deno.chmod(other.path, 0o750);
    makeTree(other.path, { "documents/a": "a" });
    const method = async (root: string) => placeSwap(await rootFacts(root)).method;
    assertEquals([await method(other.path), await method(`${other.path}/documents`)], ["inside", "beside"]);
    await remount("ro");
    assertEquals([await method(other.path), await method(`${other.path}/documents`)], ["none", "none"]);
    const error = await assertRejects(() => prepareAt(placeOf(other.path), "id"), DrillError);
    assertStringIncludes(error.message, "it is a mount point, and it is not writable itself");
    await remount("rw");
  });

  it("is swapped inside, and keeps lost+found", async () => {
    const lost = { "lost+found/#12": "what fsck found" };
    makeTree(disk.path, { ...OLD, ...lost });
    const staged = await prepareAt(placeOf(disk.path), "id-1");
    assertEquals(staged, `${oursIn(disk.path)}/new`);
    assertMatch(staged, /\/\.dolibarr-drill-[0-9a-f]{32}\/new$/);
    makeTree(staged, { ...NEW, "lost+found/#1": "of another volume" });
    await swapIn(placeOf(disk.path), "id-1");
    await revertSwap(placeOf(disk.path));
    assertEquals(readTree(disk.path), { ...OLD, ...lost });
    makeTree(await prepareAt(placeOf(disk.path), "id-2"), { ...NEW, "lost+found/#1": "of another volume" });
    await swapIn(placeOf(disk.path), "id-2");
    await commitSwap(placeOf(disk.path));
    assertEquals(readTree(disk.path), { ...SWAPPED, ...lost });
    assertEquals(walkTree(disk.path, []).filter(({ path }) => path.startsWith("lost")), []);
  });
});
