/** What happens to the database's login, or to its server, in the middle of a backup: said as what it is, and nothing left behind. */

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { DrillError, exitStatusOf } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { waitUntil } from "../../../src/base/time.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { Store } from "../../../src/store/store.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { startPostgresServer } from "../../support/platform/postgres_server.ts";

const signal = new AbortController().signal;
const login = { user: "drill_test_login", password: "not-so-secret-4" };

describe("a backup whose login or server goes away in the middle", () => {
  let lab: DrillLab;
  let chief: Session;
  /** Prod, with a login as Vault makes them. */
  let source: OpenEnvironment;
  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    chief = await lab.provisioner(lab.prod);
    // past the pooler, which may go on with connections that it has: what expires is seen at once
    const { ports } = JSON.parse(await Deno.readTextFile(`${lab.folder}/lab.json`));
    source = { ...lab.prod, database: { ...lab.prod.database, ...login, port: ports.postgres } };
  });
  beforeEach(async () => {
    await dropLogin();
    await chief.query(`CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}' IN ROLE erp_role;
      ALTER ROLE ${login.user} SET ROLE erp_role`);
  });
  afterEach(dropLogin);
  afterAll(async () => {
    await chief[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  async function dropLogin() {
    await chief.query("ROLLBACK");
    await endSessions();
    await chief.query(`DROP ROLE IF EXISTS ${login.user}`);
  }

  const endSessions = () =>
    chief.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('drill_test_login', 'drill_test_revoked')",
    );

  /** Takes a good set, then one to which `happens` happens, and sees that the good one is all there is. */
  async function failed(
    from: OpenEnvironment,
    happens: { beforeDump?: () => Promise<unknown>; meanwhile?: () => Promise<unknown> },
  ): Promise<DrillError> {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    await backup(lab.prod, store, { reporter: silentReporter, signal });
    const before = await keysOf(store);
    const broken: Store = {
      ...store,
      put: async (key, body) => {
        if (key.endsWith(".dump")) await happens.beforeDump?.();
        return await store.put(key, body);
      },
    };
    const [error] = await Promise.all([
      assertRejects(
        () => backup(from, broken, { reporter: silentReporter, signal, force: true }),
        DrillError,
      ),
      happens.meanwhile?.(),
    ]);
    assertEquals(exitStatusOf(error.code), 2);
    assertEquals(await keysOf(store), before);
    return error;
  }

  /** Does `then` once the dump stands before a locked table. */
  async function whileLocked(then: () => Promise<unknown>): Promise<void> {
    await chief.query("BEGIN; LOCK TABLE llx_facture IN ACCESS EXCLUSIVE MODE");
    const waits = await waitUntil(async () => {
      const rows = await chief.query(
        "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'llx_facture'::regclass",
      );
      return rows.length > 0;
    }, 9_000);
    assertEquals(waits, true, "nothing waits for the lock");
    await then();
  }

  for (const through of ["the server itself", "the pooler"]) {
    it(`says that the login was revoked when its sessions are ended and it is gone, through ${through}`, async () => {
      const { port } = through === "the pooler" ? lab.prod.database : source.database;
      const from = { ...source, database: { ...source.database, port } };
      const error = await failed(from, {
        meanwhile: () =>
          whileLocked(async () => {
            await chief.query("COMMIT");
            await chief.query(`ALTER ROLE ${login.user} RENAME TO drill_test_revoked`);
            await endSessions();
            await chief.query("DROP ROLE drill_test_revoked");
          }),
      });
      assertEquals(error.code, "DATABASE_LOGIN", error.message);
      assertMatch(error.message, /the login drill_test_login expired or was revoked while this ran$/);
      assertStringIncludes(error.hint, "Vault");
    });
  }

  for (
    const [title, sql] of [
      ["its time is over before pg_dump connects", `ALTER ROLE ${login.user} VALID UNTIL '2020-01-01'`],
      ["its password is changed before pg_dump connects", `ALTER ROLE ${login.user} PASSWORD 'another'`],
      ["it may no longer log in when pg_dump connects", `ALTER ROLE ${login.user} NOLOGIN`],
    ] as const
  ) {
    it(`says that the login expired when ${title}`, async () => {
      const error = await failed(source, { beforeDump: () => chief.query(sql) });
      assertEquals(error.code, "DATABASE_LOGIN", error.message);
      assertMatch(error.message, /the login drill_test_login expired or was revoked while this ran$/);
    });
  }

  it("says that the session was ended when the login is still good", async () => {
    const error = await failed(source, { meanwhile: () => whileLocked(endSessions) });
    assertEquals(error.code, "DATABASE_FAILED", error.message);
    assertMatch(error.message, /ended from outside while this ran$/);
  });

  it("gives up before a table that stays locked, and names who has it", async () => {
    const error = await failed(source, { meanwhile: () => whileLocked(() => Promise.resolve()) });
    assertEquals(error.code, "DATABASE_LOCKED", `${error.message} ${error.details}`);
    assertMatch(
      error.message,
      /^Cannot (dump|ask) erp: a table is locked by another session, also after 10 s$/,
    );
    assertMatch(error.details.join(), /llx_facture is locked by process \d+ \(provisioner, dolibarr-drill\)/);
    assertStringIncludes(error.hint, "pg_terminate_backend");
  });

  it("says that the server was restarted", async () => {
    await using server = await startPostgresServer();
    const error = await failed({ ...lab.prod, database: server.database }, { beforeDump: server.restart });
    assertEquals(error.code, "DATABASE_FAILED", error.message);
    assertMatch(error.message, /the server was restarted while this ran$/);
  });

  it("says that the server went away", async () => {
    await using server = await startPostgresServer();
    const error = await failed({ ...lab.prod, database: server.database }, { beforeDump: server.stop });
    assertEquals(error.code, "DATABASE_UNREACHABLE", error.message);
    assertMatch(error.message, /went away while this ran$/);
  });
});

/** All that a store holds, less leases, which come and go with each run. */
async function keysOf(store: Store): Promise<string[]> {
  const found = await Array.fromAsync(store.list(""));
  return found.filter(({ key }) => !key.includes("/lease/")).map(({ key, bytes }) => `${key} ${bytes}`)
    .sort();
}
