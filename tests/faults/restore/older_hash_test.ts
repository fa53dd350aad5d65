/** What an earlier version recorded of the content of tables is compared as that version hashed it, and nothing else is. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { readSealed, writeSealed } from "../../../src/base/sealed_file.ts";
import { recordKind } from "../../../src/base/versioned_record.ts";
import { FIRST_HASH } from "../../../src/postgres/rows/content_algorithms.ts";
import { connectAsOwner } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { savedDatabaseRecord } from "../../../src/restore/checkpoint/saved_database.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

/** The store of 0.1.0 with one whole set of a small production (fixtures/stores/README.md). */
const FIXTURE = new URL("../../../fixtures/stores/2026-11-30-whole", import.meta.url).pathname;
const SET = "20261130T231213Z";

interface OldManifest {
  db: {
    content: {
      algorithm: string;
      settings: Record<string, string>;
      tables: { table: string; hash: string }[];
    };
  };
}

describe("a set of the version that hashed the text of rows", () => {
  let pair: SmallPair;
  beforeAll(async () => pair = await startSmallPair());
  afterAll(() => pair[Symbol.asyncDispose]());

  /** Puts the old store there, with another manifest where `change` makes it one. */
  async function oldStore(change: (manifest: OldManifest) => void = () => {}): Promise<void> {
    await Deno.remove(`${pair.folder}/store/prod`, { recursive: true }).catch(() => {});
    await copyTree(FIXTURE, `${pair.folder}/store`);
    await Deno.remove(`${pair.folder}/store/prod/rosters`, { recursive: true }); // it has the manifest's hash
    const file = `${pair.folder}/store/prod/manifests/${SET}.json`;
    const manifest = JSON.parse(await Deno.readTextFile(file));
    change(manifest);
    await Deno.writeTextFile(file, JSON.stringify(manifest));
  }
  const restore = () => pair.cli("restore", SET, "--from", "prod", "--into", "sandbox");
  const valuesOf = ({ db }: OldManifest) =>
    db.content.tables.find(({ table }) => table === "public.llx_values")!;

  it("is restored, and each table is equal", async () => {
    await oldStore();
    const { code, stderr } = await restore();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "264 tables compared: all are equal");
  });

  it("is refused where a table's hash is another one, by the same algorithm", async () => {
    await oldStore((manifest) => valuesOf(manifest).hash = "1");
    const before = await pair.state("sandbox");
    const { code, stderr } = await restore();
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "public.llx_values: 2 rows, but their content differs");
    assertEquals(await pair.state("sandbox"), before);
  });

  for (
    const [what, change] of [
      ["an algorithm", ({ db }: OldManifest) => db.content.algorithm = "sum(blake9(row))"],
      ["a setting of it", ({ db }: OldManifest) => db.content.settings["role"] = "chief"],
    ] as const
  ) {
    it(`is refused before anything is touched where this version does not know ${what}`, async () => {
      await oldStore(change);
      const before = await pair.state("sandbox");
      const { code, stderr } = await restore();
      assertEquals([code, pair.isUp("sandbox")], [2, true], stderr);
      assertMatch(
        stderr,
        /its content was hashed (by sum\(blake9\(row\)\)|with the setting role), which this version does not know/,
      );
      assertStringIncludes(stderr, "Update this one");
      assertEquals(await pair.state("sandbox"), before);
    });
  }

  it("is refused where the database is in another encoding, with the statement that makes it anew", async () => {
    await oldStore();
    const make = (encoding: string) =>
      `CREATE DATABASE sandbox OWNER sandbox_owner TEMPLATE template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`;
    await pair.server.chief("DROP DATABASE sandbox");
    await pair.server.chief(make("LATIN1"));
    const { code, stderr } = await restore();
    assertEquals(code, 2, stderr);
    assertMatch(
      stderr,
      /Cannot restore prod\/\S+ into sandbox: it was taken from a database in UTF8, and sandbox is in LATIN1/,
    );
    assertStringIncludes(stderr, make("UTF8").split(" OWNER")[0]!.replace("sandbox", '"sandbox"'));
    await pair.server.chief("DROP DATABASE sandbox");
    await pair.server.chief(make("UTF8"));
  });

  it("has a checkpoint that a reset goes back to by the same hash", async () => {
    await oldStore();
    assertEquals((await restore()).code, 0);
    assertEquals((await pair.cli("checkpoint", "--env", "sandbox")).code, 0);
    await asFormerlySaved(await findFile(pair.folder, "database.json"));
    await pair.sql("sandbox", "UPDATE llx_values SET total = 0", "DELETE FROM llx_facture WHERE rowid < 10");
    const { code, stderr } = await pair.cli("reset", "--env", "sandbox");
    assertEquals(code, 0, stderr);
    assertMatch(stderr + "", /2 of \d+ tables differ/);
  });

  /** A checkpoint's description as 0.1.0 wrote it: hashed by the first algorithm, which it does not name. */
  async function asFormerlySaved(file: string): Promise<void> {
    const saved = (await readSealed(file, savedDatabaseRecord))!;
    await using session = await connectAsOwner(pair.sandbox.database);
    const { hash: _, ...state } = saved.state;
    const former = recordKind({
      ...savedDatabaseRecord,
      format: 1,
      minReader: 1,
      fields: z.looseObject({}),
    });
    await writeSealed(file, former, {
      ...saved,
      state: { ...state, tables: await contentOf(session, FIRST_HASH) },
    });
  }
});

async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyTree(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function findFile(folder: string, wanted: string): Promise<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name === wanted) return `${folder}/${name}`;
    if (isDirectory) {
      const found = await findFile(`${folder}/${name}`, wanted).catch(() => undefined);
      if (found !== undefined) return found;
    }
  }
  throw new Error(`no ${wanted} in ${folder}`);
}
