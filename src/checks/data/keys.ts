/** Checks on keys and indexes, by the rows themselves: the catalogue may be wrong about them. */

import { type Fault, FAULTS_AT_MOST } from "../../dolibarr/fault.ts";
import { LINE_AND_INVOICE } from "../../dolibarr/sandbox/breakages.ts";
import { NUMBERED_TABLES } from "../../dolibarr/tables/numbered.ts";
import { compareForeignKeys, loseParent, type LostParent } from "../../postgres/catalogue/foreign_keys.ts";
import {
  amcheckIndexes,
  invalidIndexes,
  makeInvalidIndex,
  makeWrongIndex,
  whyNoAmcheck,
} from "../../postgres/catalogue/indexes.ts";
import { unnumberedTables } from "../../postgres/catalogue/numbering.ts";
import { type BooksCheck, cannotRun, expectNone, type RestoreCheck } from "../check.ts";
import { outcomeOfFaults } from "../findings/outcome.ts";
import { databaseTwin, type DataContext, RESTORED_DATABASE, rowsTwin } from "./context.ts";

/**
 * A restore adds each key with a comparison, unless the key is NOT VALID in the dump. But a key that the catalogue calls
 * valid may have been loaded without that comparison, so the rows of all keys are compared.
 */
export const foreignKeys: BooksCheck<DataContext> = {
  id: "data.foreign_keys",
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Every foreign key is satisfied: no row refers to a missing row",
  required: true,
  async run({ session }) {
    const { checked, brokenKeys, total, lost, notValid } = await compareForeignKeys(session, FAULTS_AT_MOST);
    return outcomeOfFaults(lost.map(faultOf), {
      check: foreignKeys.id,
      checked,
      with: "each foreign key's rows against the table that it names",
      wrong: brokenKeys,
      total,
      notes: notValid.map((key) => `NOT VALID in the dump, and satisfied by its rows: ${key}`),
    });
  },
  twin: databaseTwin(
    "a line without its invoice, behind a key that is NOT VALID",
    (session) => loseParent(session, ...LINE_AND_INVOICE),
  ),
};

const faultOf = ({ table, row, columns, values, other }: LostParent): Fault => ({
  subject: `${table} ${row} ${columns}`,
  kind: "without-parent",
  sentence: `${table} ${row}: its ${columns} is ${values}, and ${other} has no such row`,
  facts: { names: `${other} ${values}` },
});

/** The dump of a database that had lost a key or a default is faithful without it: the expected ones are those that Dolibarr makes. */
export const rowNumbering: RestoreCheck<DataContext> = {
  id: "data.new_rows",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Every table of Dolibarr's own numbers its new rows by a sequence, and has a key on that number",
  required: true,
  async run({ session }) {
    const { checked, wrong } = await unnumberedTables(session, NUMBERED_TABLES, "rowid");
    return expectNone(
      wrong,
      checked,
      "the key on rowid and the sequence that gives the next one, of each table that Dolibarr itself makes (but dictionaries)",
    );
  },
  twin: rowsTwin("no number for a new third party"),
};

export const indexState: RestoreCheck<DataContext> = {
  id: "data.indexes",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Every index is finished and in use",
  required: true,
  async run({ session }) {
    const { checked, invalid } = await invalidIndexes(session);
    return expectNone(invalid, checked, "indisvalid, indisready and indislive of each index");
  },
  twin: databaseTwin("an index that was never finished", makeInvalidIndex),
};

export const indexContents: RestoreCheck<DataContext> = {
  id: "data.index_contents",
  part: "data",
  judges: "restore",
  level: "deep",
  given: RESTORED_DATABASE,
  title: "Every index is in order, and contains every row",
  required: false,
  async run({ session }) {
    const why = await whyNoAmcheck(session);
    if (why !== undefined) {
      throw cannotRun(
        why,
        "As a superuser, in the sandbox's database: CREATE EXTENSION amcheck; GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean) TO its owner role.",
      );
    }
    const { checked, damaged } = await amcheckIndexes(session);
    return expectNone(
      damaged,
      checked,
      "amcheck's bt_index_check of each B-tree, against the rows of its table",
    );
  },
  twin: databaseTwin("an index whose function answers otherwise by now", makeWrongIndex),
};
