/** Whose documents a target has: production's are known by their files wherever they lie, and a stranger's are asked about once. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readRestoreId } from "../../../src/dolibarr/sandbox/restore_id.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { listMoments, recordKey } from "../../../src/store/keys.ts";
import { readTrees } from "../../../src/store/records/trees.ts";
import { runCli } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

const CAME =
  /What came or changed in the documents of sandbox since the restore of \d{8}T\d{6}Z is replaced too: 1 file/;

describe("the documents of a target", () => {
  let pair: SmallPair;
  beforeAll(async () => {
    pair = await startSmallPair();
    assertEquals((await pair.cli("backup", "--env=prod")).code, 0);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  /** A command with production's documents configured as a path that is not on this machine. */
  async function awayFromProd(sandbox: string, ...args: string[]) {
    const { folder, configFile } = pair;
    const text = (await Deno.readTextFile(configFile))
      .replace(`documents: ${folder}/prod\n`, `documents: /nowhere/of/prod\n`)
      .replace(`documents: ${folder}/sandbox\n`, `documents: ${sandbox}\n`);
    const config = `${folder}/away.yaml`;
    await Deno.writeTextFile(config, text);
    return await runCli([...args, "--config", config], { env: { DB_PASSWORD: "not-so-secret-4" } });
  }
  const forget = async (environment: string) => {
    for (const at of await listMoments(pair.store, environment, "trees")) {
      await pair.store.delete(recordKey(environment, "trees", at));
    }
  };
  const trees = (environment: string) =>
    readTrees(pair.store, environment, ({ error }) => {
      throw error;
    });
  async function refused(end: { code: number; stderr: string }, says: RegExp): Promise<void> {
    assertEquals(end.code, 2, end.stderr);
    assertMatch(end.stderr, says);
    await Promise.resolve();
  }

  it("are refused where they are production's, though production's folder is not on this machine", async () => {
    const before = await pair.state("prod");
    const end = await awayFromProd(`${pair.folder}/prod`, "restore", "latest");
    await refused(end, /hold 25 of 25 files of prod as its backup of \d{8}T\d{6}Z recorded them/);
    assertEquals(await pair.state("prod"), before);
  });

  it("are told from production's by the files that its backup recorded, and replaced", async () => {
    const end = await awayFromProd(`${pair.folder}/sandbox`, "restore", "latest");
    assertEquals(end.code, 0, end.stderr);
    assertEquals(
      await Deno.readTextFile(`${pair.folder}/sandbox/facture/FA1.pdf`),
      "facture/FA1.pdf of prod",
    );
    const [newest] = await trees("sandbox");
    assertEquals([
      newest!.by,
      newest!.folders[0]!.files,
      newest!.folders[0]!.sample.length,
      newest!.replacedForeign,
    ], [
      ...["restore", 25, 25],
      undefined,
    ]);
    await using session = await connect(pair.sandbox.database);
    assertEquals(newest!.restore, await readRestoreId(session.ask));
  });

  it("are known by the index of a set of a version that recorded no files: production's, and others", async () => {
    await forget("prod");
    const end = await awayFromProd(`${pair.folder}/prod`, "restore", "latest");
    await refused(end, /hold 25 of 25 files of prod/);
    const other = await awayFromProd(`${pair.folder}/sandbox`, "restore", "latest");
    assertEquals(other.code, 0, other.stderr);
    await Deno.mkdir(`${pair.folder}/elsewhere`, { recursive: true });
    await Deno.writeTextFile(`${pair.folder}/elsewhere/of nobody.pdf`, "");
    const unknown = await awayFromProd(`${pair.folder}/elsewhere`, "restore", "latest", "--replace-foreign");
    await refused(
      unknown,
      /none of the files that the backup of prod of \S+ recorded is there to be compared[^]*backup --env NAME/,
    );
    assertEquals((await pair.cli("backup", "--env=prod")).code, 0);
    assertEquals((await trees("prod")).length, 1, "recorded again, though nothing changed");
  });

  it("are replaced with what people added since the last restore, which is counted", async () => {
    await Deno.writeTextFile(`${pair.folder}/sandbox/facture/rehearsed.pdf`, "of a rehearsal");
    const preview = await pair.cli("restore", "latest", "--dry-run");
    assertMatch(
      preview.stdout,
      CAME,
    );
    const end = await pair.cli("restore", "latest");
    assertEquals(end.code, 0, end.stderr);
    assertMatch(
      end.stderr,
      CAME,
    );
  });

  it("that are a stranger's, in the place of those that a restore left, are asked about once, which is recorded", async () => {
    const documents = `${pair.folder}/sandbox`;
    await Deno.rename(documents, `${pair.folder}/sandbox-of-before`);
    await Deno.mkdir(documents);
    await Deno.writeTextFile(`${documents}/thesis.odt`, "the only copy");
    const before = await pair.state("sandbox");
    for (const more of [[], ["--dry-run"]]) {
      await refused(
        await pair.cli("restore", "latest", ...more),
        /sandbox holds files that no restore put there[^]*1 file in the documents of sandbox: there is none of those that the restore of \S+ left[^]*--replace-foreign/,
      );
    }
    await refused(await pair.cli("refresh", "--all"), /--replace-foreign/);
    assertEquals(await pair.state("sandbox"), before);
    assertEquals((await pair.cli("refresh-from-prod")).code, 0, "its documents are not touched");

    const end = await pair.cli("restore", "latest", "--replace-foreign");
    assertEquals(end.code, 0, end.stderr);
    assertMatch(
      end.stderr,
      /--replace-foreign: what lies in \S+ is replaced, though no restore put it there: 1 file/,
    );
    assertEquals((await trees("sandbox"))[0]!.replacedForeign, 1);
    const again = await pair.cli("restore", "latest");
    assertEquals(again.code, 0, again.stderr);
  });

  it("into which a version before restored need no word of a person: the database carries its id", async () => {
    await forget("sandbox");
    const end = await pair.cli("restore", "latest");
    assertEquals(end.code, 0, end.stderr);
  });

  it("that hold files where nothing was ever restored are asked about; without files they are not", async () => {
    await forget("sandbox");
    await pair.sql("sandbox", "DELETE FROM llx_const WHERE name = 'DOLIBARR_DRILL_RESTORE'");
    await refused(
      await pair.cli("restore", "latest"),
      /25 files in the documents of sandbox: no restore of ours ever went into it/,
    );
    await Deno.remove(`${pair.folder}/sandbox`, { recursive: true });
    await Deno.mkdir(`${pair.folder}/sandbox`);
    await Deno.writeTextFile(`${pair.folder}/sandbox/install.lock`, "");
    const end = await pair.cli("restore", "latest");
    assertEquals(end.code, 0, end.stderr);
  });
});
