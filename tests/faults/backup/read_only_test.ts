/** A backup writes nothing to the database, by the server's own log of everything; and a write would be seen there. */

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { statementsDuring, writesAmong } from "../../support/lab/statements.ts";

const signal = new AbortController().signal;

describe("the server's log of every statement", () => {
  let lab: DrillLab;
  beforeAll(async () => lab = await startDrillLab("stand-in"));
  afterAll(async () => await lab[Symbol.asyncDispose]());

  it("has no write of two backups, the first with a dump and the second without", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    const statements = await statementsDuring(lab, async () => {
      await backup(lab.prod, store, { reporter: silentReporter, signal });
      await backup(lab.prod, store, { reporter: silentReporter, signal });
    });
    assert(statements.some((statement) => statement.includes("pg_export_snapshot")), "nothing was logged");
    assert(statements.some((statement) => /^COPY public\./.test(statement)), "the dump was not logged");
    assertEquals(statements.filter((statement) => statement === "SHOW transaction_read_only").length, 2);
    assertEquals(writesAmong(statements), []);
  });

  it("would have shown each write", async () => {
    const writes = [
      "INSERT INTO llx_const (name, value, entity) VALUES ('x', '1', 1)",
      "WITH gone AS (DELETE FROM llx_const WHERE name = 'x' RETURNING *) SELECT count(*) FROM gone",
      "SELECT nextval('llx_const_rowid_seq')",
    ];
    const statements = await statementsDuring(lab, async () => {
      await using session = await connect(lab.prod.database);
      await session.query("BEGIN");
      for (const sql of writes) await session.query(sql);
      await session.query("ROLLBACK");
    });
    assertEquals(writesAmong(statements), writes);
  });
});
