/** Broken and hostile sets: how each is made of a good one, and how it must be refused. */

import { gzipSync } from "node:zlib";
import { type Bytes, bytesOf } from "../../src/base/streams.ts";
import type { ErrorCode, ExitStatus } from "../../src/base/errors.ts";
import { writeIndex } from "../../src/platform/documents_index.ts";
import type { DrillLab, SetCopy } from "./drill_lab.ts";
import { archiveWith, type Entry, indexOf } from "./hostile_archives.ts";
import { flipped, replaced, type Scratch } from "./hostile_dumps.ts";

export interface Hostile {
  what: string;
  /** Breaks the copy of a good set. */
  make(copy: SetCopy, scratch: Scratch, lab: DrillLab): Promise<void>;
  /** One, or where the bytes of a dump decide, one of these. */
  code: ErrorCode | ErrorCode[];
  /** 1 where it is not said. */
  exit?: ExitStatus;
  /** Of the message and its details. */
  says: RegExp;
}

/** What a command inside a dump would make, were it ever run. */
export const WAS_HERE = "/tmp/dolibarr-drill-hostile-was-here";

const dumpFile = (copy: SetCopy) => copy.path(copy.manifest.db.objects[0]!.key);
const archiveFile = (copy: SetCopy) => copy.path(copy.manifest.docs.objects[0]!.key);

type Make = Hostile["make"];

/** The dump is what `bytes` returns, and recorded as such: its hash is right, and proves nothing. */
const dumpOf =
  (bytes: (scratch: Scratch, copy: SetCopy) => Promise<Bytes | string> | Bytes | string): Make =>
  async (copy, scratch) => {
    const made = await bytes(scratch, copy);
    await Deno.writeFile(dumpFile(copy), typeof made === "string" ? new TextEncoder().encode(made) : made);
    await copy.record("db");
  };
const good = async (copy: SetCopy): Promise<Bytes> => new Uint8Array(await Deno.readFile(dumpFile(copy)));
const part = (share: number, less = 0): Make =>
  dumpOf(async (_, copy) => {
    const bytes = await good(copy);
    return bytes.slice(0, Math.floor(bytes.length * share) - less);
  });
const fixture = (name: string): Make =>
  dumpOf(async () =>
    new Uint8Array(await Deno.readFile(new URL(`../../fixtures/dumps/${name}`, import.meta.url)))
  );

const PLAIN = ["--format=plain"];
const MYSQL =
  "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\nCREATE TABLE `llx_facture` (`rowid` int);\n";

