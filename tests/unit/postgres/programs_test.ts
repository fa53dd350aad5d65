import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { chooseInstalled } from "../../../src/postgres/programs/programs.ts";
import { statementsOf, writesAmong } from "../../support/lab/statements.ts";

const installed = (...majors: number[]) =>
  majors.map((major) => ({ major, folder: `/usr/lib/postgresql/${major}/bin` }));

describe("the pg_dump that is taken", () => {
  for (
    const [server, there, chosen] of [
      [150018, [15], 15],
      [150018, [13, 15, 17], 17],
      [150018, [17, 9, 15], 17],
      [90624, [9, 10], 10],
      [170002, [17], 17],
    ] as const
  ) {
    it(`for a server ${server} is ${chosen} of ${there.join(", ")}`, () => {
      assertEquals(chooseInstalled(installed(...there), server).major, chosen);
    });
  }

  for (const there of [[], [14], [13, 14]]) {
    it(`is none of ${there.join(", ") || "nothing"} for a newer server, and the needed one is named`, () => {
      const error = assertThrows(() => chooseInstalled(installed(...there), 150018), DrillError);
      assertEquals(error.code, "TOOL_MISSING");
      assertStringIncludes(
        error.message,
        `PostgreSQL 15.18 server: pg_dump 15 or newer is needed, there is ${there.join(", ") || "none"}`,
      );
      assertStringIncludes(error.hint, "postgresql-client-15");
    });
  }
});

describe("what a server's log shows", () => {
  it("is read statement by statement, over several lines, without the lab's own helpers", () => {
    const log = `2026-06-30 15:53:13.000 UTC [1] v-erp-1@erp LOG:  statement: SELECT 1
\tFROM a
2026-06-30 15:53:13.001 UTC [2] provisioner@postgres LOG:  statement: ALTER SYSTEM RESET log_statement
2026-06-30 15:53:13.002 UTC [3] pgbouncer_auth@erp LOG:  execute <unnamed>: SELECT uname FROM user_lookup($1)
2026-06-30 15:53:13.003 UTC [1] v-erp-1@erp LOG:  execute <unnamed>: DELETE FROM a WHERE b = $1
2026-06-30 15:53:13.003 UTC [1] v-erp-1@erp DETAIL:  parameters: $1 = '1'
`;
    assertEquals(statementsOf(log), ["SELECT 1\nFROM a", "DELETE FROM a WHERE b = $1"]);
  });

  it("is a write when it begins like one, when one hides in it, and when nobody knows it", () => {
    const writes = [
      "INSERT INTO a VALUES (1)",
      "update a set b = 1",
      "WITH gone AS (DELETE FROM a RETURNING *) SELECT count(*) FROM gone",
      "SELECT nextval('a_seq')",
      "SELECT pg_catalog.setval('a_seq', 1, false)",
      "SELECT * INTO b FROM a",
      "SELECT * FROM a FOR UPDATE",
      "SELECT lo_unlink(1)",
      "COPY a FROM stdin",
      "LOCK TABLE a IN ACCESS EXCLUSIVE MODE",
      "DO $$ BEGIN END $$",
      "CALL tidy()",
      "VACUUM",
    ];
    assertEquals(writesAmong(writes), writes);
  });

  it("is none when it only looks", () => {
    const looks = [
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
      "SHOW transaction_read_only",
      "SELECT pg_catalog.pg_export_snapshot() AS id",
      "SET TRANSACTION SNAPSHOT '00000005-000009EB-1'",
      "LOCK TABLE public.a, public.b IN ACCESS SHARE MODE",
      "COPY public.a (b, updated) TO stdout;",
      "PREPARE dumpFunc(pg_catalog.oid) AS\nSELECT proname FROM pg_catalog.pg_proc WHERE oid = $1",
      "EXECUTE dumpFunc('17')",
      "SELECT last_value, is_called FROM a_seq",
      "ROLLBACK",
    ];
    assertEquals(writesAmong(looks), []);
  });
});
