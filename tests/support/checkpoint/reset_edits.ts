/** Random edits of a sandbox, for fast-check: what tests, browsers and people do to rows, the schema and the documents. */

import { existsSync, statSync } from "node:fs";
import fc from "fast-check";

/** What somebody does. Statements that fail and files that are not there are passed over. */
export type Edit = { sql: string } | { file: (documents: string) => void; what: string };

const number = fc.integer({ min: 1, max: 40 });
const TABLES = [
  ...["customer", "invoice", "payment", "line", "egg", "hen", "loose", `"Odd ""Name"""`, "counter", "part"],
  ...["base", "derived", "audit", "shrunk", "moods"],
];
const table = fc.constantFrom(...TABLES);

const sql = (make: (n: number, m: number, table: string) => string): fc.Arbitrary<Edit> =>
  fc.tuple(number, number, table).map(([n, m, name]) => ({ sql: make(n, m, name) }));

/** Of rows and sequences. */
const ROWS: fc.Arbitrary<Edit>[] = [
  sql((n, m) => `INSERT INTO customer (name, parent) VALUES ('new ${n}', ${m})`),
  sql((n, m) => `INSERT INTO customer (id, name) VALUES (${n}, 'by hand ${m}')`),
  sql((n) => `UPDATE customer SET name = name || '${n}' WHERE id % 3 = ${n % 3}`),
  sql((n, m) => `UPDATE customer SET parent = ${m} WHERE id = ${n}`),
  sql((n) => `DELETE FROM customer WHERE id = ${n}`),
  sql((n, m) => `INSERT INTO invoice (customer, total) VALUES (${n}, ${m})`),
  sql((n, m) => `UPDATE invoice SET total = ${m}, customer = ${n} WHERE id = ${m}`),
  sql((n) => `DELETE FROM invoice WHERE id = ${n}`),
  sql((n, m) => `UPDATE invoice SET id = ${n} + 100 WHERE id = ${m}`),
  sql((n) => `INSERT INTO payment (invoice) VALUES (${n})`),
  sql((n) => `DELETE FROM payment WHERE id = ${n}`),
  sql((n, m) => `INSERT INTO line (invoice, note) VALUES (${n}, 'n${m}')`),
  sql((n) => `DELETE FROM line WHERE invoice % 5 = ${n % 5}`),
  sql((n, m) =>
    `WITH e AS (INSERT INTO egg VALUES (${n} + 5)) INSERT INTO hen VALUES (${m} + 5, ${n % 5 + 1})`
  ),
  sql((n, m) => `UPDATE hen SET egg = ${m % 5 + 1} WHERE id = ${n % 5 + 1}`),
  sql((n) => `UPDATE egg SET hen = NULL WHERE id = ${n}`),
  sql((n) => `DELETE FROM egg WHERE id = ${n}`),
  sql(() => "INSERT INTO loose VALUES ('same', 0.1)"),
  sql((n) => `DELETE FROM loose WHERE ctid IN (SELECT ctid FROM loose LIMIT ${n % 3 + 1})`),
  sql((n) => `UPDATE "Odd ""Name""" SET "a b" = ARRAY[${n}], "select" = '\\x0${n % 10}'`),
  sql((n) => `INSERT INTO counter (note) VALUES ('more ${n}')`),
  sql((n, m) => `INSERT INTO counter (id, note) OVERRIDING SYSTEM VALUE VALUES (${n}, 'forced ${m}')`),
  sql((n, m) => `UPDATE counter SET note = 'note ${m}' WHERE id = ${n}`),
  sql((n) => `INSERT INTO part VALUES (${n} + 100, ${n % 12 + 1}, date '2026-01-01' + ${n} * 9)`),
  sql((n) => `UPDATE part SET day = day + ${n} WHERE id = ${n}`),
  sql((n) => `UPDATE base SET name = '${n}'`),
  sql((n) => `UPDATE shrunk SET c = '${n}'`),
  sql((n) => `SELECT nextval('lonely') FROM generate_series(1, ${n})`),
  sql((n) => `SELECT setval('customer_id_seq', ${n}, ${n % 2 === 0})`),
  sql((n) => `SELECT setval('invoice_id_seq', ${n * 1000})`),
  sql((_n, _m, name) => `DELETE FROM ${name}`),
  sql((_n, _m, name) => `TRUNCATE ${name} RESTART IDENTITY CASCADE`),
  sql((n, _m, name) => `INSERT INTO ${name} SELECT * FROM ${name} LIMIT ${n % 3}`),
];