export const FILES: readonly Hostile[] = [
  { what: "an empty file", make: dumpOf(() => ""), code: "DUMP_UNREADABLE", says: /it is empty/ },
  {
    what: "a text",
    make: dumpOf(() => "All is well.\n"),
    code: "DUMP_UNREADABLE",
    says: /a text, but no dump/,
  },
  {
    what: "zeros",
    make: dumpOf(() => new Uint8Array(100_000)),
    code: "DUMP_UNREADABLE",
    says: /nothing but zeros/,
  },
  {
    what: "a plain SQL script",
    make: dumpOf((scratch) => scratch.dump({ args: PLAIN })),
    code: "DUMP_UNREADABLE",
    says: /a plain SQL script: pg_dump without -Fc/,
  },
  {
    what: "a gzipped SQL script",
    make: dumpOf(async (scratch) => new Uint8Array(gzipSync(await scratch.dump({ args: PLAIN })))),
    code: "DUMP_UNREADABLE",
    says: /gzipped, and inside it is a plain SQL script/,
  },
  { what: "a mysqldump", make: dumpOf(() => MYSQL), code: "DUMP_UNREADABLE", says: /a mysqldump/ },
  {
    what: "a dump in tar format",
    make: dumpOf((scratch) => scratch.dump({ args: ["--format=tar"] })),
    code: "DUMP_UNREADABLE",
    says: /tar format: pg_dump -Ft/,
  },
  {
    what: "a header alone",
    make: dumpOf(async (_, copy) => (await good(copy)).slice(0, 40)),
    code: "DUMP_UNREADABLE",
    says: /header is cut off/,
  },
  {
    what: "a tenth of a dump",
    make: part(0.1),
    code: "DUMP_UNREADABLE",
    says: /Cannot (read|list) the dump/,
  },
  { what: "half of a dump", make: part(0.5), code: "DUMP_UNREADABLE", says: /Cannot (read|list) the dump/ },
  { what: "99 % of a dump", make: part(0.99), code: "DUMP_UNREADABLE", says: /Cannot read the dump/ },
  { what: "all but the last byte", make: part(1, 1), code: "DUMP_UNREADABLE", says: /Cannot read the dump/ },
  {
    what: "one bit of its table of contents flipped, and recorded so",
    make: dumpOf(async (_, copy) =>
      replaced(await good(copy), "CREATE TABLE public.llx_facturedet ", "CREATE TABLE public.llx_facturedeu ")
    ),
    code: ["RESTORE_FAILED", "CONTENT_DIFFERS"],
    says: /llx_facturede/,
  },
  {
    what: "a few bits of its data flipped, and recorded so",
    make: dumpOf(async (_, copy) => flipped(await good(copy), 0.8, 64)),
    code: ["DUMP_UNREADABLE", "RESTORE_FAILED", "CONTENT_DIFFERS"],
    says: /./,
  },
  {
    what: "one bit of data that is not compressed flipped, and recorded so",
    make: dumpOf(async (scratch) =>
      replaced(
        await scratch.dump({ args: ["--format=custom", "--compress=0"] }),
        "MAIN_INFO_SOCIETE_NOM\t",
        "MAIN_INFO_SOCIETE_NON\t",
      )
    ),
    code: ["CONTENT_DIFFERS"],
    says: /public\.llx_const: \d+ rows, but their content differs/,
  },
  {
    what: "a dump that pg_restore is too old for",
    make: fixture("pg17.dump"),
    code: "DUMP_NEWER",
    exit: 2,
    says: /made by pg_dump 17\.11 .*pg_restore \S+ cannot read it/,
  },
  {
    what: "a dump of another company, by an older server",
    make: fixture("pg14.dump"),
    code: "CONTENT_DIFFERS",
    says: /missing; the backup has it/,
  },
  {
    what: "a dump of another application",
    make: dumpOf((scratch) => scratch.dump({ args: ["--format=custom", "--exclude-table=public.llx_*"] })),
    code: "DUMP_FOREIGN",
    says: /its dump holds \d+ tables, none of them Dolibarr's/,
  },
];

const changing = (change: (copy: SetCopy) => void): Make => async (copy) => {
  change(copy);
  await copy.write();
};
const tablesOf = (copy: SetCopy) => copy.manifest.db.content.tables;
const invoices = (copy: SetCopy) => tablesOf(copy).find(({ table }) => table === "public.llx_facture")!;

export const MANIFESTS: readonly Hostile[] = [
  {
    what: "the hash is of another dump",
    make: async (copy, scratch) => await Deno.writeFile(dumpFile(copy), await scratch.dump()),
    code: "OBJECT_CORRUPT",
    says: /Cannot trust prod\/db\/.*\.dump/,
  },
  {
    what: "one bit of the version in the dump's header flipped",
    make: async (copy) => {
      const bytes = await good(copy);
      bytes[6]! ^= 16;
      await Deno.writeFile(dumpFile(copy), bytes);
    },
    code: "OBJECT_CORRUPT",
    says: /its SHA-256 is/,
  },
  {
    what: "a table's hash is another",
    make: changing((copy) => invoices(copy).hash = "12345"),
    code: "CONTENT_DIFFERS",
    says: /public\.llx_facture: \d+ rows, but their content differs/,
  },
  {
    what: "a table's count is another",
    make: changing((copy) => invoices(copy).rows++),
    code: "CONTENT_DIFFERS",
    says: /public\.llx_facture: \d+ rows, the backup has \d+/,
  },
  {
    what: "it names a table too many",
    make: changing((copy) => tablesOf(copy).push({ table: "public.llx_more", rows: 1, hash: "1" })),
    code: "CONTENT_DIFFERS",
    says: /public\.llx_more: missing/,
  },
  {
    what: "it names a table too few",
    make: changing((copy) => tablesOf(copy).splice(tablesOf(copy).indexOf(invoices(copy)), 1)),
    code: "CONTENT_DIFFERS",
    says: /public\.llx_facture: not in the backup/,
  },
];

