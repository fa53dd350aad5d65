import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectionProblemIn } from "../../../src/postgres/programs/message_classes.ts";
import {
  type Afterwards,
  connectionError,
  connectionProblemOf,
  lockedError,
  sessionEndError,
  statementError,
} from "../../../src/postgres/connection/session_errors.ts";

const database = {
  host: "db.example.org",
  port: 5432,
  name: "erp",
  owner: "erp_role",
  user: "v-erp-1",
  password: "hunter2",
};

describe("what pg_dump says of its connection", () => {
  // deno-fmt-ignore: a line each, as 15.18 and pgbouncer 1.18 say it
  const said: [words: string, trouble: ReturnType<typeof connectionProblemIn>][] = [
    ['pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "v-erp-1"', "login"],
    ['pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  role "v-erp-1" does not exist', "login"],
    ['pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  role "v-erp-1" is not permitted to log in', "login"],
    ['pg_dump: error: connection to server at "127.0.0.1", port 6432 failed: FATAL:  no such user: v-erp-1', "login"],
    ['pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: Connection refused', "lost"],
    ['pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  the database system is starting up', "lost"],
    ["pg_dump: error: query failed: FATAL:  terminating connection due to administrator command", "lost"],
    ["pg_dump: error: query failed: server closed the connection unexpectedly", "lost"],
    ['pg_dump: error: query failed: ERROR:  invalid snapshot identifier: "00000003-0000001B-1"', "lost"],
    ["pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout\npg_dump: detail: Query was: LOCK TABLE public.llx_facture IN ACCESS SHARE MODE", "locked"],
    ["pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout\npg_dump: detail: Query was: SELECT 1", undefined],
    ["pg_dump: error: query failed: ERROR:  permission denied for table llx_user", undefined],
    ["pg_dump: error: could not write to output file: No space left on device", undefined],
  ];
  for (const [words, trouble] of said) {
    it(`${trouble}: ${words}`, () => assertEquals(connectionProblemIn(words), trouble));
  }
});

describe("an error of a session", () => {
  const from = (code: string, message: string) =>
    Object.assign(new Error(message), { code, severity: "FATAL" });
  // deno-fmt-ignore: a line each
  const errors: [error: unknown, trouble: ReturnType<typeof connectionProblemOf>][] = [
    [from("28P01", "x"), "login"],
    [from("57P01", "terminating connection due to administrator command"), "lost"],
    [from("08P01", "server conn crashed?"), "lost"],
    [from("08P01", "no such user: v-erp-1"), "login"],
    [from("55P03", "canceling statement due to lock timeout"), "locked"],
    [from("42704", 'role "x" does not exist'), undefined],
    [from("P0001", "authentication failed, says a trigger"), undefined],
    [new Error("Connection terminated unexpectedly"), "lost"],
    [Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" }), "lost"],
    [new Error("something else"), undefined],
  ];
  for (const [error, trouble] of errors) {
    it(`${trouble}: ${error}`, () => assertEquals(connectionProblemOf(error), trouble));
  }

  it("points at the keys of the login that was refused", () => {
    const refused = from("28P01", "password authentication failed");
    assertStringIncludes(
      connectionError(database, refused).hint,
      "check database.user and database.password",
    );
    assertStringIncludes(
      connectionError({ ...database, loginKey: "database.reader" }, refused).hint,
      "check database.reader.user and database.reader.password",
    );
  });

  it("does not call a password wrong that the server never asked for", () => {
    const error = connectionError(
      database,
      from("28000", 'no pg_hba.conf entry for host "10.0.0.9", SSL encryption'),
    );
    assertEquals(error.code, "DATABASE_LOGIN");
    assertStringIncludes(error.hint, "The password was not asked for");
  });

  it("says that the server's disk is full", () => {
    const error = from("53100", 'could not extend file "base/16384/2619": No space left on device');
    const { code, hint } = statementError(database, error, []);
    assertEquals([code, hint], ["DISK_FULL", "Make room on the database server's disk."]);
    assertEquals(statementError(database, from("42703", "no such column"), []).code, "DATABASE_FAILED");
  });
});

describe("a session that ended in the middle", () => {
  const why = (afterwards: Afterwards) =>
    sessionEndError(database, "dump", { afterwards, elapsedMs: 60_000, message: "said" });

  it("is a login that expired where the same login is refused now", () => {
    const error = why({ login: "refused", message: "no such user" });
    assertEquals(error.code, "DATABASE_LOGIN");
    assertEquals(
      error.message,
      "Cannot dump erp: the login v-erp-1 expired or was revoked while this ran",
    );
  });

  it("is a server that went away, was restarted, or ended that session alone", () => {
    assertEquals(why({ server: "away", message: "refused" }).code, "DATABASE_UNREACHABLE");
    const restarted = why({ uptimeMs: 59_000 });
    assertEquals(restarted.code, "DATABASE_FAILED");
    assertStringIncludes(restarted.message, "was restarted while this ran");
    const ended = why({ uptimeMs: 61_000 });
    assertEquals(ended.code, "DATABASE_FAILED");
    assertStringIncludes(ended.message, "was ended from outside");
  });

  it("is told without the password", () => {
    const errors = [
      why({ login: "refused", message: "x" }),
      lockedError(database, "dump", []),
      connectionError(database, new Error("x")),
    ];
    assertEquals(
      errors.some((error) => `${error.message}${error.hint}${error.details}`.includes("hunter2")),
      false,
    );
  });
});
