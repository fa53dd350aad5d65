/** A login of its own for backups: one that only reads does the whole job, any other is refused by name. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, afterEach, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { refuseWriter } from "../../../src/postgres/rights/reader.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";

const signal = new AbortController().signal;
const reader = { user: "drill_test_reader", password: "not-so-secret-2" };

/** What is done to a good reader, what is said of it, what puts it right. */
interface Row {
  title: string;
  given: string;
  code: "READER_CAN_WRITE" | "READER_CANNOT_READ";
  said: RegExp;
  after?: string;
}

const NOT_READERS: readonly Row[] = [
  {
    title: "a superuser",
    given: "ALTER ROLE drill_test_reader SUPERUSER",
    code: "READER_CAN_WRITE",
    said: /superuser/,
  },
  {
    title: "one that may make roles",
    given: "ALTER ROLE drill_test_reader CREATEROLE",
    code: "READER_CAN_WRITE",
    said: /may make roles/,
  },
  {
    title: "a member of the owner",
    given: "GRANT erp_role TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it is a member of erp_role, the owner$/,
  },
  {
    title: "a member of the owner that does not inherit",
    given: "ALTER ROLE drill_test_reader NOINHERIT; GRANT erp_role TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it is a member of erp_role, the owner$/,
  },
  {
    title: "a member of a member of the owner",
    given:
      "CREATE ROLE drill_test_between NOLOGIN; GRANT erp_role TO drill_test_between; GRANT drill_test_between TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it is a member of drill_test_between, which may write$/,
    after: "DROP ROLE drill_test_between",
  },
  {
    title: "a member of pg_write_all_data",
    given: "GRANT pg_write_all_data TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /pg_write_all_data/,
  },
  {
    title: "one that may delete in one table",
    given: "GRANT DELETE ON llx_facture TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it may write to table public\.llx_facture$/,
    after: "REVOKE ALL ON llx_facture FROM drill_test_reader",
  },
  {
    title: "one that may update one column",
    given: "GRANT UPDATE (pass_crypted) ON llx_user TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it may write to table public\.llx_user$/,
    after: "REVOKE ALL (pass_crypted) ON llx_user FROM drill_test_reader",
  },
  {
    title: "one that everybody's rights let write",
    given: "GRANT INSERT ON llx_const TO PUBLIC",
    code: "READER_CAN_WRITE",
    said: /^it may write to table public\.llx_const$/,
    after: "REVOKE ALL ON llx_const FROM PUBLIC",
  },
  {
    title: "one that may move a sequence",
    given: "GRANT UPDATE ON SEQUENCE llx_user_rowid_seq TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it may write to sequence public\.llx_user_rowid_seq$/,
    after: "REVOKE ALL ON SEQUENCE llx_user_rowid_seq FROM drill_test_reader",
  },
  {
    title: "one that may create in the schema",
    given: "GRANT CREATE ON SCHEMA public TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it may create something in schema public$/,
    after: "REVOKE ALL ON SCHEMA public FROM drill_test_reader",
  },
  {
    title: "one that may create in the database",
    given: "GRANT CREATE ON DATABASE erp TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it may create something in database erp$/,
    after: "REVOKE ALL ON DATABASE erp FROM drill_test_reader",
  },
  {
    title: "one that owns a function",
    given:
      "CREATE FUNCTION drill_test_one() RETURNS integer LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION drill_test_one() OWNER TO drill_test_reader",
    code: "READER_CAN_WRITE",
    said: /^it owns function drill_test_one$/,
    after: "DROP FUNCTION drill_test_one()",
  },
  {
    title: "one that was given nothing",
    given: "REVOKE pg_read_all_data FROM drill_test_reader",
    code: "READER_CANNOT_READ",
    said: /^it may not read public\.\w+, .* more$/,
  },
  {
    title: "one from which a policy hides rows",
    given: "ALTER TABLE llx_facture ENABLE ROW LEVEL SECURITY",
    code: "READER_CANNOT_READ",
    said: /^a row security policy may hide rows of public\.llx_facture$/,
    after: "ALTER TABLE llx_facture DISABLE ROW LEVEL SECURITY",
  },
  {
    title: "one that may not read a large object",
    given: "SELECT lo_from_bytea(424242, 'a contract')",
    code: "READER_CANNOT_READ",
    said: /^it may not read the large objects 424242$/,
    after: "SELECT lo_unlink(424242)",
  },
];

describe("a login that only backs up", () => {
  let lab: DrillLab;
  let chief: Session;
  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    chief = await lab.provisioner(lab.prod);
    await chief.query(`DROP ROLE IF EXISTS ${reader.user}`);
    await chief.query(
      `CREATE ROLE ${reader.user} LOGIN PASSWORD '${reader.password}' IN ROLE pg_read_all_data`,
    );
  });
  afterAll(async () => {
    await chief.query(`DROP ROLE ${reader.user}`);
    await chief[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  const asReader = () => connect({ ...lab.prod.database, ...reader });

  it("is let through when it may read everything and nothing else, and sees the same as the owner", async () => {
    await using session = await asReader();
    await refuseWriter(session, lab.prod.database);
    await using owner = await connect(lab.prod.database);
    assertEquals(await contentOf(session), await contentOf(owner));
  });

  it("takes a whole set, without the other login", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    const source = { ...lab.prod, reader, database: { ...lab.prod.database, password: "is not used" } };
    const set = await backup(source, store, { reporter: silentReporter, signal });
    assertEquals(set.manifest.suspect, []);
    assertEquals(set.manifest.identity.owner, "erp_role");
  });

  it("is refused as the owner's own login, before anything is in the store", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    const { user, password } = lab.prod.database;
    const source = { ...lab.prod, reader: { user, password } };
    const refused = await assertRejects(
      () => backup(source, store, { reporter: silentReporter, signal }),
      DrillError,
    );
    assertEquals([refused.code, refused.details], ["READER_CAN_WRITE", [
      "it is a member of erp_role, the owner",
    ]]);
    assertEquals(
      (await Array.fromAsync(store.list("prod/"))).filter(({ key }) => /db|docs|manif/.test(key)),
      [],
    );
  });

  describe("is refused", () => {
    let undo: string | undefined;
    afterEach(async () => {
      if (undo) await chief.query(undo);
      undo = undefined;
      await chief.query(`REVOKE erp_role, pg_write_all_data FROM ${reader.user};
        ALTER ROLE ${reader.user} NOSUPERUSER NOCREATEROLE INHERIT; GRANT pg_read_all_data TO ${reader.user}`);
    });

    for (const { title, given, code, said, after } of NOT_READERS) {
      it(`as ${title}`, async () => {
        undo = after;
        await chief.query(given);
        await using session = await asReader();
        const refused = await assertRejects(() => refuseWriter(session, lab.prod.database), DrillError);
        assertEquals(refused.code, code);
        assertEquals(refused.details.length, 1, refused.details.join("; "));
        assert(said.test(refused.details[0]!), refused.details[0]);
        assertStringIncludes(refused.hint, "drill_test_reader");
      });
    }
  });
});