/** The archive is as this says, and recorded as such, with the index of the good one. */
const archive = (entries: readonly Entry[], less?: RegExp): Make => async (copy) => {
  await Deno.writeFile(archiveFile(copy), await archiveWith(copy, entries, less));
  await copy.record("docs");
};
const index = (change: (index: Awaited<ReturnType<typeof indexOf>>) => void): Make => async (copy) => {
  const changed = await indexOf(copy);
  change(changed);
  await copy.store.put(copy.manifest.docs.index.key, bytesOf(writeIndex(changed)));
  await copy.record("docs");
};
const hostile = (what: string, entry: Entry): Hostile => ({
  what,
  make: archive([entry]),
  code: "DOCUMENTS_HOSTILE",
  says: /Cannot unpack|Cannot trust/,
});

export const DOCUMENTS: readonly Hostile[] = [
  {
    what: "one byte of the index is another",
    make: async (copy) => {
      const path = copy.path(copy.manifest.docs.index.key);
      await Deno.writeFile(path, flipped(new Uint8Array(await Deno.readFile(path)), 0.5));
    },
    code: "OBJECT_CORRUPT",
    says: /index\.json\.gz: its SHA-256 is/,
  },
  {
    what: "the index is damaged, and recorded so",
    make: async (copy) => {
      await Deno.writeTextFile(copy.path(copy.manifest.docs.index.key), "{}");
      await copy.record("docs");
    },
    code: "OBJECT_CORRUPT",
    says: /index\.json\.gz/,
  },
  {
    what: "the index is another set's",
    make: index(({ files }) => files[0]!.sha256 = "0".repeat(64)),
    code: "DOCUMENTS_DIFFER",
    says: /./,
  },
  {
    what: "the index says more bytes",
    make: index(({ files }) => files[0]!.bytes++),
    code: "DOCUMENTS_DIFFER",
    says: /./,
  },
  {
    what: "half of the archive",
    make: async (copy) => {
      await Deno.truncate(archiveFile(copy), Math.floor((await Deno.stat(archiveFile(copy))).size / 2));
      await copy.record("docs");
    },
    code: ["OBJECT_CORRUPT", "DOCUMENTS_DIFFER"],
    says: /./,
  },
  {
    what: "an archive that is no gzip",
    make: async (copy) => {
      await Deno.writeTextFile(archiveFile(copy), "All documents are fine.\n");
      await copy.record("docs");
    },
    code: "OBJECT_CORRUPT",
    says: /./,
  },
  hostile("a path that climbs out", { name: "facture/../../evil", body: "x" }),
  hostile("an absolute path", { name: "/tmp/dolibarr-drill-hostile-was-here", body: "x" }),
  hostile("a link that leads out", { name: "facture/out", type: "symlink", linkname: "/etc" }),
  hostile("a hard link", { name: "facture/hard", type: "link", linkname: "/etc/passwd" }),
  hostile("a device", { name: "facture/zero", type: "character-device", devmajor: 1, devminor: 5 }),
  {
    what: "a bomb: a file of 64 MB that the index has with a few bytes",
    make: async (copy) => {
      const { files } = await indexOf(copy);
      const { path } = files.find(({ bytes }) => bytes > 0)!;
      await archive([{ name: path, body: "0".repeat(64_000_000) }], new RegExp(`^${RegExp.escape(path)}$`))(
        copy,
        undefined as never,
        undefined as never,
      );
    },
    code: "DOCUMENTS_HOSTILE",
    says: /./,
  },
  { what: "a file missing", make: archive([], /\.pdf$/), code: "DOCUMENTS_DIFFER", says: /\.pdf/ },
  {
    what: "a file too many",
    make: archive([{ name: "facture/one-more.pdf", body: "%PDF" }]),
    code: "DOCUMENTS_DIFFER",
    says: /one-more\.pdf/,
  },
];

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
    /of_the_login\(\) came to belong to v-/,
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
    "COPY to a file",
    `COPY (SELECT 1) TO '${WAS_HERE}';`,
    ["RESTORE_FAILED", "DATABASE_FAILED"],
    /pg_write_server_files/,
  ),
  early(
    "a command of psql's that runs a program",
    `\n\\! touch ${WAS_HERE}\n`,
    "RESTORE_FAILED",
    /backslash commands are restricted/,
  ),
  early(
    "one that leads elsewhere",
    "\n\\connect postgres\n",
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
    /user_lookup, which the pooler asks, is not what it was/,
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
