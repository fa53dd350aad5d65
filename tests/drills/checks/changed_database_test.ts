/** Whether a database is the one that was backed up last, on the real Dolibarr's: one test a row of a table of edits. */

import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { VOLATILE_ROWS } from "../../../src/dolibarr/tables/volatile_rows.ts";
import { contentSettingsSql, readContent } from "../../../src/postgres/catalogue/content.ts";
import { type Fingerprint, readFingerprint } from "../../../src/postgres/catalogue/fingerprint.ts";
import { type RunningErp, startErp } from "../../support/lab/erp.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { CHANGES, type Edit, QUIET } from "./changed_database_edits.ts";

const skip = await whyNoDolibarr();

describe("the fingerprint of Dolibarr's own database", { skip }, () => {
  let erp: RunningErp;
  beforeAll(async () => erp = await startErp("real"));
  afterAll(async () => await erp[Symbol.asyncDispose]());

  async function fingerprint(volatile = VOLATILE_ROWS): Promise<Fingerprint> {
    await erp.session.query(contentSettingsSql());
    const ask = erp.session.ask;
    return await readFingerprint(ask, await readContent(ask), volatile);
  }

  /** The fingerprints before and after, in a transaction of which nothing stays. */
  async function around({ given, sql }: Edit, volatile = VOLATILE_ROWS): Promise<[Fingerprint, Fingerprint]> {
    const { session } = erp;
    await session.query("BEGIN");
    try {
      if (given) await session.query(given);
      const before = await fingerprint(volatile);
      await session.query(sql);
      return [before, await fingerprint(volatile)];
    } finally {
      await session.query("ROLLBACK");
    }
  }

  for (const edit of QUIET) {
    it(`is as before after ${edit.title}`, async () => {
      const [before, after] = await around(edit);
      assertEquals(after, before);
    });
  }

  for (const table of ["llx_user", "llx_const", "llx_session", "llx_cronjob"]) {
    it(`is another after what is let pass in ${table}, when nothing is let pass in it`, async () => {
      const without = VOLATILE_ROWS.filter((entry) => entry.table !== `public.${table}`);
      const edits = QUIET.filter(({ sql }) => new RegExp(`(UPDATE|INTO) ${table}\\b`).test(sql));
      assertNotEquals(edits.length, 0);
      for (const edit of edits) {
        const [before, after] = await around(edit, without);
        assertNotEquals(after.value, before.value, edit.title);
      }
    });
  }

  for (const edit of CHANGES) {
    it(`is another after ${edit.title}`, async () => {
      const [before, after] = await around(edit);
      assertEquals(after.algorithm, before.algorithm);
      assertNotEquals(after.value, before.value);
    });
  }

  it("is as before after a real sign-in, the ping's result and a look at invoices", async () => {
    const before = await committed();
    const [lastLogin] = await erp.session.query("SELECT max(datelastlogin)::text FROM llx_user");
    await signInAndLookAround(erp);
    assertNotEquals(await erp.session.query("SELECT max(datelastlogin)::text FROM llx_user"), [lastLogin]);
    assertEquals(await committed(), before);
  });

  async function committed(): Promise<Fingerprint> {
    await erp.session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    try {
      return await fingerprint();
    } finally {
      await erp.session.query("ROLLBACK");
    }
  }
});

/** What a browser does, without one: the form with its token, the cookie, three pages and the ping's own question. */
async function signInAndLookAround({ url, drillAccount }: RunningErp): Promise<void> {
  const form = await fetch(`${url}/index.php`);
  const cookie = form.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const token = /name="token" value="([0-9a-f]+)"/.exec(await form.text())?.[1] ?? "";
  assert(cookie !== "" && token !== "", "the sign-in page has no form");
  const body = new URLSearchParams({
    token,
    actionlogin: "login",
    loginfunction: "loginfunction",
    username: drillAccount.login,
    password: drillAccount.password,
  });
  const home = await fetch(`${url}/index.php?mainmenu=home`, { method: "POST", headers: { cookie }, body });
  assertStringIncludes(await home.text(), drillAccount.login, "nobody was signed in");
  for (
    const page of [
      "/compta/facture/list.php",
      "/core/ajax/pingresult.php?action=firstpingko&hash_algo=x&hash_unique_id=x",
      "/index.php?mainmenu=home",
    ]
  ) {
    const answer = await fetch(`${url}${page}`, { headers: { cookie } });
    assertEquals(answer.status, 200, page);
    await answer.body?.cancel();
  }
}
