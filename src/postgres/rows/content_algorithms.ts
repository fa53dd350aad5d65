/**
 * Every way in which this and earlier versions hashed a table's content. A manifest and a checkpoint name theirs, with its
 * settings; whoever compares with them hashes in the same way.
 */

import { DrillError } from "../../base/errors.ts";
import { type PackedColumn, packedRowSql } from "./packed_row.ts";
import { TRUSTED_SETTINGS } from "./settings.ts";

/** How the content of tables was hashed, as it is recorded. */
export interface RecordedHash {
  algorithm: string;
  /** What the bytes of a row depend on, by PostgreSQL's names: `TimeZone`. */
  settings: Readonly<Record<string, string>>;
}

interface ContentAlgorithm {
  /** The settings that it may be recorded with, and those that it is recorded with now. */
  settings: Readonly<Record<string, string>>;
  /** SQL: the hash, as text, of the rows `of` that are aggregated. */
  hashSql: (columns: readonly PackedColumn[], of: string) => string;
  /** SQL for a query of the hash of a table with more than `MOST_SORTED` rows; without it `hashSql` has no limit. */
  largeHashSql?: (columns: readonly PackedColumn[], of: string, from: string) => string;
  /** It is of the bytes in which a server holds text: only databases of one encoding can be compared. */
  dependsOnEncoding: boolean;
}

/** What the text of a value depends on. */
const TEXT_SETTINGS = {
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
  lc_monetary: "C",
  xmloption: "content",
};

const ALGORITHMS: Readonly<Record<string, ContentAlgorithm>> = {
  /** Up to 0.1.0: a sum over 64 bits of the row's text, which the table's owner could define by a cast. */
  "sum(hashtextextended(row::text,0))": {
    settings: TEXT_SETTINGS,
    hashSql: (_, of) =>
      `coalesce(pg_catalog.sum(pg_catalog.hashtextextended(${of}::text, 0)), 0)::pg_catalog.text`,
    dependsOnEncoding: true,
  },
  /** Does not depend on the order of rows; each row's own SHA-256 is sorted. */
  "sha256(sorted(sha256(packed row)))": {
    settings: { ...TEXT_SETTINGS, ...TRUSTED_SETTINGS },
    hashSql: (columns, of) => `pg_catalog.encode(${sortedSql(rowHashSql(columns, of))}, 'hex')`,
    largeHashSql: (columns, of, from) =>
      `SELECT pg_catalog.encode(${sortedSql("part", "first")}, 'hex')
         FROM (SELECT pg_catalog.get_byte(hash, 0) AS first, ${sortedSql("hash")} AS part
                 FROM (SELECT ${
        rowHashSql(columns, of)
      } AS hash FROM ${from}) AS hashes GROUP BY 1) AS parts`,
    dependsOnEncoding: false,
  },
};

/** More hashes of 32 bytes than this come near the 1 GB that a value may have: those of a larger table are sorted in 256 parts. */
export const MOST_SORTED = 20_000_000;

const rowHashSql = (columns: readonly PackedColumn[], of: string): string =>
  `pg_catalog.sha256(${packedRowSql(columns, of)})`;

/** SQL: one SHA-256 over those that are aggregated, in the order of `by`. */
const sortedSql = (hash: string, by = hash): string =>
  `pg_catalog.sha256(coalesce(pg_catalog.string_agg(${hash}, ''::pg_catalog.bytea ORDER BY ${by}), ''::pg_catalog.bytea))`;

const NEWEST = "sha256(sorted(sha256(packed row)))";

/** How sets, checkpoints and saved states of versions that did not name it are hashed. */
export const FIRST_HASH: RecordedHash = {
  algorithm: "sum(hashtextextended(row::text,0))",
  settings: TEXT_SETTINGS,
};

/** How content is hashed now. */
export const CONTENT_HASH: RecordedHash = { algorithm: NEWEST, settings: ALGORITHMS[NEWEST]!.settings };

export const isSameHash = (one: RecordedHash, other: RecordedHash): boolean =>
  one.algorithm === other.algorithm &&
  JSON.stringify(Object.entries(one.settings).sort()) ===
    JSON.stringify(Object.entries(other.settings).sort());

/**
 * How `hash` is made.
 * @param where what it is recorded in, for messages: `prod/20260630T155313Z`
 * @throws DrillError `STORE_NEWER` where this version does not know the algorithm, or one of its settings.
 */
export function contentAlgorithm({ algorithm, settings }: RecordedHash, where?: string): ContentAlgorithm {
  const known = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  const other = known && Object.keys(settings).find((name) => !Object.hasOwn(known.settings, name));
  if (known && other === undefined) return known;
  throw new DrillError(
    "STORE_NEWER",
    `Cannot compare with ${where ?? "what was recorded"}: ${
      known
        ? `its content was hashed with the setting ${other}, which`
        : `its content was hashed by ${algorithm}, which`
    } this version does not know`,
    "A newer dolibarr-drill recorded it. Nothing was changed. Update this one, and run it again.",
  );
}
