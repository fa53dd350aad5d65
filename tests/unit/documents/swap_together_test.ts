/** Folders that belong to one restore: all of them are what they were, or all are new, wherever it ends. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runTool } from "../../../src/base/process/processes.ts";
import { commitTogether, revertPrepared, swapInTogether } from "../../../src/documents/swap/together.ts";
import { refuseUnfinishedRestore } from "../../../src/documents/swap/refuse_unfinished.ts";
import { settleDocuments, unfinishedRestore } from "../../../src/documents/swap/swap.ts";
import { temporaryFolder } from "../../support/folder.ts";
import {
  FURTHER_NEW,
  FURTHER_OLD,
  makeTree,
  NEW,
  OLD,
  readTree,
  stateOf,
  SWAPPED,
  under,
} from "../../support/documents/swap_trees.ts";
import { prepareAt } from "../../support/documents/by_path.ts";

const BOTH_OLD = { ...under("documents", OLD), ...under("custom", FURTHER_OLD) };
const BOTH_NEW = { ...under("documents", SWAPPED), ...under("custom", FURTHER_NEW) };

async function twoFolders() {
  const folder = await temporaryFolder();
  const roots = [`${folder.path}/documents`, `${folder.path}/custom`];
  makeTree(roots[0]!, OLD);
  makeTree(roots[1]!, FURTHER_OLD);
  const state = stateOf(roots[0]!);
  return {
    ...folder,
    state,
    places: roots.map((root) => ({ root, state })),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function prepared(alone: boolean) {
  const folder = await twoFolders();
  for (const [at, place] of folder.places.entries()) {
    makeTree(await prepareAt(place, "id-1", { alone }), at === 0 ? NEW : FURTHER_NEW);
  }
  return folder;
}

describe("folders that are swapped together", () => {
  it("are all new, and nothing is left", async () => {
    await using folder = await prepared(false);
    assertEquals(await unfinishedRestore(folder.state), "id-1");
    await swapInTogether(folder.places, "id-1", { alone: false });
    await commitTogether(folder.places);
    assertEquals(readTree(folder.path), BOTH_NEW);
    assertEquals(await unfinishedRestore(folder.state), undefined);
  });

  for (const committed of [true, false]) {
    it(`are ${committed ? "finished" : "put back"} as the database says, where one of them was swapped in`, async () => {
      await using folder = await prepared(false);
      await swapInTogether(folder.places.slice(0, 1), "id-1", { alone: false });
      assertEquals(
        await settleDocuments(folder.state, committed ? "id-1" : "another"),
        committed ? "finished" : "put back",
      );
      assertEquals(readTree(folder.path), committed ? BOTH_NEW : BOTH_OLD);
    });
  }

  it("are all as they were where the second cannot be swapped in, and no database decides", async () => {
    await using folder = await prepared(true);
    let steps = 0;
    const onStep = (step: string) => {
      if (step === "the old folder is aside" && ++steps === 2) throw new Error("EBUSY");
    };
    await assertRejects(() => swapInTogether(folder.places, "id-1", { alone: true, onStep }), Error, "EBUSY");
    assertEquals(readTree(folder.path), BOTH_OLD);
  });

  it("are all old or all new, wherever the process is killed and no database decides", async () => {
    const ends = new Set<string>();
    for (let step = 1, over = false; !over; step++) {
      await using folder = await twoFolders();
      const child = new URL("../../support/documents/together_child.ts", import.meta.url).pathname;
      const { stdout } = await runTool(Deno.execPath(), {
        args: ["run", "-A", "--no-check", child, folder.path, folder.state.path!, String(step)],
      });
      over = stdout.includes("END");
      const settled = await settleDocuments(folder.state, undefined);
      ends.add(settled);
      const found = readTree(folder.path);
      assertEquals(found, settled === "put back" ? BOTH_OLD : BOTH_NEW, stdout);
      if (stdout.includes("SWAPPED")) assertEquals(found, BOTH_NEW, stdout);
    }
    assertEquals([...ends].sort(), ["finished", "nothing", "put back"]);
  });

  it("leave alone what another restore prepared", async () => {
    await using folder = await prepared(false);
    await revertPrepared(folder.places, "id-2");
    assertEquals(await unfinishedRestore(folder.state), "id-1");
    await revertPrepared(folder.places, "id-1");
    assertEquals(readTree(folder.path), BOTH_OLD);
  });

  it("keep the environment from being read while a further one alone is unfinished", async () => {
    await using folder = await prepared(false);
    const [documents, custom] = folder.places.map(({ root }) => root) as [string, string];
    const environment = { name: "sandbox", documents, moreFolders: { custom }, state: folder.state };
    await revertPrepared(folder.places.slice(0, 1), "id-1");
    const refused = await assertRejects(() => refuseUnfinishedRestore(environment, "back up"), Error);
    assert(refused.message.includes("a restore into it was interrupted"));
    await settleDocuments(folder.state, undefined);
    await refuseUnfinishedRestore(environment, "back up");
  });
});
