/** Before a restore touches anything: nobody else is connected, and the pooler keeps sessions apart. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import type { Database } from "../../../src/postgres/connection/database.ts";
import { refuseSharedConnections } from "../../../src/postgres/connection/pooler.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { waitForSessions } from "../../../src/restore/gate/sessions.ts";
import { runCli } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";
import { startTestPooler } from "../../support/platform/pooler.ts";

const signal = new AbortController().signal;

describe("access to the target of a restore", () => {
  let pair: SmallPair;
  let database: Database;
  let session: Session;

  beforeAll(async () => {
    pair = await startSmallPair();
    ({ database } = pair.sandbox);
    session = await connect(database);
    await chief(
      "CREATE ROLE other LOGIN; CREATE ROLE stranger LOGIN; GRANT other TO sandbox_login; GRANT CREATE ON DATABASE sandbox TO other",
    );
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
  });

  const chief = (sql: string) => pair.server.chief(sql, "sandbox");
  const as = (user: string, name = "sandbox") => connect({ ...database, user, name });
  const told: string[] = [];
  const reporter = { ...silentReporter, note: (line: string) => void told.push(line) };
  const end = (limit = 300) =>
    waitForSessions(session, "sandbox", signal, { terminate: true, reporter, limit });
  const isAlive = (one: Session) => one.query("SELECT 1").then(() => true, () => false);

  it("ends the sessions of others with --terminate alone, and says whose and what they did", async () => {
    told.length = 0;
    await using own = await as("sandbox_login");
    await own.query("UPDATE llx_user SET login = login");
    await using theirs = await as("other");
    await theirs.query("SELECT 1");
    await using elsewhere = await as("sandbox_login", "postgres");
    const error = await assertRejects(
      () => waitForSessions(session, "sandbox", signal, { limit: 200 }),
      DrillError,
    );
    assertEquals([error.code, error.details.length, told], ["SESSIONS_CONNECTED", 1, []]);
    assertMatch(error.hint, /--terminate/);
    await end();
    assertEquals([await isAlive(own), await isAlive(theirs), await isAlive(elsewhere)], [false, false, true]);
    assertEquals(told.length, 2);
    assertMatch(
      told.join("\n"),
      /Ending the session of sandbox_login from 127\.0\.0\.1, idle for \d+ s \(dolibarr-drill\): last UPDATE/,
    );
  });

  it("ends nobody's where one may not be ended, and names that one", async () => {
    told.length = 0;
    await using own = await as("sandbox_login");
    await own.query("SELECT 1");
    await using theirs = await as("stranger");
    await theirs.query("BEGIN");
    const error = await assertRejects(() => end(), DrillError);
    assertEquals([error.code, error.details, told], ["SESSIONS_CONNECTED", [
      "stranger (another login's; its state is not ours to see)",
    ], []]);
    assertMatch(error.hint, /pg_signal_backend/);
    assertEquals([await isAlive(own), await isAlive(theirs)], [true, true]);
    await chief("GRANT pg_signal_backend TO sandbox_login");
    await end();
    await chief("REVOKE pg_signal_backend FROM sandbox_login");
    assertEquals([await isAlive(own), await isAlive(theirs)], [false, false]);
  });

  it("never ends a superuser's, whatever else it may", async () => {
    await chief("GRANT pg_signal_backend TO sandbox_login");
    await using theirs = await as("chief");
    await theirs.query("BEGIN");
    const error = await assertRejects(() => end(), DrillError);
    await chief("REVOKE pg_signal_backend FROM sandbox_login");
    assertMatch(error.details.join(), /^chief /);
    assertEquals(await isAlive(theirs), true);
  });

  it("names what comes back after it was ended", async () => {
    let stop = false;
    const connected = Promise.withResolvers<void>();
    const pool = (async () => {
      while (!stop) {
        await using one = await as("sandbox_login");
        connected.resolve();
        while (!stop && await isAlive(one)) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await connected.promise;
    const error = await assertRejects(() => end(1500), DrillError).finally(() => stop = true);
    await pool;
    assertEquals(error.code, "SESSIONS_CONNECTED");
    assertMatch(error.details.join(), /^sandbox_login from 127\.0\.0\.1, .*, connected again$/);
    await waitForSessions(session, "sandbox", signal, { limit: 5000 });
  });

  it("does not wait for another login's session that rests and holds no lock, and tells of it", async () => {
    for (const login of ["stranger", "other", "chief"]) {
      told.length = 0;
      await using theirs = await as(login);
      await theirs.query("SELECT count(*) FROM pg_class");
      await waitForSessions(session, "sandbox", signal, { limit: 200, reporter });
      assertEquals(told.length, 1);
      assertMatch(
        told[0]!,
        new RegExp(`^1 session is connected to sandbox, idle and without a lock, .*: ${login} `),
      );
      await theirs.query("BEGIN");
      const error = await assertRejects(
        () => waitForSessions(session, "sandbox", signal, { limit: 200 }),
        DrillError,
      );
      assertEquals([error.code, error.details.length], ["SESSIONS_CONNECTED", 1]);
    }
  });

  it("does not end what may not be ended and disturbs nothing, with --terminate", async () => {
    told.length = 0;
    await using theirs = await as("chief");
    await theirs.query("SELECT 1");
    await end();
    assertEquals([await isAlive(theirs), told.length], [true, 1]);
  });

  it("leaves the session in the role that it had", async () => {
    assertEquals((await session.query("SELECT current_user AS me"))[0], { me: "sandbox_owner" });
  });

  describe("through a pooler", () => {
    for (const settings of ["", "server_round_robin = 1", "default_pool_size = 1"]) {
      it(`refuses transaction mode ${settings && `with ${settings}`}`, async () => {
        await using pooler = await startTestPooler(database, "transaction", settings);
        const error = await assertRejects(() => probe(pooler.database), DrillError);
        assertEquals(error.code, "POOLER_MODE");
        assertMatch(error.hint, /pool_mode = session/);
      });
    }

    it("refuses transaction mode while others make noise", async () => {
      await using pooler = await startTestPooler(database, "transaction");
      let stop = false;
      const noise = Promise.all([1, 2, 3].map(async () => {
        await using one = await connect(pooler.database);
        while (!stop) await one.query("SELECT pg_sleep(0.003)");
      }));
      for (let time = 0; time < 20; time++) {
        assertEquals((await assertRejects(() => probe(pooler.database), DrillError)).code, "POOLER_MODE");
      }
      stop = true;
      await noise;
    });

    it("refuses statement mode", async () => {
      await using pooler = await startTestPooler(database, "statement");
      assertEquals((await assertRejects(() => probe(pooler.database), DrillError)).code, "POOLER_MODE");
    });

    it("goes on in session mode, and without a pooler, and leaves no session behind", async () => {
      await using pooler = await startTestPooler(database, "session");
      await probe(pooler.database);
      await probe(database);
      await waitForSessions(session, "sandbox", signal, { limit: 2000 });
    });

    it("changes nothing by a restore through transaction mode, and says how to go on", async () => {
      await using pooler = await startTestPooler(database, "transaction");
      assertEquals((await pair.cli("backup")).code, 0);
      const file = (await Deno.readTextFile(pair.configFile)).replace(
        `port: ${database.port}, name: sandbox`,
        `port: ${pooler.database.port}, name: sandbox`,
      );
      await Deno.writeTextFile(`${pair.folder}/pooled.yaml`, file);
      const before = await pair.state("sandbox");
      const env = { DB_PASSWORD: database.password! };
      const end = await runCli(["restore", "--config", `${pair.folder}/pooled.yaml`], { env });
      assertEquals([end.code, await pair.state("sandbox")], [2, before], end.stderr);
      assertMatch(end.stderr, /hands a session's connection to others[^]*pool_mode = session/);
      assert(pair.isUp("sandbox"), "it was never stopped");
    });

    async function probe(through: Database): Promise<void> {
      await using one = await connect(through);
      await refuseSharedConnections(one, through);
    }
  });

  it("restores with --terminate while somebody is connected, and says whose session it ended", async () => {
    await using theirs = await as("other");
    await theirs.query("SELECT 1");
    const done = await pair.cli("restore", "--terminate");
    assertEquals(done.code, 0, done.stderr);
    assertMatch(done.stderr, /Ending the session of other from 127\.0\.0\.1, idle/);
    assertEquals(await isAlive(theirs), false);
  });
});
