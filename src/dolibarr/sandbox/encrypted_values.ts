/**
 * Lists the values that Dolibarr stores encrypted with the instance's id of conf.php (docs/facts.md, Encryption). A sandbox
 * has another id: it cannot decrypt them, and gets garbage without an error. So a restore names what to enter again.
 */

import { quoteIdentifier, quoteLiteral } from "../../postgres/connection/database.ts";
import { TABLE_PREFIX } from "../tables/names.ts";
import type { Ask } from "../../postgres/connection/session.ts";

interface Transaction {
  ask: Ask;
}

/** The beginning of every value that dolEncrypt returns (core/lib/security.lib.php of 22.0.4). */
const PREFIX = "dolcrypt:";

/** The columns that 22.0.4 encrypts, besides constants and the password fields of every extrafields table. */
const COLUMNS: readonly (readonly [table: string, column: string])[] = [
  ["user", "api_key"],
  ["emailcollector_emailcollector", "password"],
  ["societe_rib", "iban_prefix"],
  ["oauth_token", "token"],
  ["oauth_token", "tokenstring"],
];

/**
 * The names, never the values, of what was restored encrypted.
 * @returns `STRIPE_TEST_SECRET_KEY (llx_const)`, `iban_prefix of 12 rows (llx_societe_rib)`; sorted.
 */
export async function listEncryptedValues(tx: Transaction): Promise<string[]> {
  const known = COLUMNS.map(([table, column]) => quoteLiteral(`${TABLE_PREFIX}${table}.${column}`));
  const columns = await tx.ask<[table: string, column: string][]>(
    `SELECT coalesce(json_agg(json_build_array(relname, attname) ORDER BY relname, attname), '[]'::json)
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute ON attrelid = c.oid
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
        AND atttypid IN ('text'::regtype, 'varchar'::regtype)
        AND (relname || '.' || attname IN (${known.join(", ")})
          OR relname LIKE '${
      TABLE_PREFIX.replace("_", "!_")
    }%!_extrafields' ESCAPE '!' AND attname <> 'import_key')`,
  );
  const constants = await tx.ask<string[]>(
    `SELECT coalesce(json_agg(DISTINCT name), '[]'::json) FROM public.${TABLE_PREFIX}const WHERE ${
      begins("value")
    }`,
  );
  const counts = columns.length === 0 ? [] : await tx.ask<number[]>(
    `SELECT to_json(ARRAY[${
      columns.map(([table, column]) =>
        `(SELECT count(*) FROM public.${quoteIdentifier(table)} WHERE ${begins(quoteIdentifier(column))})`
      ).join(",\n")
    }])`,
  );
  return [
    ...constants.map((name) => `${name} (${TABLE_PREFIX}const)`),
    ...columns.flatMap(([table, column], at) => {
      const rows = counts[at] ?? 0;
      return rows === 0 ? [] : [`${column} of ${rows} ${rows === 1 ? "row" : "rows"} (${table})`];
    }),
  ].sort();
}

const begins = (column: string): string => `starts_with(${column}, ${quoteLiteral(PREFIX)})`;
