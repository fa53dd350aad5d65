/** Losses that leave every row where it was, in one transaction on the lab; and what in use only looks like one. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import {
  contentSettingsSql,
  readContent,
  readFilledContent,
} from "../../../src/postgres/catalogue/content.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { IDENTIFYING_TABLES, ROLES } from "../../../src/dolibarr/tables/identifying_columns.ts";
import { type LostValues, lostValues, type Shape } from "../../../src/dolibarr/tables/lost_values.ts";
import { readOwnObjects } from "../../../src/dolibarr/tables/own_objects.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";

const why = await whyNoDolibarr();
let lab: DrillLab;
let session: Session;

async function shapeNow(): Promise<Shape> {
  return { ...await readOwnObjects(session), filled: (await readFilledContent(session.ask)).filled };
}

/** What the second of two nights loses; each night's statements are undone. */
async function between(first: readonly string[], second: readonly string[]): Promise<LostValues> {
  await session.query("SAVEPOINT nights");
  try {
    for (const statement of first) await session.query(statement);
    const before = await shapeNow();
    for (const statement of second) await session.query(statement);
    return lostValues(await shapeNow(), before, "prod/20261101T030000Z");
  } finally {
    await session.query("ROLLBACK TO SAVEPOINT nights");
  }
}

const PARTIES =
  "INSERT INTO llx_societe (nom, entity, code_client) SELECT 'Client ' || n, 1, 'CUX' || n FROM generate_series(1, 40) AS n";
const USERS =
  "INSERT INTO llx_user (login, entity, lastname, pass_crypted, statut) SELECT 'user' || n, 1, 'Name', md5(n::text), 1 FROM generate_series(1, 30) AS n";
const ENTRIES =
  "INSERT INTO llx_accounting_bookkeeping (entity, piece_num, doc_date, doc_type, doc_ref, fk_doc, fk_docdet, numero_compte, label_compte, label_operation, debit, credit, code_journal, fk_user_author, lettering_code, date_lettering) SELECT 1, n, now(), 'customer_invoice', 'FA' || n, n, n, '411', 'x', 'x', n, 0, 'VT', 1, 'AAA', now() FROM generate_series(1, 40) AS n";
const EVENTS =
  "INSERT INTO llx_actioncomm (ref, entity, datep, code, label) SELECT n::text, 1, now(), 'AC_OTH', CASE WHEN n > 900 THEN '' ELSE 'Event' END FROM generate_series(1, 1000) AS n";

