/**
 * One hash over all that a dump would hold, without what changes in a quiet night: where two fingerprints are equal, the
 * earlier dump can stand for the later state.
 */

import { sha256Of } from "../../base/streams.ts";
import { CATALOGUE_SQL, type CatalogueAnswer, valuesSql } from "./catalogue.ts";
import { type HashedTable, hashedTables, readParts, type TableContent } from "./content.ts";
import { quoteIdentifier, quoteLiteral } from "../connection/database.ts";
import type { Ask } from "../connection/session.ts";
import { CONTENT_HASH } from "../rows/content_algorithms.ts";
import { trusting } from "../rows/settings.ts";

/** What of a table is left out of a fingerprint: columns of every row, or certain rows, or all rows. */
export type VolatileRows =
  & {
    /** As in `TableContent`: `public.llx_user`. One that does not exist is no error, and neither is a column. */
    table: string;
    /** What writes it, and where that was read. */
    because: string;
  }
  & (
    | { columns: readonly string[]; rows?: undefined }
    /** The rows whose `column` is one of `values`, as text. */
    | { rows: { column: string; values: readonly string[] }; columns?: undefined }
    | { columns?: undefined; rows?: undefined }
  );

export interface Fingerprint {
  /** Names how it was made. Only fingerprints of the same algorithm say anything about each other. */
  algorithm: string;
  /** SHA-256, lower-case hex. */
  value: string;
}

/**
 * The fingerprint of the instant that `ask` looks at, in a read-only transaction.
 *
 * @param ask a query that returns its one JSON value.
 * @param tables what `readContent` found at that instant, so that only the volatile tables are read once more.
 */
export async function readFingerprint(
  ask: Ask,
  tables: readonly TableContent[],
  volatile: readonly VolatileRows[],
): Promise<Fingerprint> {
  const plan = planContent(tables, volatile);
  const reread = await readParts(ask, partsOf(await hashedTables(ask, namesOf(plan)), plan.questions));
  const { kinds, sequences, values } = await trusting(ask, async () => {
    const { kinds, sequences, largeObjects } = await ask<CatalogueAnswer>(CATALOGUE_SQL);
    const counted = sequences.filter(({ of }) => of === null || !plan.comingAndGoing.has(of));
    return { kinds, sequences, values: await ask<unknown>(valuesSql(counted, largeObjects)) };
  });
  return {
    algorithm: fingerprintAlgorithm(volatile),
    value: sha256Of(JSON.stringify([
      [...plan.whole, ...reread].map(({ table, rows, hash }) => [table, Number(rows), hash]).sort(byName),
      plan.without,
      kinds,
      sequences.map(({ name, of }) => [name, of]),
      values,
    ])),
  };
}

/** Changes with our way of making it, and with what is volatile. Pure. */
export const fingerprintAlgorithm = (volatile: readonly VolatileRows[]): string => {
  const meant = volatile.map(({ table, columns, rows }) => [table, columns ?? null, rows ?? null]);
  const how = sha256Of(JSON.stringify([CONTENT_HASH.algorithm, CONTENT_HASH.settings, CATALOGUE_SQL, meant]));
  return `dolibarr-drill/db/1 ${how.slice(0, 16)}`;
};

/** A table of which only a part counts. */
interface Question {
  table: string;
  columns: string[];
  rows: { column: string; values: readonly string[] }[];
}

interface ContentPlan {
  /** Counted and hashed already, and all of it counts. */
  whole: TableContent[];
  questions: Question[];
  /** Tables of which no row counts, only that they are there. */
  without: string[];
  /** Tables that get new rows in a quiet night: their sequences advance too. */
  comingAndGoing: Set<string>;
}

/** Which tables are taken as they were hashed, which are read once more without a part, and which not at all. Pure. */
export function planContent(
  tables: readonly TableContent[],
  volatile: readonly VolatileRows[],
): ContentPlan {
  const entries = Map.groupBy(volatile, ({ table }) => table);
  const plan: ContentPlan = { whole: [], questions: [], without: [], comingAndGoing: new Set() };
  for (const one of tables) {
    const entry = entries.get(one.table);
    if (!entry) {
      plan.whole.push(one);
      continue;
    }
    if (entry.some(({ columns, rows }) => rows || !columns)) plan.comingAndGoing.add(one.table);
    if (entry.some(({ columns, rows }) => !rows && !columns)) plan.without.push(one.table);
    else {
      plan.questions.push({
        table: one.table,
        columns: entry.flatMap(({ columns }) => columns ?? []),
        rows: entry.flatMap(({ rows }) => rows ?? []),
      });
    }
  }
  plan.without.sort();
  return plan;
}

const namesOf = ({ questions }: ContentPlan): string[] => questions.map(({ table }) => table);

/** Each table less its volatile part. A column that is not there is in no part. Pure. */
function partsOf(tables: readonly HashedTable[], questions: readonly Question[]): HashedTable[] {
  return tables.map((table) => {
    const { columns, rows } = questions.find((one) => one.table === table.quoted)!;
    const there = rows.filter(({ column }) => table.columns.some(({ name }) => name === column));
    const where = there.map(({ column, values }) =>
      `pg_catalog.concat("hashed row".${quoteIdentifier(column)}) OPERATOR(pg_catalog.<>) ALL (ARRAY[${
        values.map(quoteLiteral).join(", ")
      }]::pg_catalog.text[])`
    );
    return {
      ...table,
      columns: table.columns.filter(({ name }) => !columns.includes(name)),
      ...(where.length > 0 ? { where: where.join(" AND ") } : {}),
    };
  });
}

/** By the first of both, in the order of code units, which no locale changes. */
const byName = ([a]: (string | number)[], [b]: (string | number)[]) => a === b ? 0 : a! < b! ? -1 : 1;
