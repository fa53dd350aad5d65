/** What a database holds at one instant, as far as a checkpoint restores it: rows, schema, sequences, large objects. */

import { CATALOGUE_SQL, type CatalogueAnswer, valuesSql } from "../../postgres/catalogue/catalogue.ts";
import { compareContent } from "../../postgres/catalogue/compare_content.ts";
import { readContent, type TableContent } from "../../postgres/catalogue/content.ts";
import {
  readSchemaText,
  rightsHashSql,
  schemaDifferences,
  type SchemaText,
} from "../../postgres/catalogue/schema_text.ts";
import { otherPlaces, placesSql, type SequencePlace } from "../../postgres/catalogue/sequence_positions.ts";
import { CONTENT_HASH, FIRST_HASH, type RecordedHash } from "../../postgres/rows/content_algorithms.ts";
import type { Ask, Statements } from "../../postgres/connection/session.ts";

export interface DatabaseState {
  tables: TableContent[];
  /** How they were hashed; what an earlier version saved does not say it. */
  hash?: RecordedHash;
  schema: SchemaText;
  sequences: SequencePlace[];
  /** One hash over all large objects; null where there is none. */
  largeObjects: string | null;
  /** Hashes of the catalogue then, oids included: while they are the same, the schema's text need not be read. */
  catalogue: CatalogueAnswer["kinds"];
}

/** The catalogue's hashes, with the rights on what `owner` owns: a backup does not need those, a checkpoint does. */
export async function readCatalogueAnswer(ask: Ask, owner: string): Promise<CatalogueAnswer> {
  const answer = await ask<CatalogueAnswer>(CATALOGUE_SQL);
  const rights = await ask<[number, string]>(rightsHashSql(owner));
  return { ...answer, kinds: { ...answer.kinds, rights } };
}

/** In a transaction. @param owner the role that owns the tables @param hash how what it is compared with was hashed */
export async function readState(
  { run, ask }: Statements,
  owner: string,
  { hash = CONTENT_HASH, onTables }: {
    hash?: RecordedHash;
    onTables?: (done: number, total: number) => void;
  } = {},
): Promise<DatabaseState> {
  const { kinds, sequences, largeObjects } = await readCatalogueAnswer(ask, owner);
  const schema = await readSchemaText(run, ask, owner);
  return {
    tables: await readContent(ask, { hash, ...(onTables ? { onProgress: onTables } : {}) }),
    hash,
    schema,
    sequences: await ask<SequencePlace[]>(placesSql(sequences.map(({ name }) => name))),
    largeObjects: await readLargeObjects(ask, largeObjects),
    catalogue: kinds,
  };
}

/** How the tables of a saved state were hashed. */
export const hashOf = ({ hash = FIRST_HASH }: DatabaseState): RecordedHash => hash;

/** @param any whether there is one */
export const readLargeObjects = async (ask: Ask, any: boolean): Promise<string | null> =>
  any ? (await ask<{ largeObjects: string }>(valuesSql([], true))).largeObjects : null;

/** What of `found` is not as in `wanted`, as sentences; empty where they are equal. Pure. */
export function stateDifferences(wanted: DatabaseState, found: DatabaseState): string[] {
  return [
    ...schemaDifferences(wanted.schema, found.schema).map((kind) => `the schema's ${kind} differ`),
    ...compareContent(wanted.tables, found.tables).map(({ table, what }) => `${table}: ${what}`),
    ...otherPlaces(wanted.sequences, found.sequences).map(({ name }) =>
      `the sequence ${name} has another position`
    ),
    ...(wanted.largeObjects === found.largeObjects ? [] : ["the large objects differ"]),
  ];
}
