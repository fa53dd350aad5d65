/** Sets with a dump that runs hostile SQL. */

import type { ExitStatus } from "../../../src/base/errors.ts";
import { dumpFile, type Hostile, type Make, WAS_HERE } from "./rows.ts";

/** Its dump runs `sql`, and is recorded with what its tables hold. */
const running = (sql: string, when: "early" | "late"): Make => async (copy, scratch) => {
  await Deno.writeFile(dumpFile(copy), await scratch.dumpRunning(sql, when));
  copy.manifest.db.content.tables = await scratch.content();
  await copy.record("db");
};
/** Its dump is of a database in which `change` was made. */
const changed = (change: string, undo: string): Make => async (copy, scratch) => {
  await Deno.writeFile(dumpFile(copy), await scratch.dump({ change, undo }));
  copy.manifest.db.content.tables = await scratch.content();
  await copy.record("db");
};
type Script = (what: string, sql: string, code: Hostile["code"], says: RegExp, exit?: ExitStatus) => Hostile;
const script = (when: "early" | "late"): Script => (what, sql, code, says, exit) => ({
  what,
  make: running(sql, when),
  code,
  says,
  exit,
});
const [early, late] = [script("early"), script("late")];

const SUM = "CREATE FUNCTION public.sum(numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 0.0'";

export const SCRIPTS: readonly Hostile[] = [
  early("a COMMIT", "COMMIT;", "TRANSACTION_BROKEN", /it ends the restoring transaction/),
  early(
    "a COMMIT behind a guard that it takes away",
    "DELETE FROM pg_temp.dolibarr_drill_no_commit_yet; COMMIT;",
    "TRANSACTION_BROKEN",
    /it ends the restoring transaction/,
  ),
  late("a ROLLBACK", "ROLLBACK;", ["RESTORE_FAILED", "CONTENT_DIFFERS"], /llx_/),
  early("a BEGIN", "BEGIN;", "RESTORE_FAILED", /WARNING: +there is already a transaction in progress/),
  early("PREPARE TRANSACTION", "PREPARE TRANSACTION 'x';", ["RESTORE_FAILED", "TRANSACTION_BROKEN"], /./),
  early("DISCARD ALL", "DISCARD ALL;", "RESTORE_FAILED", /DISCARD ALL cannot run inside a transaction/),
  late(
    "a warning that something was lost",
    "DO $$ BEGIN RAISE WARNING 'no privileges were granted for \"llx_facture\"'; END $$;",
    "RESTORE_FAILED",
    /Cannot load all of the dump.*no privileges were granted/,
  ),
  early(
    "SET ROLE of the provisioner",
    "SET ROLE provisioner;",
    ["RESTORE_FAILED", "DATABASE_FAILED"],
    /permission denied to set role/,
    2,
  ),
  early(
    "SET SESSION AUTHORIZATION",
    "SET SESSION AUTHORIZATION provisioner;",
    "DATABASE_FAILED",
    /permission denied to set session authorization/,
    2,
  ),
  late(
    "a role that is given back, so that the rest is the login's",
    "SET ROLE NONE; CREATE FUNCTION public.of_the_login() RETURNS integer LANGUAGE sql AS 'SELECT 1';",
    "RESTORE_FAILED",
    /of_the_login\(\) belongs to v-/,
  ),
  late(
    "a search path with functions of its own, that say that all is equal",
    `INSERT INTO public.llx_c_currencies (label) VALUES ('more'); ${SUM}; SET search_path = public, pg_catalog;`,
    "CONTENT_DIFFERS",
    /llx_c_currencies: \d+ rows, the backup has \d+/,
  ),
  early("COPY to a program", `COPY (SELECT 1) TO PROGRAM 'touch ${WAS_HERE}';`, [
    "RESTORE_FAILED",
    "DATABASE_FAILED",
  ], /pg_execute_server_program/),
  early(
    "a command of psql's that runs a program",
    `\n\\! touch ${WAS_HERE}\n`,
    "RESTORE_FAILED",
    /backslash commands are restricted/,
  ),
  early("one that ends it", "\n\\q\n", "RESTORE_FAILED", /backslash commands are restricted/),
  early(
    "lo_import of the server's files",
    "SELECT lo_import('/etc/passwd');",
    "DATABASE_FAILED",
    /permission denied for function lo_import/,
    2,
  ),
  early(
    "dblink",
    "CREATE EXTENSION dblink SCHEMA public;",
    "DATABASE_FAILED",
    /permission denied to create extension/,
    2,
  ),
  early(
    "a DROP of the pooler's function",
    "DROP FUNCTION public.user_lookup(text);",
    "RESTORE_FAILED",
    /user_lookup\(text\), which the pooler calls, is not what it was/,
  ),
  early(
    "another function in the pooler's place",
    "CREATE OR REPLACE FUNCTION public.user_lookup(text) RETURNS TABLE (uname name, phash text) LANGUAGE sql AS 'SELECT NULL::name, NULL::text';",
    "RESTORE_FAILED",
    /must be owner of function|cannot change return type/,
  ),
  late(
    "a trigger that undoes the neutralising",
    "CREATE FUNCTION public.undo() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.status = 1; RETURN NEW; END'; CREATE TRIGGER undo BEFORE UPDATE ON public.llx_cronjob FOR EACH ROW EXECUTE FUNCTION public.undo();",
    "RESTORE_FAILED",
    /Cannot neutralise/,
  ),
  {
    what: "an index whose expression fails half-way, in the sandbox alone",
    make: changed(
      "CREATE FUNCTION public.fails(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS $$ SELECT CASE WHEN pg_catalog.current_database() = 'erp-sandbox' THEN $1 / 0 ELSE 1 END $$; CREATE INDEX hostile_index ON public.llx_facture (public.fails(rowid))",
      "DROP INDEX public.hostile_index; DROP FUNCTION public.fails(integer)",
    ),
    code: "RESTORE_FAILED",
    says: /division by zero/,
  },
  {
    what: "a policy for a role that the server has not",
    make: changed(
      'CREATE ROLE "of another"; CREATE POLICY far ON public.llx_facture FOR SELECT TO "of another"',
      'DROP POLICY far ON public.llx_facture; DROP ROLE "of another"',
    ),
    code: "ROLE_MISSING",
    exit: 2,
    says: /no role of another, .*\n.*policy far ON public\.llx_facture is for of another/,
  },
  {
    what: "an index that needs an extension which the sandbox has not",
    make: changed(
      "CREATE EXTENSION bloom; CREATE INDEX hostile_index ON public.llx_facture USING bloom (rowid)",
      "DROP EXTENSION bloom CASCADE",
    ),
    code: "EXTENSION_MISSING",
    exit: 2,
    says: /no extension bloom.*\n.*bloom is needed by INDEX public\.hostile_index/,
  },
];
