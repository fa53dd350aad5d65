/** An owner in the configuration that is no role of the server: refused before anything is read. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { runCli } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("an owner that does not exist", () => {
  let pair: SmallPair;

  beforeAll(async () => {
    pair = await startSmallPair();
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  /** Runs a verb with `owner` mistyped in the configuration. */
  async function mistyped(owner: string, ...args: string[]) {
    const file = `${pair.folder}/mistyped.yaml`;
    const text = await Deno.readTextFile(pair.configFile);
    await Deno.writeTextFile(
      file,
      text.replace(`owner: ${owner}`, `owner: ${owner.replace("owner", "ownre")}`),
    );
    return await runCli([...args, "--config", file], { env: { DB_PASSWORD: pair.prod.database.password! } });
  }

  const objects = async () => (await Array.fromAsync(pair.store.list(""))).map(({ key }) => key);

  it("ends a backup before anything is read, with the roles that own the tables", async () => {
    const { code, stderr } = await mistyped("prod_owner", "backup");
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "its owner as configured, prod_ownre, is no role of the server");
    assertStringIncludes(stderr, "the tables of prod belong to prod_owner");
    assert(!(await objects()).some((key) => /\/(db|docs|manifests)\//.test(key)));
  });

  it("ends a restore, be it the target's or that of a protected environment", async () => {
    const backup = await pair.cli("backup");
    assertEquals(backup.code, 0, backup.stderr);
    const before = await pair.state("sandbox");
    for (const owner of ["sandbox_owner", "prod_owner"]) {
      const { code, stderr } = await mistyped(owner, "restore");
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, `${owner.replace("owner", "ownre")}, is no role of the server`);
    }
    assertEquals(await pair.state("sandbox"), before);
  });
});
