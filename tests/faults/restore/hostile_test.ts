/** Sets that are broken or made to harm: each is refused by its own words, and the sandbox is what it was, to the hash. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { makeVerifier } from "../../../src/backup/verify.ts";
import { DrillError, EXIT, exitStatusOf } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { protectedOnes } from "../../../src/cli/command/clients.ts";
import { foreignOwned } from "../../../src/postgres/rights/owners.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { restore, type RestoreProof } from "../../../src/restore/restore.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { findSet } from "../../support/store/sets.ts";
import { type DrillLab, type SetCopy, startDrillLab } from "../../support/lab/drill_lab.ts";
import { type Scratch, startScratch } from "../../support/hostile/dumps.ts";
import { changes, COMES_OVER, LEFT_OUT, RUNS, UNDO } from "../../support/hostile/harmless.ts";
import { DOCUMENTS } from "../../support/hostile/documents.ts";
import { FILES, type Hostile, MANIFESTS, WAS_HERE } from "../../support/hostile/rows.ts";
import { SCRIPTS } from "../../support/hostile/scripts.ts";

const signal = new AbortController().signal;
const quiet = { reporter: silentReporter, signal };

describe("a hostile set", () => {
  let lab: DrillLab;
  let scratch: Scratch;
  let target: OpenEnvironment;
  let before: string;
  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    await lab.drill({ opensPages: false });
    scratch = await startScratch(lab);
    await lab.sandbox.workload.stop(signal);
    // it is down for all of these: how it is stopped and started is another test's
    const stopped = {
      start: () => Promise.resolve(),
      stayDown() {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    target = { ...lab.sandbox, workload: { ...lab.sandbox.workload, stop: () => Promise.resolve(stopped) } };
    before = await lab.sandboxState();
  });
  afterAll(async () => {
    await scratch[Symbol.asyncDispose]();
    {
      await using provisioner = await lab.provisioner();
      for (const sql of UNDO) await provisioner.query(sql);
    }
    const { error } = await lab.drill({ opensPages: false }); // nothing of these tests is left in the sandbox
    assertEquals(error?.code, "CHECK_NOT_RUN", error?.message);
    await lab[Symbol.asyncDispose]();
  });

  const restoring = async (copy: SetCopy) => {
    const set = await findSet(copy.store, "prod", "latest");
    await using lease = await takeLease(copy.store, "sandbox", "restore");
    const others = protectedOnes(lab.config, { from: "prod", into: "sandbox" }, silentReporter);
    return await restore(set, target, copy.store, { ...quiet, protectedOnes: others, lease });
  };

  const table: [string, readonly Hostile[]][] = [
    ["whose dump is no dump", FILES],
    ["whose manifest is another's", MANIFESTS],
    ["whose documents are not what they seem", DOCUMENTS],
    ["whose dump does more than to load", SCRIPTS],
  ];
  for (const [whose, rows] of table) {
    describe(whose, () => {
      for (const { what, make, code, exit, says } of rows) {
        it(`is refused, and nothing is changed: ${what}`, async () => {
          await using copy = await lab.copyOfSet();
          await make(copy, scratch, lab);
          const error = await assertRejects(() => restoring(copy), DrillError);
          assert([code].flat().includes(error.code), `${error.code}: ${error.message}`);
          assertEquals(exitStatusOf(error.code), exit ?? EXIT.bad, error.message);
          assertMatch([error.message, ...error.details].join("\n"), says);
          assert(error.hint !== "", "it says what to do");
          assertEquals(await lab.sandboxState(), before, error.message);
          await assertRejects(() => Deno.lstat(WAS_HERE), Deno.errors.NotFound);
        });
      }
    });
  }

  describe("that is read by verify", () => {
    const verified = async (row: string) => {
      await using copy = await lab.copyOfSet();
      await [...FILES, ...MANIFESTS].find(({ what }) => what === row)!.make(copy, scratch, lab);
      return await makeVerifier(copy.store, quiet).verify(await findSet(copy.store, "prod", "latest"));
    };

    it("is bad, and named as what it is", async () => {
      const { verdict, problems } = await verified("a plain SQL script");
      assertEquals(verdict, "fail");
      assertMatch(problems.join(), /prod\/db\/.*\.dump: .*it is a plain SQL script: pg_dump without -Fc/);
    });

    it("is not condemned where our pg_restore is too old", async () => {
      const error = await assertRejects(() => verified("a dump that pg_restore is too old for"), DrillError);
      assertEquals([error.code, exitStatusOf(error.code)], ["DUMP_NEWER", 2]);
    });

    it("is condemned where a flipped bit only says so", async () => {
      const { problems } = await verified("one bit of the version in the dump's header flipped");
      assertMatch(problems.join(), /has other bytes than were backed up/);
    });
  });

  describe("that only looks like one", () => {
    let copy: SetCopy;
    let proof: RestoreProof;
    beforeAll(async () => {
      copy = await lab.copyOfSet();
      await scratch.become(changes(lab.prod.database.owner));
      const dump = copy.path(copy.manifest.db.objects[0]!.key);
      await Deno.writeFile(dump, await scratch.dumpRunning(RUNS, "late"));
      copy.manifest.db.content.tables = await scratch.content();
      await copy.record("db");
      proof = await restoring(copy);
    });
    afterAll(async () => await copy[Symbol.asyncDispose]());

    for (const [what, sql, answer] of COMES_OVER) {
      it(`comes over: ${what}`, async () => {
        await using session = await lab.provisioner();
        assertEquals(Object.values((await session.query(sql))[0] ?? {}), [answer]);
      });
    }

    it("is all the owner role's, and the rest is named with its reason", async () => {
      await using session = await connect(lab.sandbox.database);
      assertEquals((await foreignOwned(session, lab.sandbox.database.owner)).foreign, []);
      const named = proof.leftOut.map(({ what }) => what);
      assertEquals(LEFT_OUT.filter((what) => !named.includes(what)), []);
      assertEquals(proof.leftOut.filter(({ why }) => why === ""), []);
    });
  });
});
