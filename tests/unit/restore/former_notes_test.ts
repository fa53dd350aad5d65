/** What the version before kept at the documents: taken over where only we can have written it, told where not. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { OwnFolder } from "../../../src/base/own_folder.ts";
import { JournalFile, journalsIn } from "../../../src/documents/swap/journal.ts";
import { leftoversAt, whyDoubted } from "../../../src/documents/swap/leftovers.ts";
import { refuseUnfinishedRestore } from "../../../src/documents/swap/refuse_unfinished.ts";
import { settleDocuments, unfinishedRestore } from "../../../src/documents/swap/swap.ts";
import { Folder } from "../../../src/documents/tree/folder.ts";
import { readStopped } from "../../../src/platform/local/stopped_note.ts";
import { blocksRestore, takeOverNotes } from "../../../src/restore/rearm/former_notes.ts";
import { exchanging, whyNoExchange } from "../../support/hostile/exchange.ts";
import { mountSmallDisk, whyNoDisk } from "../../support/platform/small_disk.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { makeTree, NEW, OLD, readTree, type Tree, under } from "../../support/documents/swap_trees.ts";

const WWW = 33;
const noDisk = await whyNoDisk();
const noExchange = whyNoExchange();
const JOURNAL = '{"format":1,"id":"id-1"}\n';
const STOPPED = JSON.stringify({
  ...{ format: 1, environment: "sandbox", since: "2026-11-20T03:00:00.000Z", wasUp: true },
  holder: { host: "erp", hostId: "a", boot: "b", pid: 1, start: "none" },
});

/** A documents folder of the web user's in a folder of root's, with `tree` in and beside it: what is in there is root's. */
async function treeOf(tree: Tree) {
  const folder = await temporaryFolder();
  const root = `${folder.path}/documents`;
  makeTree(folder.path, Object.assign({}, under("documents", OLD), tree));
  await Deno.chown(root, WWW, WWW);
  const state = new OwnFolder(`${folder.path}.states/sandbox`);
  return {
    ...{ path: folder.path, root, state },
    environment: { name: "sandbox", documents: root, state },
    take: (adopts = false) => takeOverNotes({ state }, [root], { adopts }),
    kept: () => state.existing() === undefined ? [] : Object.keys(readTree(state.path!)).sort(),
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]();
      await Deno.remove(`${folder.path}.states`, { recursive: true }).catch(() => undefined);
    },
  };
}

