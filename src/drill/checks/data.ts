/** Checks on the restored database, before the first page is opened: a visit writes. */

import { isValidated } from "../../dolibarr/invoices.ts";
import { countRules, stillActive } from "../../dolibarr/neutralise.ts";
import { countErpTables, FEWEST_TABLES, isDictionary, TABLE_PREFIX } from "../../dolibarr/tables.ts";
import { compareContent } from "../../postgres/content.ts";
import { COUNTED_KINDS, countObjects } from "../../postgres/objects.ts";
import { foreignOwned } from "../../postgres/owners.ts";
import { sequencesBehind } from "../../postgres/sequences.ts";
import { askJson } from "../../postgres/snapshot.ts";
import { type Check, expectEqual, expectNone } from "../check.ts";
import type { DataContext } from "./context.ts";

export const tables: Check<DataContext> = {
  id: "data.tables",
  part: "data",
  title: `The ${TABLE_PREFIX} tables are all there, and never fewer than ${FEWEST_TABLES}`,
  required: true,
  run: ({ proof, content }) => {
    const expected = countErpTables(proof.database.expected);
    const found = countErpTables(content);
    const compared = `${TABLE_PREFIX} tables of the backup against the restored database`;
    if (found < FEWEST_TABLES) {
      return Promise.resolve({
        ...expectEqual(`${FEWEST_TABLES} or more`, found, compared),
        message: `only ${found} tables: this is no whole Dolibarr`,
      });
    }
    return Promise.resolve(expectEqual(expected, found, compared));
  },
};

export const rows: Check<DataContext> = {
  id: "data.rows",
  part: "data",
  title: "Every table has the rows and the content of the backup",
  required: true,
  run: ({ proof, content }) => {
    const recorded = proof.database.expected;
    const before = compareContent(recorded, proof.database.found);
    // what we wrote ourselves was equal before we wrote it, and must be what we committed
    const ours = new Map(proof.database.changed.map((table) => [table.table, table]));
    const now = compareContent(recorded.map((table) => ours.get(table.table) ?? table), content);
    const differences = [...before, ...now].map(({ table, what }) => `${table}: ${what}`);
    const total = recorded.reduce((sum, table) => sum + table.rows, 0);
    return Promise.resolve({
      ...expectNone(
        differences,
        recorded.length,
        proof.source.tables
          ? `count and hash of each table (${total} rows) in the backup's snapshot against the restored database`
          : `rows of each block of the dump (${total} rows) against the restored database; no hash was ever recorded`,
      ),
      details: differences.slice(0, 20),
    });
  },
};

export const notEmpty: Check<DataContext> = {
  id: "data.not_empty",
  part: "data",
  title: "It is a company's ERP, not an empty one: a name, users, validated invoices",
  required: true,
  run: ({ company, invoices }) => {
    const missing = [
      company.name === "" ? "no company name is set" : "",
      company.users === 0 ? "there are no users" : "",
      invoices.some(isValidated) ? "" : "there is no validated invoice",
    ].filter((problem) => problem !== "");
    return Promise.resolve({
      ...expectNone(
        missing,
        3,
        "company, users and invoices of the restored database against an empty install",
      ),
      details: [`${company.name || "(no name)"}, ${company.users} users, ${invoices.length} invoices`],
    });
  },
};

export const objects: Check<DataContext> = {
  id: "data.objects",
  part: "data",
  title: "Functions, triggers, keys, indexes, sequences and views are all there",
  required: true,
  async run({ session, sandbox, proof }) {
    const found = await countObjects(session, sandbox.database.owner);
    const wrong = COUNTED_KINDS.flatMap((kind) => {
      const expected = proof.kinds[kind] ?? 0;
      return found[kind] === expected ? [] : [`${found[kind]} of kind ${kind}, the dump has ${expected}`];
    });
    if (found.FUNCTION === 0) wrong.push("there is not one function: Dolibarr's helpers are missing");
    if (found.TRIGGER === 0) wrong.push("there is not one trigger: nothing keeps the times of changes");
    return {
      ...expectNone(
        wrong,
        COUNTED_KINDS.length,
        "how many of each kind the dump's table of contents lists against the restored database",
      ),
      details: wrong.length > 0
        ? wrong
        : [COUNTED_KINDS.map((kind) => `${found[kind]} ${kind.toLowerCase()}`).join(", ")],
    };
  },
};

export const sequences: Check<DataContext> = {
  id: "data.sequences",
  part: "data",
  title: "The next number of every sequence is free: new rows can be made",
  required: true,
  async run({ session }) {
    const { checked, behind } = await sequencesBehind(session, (table) => !isDictionary(table));
    return expectNone(
      behind,
      checked,
      "each sequence (but those of dictionaries) against the highest value of the column that it numbers",
    );
  },
};

export const lookup: Check<DataContext> = {
  id: "data.user_lookup",
  part: "data",
  title: "The pooler's user_lookup is untouched, and the provisioner's",
  required: true,
  run: ({ proof, sandbox }) => {
    const { before, after } = proof.database.lookup;
    const text = (side: typeof before) => side ? `${side.owner}'s, ${side.definition.slice(0, 8)}` : "none";
    const outcome = expectEqual(
      text(before),
      text(after),
      "owner and definition of the function in the sandbox before the restore against after it",
    );
    if (after?.owner === sandbox.database.owner) {
      return Promise.resolve({
        ...outcome,
        equal: false,
        message: `user_lookup belongs to ${after.owner}, not to the provisioner`,
      });
    }
    return Promise.resolve(outcome);
  },
};

export const owners: Check<DataContext> = {
  id: "data.owners",
  part: "data",
  title: "Everything that was restored belongs to the sandbox's owner role",
  required: true,
  async run({ session, sandbox }) {
    const { checked, foreign } = await foreignOwned(session, sandbox.database.owner);
    return expectNone(
      foreign,
      checked,
      `owner of each table, sequence, function and type against ${sandbox.database.owner}`,
    );
  },
};

export const quiet: Check<DataContext> = {
  id: "data.neutralised",
  part: "data",
  title: "The sandbox cannot act on the world: mails, jobs, hooks and payments are off, and it says so",
  required: true,
  async run({ session, sandbox }) {
    const active = await stillActive({ ask: (sql) => askJson(session, sql) }, sandbox.neutralise);
    return expectNone(active, countRules(sandbox.neutralise), "each rule of neutralising, read back");
  },
};
