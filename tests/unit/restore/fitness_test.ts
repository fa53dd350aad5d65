/** Whether a target is fit to be restored into, and whether one transaction is enough: judged from facts alone. */

import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type FitnessFacts, judgeFitness, judgeLocks } from "../../../src/restore/gate/fitness.ts";

const FIT: FitnessFacts = {
  database: "erp-sandbox",
  owner: "erp_sandbox_role",
  login: "v-sandbox-1",
  ownerExists: true,
  mayAct: true,
  mayCreate: true,
  publicOwner: "pg_database_owner",
  lookupOwner: "provisioner",
  foreign: [],
  schemas: [],
  prepared: [],
  locks: { each: 64, holders: 122, held: 10, dropped: 4734, made: 1565 },
};

function problems(facts: Partial<FitnessFacts>): string[] {
  const fitness = judgeFitness({ ...FIT, ...facts });
  return fitness.fit ? [] : fitness.problems.map(({ code, sentence }) => `${code} ${sentence}`);
}

describe("the fitness of a target", () => {
  it("is given where nothing speaks against it", () => assertEquals(problems({}), []));

  const schema = { name: "extra", owner: "erp_sandbox_role", tables: 1, owned: 1 };
  // deno-fmt-ignore: a line each
  const unfit: [title: string, facts: Partial<FitnessFacts>, said: RegExp][] = [
    ["an owner role that is not there", { ownerExists: false, mayAct: false }, /^TARGET_UNFIT the owner role erp_sandbox_role does not exist/],
    ["a login that may not act as it", { mayAct: false }, /v-sandbox-1 may not act as erp_sandbox_role/],
    ["an owner role that will not be able to create", { mayCreate: false }, /could create nothing in schema public/],
    ["no schema public", { publicOwner: null }, /there is no schema public/],
    ["a schema public that would go too", { publicOwner: "erp_sandbox_role" }, /would be dropped with all that is in it/],
    ["a user_lookup that would go too", { lookupOwner: "erp_sandbox_role" }, /user_lookup\(text\), which the pooler calls/],
    ["what another role owns", { foreign: ["table a belongs to b"] }, /^FOREIGN_OWNED table a belongs to b$/],
    ["a schema of its own that nobody restores", { schemas: [schema], incomingSchemas: ["other"] }, /the schema extra of erp_sandbox_role would be dropped/],
    ["another's schema with its objects", { schemas: [{ ...schema, owner: "bi", owned: 2 }] }, /2 objects of erp_sandbox_role in the schema extra of bi/],
    ["another's schema with tables", { schemas: [{ ...schema, owner: "bi", owned: 0 }] }, /has 1 table that are not the ERP's/],
    ["another's schema of a name that comes", { schemas: [{ ...schema, owner: "bi", owned: 0, tables: 0 }], incomingSchemas: ["extra"] }, /belongs to bi, and what is restored has one of that name/],
    ["a prepared transaction", { prepared: ["'x' of app"] }, /'x' of app holds its locks until it is ended/],
  ];
  for (const [title, facts, said] of unfit) {
    it(`is not given with ${title}`, () => {
      const found = problems(facts);
      assertEquals(found.length, 1);
      assertMatch(found.join(), said);
    });
  }

  it("is given with a schema that comes with what is restored", () => {
    assertEquals(problems({ schemas: [schema], incomingSchemas: ["extra"] }), []);
    assertEquals(problems({ schemas: [schema], broughtSchemas: ["extra"] }), []);
    const [theirs] = problems({ schemas: [{ ...schema, owner: "bi" }], broughtSchemas: ["extra"] });
    assertMatch(theirs ?? "", /in the schema extra of bi would be dropped/);
  });

  it("is refused with every reason", () => {
    assertEquals(problems({ mayAct: false, foreign: ["a", "b"], prepared: ["x"] }).length, 4);
  });
});

describe("the locks of a restore", () => {
  it("fit into one transaction on a server as it is installed", () => {
    const { mode, needed, room } = judgeLocks(FIT.locks);
    assertEquals([mode, needed, room], ["atomic", 6299, 7017]);
  });
  it("do not where the server has room for fewer, and the setting is told with which they do", () => {
    const { mode, sentence } = judgeLocks({ ...FIT.locks, holders: 50 });
    assertEquals(mode, "staged");
    assertEquals(
      sentence,
      "One transaction is not enough: about 6299 locks are needed, and there is room for 2870 (max_locks_per_transaction = 64). With max_locks_per_transaction = 192 in postgresql.conf, and a restart of the server, it is",
    );
    for (const holders of [1, 7, 50, 90]) {
      const few = { ...FIT.locks, holders };
      const enough = Number(/With max_locks_per_transaction = (\d+)/.exec(judgeLocks(few).sentence)?.[1]);
      assertEquals(judgeLocks({ ...few, each: enough }).mode, "atomic", String(holders));
      assertEquals(judgeLocks({ ...few, each: enough - 64 }).mode, "staged", String(holders));
    }
  });
  it("do not where others hold what is left", () => {
    assertEquals(judgeLocks({ ...FIT.locks, held: 1000 }).mode, "staged");
  });
});