describe("notes of the version before", { skip: Deno.uid() !== 0 && "only root may give files away" }, () => {
  it("beside the documents are taken over, and settled as they would have been", async () => {
    await using made = await treeOf({
      ...under(".documents.drill-new", NEW),
      ".documents.drill-journal.json": JOURNAL,
    });
    const refused = await assertRejects(
      () => refuseUnfinishedRestore(made.environment, "back up"),
      DrillError,
    );
    assertEquals(refused.code, "TARGET_UNFIT");
    assertEquals((await made.take()).taken, [`${made.path}/.documents.drill-journal.json`]);
    assertEquals(await unfinishedRestore(made.state), "id-1");
    assertEquals(await settleDocuments(made.state, undefined), "put back");
    assertEquals(readTree(made.path), under("documents", OLD));
    assertEquals(await made.take(), { taken: [], left: [] });
  });

  it("inside are too, where the folder is ours alone", async () => {
    await using made = await treeOf({
      "documents/.dolibarr-drill/journal.json":
        '{"format":1,"id":"id-1","moves":{"old":["facture"],"new":[]}}',
      "documents/.dolibarr-drill/new/x": "new",
      "documents/.dolibarr-drill/old/facture/FA0.pdf": "aside",
    });
    await Deno.chmod(`${made.root}/.dolibarr-drill`, 0o700);
    await Deno.remove(`${made.root}/facture`, { recursive: true });
    assertEquals((await made.take()).left, []);
    await settleDocuments(made.state, undefined);
    const { "facture/FA1/FA1.pdf": _, ...others } = OLD;
    assertEquals(readTree(made.root), { ...others, "facture/FA0.pdf": "aside" });
  });

  it("of a stopped ERP, of a control, and a checkpoint keep what they say", async () => {
    await using made = await treeOf({
      ".documents.drill-stopped.json": STOPPED,
      ".documents.drill-control/breaking.json": "{}",
      ".documents.drill-checkpoint/current.json": "{}",
      ".documents.drill-staged/incoming.dump": "the target had not been changed",
    });
    assertEquals((await made.take()).left, []);
    assertEquals(made.kept(), ["checkpoint/current.json", "control/breaking.json", "stopped.json"]);
    assertEquals(readStopped(made.state)?.since, "2026-11-20T03:00:00.000Z");
    assertEquals(readTree(made.path), under("documents", OLD));
  });

  it("of a restore in stages are taken over: they hold the only copy of what was there", async () => {
    await using made = await treeOf({
      ".documents.drill-staged/begun.json": "{}",
      ".documents.drill-staged/dump": "x",
    });
    await made.take();
    assertEquals(made.kept(), ["staged/begun.json", "staged/dump"]);
  });

  const forged: [
    what: string,
    tree: Tree,
    by: (path: string) => Promise<void>,
    doubt: RegExp,
    blocks: boolean,
  ][] = [
    [
      "a journal of the web user's",
      { "documents/.dolibarr-drill/journal.json": JOURNAL },
      (path) => chownAll(`${path}/documents/.dolibarr-drill`),
      /belongs to the user with the id 33/,
      true,
    ],
    [
      "a journal in a folder that others may write into",
      { "documents/.dolibarr-drill/journal.json": JOURNAL },
      (path) => Deno.chmod(`${path}/documents/.dolibarr-drill`, 0o777),
      /other users may write into the folder above it/,
      true,
    ],
    [
      "a journal with a second name",
      { "documents/.dolibarr-drill/journal.json": JOURNAL },
      (path) => Deno.link(`${path}/documents/.dolibarr-drill/journal.json`, `${path}/second`),
      /it has a second name elsewhere/,
      true,
    ],
    [
      "a journal that is a link",
      { elsewhere: JOURNAL, ".documents.drill-journal.json": { link: "elsewhere" } },
      () => Promise.resolve(),
      /it is no regular file/,
      true,
    ],
    [
      "a note in the web user's own folder",
      { "documents/.drill-stopped.json": STOPPED },
      () => Promise.resolve(),
      /the folder above it belongs to the user with the id 33/,
      false,
    ],
  ];
  for (const [what, tree, by, doubt, blocks] of forged) {
    it(`are told and left, with everything beside them: ${what}`, async () => {
      await using made = await treeOf(tree);
      await by(made.path);
      const before = readTree(made.path);
      const { taken, left } = await made.take();
      assertEquals([taken, left.length, left.some(blocksRestore)], [[], 1, blocks]);
      assertMatch(left[0]!.why, doubt);
      assertEquals([made.kept(), readTree(made.path)], [[], before]);
      const told = await refuseUnfinishedRestore(made.environment, "back up");
      assertEquals(told.length, blocks ? 1 : 0);
    });
  }

  it("are believed where a person says so, and a link is not even then", async () => {
    await using made = await treeOf({
      "documents/.dolibarr-drill/journal.json": JOURNAL,
      "documents/.dolibarr-drill/new/x": "new",
      elsewhere: JOURNAL,
      ".documents.drill-journal.json": { link: "elsewhere" },
    });
    await chownAll(`${made.root}/.dolibarr-drill`);
    assertEquals((await made.take()).taken, []);
    const { taken, left } = await made.take(true);
    assertEquals(taken, [`${made.root}/.dolibarr-drill/journal.json`]);
    assertEquals(left.map(({ path }) => path), [`${made.path}/.documents.drill-journal.json`]);
    assertEquals(await settleDocuments(made.state, undefined), "put back");
    assertEquals(readTree(made.root), OLD);
  });

  it("on another disk are copied where they are the only copy, and told where they can be made again", {
    skip: noDisk,
  }, async () => {
    await using made = await treeOf({
      ".documents.drill-staged/begun.json": "{}",
      ".documents.drill-checkpoint/current.json": "{}",
    });
    await using disk = await mountSmallDisk("1m");
    await Deno.chmod(disk.path, 0o700);
    const state = new OwnFolder(`${disk.path}/sandbox`);
    const { taken, left } = await takeOverNotes({ state }, [made.root]);
    assertEquals([taken, left.map(({ path }) => path)], [
      [`${made.path}/.documents.drill-staged`],
      [`${made.path}/.documents.drill-checkpoint`],
    ]);
    assertMatch(left[0]!.why, /on another disk/);
    assertEquals(readTree(state.path!), { "staged/begun.json": "{}" });
    const checkpoint = under(".documents.drill-checkpoint", { "current.json": "{}" });
    assertEquals(readTree(made.path), { ...under("documents", OLD), ...checkpoint });
  });

  it(
    "are those that were judged, while the web user exchanges our folder for his",
    { skip: noExchange },
    async () => {
      await using made = await treeOf({
        "documents/.dolibarr-drill/journal.json": JOURNAL,
        "documents/his/journal.json": JOURNAL.replace("id-1", "forged"),
        "documents/his/old/FA1.pdf": "x",
      });
      await Deno.chmod(`${made.root}/.dolibarr-drill`, 0o755);
      await chownAll(`${made.root}/his`);
      using ours = Folder.open(`${made.root}/.dolibarr-drill`);
      await Deno.chmod(made.path, 0o755); // he may enter it
      await using _exchange = await exchanging(made.root, ".dolibarr-drill", "his");
      const seen = { taken: 0, left: 0 };
      for (let round = 0; round < 200; round++) {
        if (!ours.has("journal.json")) {
          await Deno.writeTextFile(`/proc/self/fd/${ours.handle}/journal.json`, JOURNAL);
        }
        const { taken } = await made.take();
        const [journal] = await journalsIn(made.state);
        assertEquals(journal?.id, taken.length > 0 ? "id-1" : undefined);
        if (journal) {
          await new JournalFile({ root: journal.root, state: made.state }).remove();
        }
        seen[taken.length > 0 ? "taken" : "left"]++;
      }
      assert(seen.taken > 0 && seen.left > 0, JSON.stringify(seen));
    },
  );

  it("without a journal are never a reason to remove old documents", async () => {
    await using made = await treeOf({
      ".documents.drill-old/a.pdf": "the only copy",
      ".documents.drill-new/b": "new",
    });
    const before = readTree(made.path);
    for (const adopts of [false, true]) {
      const { taken, left } = await made.take(adopts);
      assertEquals([taken, left.map(({ path }) => path)], [[], [
        `${made.path}/.documents.drill-new`,
        `${made.path}/.documents.drill-old`,
      ]]);
      assertMatch(left[0]!.why, /there is no journal of/);
    }
    assertEquals(readTree(made.path), before);
    await Deno.remove(`${made.path}/.documents.drill-old`, { recursive: true });
    assertEquals((await made.take(true)).taken, [`${made.path}/.documents.drill-new`]);
  });

  it("are found for one folder of the documents, and none through a link", async () => {
    await using made = await treeOf({
      "documents/.mycompany.drill-journal.json": JOURNAL,
      "documents/facture/.dolibarr-drill/journal.json": JOURNAL,
      "outside/.dolibarr-drill/journal.json": JOURNAL,
      "documents/away": { link: "../outside" },
      "documents/.dolibarr-drill": { link: "../outside/.dolibarr-drill" },
    });
    assertEquals(leftoversAt(made.root).map(({ path, root }) => [path, root]), [
      [`${made.root}/.mycompany.drill-journal.json`, `${made.root}/mycompany`],
      [`${made.root}/facture/.dolibarr-drill/journal.json`, `${made.root}/facture`],
    ]);
  });
});

async function chownAll(folder: string): Promise<void> {
  await Deno.chown(folder, WWW, WWW);
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) await chownAll(`${folder}/${name}`);
    else await Deno.chown(`${folder}/${name}`, WWW, WWW);
  }
}

describe("a note that was found", () => {
  const entry = { isFile: true, isDirectory: false, uid: 0, nlink: 1, mode: 0o100600 };
  const folder = { isDirectory: true, uid: 0, mode: 0o40755 };
  const good = { kind: "journal", entry, folder, tree: { uid: WWW }, self: 0 } as const;
  it("is believed of this user in a folder of this user's", () => assertEquals(whyDoubted(good), undefined));
  it("is not believed where the documents are of the same user: who serves them could have written it", () =>
    assertEquals(whyDoubted({ ...good, tree: { uid: 0 } }), "the documents belong to the same user"));
  it("is not believed as a folder that others may write into", () => {
    const checkpoint = { ...entry, isFile: false, isDirectory: true, mode: 0o40770 };
    assertEquals(
      whyDoubted({ ...good, kind: "checkpoint", entry: checkpoint }),
      "other users may write into it",
    );
  });
});
