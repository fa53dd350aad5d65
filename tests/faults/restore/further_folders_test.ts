/** Further folders of the documents, such as Dolibarr's `custom`: backed up and restored with the rest, or not at all. */

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { writeRestoreIdSql } from "../../../src/dolibarr/sandbox/restore_id.ts";
import { swapIn } from "../../../src/documents/swap/swap.ts";
import { openEnvironment } from "../../../src/cli/command/clients.ts";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { recordFilledTree } from "../../../src/restore/filled_tree.ts";
import { restore } from "../../../src/restore/restore.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { makeTree, readTree } from "../../support/documents/swap_trees.ts";
import { findSet } from "../../support/store/sets.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";
import { prepareAt } from "../../support/documents/by_path.ts";

const signal = new AbortController().signal;
const MODULE = { "mymodule/core/modMyModule.class.php": "<?php", "mymodule/link": { link: "core" } };
const OWN = { "own/own.php": "the sandbox's own" };
/** Of another name too: a file system may give a new file the inode of one that was just removed. */
const STRANGERS = { "theirs/theirs.php": "what somebody else has put there" };

describe("a further folder of the documents", () => {
  let pair: SmallPair;
  let sandbox: OpenEnvironment;
  let plain: string;
  let custom: Record<"prod" | "sandbox", string>;

  /** A configuration in which these environments have their folder. */
  async function configure(...names: ("prod" | "sandbox")[]) {
    let text = plain;
    for (const name of names) {
      text = text.replace(
        `documents: ${pair.folder}/${name}\n`,
        `documents: { folder: ${pair.folder}/${name}, more: { custom: ${custom[name]} } }\n`,
      );
    }
    await Deno.writeTextFile(pair.configFile, text);
  }

  beforeAll(async () => {
    pair = await startSmallPair();
    plain = await Deno.readTextFile(pair.configFile);
    custom = { prod: `${pair.folder}/prod-custom`, sandbox: `${pair.folder}/sandbox-custom` };
    makeTree(custom.prod, MODULE);
    const without = await pair.cli("backup", "--env", "prod", "--json");
    assertEquals(without.code, 0, without.stderr);
    await configure("prod", "sandbox");
    sandbox = await openEnvironment(
      environmentOf(await loadConfig(pair.configFile), "sandbox"),
      silentReporter,
    );
  });
  beforeEach(async () => {
    await configure("prod", "sandbox");
    await Deno.remove(custom.sandbox, { recursive: true }).catch(() => {});
    makeTree(custom.sandbox, OWN);
    await recordFilledTree(sandbox, pair.store, { by: "restore" }); // what lies there is of an earlier restore
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  it("stays as it is where the set is older than its configuration, which is told", async () => {
    const { code, stdout, stderr } = await pair.cli("restore", "latest");
    assertEquals(code, 0, stderr);
    assertMatch(
      stdout,
      /left out: custom \(prod\/\w+ holds no further folder of that name: \S+ stays as it is\)/,
    );
    assertEquals(readTree(custom.sandbox), OWN);
    const text = await Deno.readTextFile(`${pair.folder}/store/prod/RESTORE.txt`);
    assertMatch(text, /5\. The folder custom of Dolibarr's htdocs, .* is in no backup\./);
  });

  it("is backed up, and what a restore would replace is told before", async () => {
    const backup = await pair.cli("backup", "--env", "prod");
    assertEquals(backup.code, 0, backup.stderr);
    const text = await Deno.readTextFile(`${pair.folder}/store/prod/RESTORE.txt`);
    assertStringIncludes(
      text,
      `Its top folder custom is no part of them: move it to where it lay, ${custom.prod}`,
    );
    const before = await pair.state("sandbox");
    const { code, stdout, stderr } = await pair.cli("restore", "--dry-run");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, `- the further documents in ${custom.sandbox}\n`);
    assertEquals([readTree(custom.sandbox), await pair.state("sandbox")], [OWN, before]);
  });

  it("with files that no restore put there is replaced only where a person says so", async () => {
    await Deno.remove(custom.sandbox, { recursive: true });
    makeTree(custom.sandbox, STRANGERS);
    const { code, stderr } = await pair.cli("restore", "latest");
    assertEquals(code, 2, stderr);
    assertMatch(
      stderr,
      /1 file in the folder \S+-custom of sandbox: there is none of those that the restore of \S+ left/,
    );
    assertEquals(readTree(custom.sandbox), STRANGERS);
    const end = await pair.cli("restore", "latest", "--replace-foreign");
    assertEquals(end.code, 0, end.stderr);
    assertEquals(readTree(custom.sandbox), MODULE);
  });

  it("is restored with the documents, with the owner of the target's folder", async () => {
    if (Deno.uid() === 0) await Deno.chown(custom.sandbox, 33, 33);
    const { code, stdout, stderr } = await pair.cli("restore", "latest");
    assertEquals(code, 0, stderr);
    assert(!stdout.includes("left out: custom"), stdout);
    assertMatch(stdout, /263 tables and 26 files are equal/);
    assertEquals(readTree(custom.sandbox), MODULE);
    assertEquals(readTree(`${pair.folder}/sandbox`)["custom"], undefined);
    if (Deno.uid() !== 0) return;
    const { uid } = await Deno.stat(`${custom.sandbox}/mymodule/core/modMyModule.class.php`);
    assertEquals([(await Deno.stat(custom.sandbox)).uid, uid], [33, 33]);
  });

  it("is left out where the target names no folder for it, which is told", async () => {
    await configure("prod");
    for (const args of [["restore", "--dry-run"], ["restore", "latest"], ["refresh", "--all"]]) {
      const { code, stdout, stderr } = await pair.cli(...args);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /left out: custom \(the target names no folder for it: add it to documents\.more/);
    }
    assertEquals(readTree(custom.sandbox), OWN);
  });

  it("is not touched by a restore of the database, and comes with one of the documents alone", async () => {
    assertEquals((await pair.cli("restore", "latest", "--half", "db")).code, 0);
    assertEquals(readTree(custom.sandbox), OWN);
    assertEquals((await pair.cli("restore", "latest", "--half", "docs")).code, 0);
    assertEquals(readTree(custom.sandbox), MODULE);
  });

  it("is copied by refresh --all, and not by refresh", async () => {
    assertEquals((await pair.cli("refresh")).code, 0);
    assertEquals(readTree(custom.sandbox), OWN);
    const { code, stdout, stderr } = await pair.cli("refresh", "--all");
    assertEquals(code, 0, stderr);
    assert(!stdout.includes("left out: custom"), stdout);
    assertEquals(readTree(custom.sandbox), MODULE);
  });

  it("is written out beside the documents by restore --to", async () => {
    const to = `${pair.folder}/out`;
    const { code, stdout, stderr } = await pair.cli("restore", "latest", "--to", to, "--half", "docs");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, `${to}/more/custom  1 file of these; it lay at ${custom.prod}`);
    assertEquals(readTree(`${to}/more/custom`), MODULE);
    assertEquals(readTree(`${to}/documents`)["facture/FA0.pdf"], "facture/FA0.pdf of prod");
  });

  it("is what it was where the restore fails after everything was unpacked", async () => {
    const before = await pair.state("sandbox");
    await using lease = await takeLease(pair.store, "sandbox", "test", { signal });
    await assertRejects(
      async () =>
        await restore(await findSet(pair.store, "prod", "latest"), sandbox, pair.store, {
          ...{ lease, protectedOnes: pair.protectedOnes, reporter: silentReporter, signal },
          beforeLoad: () => Promise.reject(new Error("no backup of it could be taken")),
        }),
      Error,
      "no backup of it could be taken",
    );
    assertEquals([readTree(custom.sandbox), await pair.state("sandbox")], [OWN, before]);
    assertEquals(hidden(), []);
  });

  for (const committed of [true, false]) {
    it(`is ${committed ? "new" : "old"} after a crash between two swaps, as the database says`, async () => {
      const id = crypto.randomUUID();
      const before = await pair.state("sandbox");
      const staged = await prepareAt({ root: sandbox.documents, state: sandbox.state }, id);
      makeTree(staged, { [`${id}.pdf`]: "new" });
      makeTree(await prepareAt({ root: custom.sandbox, state: sandbox.state }, id), MODULE);
      await swapIn({ root: sandbox.documents, state: sandbox.state }, id);
      if (committed) await pair.sql("sandbox", writeRestoreIdSql(id));
      const refused = await pair.cli("checkpoint");
      assertEquals(refused.code, 2, refused.stdout);
      assertMatch(refused.stderr, /a restore was interrupted there/);
      const { code, stdout } = await pair.cli("rearm");
      assertEquals(code, 0, stdout);
      assertEquals(readTree(custom.sandbox), committed ? MODULE : OWN);
      assertEquals(readTree(sandbox.documents)[`${id}.pdf`], committed ? "new" : undefined);
      if (!committed) assertEquals(await pair.state("sandbox"), before);
      assertEquals(hidden(), []);
    });
  }

  it("is refused where it lies inside production's", async () => {
    await Deno.remove(custom.sandbox, { recursive: true });
    await Deno.writeTextFile(
      pair.configFile,
      (await Deno.readTextFile(pair.configFile)).replace(custom.sandbox, `${custom.prod}/mymodule`),
    );
    const { code, stderr } = await pair.cli("restore", "latest");
    assertEquals(code, 2);
    assertStringIncludes(stderr, "share documents");
    assertEquals(readTree(custom.prod), MODULE);
  });

  it("makes a restore wait for it where it is not there", async () => {
    await Deno.remove(custom.sandbox, { recursive: true });
    const { code, stderr } = await pair.cli("restore", "latest");
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot read the documents folder ${custom.sandbox}`);
  });

  const hidden = () =>
    [...Deno.readDirSync(pair.folder)].map(({ name }) => name).filter((name) => /^\..*drill/.test(name));
});
