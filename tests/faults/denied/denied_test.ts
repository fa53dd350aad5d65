/** What the system denies to the user of a run is no defect and no bad backup: who, which path, what it needs; status 2. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { ordinaryUser, type OtherUser } from "../../support/platform/other_user.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("a path that this user may not read or write", () => {
  let pair: SmallPair;
  let user: OtherUser;
  let config: string;
  let at: (path: string) => string;

  beforeAll(async () => {
    pair = await startSmallPair();
    at = (path) => `${pair.folder}/${path}`;
    await Deno.chmod(pair.folder, 0o755);
    user = await ordinaryUser(pair.folder);
    config = await Deno.readTextFile(pair.configFile);
    await Deno.mkdir(at("state"));
    assertEquals((await pair.cli("backup", "--env", "prod")).code, 0);
    await change(["-R", "a+rwX"], "store", "state");
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const change = async (args: string[], ...paths: string[]) => {
    const { success } = await new Deno.Command("chmod", { args: [...args, ...paths.map(at)] }).output();
    assertEquals(success, true);
  };

  /** Runs the verb while `path` has no right for anybody. @returns what it says of it, whole in one line. */
  async function denied(path: string, verb: string[], needs: string, code = 2, mode = "0"): Promise<string> {
    const { mode: before } = await Deno.lstat(at(path));
    await Deno.chmod(at(path), parseInt(mode, 8));
    try {
      const env = { DB_PASSWORD: "not-so-secret-4", XDG_STATE_HOME: at("state"), HOME: at("state") };
      const end = await user.cli([...verb, "--config", pair.configFile], env);
      const said = `${end.stdout}\n${end.stderr}`;
      assertEquals(end.code, code, said);
      assertStringIncludes(said, user.name);
      assertStringIncludes(said, `${needs} ${at(path)}`);
      assertEquals(/defect/.test(said), false, said);
      return said;
    } finally {
      await Deno.chmod(at(path), before! & 0o7777);
    }
  }

  it("is told of the configuration", async () => {
    assertMatch(
      await denied("dolibarr-drill.yaml", ["list"], "may not read"),
      /Let this user read it, or run it as a user that may/,
    );
  });

  it("is told of a secret's file, also where several cannot be read", async () => {
    await Deno.writeTextFile(at("secret"), "x");
    await Deno.writeTextFile(pair.configFile, config.replaceAll("env:DB_PASSWORD", `file:${at("secret")}`));
    await denied("secret", ["backup", "--env", "prod"], "may not read");
    await denied("secret", ["refresh"], "may not read");
    await Deno.writeTextFile(pair.configFile, config);
  });

  it("is told of the store's folder, and of an object in it", async () => {
    await denied("store", ["list"], "the folder");
    await denied("store/.parts", ["backup", "--env", "prod"], "may not write into the folder", 2, "555");
    const [manifest] = [...Deno.readDirSync(at("store/prod/manifests"))];
    await denied(`store/prod/manifests/${manifest!.name}`, ["list"], "may not read");
  });

  it("is told of a document and of a folder of them during a backup, which makes no set", async () => {
    await denied("prod/facture/FA3.pdf", ["backup", "--env", "prod"], "may not read");
    await denied("prod/facture", ["backup", "--env", "prod"], "the folder");
    await denied("prod", ["backup", "--env", "prod"], "the folder");
    assertEquals([...Deno.readDirSync(at("store/prod/manifests"))].length, 1);
  });

  it("is told of a sandbox that cannot be entered, and changes nothing", async () => {
    const before = await pair.state("sandbox");
    await denied("sandbox", ["restore", "latest"], "the folder");
    assertEquals([await pair.state("sandbox"), pair.isUp("sandbox")], [before, true]);
  });

  it("is told of a sandbox that cannot be written to, by whom", async () => {
    const before = await pair.state("sandbox");
    await change(["555"], "sandbox", ".");
    const env = { DB_PASSWORD: "not-so-secret-4", XDG_STATE_HOME: at("state"), HOME: at("state") };
    const { code, stderr } = await user.cli(["restore", "latest", "--config", pair.configFile], env);
    await change(["755"], "sandbox", ".");
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /sandbox: the folder above it is not writable, and it is not writable itself/);
    assertStringIncludes(stderr, `${user.name} must be able to write there`);
    assertEquals([await pair.state("sandbox"), pair.isUp("sandbox")], [before, true]);
  });

  it("is told of the folder that a set is written out to", async () => {
    await Deno.mkdir(at("locked"));
    await denied(
      "locked",
      ["restore", "latest", "--half", "docs", "--to", at("locked/out")],
      "may not write into the folder",
      2,
      "555",
    );
  });

  it("is told of the server's socket", async () => {
    await Deno.mkdir(at("socket"));
    await Deno.writeTextFile(pair.configFile, config.replaceAll("host: 127.0.0.1", `host: ${at("socket")}`));
    await denied("socket", ["backup", "--env", "prod"], "the folder");
    await Deno.writeTextFile(pair.configFile, config);
  });

  it("is no reason against an earlier set: it is good and the newest still", async () => {
    const { stdout, code } = await pair.cli("list");
    assertEquals(code, 0);
    assertMatch(stdout, /latest/);
  });
});