/** What makes a state suspect: the night before, the loss, and the sentence. */
const LOSSES: [what: string, before: string[], loss: string[], says: RegExp][] = [
  [
    "every third party's name emptied, of the few that there are",
    [],
    ["UPDATE llx_societe SET nom = ''"],
    /^public\.llx_societe\.nom is filled in 0 of \d+ rows, in prod\/20261101T030000Z it was in \d+ of \d+$/,
  ],
  [
    "most third parties' names emptied",
    [PARTIES],
    ["UPDATE llx_societe SET nom = '' WHERE code_client LIKE 'CUX%' AND right(code_client, 1) <> '1'"],
    /^public\.llx_societe\.nom is filled in /,
  ],
  [
    "names that are NULL",
    [PARTIES],
    ["ALTER TABLE llx_societe ALTER COLUMN nom DROP NOT NULL", "UPDATE llx_societe SET nom = NULL"],
    /^public\.llx_societe\.nom is filled in 0 of /,
  ],
  [
    "the references of all invoices but one emptied",
    ["DROP INDEX IF EXISTS uk_facture_ref", "DROP INDEX IF EXISTS uk_facture_ref_entity"],
    ["UPDATE llx_facture SET ref = '' WHERE rowid <> (SELECT max(rowid) FROM llx_facture)"],
    /^public\.llx_facture\.ref is filled in 1 of /,
  ],
  [
    "the invoices' totals zeroed",
    [],
    ["UPDATE llx_facture SET total_ttc = 0"],
    /^public\.llx_facture\.total_ttc is filled in 0 of /,
  ],
  [
    "the invoices' dates gone",
    [],
    ["UPDATE llx_facture SET datef = NULL"],
    /^public\.llx_facture\.datef is filled in 0 of /,
  ],
  [
    "every invoice a draft again",
    [],
    ["UPDATE llx_facture SET fk_statut = 0"],
    /^public\.llx_facture\.fk_statut is filled in 0 of /,
  ],
  [
    "the payments' amounts zeroed",
    [],
    ["UPDATE llx_paiement_facture SET amount = 0"],
    /^public\.llx_paiement_facture\.amount is filled in 0 of /,
  ],
  [
    "the hashes of the passwords emptied",
    [USERS],
    ["UPDATE llx_user SET pass_crypted = NULL"],
    /^public\.llx_user\.pass_crypted is filled in 0 of /,
  ],
  [
    "the amounts of entries, while some of them are deleted",
    [ENTRIES],
    [
      "DELETE FROM llx_accounting_bookkeeping WHERE piece_num > 35",
      "UPDATE llx_accounting_bookkeeping SET debit = 0 WHERE piece_num > 10",
    ],
    /^public\.llx_accounting_bookkeeping\.debit is filled in 10 of /,
  ],
  [
    "one form of unix_timestamp dropped",
    [],
    ["DROP FUNCTION unix_timestamp(timestamp with time zone)"],
    /^Dolibarr's function unix_timestamp\(timestamp with time zone\) is gone$/,
  ],
  [
    "a trigger dropped",
    [],
    ["DROP TRIGGER update_customer_modtime ON llx_societe"],
    /^Dolibarr's trigger update_customer_modtime is gone from public\.llx_societe$/,
  ],
];

/** What Dolibarr does in use. `notes`: how many lines tell of it. */
const LAWFUL: [what: string, before: string[], change: string[], notes: number][] = [
  ["nothing", [], [], 0],
  ["a purge of most events", [EVENTS], ["DELETE FROM llx_actioncomm WHERE label = 'Event'"], 0],
  ["a purge of some events", [EVENTS], ["DELETE FROM llx_actioncomm WHERE ref::int <= 450"], 0],
  [
    "lettering undone",
    [ENTRIES],
    ["UPDATE llx_accounting_bookkeeping SET lettering_code = NULL, date_lettering = NULL"],
    0,
  ],
  ["invoices that are open again", [], ["UPDATE llx_facture SET date_closing = NULL, paye = 0"], 0],
  [
    "an extra field removed, with what it held",
    [
      "ALTER TABLE llx_societe_extrafields ADD COLUMN colour varchar(9)",
      PARTIES,
      "INSERT INTO llx_societe_extrafields (fk_object, colour) SELECT rowid, 'red' FROM llx_societe",
    ],
    ["ALTER TABLE llx_societe_extrafields DROP COLUMN colour"],
    0,
  ],
  [
    "an extra field emptied",
    [
      "ALTER TABLE llx_societe_extrafields ADD COLUMN colour varchar(9)",
      PARTIES,
      "INSERT INTO llx_societe_extrafields (fk_object, colour) SELECT rowid, 'red' FROM llx_societe",
    ],
    ["UPDATE llx_societe_extrafields SET colour = NULL"],
    0,
  ],
  ["another column emptied: a line tells of it", [PARTIES, "UPDATE llx_societe SET phone = '1'"], [
    "UPDATE llx_societe SET phone = NULL",
  ], 1],
  [
    "fewer than half of the names emptied",
    [PARTIES],
    ["UPDATE llx_societe SET nom = '' WHERE code_client LIKE 'CUX%' AND right(code_client, 1) < '5'"],
    0,
  ],
  [
    "a small table whose amounts become 0",
    ["DELETE FROM llx_bank_url", "DELETE FROM llx_bank WHERE rowid > (SELECT min(rowid) + 10 FROM llx_bank)"],
    ["UPDATE llx_bank SET amount = 0"],
    0,
  ],
  [
    "a module's table dropped with its triggers",
    [
      "CREATE TABLE llx_mymodule_thing (rowid integer, ref varchar(9), tms timestamp)",
      "CREATE TRIGGER update_customer_modtime BEFORE UPDATE ON llx_mymodule_thing FOR EACH ROW EXECUTE FUNCTION update_modified_column_tms()",
      "INSERT INTO llx_mymodule_thing SELECT n, 'T' || n, now() FROM generate_series(1, 50) AS n",
    ],
    ["DROP TABLE llx_mymodule_thing"],
    0,
  ],
  ["a table whose columns are others", [PARTIES], [
    "ALTER TABLE llx_societe ADD COLUMN other integer",
    "UPDATE llx_societe SET nom = ''",
  ], 0],
  ["the night of an upgrade", [PARTIES], [
    "UPDATE llx_const SET value = '99.0.0' WHERE name IN ('MAIN_VERSION_LAST_UPGRADE', 'MAIN_VERSION_LAST_INSTALL')",
    "UPDATE llx_societe SET nom = ''",
    "DROP FUNCTION year(date)",
  ], 1],
];

