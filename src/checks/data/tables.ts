/** Checks on the restored database, before the first page is opened: a visit writes. */

import { breakRows } from "../../dolibarr/sandbox/breakages.ts";
import { isValidated, readInvoices } from "../../dolibarr/books/invoices.ts";
import { countErpTables, FEWEST_TABLES, isErpTable, TABLE_PREFIX } from "../../dolibarr/tables/names.ts";
import { compareContent } from "../../postgres/catalogue/compare_content.ts";
import { contentOf } from "../../postgres/connection/snapshot.ts";
import { expectEqual, expectNone, type RestoreCheck } from "../check.ts";
import { type DataContext, RESTORED_DATABASE } from "./context.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";

export const erpTables: RestoreCheck<DataContext> = {
  id: "data.tables",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title: `The ${TABLE_PREFIX} tables are all there, and never fewer than ${FEWEST_TABLES}`,
  required: true,
  run: ({ proof, content }) => {
    const expected = countErpTables(proof.database.expected);
    const found = countErpTables(content);
    const compared = `${TABLE_PREFIX} tables of the backup against the restored database`;
    if (found < FEWEST_TABLES) {
      return Promise.resolve({
        ...expectEqual(`${FEWEST_TABLES} or more`, found, compared),
        message: `only ${formatCount(found, "table")}: this is not a complete Dolibarr`,
      });
    }
    const there = new Set(content.map(({ table }) => table));
    const lost = proof.database.expected.find(({ table }) => isErpTable(table) && !there.has(table));
    return Promise.resolve(
      expectEqual(
        expected,
        found,
        compared,
        lost && `${lost.table} is missing: ${formatNumber(found)} of ${formatCount(expected, "table")}`,
      ),
    );
  },
  twin: {
    by: "an empty table dropped",
    changes: "database",
    async apply(context) {
      const table = context.content.findLast(({ table, rows }) =>
        rows === 0 && countErpTables([{ table }]) === 1
      );
      if (!table) throw new TypeError("every table has rows");
      await context.session.query(`DROP TABLE ${table.table} CASCADE`);
      return { ...context, content: await contentOf(context.session, context.proof.source.hash) };
    },
  },
};

export const tableContent: RestoreCheck<DataContext> = {
  id: "data.rows",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
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
          ? `count and hash of each table (${
            formatCount(total, "row")
          }) in the backup's snapshot against the restored database`
          : `rows of each block of the dump (${
            formatCount(total, "row")
          }) against the restored database; no hash was recorded`,
      ),
      details: differences.slice(0, 20),
    });
  },
  twin: {
    by: "a third party renamed",
    changes: "database",
    async apply(context) {
      await breakRows(context.session, "a third party renamed");
      return { ...context, content: await contentOf(context.session, context.proof.source.hash) };
    },
  },
};

export const companyData: RestoreCheck<DataContext> = {
  id: "data.not_empty",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title:
    "The ERP is a company's, not an empty one: it has a name, users, an administrator, validated invoices",
  required: true,
  run: ({ company, invoices }) => {
    const missing = [
      company.name === "" ? "no company name is set" : "",
      company.users === 0 ? "there are no users" : "",
      company.users > 0 && company.administrators === 0
        ? `none of the ${company.users} users is an enabled administrator`
        : "",
      invoices.some(isValidated) ? "" : "there is no validated invoice",
    ].filter((problem) => problem !== "");
    return Promise.resolve({
      ...expectNone(
        missing,
        4,
        "company, users and invoices of the restored database against an empty install",
      ),
      details: [
        `${company.name || "(no name)"}, ${formatCount(company.users, "user")}, ${
          formatCount(invoices.length, "invoice")
        }`,
      ],
    });
  },
  twin: {
    by: "every invoice a draft",
    changes: "database",
    async apply(context) {
      await breakRows(context.session, "every invoice a draft");
      return { ...context, invoices: await readInvoices(context.session) };
    },
  },
};