/** Of the schema and of large objects: the database must be loaded again. */
const DEFINITIONS: fc.Arbitrary<Edit>[] = [
  sql((n) => `ALTER TABLE customer ADD COLUMN extra_${n % 4} text DEFAULT 'x'`),
  sql(() => "ALTER TABLE moods DROP COLUMN at"),
  sql((n) => `CREATE TABLE further_${n} AS SELECT * FROM customer`),
  sql(() => "DROP VIEW totals"),
  sql(() => "ALTER TABLE invoice DROP CONSTRAINT paid"),
  sql(() => "ALTER TABLE loose ENABLE TRIGGER asleep"),
  sql(() => "DROP TABLE line CASCADE"),
  sql(() => "DROP SEQUENCE lonely"),
  sql(() => "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'middling'"),
  sql((n) => `SELECT lo_from_bytea(${5000 + n}, 'x')`),
  sql(() => "SELECT lo_put(4711, 0, 'L')"),
  sql(() => "SELECT lo_unlink(4711)"),
  sql(() => "CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"),
];

const PATHS = [
  ...["facture/FA0.pdf", "facture/FA1.pdf", "facture/FA2.pdf", "facture/FA1", "facture", "mycompany"],
  ...["mycompany/first.pdf", 'mycompany/logo "x" é.png', "new.txt", "facture/FA1/deep/er/new.pdf"],
];
const path = fc.constantFrom(...PATHS);

const file = (what: string, change: (one: string, other: string, n: number) => void): fc.Arbitrary<Edit> =>
  fc.tuple(path, path, number).map(([one, other, n]) => ({
    what: `${what} ${one} ${other} ${n}`,
    file: (documents) => change(`${documents}/${one}`, `${documents}/${other}`, n),
  }));

const FILES: fc.Arbitrary<Edit>[] = [
  file("write", (one, _, n) => {
    Deno.mkdirSync(one.slice(0, one.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(one, `written ${n}`);
  }),
  file("same size, same time", (one) => {
    const { mtime } = statSync(one);
    const bytes = Deno.readFileSync(one);
    bytes[0]! ^= 1;
    Deno.writeFileSync(one, bytes);
    Deno.utimeSync(one, mtime, mtime);
  }),
  file("touch", (one, _, n) => Deno.utimeSync(one, n, n)),
  file("rights of", (one, _, n) => Deno.chmodSync(one, n % 2 === 0 ? 0o700 : 0o755)),
  file("remove", (one) => Deno.removeSync(one, { recursive: true })),
  file("rename", (one, other) => Deno.renameSync(one, other)),
  file("copy", (one, other) => Deno.copyFileSync(one, other)),
  file("link", (one, _, n) => {
    if (existsSync(one)) Deno.removeSync(one, { recursive: true });
    Deno.symlinkSync(n % 2 === 0 ? "FA3.pdf" : "/etc/hostname", one);
  }),
  file("folder", (one) => {
    if (existsSync(one)) Deno.removeSync(one, { recursive: true });
    Deno.mkdirSync(one);
  }),
];

/** @param definitions whether the schema is edited too */
export const edits = (count: number, definitions: boolean): fc.Arbitrary<Edit[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.oneof(...ROWS) },
      { weight: 1, arbitrary: fc.oneof(...FILES) },
      ...(definitions ? [{ weight: 1, arbitrary: fc.oneof(...DEFINITIONS) }] : []),
    ),
    { minLength: count, maxLength: count },
  );

/** What an edit is, for a failed property's report. */
export const wordsOf = (edit: Edit): string => "sql" in edit ? edit.sql : edit.what;
