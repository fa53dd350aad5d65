/** What psql and pg_restore of PostgreSQL 14 to 18 say (LC_MESSAGES=C), line by line, and what each means for what is loaded. */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cause, classifyMessages, type Meaning } from "../../../src/postgres/programs/message_classes.ts";

const LINES: Record<Meaning, string[]> = {
  harmless: [
    'NOTICE:  table "error_log" does not exist, skipping',
    'psql:<stdin>:9: NOTICE:  table "fatal" does not exist, skipping',
    'NOTICE:  extension "pg_trgm" already exists, skipping',
    "NOTICE:  drop cascades to 3 other objects",
    "DETAIL:  drop cascades to table a",
    "drop cascades to table b",
    "and 297 other objects",
    "INFO:  analyzing public.llx_facture",
    "LOG:  duration: 12.3 ms",
    "HINT:  Set wal_level to logical before creating subscriptions.",
    'CONTEXT:  COPY llx_facture, line 3: "FATAL: error"',
    "LINE 1: SELECT error;",
    "^",
    "pg_restore: while PROCESSING TOC:",
    "pg_restore: while INITIALIZING:",
    "pg_restore: from TOC entry 215; 1259 16600 TABLE error_log erp_role",
    "pg_restore: [archiver] from TOC entry 215; 1259 16600 TABLE error_log erp_role",
    "pg_restore: connecting to database for restore",
    'pg_restore: creating TABLE "public.llx_error"',
    'pg_restore: processing data for table "public.llx_facture"',
    "pg_restore: executing SEQUENCE SET llx_facture_rowid_seq",
    "pg_restore: finished main parallel loop",
    "pg_restore: restored 3 large objects",
    "WARNING: psql major version 15, server major version 17.",
    "Some psql features might not work.",
    'WARNING:  database "erp-sandbox" has a collation version mismatch',
    'WARNING:  "wal_level" is insufficient to publish logical changes',
  ],
  lost: [
    'WARNING:  no privileges could be revoked for "public"',
    'WARNING:  no privileges were granted for "llx_facture"',
    "WARNING:  there is no transaction in progress",
    "WARNING:  there is already a transaction in progress",
    "WARNING:  SET LOCAL can only be used in transaction blocks",
    "pg_restore: warning: errors ignored on restore: 3",
    "WARNING: errors ignored on restore: 3",
    "pg_restore: warning: restoring tables WITH OIDS is not supported anymore",
    "pg_restore: warning: line ignored: 215 TABLE",
    "pg_restore: warning: archive was made on a machine with larger integers, some operations might fail",
    "\\unrestrict: not currently in restricted mode",
    'pg_restore: error: could not execute query: ERROR:  role "bi" does not exist',
    "pg_restore: [archiver (db)] Error while PROCESSING TOC:",
    'ERROR:  duplicate key value violates unique constraint "llx_facture_pkey"',
    'psql:<stdin>:12: ERROR:  relation "a" already exists',
    "ERROR:  division by zero",
    'ERROR:  unrecognized configuration parameter "transaction_timeout"',
    "invalid command \\N",
    "something nobody has ever seen",
  ],
  fatal: [
    "FATAL:  terminating connection due to administrator command",
    "psql:<stdin>:3: PANIC:  could not write to log file",
    'psql: error: connection to server at "127.0.0.1", port 1 failed: Connection refused',
    'psql: error: connection to server on socket "/tmp/.s.PGSQL.1" failed: FATAL:  role "x" does not exist',
    "server closed the connection unexpectedly",
    "connection to server was lost",
    "The connection to the server was lost. Attempting reset: Failed.",
    "pg_restore: error: this build does not support compression with zstd",
    "SSL connection has been closed unexpectedly",
    "backslash commands are restricted; only \\unrestrict is allowed",
    "pg_restore: error: could not read from input file: end of file",
    "pg_restore: error: could not uncompress data: invalid code lengths set",
    "pg_restore: error: could not find block ID 12 in archive -- possibly corrupt archive",
    "pg_restore: error: found unexpected block ID (7) when reading data -- expected 12",
    "pg_restore: error: unrecognized data block type (120) while searching archive",
    "pg_restore: error: unsupported version (1.16) in file header",
    "pg_restore: [archiver] unsupported version (1.15) in file header",
    "pg_restore: error: did not find magic string in file header",
    "pg_restore: error: input file is too short (read 0, expected 5)",
    "pg_restore: error: input file does not appear to be a valid archive",
    "pg_restore: error: input file appears to be a text format dump. Please use psql.",
    "pg_restore: error: unexpected end of file",
    "pg_restore: error: entry ID 0 out of range -- perhaps a corrupt TOC",
    "pg_restore: error: corrupt tar header found in PGDM (expected 0, computed 1) file position 0",
    "pg_restore: warning: archive is compressed, but this installation does not support compression (zstd) -- no data will be available",
    "pg_restore: error: invalid compression code: 9",
    "pg_restore: error: out of memory",
  ],
};

describe("what PostgreSQL's programs say", () => {
  for (const [meaning, lines] of Object.entries(LINES)) {
    for (const line of lines) {
      it(`means ${meaning}: ${line}`, () => {
        assertEquals(classifyMessages(`${line}\n`), [{ line, meaning: meaning as Meaning }]);
      });
    }
  }

  it("has the first line that is worst for its cause, whatever stands around it", () => {
    const [harmless, lost, fatal] = [LINES.harmless[0]!, LINES.lost[0]!, LINES.fatal[0]!];
    assertEquals(cause([harmless, LINES.harmless[13]!, lost, LINES.lost[1]!].join("\n")), lost);
    assertEquals(cause([lost, harmless, fatal].join("\n")), fatal);
    assertEquals(cause(LINES.harmless.join("\n")), undefined);
    assertEquals(cause("\n"), undefined);
  });
});