describe("losses that leave every row where it was", () => {
  beforeAll(async () => {
    lab = await startDrillLab(why === undefined ? "real" : "stand-in");
    session = await lab.provisioner(lab.prod);
    await session.query("BEGIN");
    await session.query(contentSettingsSql());
  });
  afterAll(async () => {
    await session.query("ROLLBACK");
    await session[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  for (const [what, before, loss, says] of LOSSES) {
    it(`make the state suspect: ${what}`, async () => {
      const { reasons } = await between(before, loss);
      assertEquals(reasons.length, 1, reasons.join("\n"));
      assertMatch(reasons[0]!, says);
    });
  }

  it("tell a function that went with all of its triggers in two lines", async () => {
    const { reasons } = await between([], ["DROP FUNCTION update_modified_column_tms() CASCADE"]);
    assertEquals(reasons.length, 2);
    assertMatch(
      reasons[1]!,
      /^Dolibarr's trigger update_customer_modtime is gone from public\.llx_\w+ and \d+ more tables$/,
    );
  });

  for (const [what, before, change, notes] of LAWFUL) {
    it(`do not mean ${what}`, async () => {
      const lost = await between(before, change);
      assertEquals([lost.reasons, lost.notes.length], [[], notes], lost.notes.join("\n"));
    });
  }

  it("are counted by the statement that hashes, which finds the same hashes", async () => {
    const { tables, filled } = await readFilledContent(session.ask);
    assertEquals(tables, await readContent(session.ask));
    for (const name of ["public.llx_facture", "public.llx_societe", "public.llx_user"]) {
      const one = filled.find(({ table }) => table === name)!;
      for (const [at, column] of one.columns.entries()) {
        const bare = column.slice(0, column.indexOf(" "));
        const counted = await session.ask<number>(
          `SELECT count(*)::int FROM ${name} WHERE "${bare}" IS NOT NULL AND "${bare}"::text NOT IN ('', '0') AND "${bare}"::text !~ '^0\\.0+$'`,
        );
        assertEquals(one.filled[at], counted, `${name}.${bare}`);
      }
    }
  });

  it("name columns that Dolibarr has", { skip: why ?? false }, async () => {
    const { filled } = await readFilledContent(session.ask);
    const known = new Set(
      filled.flatMap(({ table, columns }) =>
        columns.map((column) => `${table} ${column.slice(0, column.indexOf(" "))}`)
      ),
    );
    const tables = new Set(filled.map(({ table }) => table));
    assert(IDENTIFYING_TABLES.filter((table) => tables.has(table)).length > 40);
    assertEquals([...ROLES.keys()].filter((one) => tables.has(one.split(" ")[0]!) && !known.has(one)), []);
    // these are made when their module is switched on
    const ofModules = ["ticket", "don", "loan", "bom_bom", "mrp_mo"].map((name) => `public.llx_${name}`);
    assertEquals(IDENTIFYING_TABLES.filter((table) => !tables.has(table) && !ofModules.includes(table)), []);
  });
});
