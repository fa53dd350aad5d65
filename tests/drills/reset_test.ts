/** `checkpoint` and `reset` on Dolibarr's own sandbox, while it serves. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../src/base/terminal/reporter.ts";
import { protectedOnes } from "../../src/cli/command/clients.ts";
import { createDrillAccount } from "../../src/dolibarr/sandbox/drill_account.ts";
import { sha256Of } from "../../src/base/streams.ts";
import { walkTree } from "../../src/documents/tree/walk.ts";
import { connect } from "../../src/postgres/connection/session.ts";
import { contentOf } from "../../src/postgres/connection/snapshot.ts";
import { resetAfterwards } from "../../src/restore/checkpoint/checkpoint.ts";
import { type DrillLab, startDrillLab } from "../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../support/lab/lab.ts";

const skip = await whyNoDolibarr();

describe("a reset of Dolibarr's own sandbox", { skip }, () => {
  let lab: DrillLab;
  beforeAll(async () => {
    lab = await startDrillLab("real");
    await lab.drill({ opensPages: false });
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  /** Of the database, and of the documents that are backed up: what pages write beside them is left alone. */
  async function state(): Promise<string> {
    await using session = await connect(lab.sandbox.database);
    const files = walkTree(lab.sandbox.documents).map(({ path, type, target }) => {
      const file = `${lab.sandbox.documents}/${path}`;
      return [path, target, type === "file" ? sha256Of(Deno.readFileSync(file)) : type].join(" ");
    });
    return [...(await contentOf(session)).map((table) => JSON.stringify(table)), ...files].join("\n");
  }

  const options = () => ({
    protectedOnes: protectedOnes(lab.config, { from: "prod", into: "sandbox" }, silentReporter),
    reporter: silentReporter,
    signal: new AbortController().signal,
  });

  it("takes back what a visit and a test have left, while the ERP serves on", async () => {
    const before = await state();
    {
      await using sandbox = await resetAfterwards(lab.sandbox, lab.store, options());
      await visit();
      assert(await state() !== before, "the visit has left nothing");
      const { how, tables, files } = await sandbox.reset();
      assertEquals([how, files], ["rows", { removed: ["mycompany/of-a-test.txt"], put: [], mended: [] }]);
      const names = tables.map(({ table }) => table);
      assertEquals(names.filter((name) => !/^public\.llx_(user|user_rights|societe|const)$/.test(name)), []);
      assertEquals(await state(), before);
      await asked("/index.php", 'id="login"');

      await using session = await connect(lab.sandbox.database);
      await session.query("ALTER TABLE llx_societe ADD COLUMN of_a_test text");
    }
    assertEquals(await state(), before);
    await asked("/index.php", 'id="login"');
  });

  /** What a browser does, without one: an account, its sign-in, a list; then what a test does by itself. */
  async function visit(): Promise<void> {
    await using session = await connect(lab.sandbox.database);
    const account = await createDrillAccount(session); // and it is never removed: that is the reset's work
    const { url } = lab.sandbox.web;
    const form = await fetch(`${url}/index.php`);
    const cookie = form.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const token = /name="token" value="([0-9a-f]+)"/.exec(await form.text())?.[1] ?? "";
    const body = new URLSearchParams({
      token,
      actionlogin: "login",
      loginfunction: "loginfunction",
      username: account.login,
      password: account.password,
    });
    const home = await fetch(`${url}/index.php?mainmenu=home`, { method: "POST", headers: { cookie }, body });
    assertStringIncludes(await home.text(), account.login, "nobody was signed in");
    await asked("/compta/facture/list.php", account.login, cookie);
    await session.query(
      "UPDATE llx_societe SET nom = nom || ' & Sons' WHERE rowid = (SELECT min(rowid) FROM llx_societe)",
    );
    await session.query("SELECT nextval(pg_get_serial_sequence('llx_societe', 'rowid'))");
    await Deno.writeTextFile(`${lab.sandbox.documents}/mycompany/of-a-test.txt`, "left behind");
  }

  async function asked(path: string, holds: string, cookie = ""): Promise<void> {
    const answer = await fetch(`${lab.sandbox.web.url}${path}`, { headers: { cookie } });
    assertEquals(answer.status, 200);
    assertStringIncludes(await answer.text(), holds);
  }
});
