/** What of the ERP is not its owner role's: listed, mended as far as the login may, and the rest as statements. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, afterEach, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "../../../src/postgres/connection/session.ts";
import { planOwnership } from "../../../src/restore/gate/ownership.ts";
import { runCli } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

const OURS = `SET ROLE other;
  CREATE TABLE "Odd ""name" (id serial PRIMARY KEY); CREATE VIEW v AS SELECT 1 AS a; CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
  CREATE SEQUENCE s; CREATE FUNCTION f(a integer, b text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
  CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'; CREATE AGGREGATE g(integer) (SFUNC = int4pl, STYPE = integer);
  CREATE TYPE e AS ENUM ('x'); CREATE TYPE c AS (a integer); CREATE DOMAIN d AS integer; SELECT lo_create(4711);
  RESET ROLE;`;
const THEIRS = `CREATE FUNCTION not_ours() RETURNS integer LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION user_lookup(text) RETURNS text LANGUAGE sql AS 'SELECT 1';
  CREATE EXTENSION pg_trgm;`;
const CLEAN =
  `DROP TABLE IF EXISTS "Odd ""name"; DROP VIEW IF EXISTS v; DROP MATERIALIZED VIEW IF EXISTS m; DROP SEQUENCE IF EXISTS s;
  DROP FUNCTION IF EXISTS f; DROP PROCEDURE IF EXISTS p; DROP AGGREGATE IF EXISTS g(integer); DROP TYPE IF EXISTS e; DROP TYPE IF EXISTS c;
  DROP DOMAIN IF EXISTS d; SELECT lo_unlink(oid) FROM pg_largeobject_metadata;
  DROP FUNCTION IF EXISTS not_ours; DROP FUNCTION IF EXISTS user_lookup; DROP EXTENSION IF EXISTS pg_trgm;`;

describe("fix-ownership", () => {
  let pair: SmallPair;
  beforeAll(async () => {
    pair = await startSmallPair();
    for (const name of ["sandbox", "prod"]) {
      if (name === "sandbox") await pair.server.chief("CREATE ROLE other; GRANT other TO sandbox_login");
      await pair.server.chief("GRANT CREATE ON SCHEMA public TO other", name);
    }
  });
  afterEach(async () => {
    for (const name of ["sandbox", "prod"]) await pair.server.chief(CLEAN, name);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const fix = (...args: string[]) => pair.cli("fix-ownership", ...args);
  const MINE = [
    "aggregate public.g(integer)",
    "domain public.d",
    "function public.f(a integer, b text)",
    "large object 4711",
    "materialized view public.m",
    "procedure public.p()",
    "sequence public.s",
    'table public."Odd ""name"',
    "type public.c",
    "type public.e",
    "view public.v",
  ];

  it("says that all is right where it is", async () => {
    const end = await fix("--env", "sandbox");
    assertEquals([end.code, end.stdout], [0, ""], end.stderr);
    assertMatch(end.stderr, /2\d\d objects of sandbox checked: all belong to sandbox_owner/);
  });

  it("shows what it would mend and changes nothing, then mends it and reads it back", async () => {
    await pair.server.chief(OURS, "sandbox");
    const dry = await fix("--env", "sandbox", "--json");
    assertEquals(dry.code, 1, dry.stderr);
    const events = dry.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      events.filter(({ event }) => event === "ownership").map(({ kind, name, by }) =>
        `${kind} ${name} ${by}`
      ),
      MINE.map((one) => `${one} us`),
    );
    const { code, exit, left } = events.at(-1);
    assertEquals([code, exit, left], ["OWNERSHIP_DIFFERS", 1, MINE.length]);
    assertEquals((await plan()).mend.length, MINE.length);

    const applied = await fix("--env", "sandbox", "--apply");
    assertEquals([applied.code, applied.stdout], [0, ""], applied.stderr);
    assertMatch(applied.stderr, /11 objects given to sandbox_owner, and checked/);
    assertEquals((await plan()).mend, []);
  });

  it("prints for the provisioner what the login may not, and leaves user_lookup and extensions alone", async () => {
    await pair.server.chief(OURS + THEIRS, "sandbox");
    const end = await fix("--env", "sandbox", "--apply");
    assertEquals(end.code, 1, end.stderr);
    assertEquals(end.stdout.trim().split("\n"), [
      "-- As a superuser, in the database sandbox.",
      "BEGIN;",
      'ALTER FUNCTION public.not_ours() OWNER TO "sandbox_owner";',
      "COMMIT;",
    ]);
    assertMatch(
      end.stderr,
      /function public\.not_ours\(\) belongs to chief \(for the provisioner: sandbox_login is no member of chief\)/,
    );
    await pair.server.chief(end.stdout, "sandbox");
    assertEquals((await fix("--env", "sandbox")).code, 0);
    await using session = await connect(pair.sandbox.database);
    const [row] = await session.query(
      "SELECT pg_get_userbyid(proowner)::text AS owner FROM pg_proc WHERE proname = 'user_lookup'",
    );
    assertEquals(row, { owner: "chief" });
  });

  it("gives nothing where one statement fails: all of it, or nothing", async () => {
    await pair.server.chief(OURS, "sandbox");
    await pair.server.chief(
      `CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no views today'; END $$;
      CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('ALTER VIEW') EXECUTE FUNCTION refuse()`,
      "sandbox",
    );
    const end = await fix("--env", "sandbox", "--apply");
    await pair.server.chief("DROP EVENT TRIGGER refuse; DROP FUNCTION refuse", "sandbox");
    assertEquals(end.code, 2, end.stderr);
    assertMatch(end.stderr, /no views today/);
    assertEquals((await plan()).mend.length, MINE.length);
  });

  it("changes nothing of a protected environment, and prints the statements all the same", async () => {
    await pair.server.chief(
      "CREATE TABLE theirs (); ALTER TABLE theirs OWNER TO other; GRANT other TO prod_login",
      "prod",
    );
    const refused = await fix("--env", "prod", "--apply");
    assertEquals(refused.code, 2);
    assertMatch(refused.stderr, /Cannot change the owners of objects in prod: it is a protected environment/);
    const dry = await fix("--env", "prod");
    assertEquals(dry.code, 1);
    assertMatch(dry.stdout, /^ALTER TABLE public\.theirs OWNER TO "prod_owner";$/m);
    await pair.server.chief("DROP TABLE theirs", "prod");
  });

  it("changes nothing of what is production under another name", async () => {
    await pair.server.chief("CREATE TABLE theirs (); ALTER TABLE theirs OWNER TO other", "prod");
    const { port } = pair.prod.database;
    const text = await Deno.readTextFile(pair.configFile);
    const file = `${pair.folder}/twice.yaml`;
    await Deno.writeTextFile(
      file,
      text.replace(
        /database: .*name: sandbox.*/,
        `database: { host: localhost, port: ${port}, name: prod, owner: prod_owner, user: prod_login, password: env:DB_PASSWORD }`,
      ).replace(`host: 127.0.0.1, port: ${port}, name: prod`, `host: 127.0.0.2, port: ${port}, name: prod`),
    );
    const env = { DB_PASSWORD: pair.prod.database.password! };
    const end = await runCli(["fix-ownership", "--env", "sandbox", "--apply", "--config", file], { env });
    assertEquals(end.code, 2, end.stderr);
    await pair.server.chief("DROP TABLE theirs", "prod");
  });

  async function plan() {
    await using session = await connect(pair.sandbox.database);
    return await planOwnership(session, "sandbox_owner");
  }
});
