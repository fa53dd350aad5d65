/** Before a restore touches anything: the target is fit for it, and nobody else has built on it. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import type { Database } from "../../../src/postgres/connection/database.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { refuseForeignDependants } from "../../../src/restore/gate/dependants.ts";
import { refuseUnsuitableTarget } from "../../../src/restore/gate/target_refusals.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("the target of a restore", () => {
  let pair: SmallPair;
  let database: Database;
  let session: Session;

  beforeAll(async () => {
    pair = await startSmallPair();
    ({ database } = pair.sandbox);
    session = await connect(database);
    await chief(
      "CREATE ROLE other; CREATE ROLE stranger LOGIN; GRANT CREATE ON DATABASE sandbox TO other",
    );
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
  });

  const chief = (sql: string) => pair.server.chief(sql, "sandbox");

  describe("that is not fit", () => {
    const unfit: [what: string, make: string, undo: string, code: string, says: RegExp][] = [
      [
        "a table of another role",
        "CREATE TABLE public.theirs (a integer); ALTER TABLE public.theirs OWNER TO other",
        "DROP TABLE public.theirs",
        "FOREIGN_OWNED",
        /^table public\.theirs belongs to other$/,
      ],
      [
        "a function of another role",
        "CREATE FUNCTION public.theirs(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION public.theirs OWNER TO other",
        "DROP FUNCTION public.theirs",
        "FOREIGN_OWNED",
        /^function public\.theirs\(integer\) belongs to other$/,
      ],
      [
        "a schema of the owner role that nobody restores",
        "CREATE SCHEMA extra AUTHORIZATION sandbox_owner",
        "DROP SCHEMA extra",
        "TARGET_UNFIT",
        /the schema extra of sandbox_owner would be dropped/,
      ],
      [
        "a schema of another role with tables",
        "CREATE SCHEMA extra AUTHORIZATION other; CREATE TABLE extra.t ()",
        "DROP SCHEMA extra CASCADE",
        "TARGET_UNFIT",
        /the schema extra of other has 1 table/,
      ],
      [
        "something of the owner role in another's schema",
        "CREATE SCHEMA extra AUTHORIZATION other; CREATE TABLE extra.t (); ALTER TABLE extra.t OWNER TO sandbox_owner",
        "DROP SCHEMA extra CASCADE",
        "TARGET_UNFIT",
        /1 objects of sandbox_owner in the schema extra of other would be dropped/,
      ],
      [
        "schema public of the owner role",
        "ALTER SCHEMA public OWNER TO sandbox_owner",
        "ALTER SCHEMA public OWNER TO pg_database_owner",
        "TARGET_UNFIT",
        /schema public belongs to sandbox_owner itself/,
      ],
      [
        "an owner role that creates by a grant alone",
        "ALTER DATABASE sandbox OWNER TO chief; GRANT CREATE ON SCHEMA public TO sandbox_owner",
        "ALTER DATABASE sandbox OWNER TO sandbox_owner; REVOKE CREATE ON SCHEMA public FROM sandbox_owner",
        "TARGET_UNFIT",
        /sandbox_owner could create nothing in schema public/,
      ],
      [
        "a user_lookup of the owner role",
        "CREATE FUNCTION public.user_lookup(text) RETURNS text LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION public.user_lookup OWNER TO sandbox_owner",
        "DROP FUNCTION public.user_lookup",
        "TARGET_UNFIT",
        /user_lookup\(text\), which the pooler calls, belongs to sandbox_owner/,
      ],
    ];
    for (const [what, make, undo, code, says] of unfit) {
      it(`is refused for ${what}`, async () => {
        await chief(make);
        const error = await assertRejects(
          () => refuseUnsuitableTarget(session, database, "sandbox"),
          DrillError,
        )
          .finally(() => chief(undo));
        assertEquals(error.code, code, error.details.join());
        assertMatch(error.details.join("\n"), says);
        await refuseUnsuitableTarget(session, database, "sandbox");
      });
    }

    it("is refused for a login that may not act as the owner", async () => {
      await using stranger = await connect({ ...database, user: "stranger" });
      const error = await assertRejects(
        () => refuseUnsuitableTarget(stranger, { ...database, user: "stranger" }, "sandbox"),
        DrillError,
      );
      assertMatch(error.details.join(), /the login stranger may not act as sandbox_owner/);
    });

    it("is fit with another's schema of functions alone, and with the schema that comes with the dump", async () => {
      await chief(
        "CREATE SCHEMA tools AUTHORIZATION other; CREATE FUNCTION tools.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE SCHEMA extra AUTHORIZATION sandbox_owner",
      );
      const schema = { kind: "SCHEMA", name: "extra" };
      const locks = await refuseUnsuitableTarget(session, database, "sandbox", { included: [schema] })
        .finally(() => chief("DROP SCHEMA tools CASCADE; DROP SCHEMA extra"));
      assertEquals(locks.mode, "atomic");
    });
  });

  describe("on which another role has built", () => {
    const OTHER = "SET ROLE other;";
    const built: [what: string, make: string, named: string][] = [
      ["a view", `${OTHER} CREATE VIEW bi.v AS SELECT ref FROM public.llx_facture`, "bi.v, owned by other"],
      [
        "a materialized view",
        `${OTHER} CREATE MATERIALIZED VIEW bi.m AS SELECT ref FROM public.llx_facture`,
        "bi.m, owned by other",
      ],
      [
        "a foreign key",
        "CREATE TABLE bi.k (r integer REFERENCES public.llx_const (rowid)); ALTER TABLE bi.k OWNER TO other",
        "bi.k, owned by other",
      ],
      [
        "an inheriting table",
        "CREATE TABLE bi.i () INHERITS (public.llx_user); ALTER TABLE bi.i OWNER TO other",
        "bi.i, owned by other",
      ],
      [
        "a default from its sequence",
        "CREATE TABLE bi.d (a integer DEFAULT nextval('public.llx_const_rowid_seq')); ALTER TABLE bi.d OWNER TO other",
        "bi.d, owned by other",
      ],
      [
        "a column of its type",
        "CREATE TABLE bi.c (a public.llx_user); ALTER TABLE bi.c OWNER TO other",
        "bi.c, owned by other",
      ],
      [
        "a rule of a table",
        "CREATE TABLE bi.r (a text); CREATE RULE r AS ON INSERT TO bi.r DO ALSO DELETE FROM public.llx_user WHERE login = new.a; ALTER TABLE bi.r OWNER TO other",
        "bi.r, owned by other",
      ],
      [
        "a function with its type",
        "CREATE FUNCTION bi.f(public.llx_user) RETURNS integer LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION bi.f OWNER TO other",
        "bi.f(llx_user), owned by other",
      ],
      [
        "statistics",
        "CREATE STATISTICS bi.s ON rowid, login FROM public.llx_user; ALTER STATISTICS bi.s OWNER TO other",
        "statistics object bi.s, owned by other",
      ],
      [
        "a publication of a table",
        "CREATE PUBLICATION p FOR TABLE public.llx_facture; ALTER PUBLICATION p OWNER TO other",
        "publication of table llx_facture in publication p, owned by other",
      ],
      [
        "a publication of all tables",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "publication p of all tables, owned by chief",
      ],
      [
        "a publication of the schema",
        "CREATE PUBLICATION p FOR TABLES IN SCHEMA mine",
        "publication of schema mine in publication p, owned by chief",
      ],
      [
        "a table in its schema",
        "CREATE TABLE mine.t (); ALTER TABLE mine.t OWNER TO other",
        "mine.t, owned by other",
      ],
      [
        "default privileges in its schema",
        `ALTER DEFAULT PRIVILEGES FOR ROLE other IN SCHEMA mine GRANT SELECT ON TABLES TO stranger`,
        "default privileges on new relations belonging to role other in schema mine, owned by other",
      ],
    ];
    const ask = <T>(sql: string) => session.ask<T>(sql);

    beforeAll(() =>
      chief("CREATE SCHEMA bi AUTHORIZATION other; CREATE SCHEMA mine AUTHORIZATION sandbox_owner")
    );
    afterAll(() => chief("DROP SCHEMA bi CASCADE; DROP SCHEMA mine CASCADE"));

    it("is allowed before", () => refuseForeignDependants(ask, "sandbox_owner"));
    for (const [what, make, named] of built) {
      it(`is refused for ${what}`, async () => {
        if (make.startsWith(OTHER)) await chief("GRANT SELECT ON ALL TABLES IN SCHEMA public TO other");
        await chief(make);
        const error = await assertRejects(() => refuseForeignDependants(ask, "sandbox_owner"), DrillError)
          .finally(() =>
            chief(
              "DROP SCHEMA bi, mine CASCADE; DROP PUBLICATION IF EXISTS p; CREATE SCHEMA bi AUTHORIZATION other; CREATE SCHEMA mine AUTHORIZATION sandbox_owner",
            )
          );
        assertEquals([error.code, error.details], ["DEPENDANTS_OF_OTHERS", [named]]);
        await refuseForeignDependants(ask, "sandbox_owner");
      });
    }
  });
});
