import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { exitStatusOf } from "../../../src/base/errors.ts";
import { serverProblemOf } from "../../../src/postgres/programs/server_problems.ts";

describe("what a failed load says of the server", () => {
  // deno-fmt-ignore: a line each
  const ofTheServer: [reason: string, code: string][] = [
    ["could not execute query: ERROR:  permission denied for schema public", "DATABASE_FAILED"],
    ["ERROR:  out of shared memory", "DATABASE_FAILED"],
    [`ERROR:  could not extend file "base/1/2": No space left on device`, "DISK_FULL"],
    ["ERROR:  canceling statement due to lock timeout", "DATABASE_LOCKED"],
    ["server closed the connection unexpectedly", "DATABASE_UNREACHABLE"],
  ];
  for (const [reason, code] of ofTheServer) {
    it(`is "could not", and nothing against the dump: ${code}, ${reason}`, () => {
      const problem = serverProblemOf(reason);
      assertEquals([String(problem?.code), problem && exitStatusOf(problem.code)], [code, 2]);
      assertMatch(problem?.hint ?? "", /\w/);
    });
  }

  it("is nothing where the dump is what is wrong", () => {
    for (
      const reason of [
        `ERROR:  relation "llx_facture" already exists`,
        `ERROR:  duplicate key value violates unique constraint "llx_facture_pkey"`,
        "pg_restore exited with status 1",
      ]
    ) {
      assertEquals(serverProblemOf(reason), undefined);
    }
  });
});
