/** The unalterable log of a version that has no signature of a line by itself: its lines are read all the same. */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readLogLines } from "../../../src/dolibarr/books/unalterable_log/lines.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { startPostgresServer } from "../../support/platform/postgres_server.ts";

const LINE =
  `INSERT INTO llx_blockedlog (rowid, entity, date_creation, action, amounts, signature, object_version)
  SELECT n, 1, now(), 'BILL_VALIDATE', 242.4, 's' || n, '23.0.1' FROM generate_series(1, 3) AS n`;

describe("the unalterable log", () => {
  it("is read with and without the column that Dolibarr 23 dropped", async () => {
    await using server = await startPostgresServer();
    await using session = await connect(server.database);
    await session.query(
      `CREATE TABLE llx_blockedlog (rowid integer, entity integer, date_creation timestamp, date_object timestamp,
      action text, amounts numeric, ref_object text, user_fullname text, object_data text, signature text, object_version text)`,
    );
    await session.query(LINE);
    const read = async () =>
      (await readLogLines(session, "UTC", 1)).map((
        { id, signature, lineSignature },
      ) => [id, signature, lineSignature]);
    assertEquals(await read(), [[2, "s2", ""], [3, "s3", ""]]);
    await session.query("ALTER TABLE llx_blockedlog ADD signature_line text");
    await session.query("UPDATE llx_blockedlog SET signature_line = 'l' || rowid");
    assertEquals(await read(), [[2, "s2", "l2"], [3, "s3", "l3"]]);
  });
});
