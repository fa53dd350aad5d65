/** The position of each sequence, and how it is put back there in a transaction. */

import { quoteLiteral } from "../connection/database.ts";

export interface SequencePlace {
  /** Schema and name, quoted where PostgreSQL would. */
  name: string;
  /** Decimal text: it outgrows a double. */
  last: string;
  /** Whether `last` was given out; else it is the next. */
  called: boolean;
}

/** SQL whose one row and column is a JSON list of SequencePlace, for these names. */
export function placesSql(names: readonly string[]): string {
  if (names.length === 0) return "SELECT '[]'::json";
  const each = names.map((name) =>
    `SELECT ${quoteLiteral(name)} AS name, last_value::text AS last, is_called AS called FROM ${name}`
  );
  return `SELECT json_agg(json_build_object('name', name, 'last', last, 'called', called)) FROM (${
    each.join(" UNION ALL ")
  }) AS places`;
}

/** SQL that puts the sequences back, or not at all when the transaction rolls back; empty for none. */
export const putSequencesSql = (places: readonly SequencePlace[]): string =>
  places.map(putSequenceSql).join(";\n");

/**
 * `setval` alone would stay after a rollback. Restarting gives the sequence a new file that belongs to the transaction, and
 * that is what `setval` then writes to.
 */
const putSequenceSql = ({ name, last, called }: SequencePlace): string =>
  `ALTER SEQUENCE ${name} RESTART; SELECT pg_catalog.setval(${
    quoteLiteral(name)
  }::regclass, ${last}, ${called})`;

/** The positions of `wanted` that differ in `found`. Pure. */
export function otherPlaces(
  wanted: readonly SequencePlace[],
  found: readonly SequencePlace[],
): SequencePlace[] {
  const there = new Map(found.map((place) => [place.name, place]));
  return wanted.filter(({ name, last, called }) => {
    const now = there.get(name);
    return now?.last !== last || now.called !== called;
  });
}
