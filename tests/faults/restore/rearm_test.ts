/** What a killed run left, one thing at a time: `rearm` mends it, says so, and finds nothing to do the second time. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { thisProcess } from "../../../src/base/process/holder.ts";
import { writeRestoreIdSql } from "../../../src/dolibarr/sandbox/restore_id.ts";
import { swapIn } from "../../../src/documents/swap/swap.ts";
import { readStopped, type StoppedRecord, writeStopped } from "../../../src/platform/local/stopped_note.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { RESTORE_LOCK } from "../../../src/restore/load/advisory_lock.ts";
import { type Done, rearm } from "../../../src/restore/rearm/rearm.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { resultOf } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";
import { until } from "../../support/until.ts";
import { prepareAt } from "../../support/documents/by_path.ts";

const signal = new AbortController().signal;
const SINCE = "2026-11-20T03:00:00.000Z";

describe("rearm", () => {
  let pair: SmallPair;
  let documents: string;
  let before: string;

  beforeAll(async () => {
    pair = await startSmallPair();
    ({ documents } = pair.sandbox);
    await pair.sql(
      "sandbox",
      "ALTER TABLE llx_user ADD IF NOT EXISTS lastname text",
      "CREATE TABLE IF NOT EXISTS llx_user_rights (fk_user integer)",
    );
    before = await pair.state("sandbox");
  });
  beforeEach(() => Deno.writeTextFile(`${pair.folder}/sandbox-up`, ""));
  afterAll(() => pair[Symbol.asyncDispose]());

  const note = (more: Partial<StoppedRecord> = {}) =>
    writeStopped(pair.sandbox.state, {
      environment: "sandbox",
      since: SINCE,
      holder: { ...thisProcess(), pid: 1, start: "none" },
      wasUp: true,
      ...more,
    });
  const stop = () => Deno.remove(`${pair.folder}/sandbox-up`);

  /** What each step came to, and what it said. */
  async function rearmed(target = pair.sandbox) {
    const results = await rearm(target, { reporter: silentReporter, signal });
    return {
      done: Object.fromEntries(
        results.filter(({ step }) => step !== "control").map(({ step, done }) => [step, done]),
      ) as Record<string, Done>,
      said: results.map(({ what }) => what).join("\n"),
    };
  }
  const place = (below = "") => ({ root: `${documents}${below}`, state: pair.sandbox.state });
  const ALL_RIGHT: Record<string, Done> = {
    notes: "nothing",
    staged: "nothing",
    documents: "nothing",
    account: "nothing",
    marks: "nothing",
    workload: "nothing",
  };

  async function nothingLeft() {
    assertEquals((await rearmed()).done, ALL_RIGHT);
    assertEquals([await pair.state("sandbox") === before, pair.isUp("sandbox")], [true, true]);
    const hidden = [...Deno.readDirSync(pair.folder)].map(({ name }) => name).filter((name) =>
      /^\./.test(name)
    );
    const kept = [...Deno.readDirSync(pair.sandbox.state.make())].map(({ name }) => name);
    assertEquals([hidden, kept], [[], []]);
  }

  async function staged(id: string) {
    const folder = await prepareAt(place(), id);
    await Deno.writeTextFile(`${folder}/new.pdf`, "new");
  }

  it("finds nothing to do where all is right", nothingLeft);

  it("puts the old documents back where the database does not know the restore, and starts the ERP", async () => {
    await staged(crypto.randomUUID());
    note();
    await stop();
    const { done, said } = await rearmed();
    assertEquals(done, { ...ALL_RIGHT, documents: "done", workload: "done" });
    assertMatch(
      said,
      /the old documents are in place[^]*process 1 on .* stopped it at 2026-11-20.*it runs again/,
    );
    await nothingLeft();
  });

  it("does so too where the old folder is aside and the new one not yet in its place", async () => {
    const id = crypto.randomUUID();
    await staged(id);
    await Deno.rename(documents, `${pair.folder}/.sandbox.drill-old`);
    note({ wasUp: true });
    assertEquals((await rearmed()).done.documents, "done");
    await rearmed();
    await nothingLeft();
  });

  it("keeps the new documents where the database holds the restore's id", async () => {
    const id = crypto.randomUUID();
    await Deno.rename(documents, `${documents}.kept`);
    await Deno.mkdir(documents);
    await staged(id);
    await swapIn(place(), id);
    await pair.sql("sandbox", writeRestoreIdSql(id));
    const { done, said } = await rearmed();
    assertEquals([done.documents, await Deno.readTextFile(`${documents}/new.pdf`)], ["done", "new"]);
    assertMatch(said, /its new documents are in place/);
    await Deno.remove(documents, { recursive: true });
    await Deno.rename(`${documents}.kept`, documents);
    await pair.sql("sandbox", "DELETE FROM llx_const WHERE name = 'DOLIBARR_DRILL_RESTORE'");
    await nothingLeft();
  });

  it("settles one folder of the documents that was swapped alone", async () => {
    const id = crypto.randomUUID();
    const folder = await prepareAt(place("/mycompany"), id, { alone: true });
    await Deno.writeTextFile(`${folder}/new.png`, "new");
    assertEquals((await rearmed()).done, { ...ALL_RIGHT, documents: "done", workload: "done" });
    await nothingLeft();
  });

  it("stops an ERP that somebody started on half a restore, and starts it on a whole one", async () => {
    await staged(crypto.randomUUID());
    let stops = 0;
    const { workload } = pair.sandbox;
    const counted = { ...workload, stop: (signal: AbortSignal) => (stops++, workload.stop(signal)) };
    const { done } = await rearmed({ ...pair.sandbox, workload: counted });
    assertEquals([done, stops], [{ ...ALL_RIGHT, documents: "done", workload: "done" }, 1]);
    await nothingLeft();
  });

  it("removes a drill's account and its marks, and nobody else's", async () => {
    await pair.sql(
      "sandbox",
      "INSERT INTO llx_user (rowid, login, lastname) VALUES (7, 'dolibarr-drill-0a1b2c3d', 'dolibarr-drill'), (8, 'dolibarr-drill-fan', 'Miller')",
      "INSERT INTO llx_user_rights VALUES (7), (8)",
      "INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_HOME', 1, 'Hello dolibarr-drill 0123456789abcdef')",
    );
    const mark = `${documents}/mycompany/logos/dolibarr-drill-0123456789abcdef.png`;
    await Deno.mkdir(`${documents}/mycompany/logos`, { recursive: true });
    await Deno.writeTextFile(mark, "mark");
    const { done, said } = await rearmed();
    assertEquals(done, { ...ALL_RIGHT, account: "done", marks: "done" });
    assertMatch(
      said,
      /removed dolibarr-drill-0a1b2c3d\n.*mycompany\/logos\/dolibarr-drill-0123456789abcdef\.png/,
    );
    await using session = await connect(pair.sandbox.database);
    assertEquals(
      await session.query("SELECT fk_user FROM llx_user_rights"),
      [{ fk_user: 8 }],
    );
    assertEquals(await session.query("SELECT value FROM llx_const WHERE name = 'MAIN_HOME'"), [{
      value: "Hello",
    }]);
    await pair.sql(
      "sandbox",
      "DELETE FROM llx_user WHERE rowid = 8",
      "DELETE FROM llx_user_rights",
      "DELETE FROM llx_const WHERE name = 'MAIN_HOME'",
    );
    await nothingLeft();
  });

  it("leaves the ERP down where it was down before, and where we did not stop it", async () => {
    await stop();
    note({ wasUp: false });
    const first = await rearmed();
    assertEquals([first.done.workload, pair.isUp("sandbox")], ["left", false]);
    const second = await rearmed();
    assertEquals([second.done.workload, pair.isUp("sandbox")], ["nothing", false]);
    assertMatch(second.said, /it is down, and was not stopped by this tool: left as it is/);
    await Deno.writeTextFile(`${pair.folder}/sandbox-up`, "");
    await nothingLeft();
  });

  it("only forgets the note where the ERP runs already", async () => {
    note();
    const { done, said } = await rearmed();
    assertEquals(done.workload, "done");
    assertMatch(said, /it runs already, so the note is removed/);
    await nothingLeft();
  });

  it("says what it could not mend while the database is away, and mends it afterwards", async () => {
    await staged(crypto.randomUUID());
    note({ staysDown: "its database could not be asked" });
    await stop();
    await pair.server.stop();
    const end = await pair.cli("rearm", "--json");
    assertEquals([end.code, pair.isUp("sandbox")], [2, false], end.stderr);
    const events = end.stdout.trim().split("\n").map((line) => JSON.parse(line));
    const steps = events.filter(({ event, step }) => event === "rearm" && step !== "control").map((
      { step, outcome },
    ) => [step, outcome]);
    assertEquals(steps.splice(0, 2), [["notes", "nothing"], ["staged", "nothing"]]);
    assertEquals(steps, [["documents", "failed"], ["account", "failed"], ["marks", "failed"], [
      "workload",
      "failed",
    ]]);
    const { code, failed, verdict } = resultOf(end.stdout);
    assertEquals([code, verdict, failed], ["REARM_INCOMPLETE", "not_run", steps.map(([step]) => step)]);
    assertEquals(readStopped(pair.sandbox.state)?.since, SINCE);
    await pair.server.restart();
    const after = await pair.cli("rearm");
    assertEquals([after.code, pair.isUp("sandbox")], [0, true], after.stdout + after.stderr);
    assertMatch(after.stdout, /sandbox is consistent again: 2 steps repaired/);
    const again = await pair.cli("rearm");
    assertMatch(again.stdout, /^The ERP +ok +it runs$[^]*^sandbox: nothing to do$/m);
    await nothingLeft();
  });

  it("waits until a restore's transaction is over before it decides", async () => {
    const id = crypto.randomUUID();
    await staged(id);
    await using committing = await connect(pair.sandbox.database);
    await committing.query("BEGIN");
    await committing.query(`SELECT pg_advisory_xact_lock(${RESTORE_LOCK})`);
    await committing.query(writeRestoreIdSql(id));
    await swapIn(place(), id);
    const rearming = rearmed();
    await using chief = await connect({ ...pair.sandbox.database, user: "chief" });
    await until("rearm has asked whether a restore is under way", async () => {
      const [row] = await chief.query<{ n: number }>(
        "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE query ~ 'pg_try_advisory' AND pid <> pg_backend_pid()",
      );
      return row!.n > 0;
    });
    await committing.query("ROLLBACK");
    assertMatch((await rearming).said, /the old documents are in place/);
    await nothingLeft();
  });

  it("touches no account of a protected environment", async () => {
    const { done } = await rearmed(pair.prod);
    assertEquals(done, { ...ALL_RIGHT, account: "left", marks: "left" });
  });

  it("does nothing while a run is under way", async () => {
    await using _lease = await takeLease(pair.store, "sandbox", "restore", { signal });
    const end = await pair.cli("rearm");
    assertEquals(end.code, 2);
    assertMatch(end.stderr, /Cannot begin with sandbox: restore has been running there/);
  });
});
