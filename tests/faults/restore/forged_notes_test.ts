/**
 * Notes that the ERP's web user forges in his documents, as the hostile party would: a link to a folder of root's, a journal
 * that names root's files, a half written note that is a link. Nothing outside of the documents is written or moved.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { runTool } from "../../../src/base/process/processes.ts";
import { settleDocuments, swapIn } from "../../../src/documents/swap/swap.ts";
import { resultOf } from "../../support/cli.ts";
import { makeTree, readTree, type Tree } from "../../support/documents/swap_trees.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { whyNoDisk } from "../../support/platform/small_disk.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";
import { prepareAt } from "../../support/documents/by_path.ts";

const WWW = 33;
const OUTSIDE: Tree = { "new/keep.txt": "root's", "sys.conf": "root's", "ld.so.preload": "root's" };
const FORGED = '{"format":1,"id":"x","alone":true,"moves":{"old":["ld.so.preload"],"new":["ld.so.preload"]}}';

const noMount = await whyNoDisk();
describe("what a web user forges in his documents", { skip: noMount }, () => {
  let pair: SmallPair;
  let outer: Awaited<ReturnType<typeof temporaryFolder>>;
  let outside: string;
  beforeAll(async () => {
    pair = await startSmallPair();
    outer = await temporaryFolder();
    outside = `${outer.path}/root-only`;
    makeTree(outside, OUTSIDE);
    await Deno.chmod(outside, 0o700);
    for (const name of ["prod", "sandbox"]) {
      await tool("chown", "-R", `${WWW}:${WWW}`, `${pair.folder}/${name}`);
    }
    await tool("mount", "--bind", `${pair.folder}/sandbox`, `${pair.folder}/sandbox`);
    assertEquals((await pair.cli("backup")).code, 0);
  });
  afterAll(async () => {
    await tool("umount", `${pair.folder}/sandbox`);
    await pair[Symbol.asyncDispose]();
    await outer[Symbol.asyncDispose]();
  });

  /** Makes `tree` in the documents as the web user, runs `body`, and compares what lies outside. */
  async function forging(of: "prod" | "sandbox", tree: Tree, body: () => Promise<void>): Promise<void> {
    const documents = `${pair.folder}/${of}`;
    makeTree(documents, tree);
    const made = new Set(Object.keys(tree).map((path) => path.split("/", 1)[0]!));
    for (const name of made) await tool("chown", "-hR", `${WWW}:${WWW}`, `${documents}/${name}`);
    try {
      await body();
      assertEquals(readTree(outside), OUTSIDE);
    } finally {
      for (const name of made) await tool("rm", "-rf", `${documents}/${name}`);
    }
  }

  it("as a link in the place of our folder leads no restore elsewhere", () =>
    forging("sandbox", { ".dolibarr-drill": { link: outside } }, async () => {
      const end = await pair.cli("restore");
      if (end.code !== 0) assertMatch(end.stderr, /\.dolibarr-drill is a link/);
    }));

  it("as a half written note that is a link is never written through", () =>
    forging("sandbox", {
      ".drill-stopped.json.half": { link: `${outside}/sys.conf` },
      ".drill-stopped.json~": { link: `${outside}/sys.conf` },
      ".drill-stopped.json": { link: `${outside}/sys.conf` },
    }, async () => {
      const end = await pair.cli("restore");
      assertEquals([end.code, pair.isUp("sandbox")], [0, true], end.stderr);
      assertMatch(end.stderr, /Left unread: .*\/sandbox\/\.drill-stopped\.json: it is no regular file/);
    }));

  const journal = () => ({
    ".dolibarr-drill/journal.json": FORGED,
    ".dolibarr-drill/old": { link: outside },
  });
  for (const  of of["prod", "sandbox"] as const) {
    it(`as a journal in the documents of ${of} is not carried out, whatever a person believes of it`, () =>
      forging(of, journal(), async () => {
        const before = readTree(`${pair.folder}/${of}`);
        for (const args of [["rearm", "--env", of], ["rearm", "--env", of, "--adopt-notes"]]) {
          const end = await pair.cli(...args);
          assertEquals(end.code, 2, end.stdout);
          assertMatch(end.stdout, /not believed: .*\.dolibarr-drill\/journal\.json: /);
        }
        assertEquals(readTree(`${pair.folder}/${of}`), before);
      }));
  }

  it("as a journal in production's documents neither stops a backup nor a copy of it, and is told", () =>
    forging("prod", journal(), async () => {
      for (const args of [["backup"], ["refresh"]]) {
        const end = await pair.cli(...args);
        assertEquals(end.code, 0, end.stderr);
        assertMatch(end.stderr, /prod\/\.dolibarr-drill\/journal\.json looks like half a restore into prod/);
      }
    }));

  it("as a journal in the sandbox's keeps a restore from going over it, and says what to do", () =>
    forging("sandbox", { ".dolibarr-drill/journal.json": FORGED }, async () => {
      const end = await pair.cli("restore", "--json");
      const { code, message, hint } = resultOf(end.stdout);
      assertEquals([end.code, code], [2, "RESTORE_UNFINISHED"]);
      assertMatch(String(message), /journal\.json looks like half a restore, which this user did not begin/);
      assertMatch(String(hint), /rearm --env sandbox --adopt-notes.* look at it and remove it/);
      assertEquals((await pair.cli("checkpoint")).code, 2);
    }));

  it("is not needed: what another starter left is refused, and finished by that one", async () => {
    const { documents } = pair.sandbox;
    const place = { root: await Deno.realPath(documents), state: pair.sandbox.state };
    await Deno.writeTextFile(`${await prepareAt(place, "id-1", { alone: true })}/new.pdf`, "new");
    await swapIn(place, "id-1");
    const other = `${outer.path}/other.yaml`;
    const text = await Deno.readTextFile(pair.configFile);
    await Deno.writeTextFile(other, text.replace(/^state: .*$/m, `state: ${outer.path}/other-states`));
    const before = readTree(documents);
    for (const args of [["restore"], ["rearm"], ["checkpoint"]]) {
      const end = await pair.cli(...args, "--config", other);
      assertEquals(end.code, 2, `${args}: ${end.stdout}${end.stderr}`);
      assertEquals(readTree(documents), before);
    }
    assertEquals(await settleDocuments(place.state, undefined), "finished");
    assert("new.pdf" in readTree(documents));
    const end = await pair.cli("restore", "--replace-foreign");
    assertEquals(end.code, 0, end.stderr);
  });

  it("is a matter of who owns the documents: a state that he could write into is told by every verb", async () => {
    const states = `${outer.path}/www/states`;
    await Deno.mkdir(`${outer.path}/www`);
    await Deno.chown(`${outer.path}/www`, WWW, WWW);
    const reached = `${outer.path}/reached.yaml`;
    const text = await Deno.readTextFile(pair.configFile);
    await Deno.writeTextFile(reached, text.replace(/^state: .*$/m, `state: ${states}`));
    for (const args of [["rearm"], ["restore"], ["checkpoint"]]) {
      const told = await pair.cli(...args, "--config", reached);
      assertEquals(told.code, 0, told.stderr);
      assertMatch(
        told.stderr,
        /The owner of the documents may write into .*www belongs to the user with the id 33/,
      );
      assert(!/The owner of the documents/.test((await pair.cli(...args)).stderr));
    }
    const drill = await pair.cli(
      "drill",
      "--level",
      "fast",
      "--json",
      "--no-notify",
      "--config",
      reached,
      "--report",
      outer.path,
    );
    assertMatch(String(resultOf(drill.stdout).reachedState), /www belongs to the user with the id 33/);
  });
});

async function tool(program: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await runTool(program, { args });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}
