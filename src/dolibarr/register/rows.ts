/** A row of a register, as one line of text, and read from it. Pure. */

/** A row by its id, with the hash of what makes it what it is, and what is told of it by the names of its part. */
export interface RegisterRow {
  id: number;
  /** The hash of its columns, a decimal text; empty where the row is not sealed. */
  hash: string;
  values: Readonly<Record<string, string | null>>;
}

/** What the rows of one part are made of: two parts that differ in it cannot be compared by their hashes. */
export interface RegisterForm {
  table: string;
  /** The columns that are hashed, each with its type, in the order of the hash: `total_ttc numeric(24,8)`. */
  columns: string[];
  /** The names of what is told of a row, in the order in which a line has them. */
  values: string[];
}

/** One row that two registers have otherwise, or that only one of them has. */
export interface RegisterChange {
  table: string;
  id: number;
  was?: RegisterRow;
  is?: RegisterRow;
}

/**
 * The row that a line has: `[42,"-8123","FA2610-0004","1"]`.
 * @throws SyntaxError, TypeError when it is none of ours.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const row = parseRow('[42,"-8123","FA2610-0004",null]', ["ref", "date"]);
 * assertEquals(row, { id: 42, hash: "-8123", values: { ref: "FA2610-0004", date: null } });
 * assertEquals(idOfLine('[42,"-8123","FA2610-0004",null]'), 42);
 * ```
 */
export function parseRow(line: string, names: readonly string[]): RegisterRow {
  const [id, hash, ...values] = JSON.parse(line) as [number, string, ...(string | null)[]];
  if (!Number.isSafeInteger(id) || typeof hash !== "string" || values.length !== names.length) {
    throw new TypeError(`not a row of a register: ${line.slice(0, 80)}`);
  }
  return { id, hash, values: Object.fromEntries(names.map((name, at) => [name, values[at] ?? null])) };
}

/** The id that a line begins with; NaN where it is no line of ours. */
export const idOfLine = (line: string): number => Number.parseInt(line.slice(1), 10);

/** The line of a row. */
export const lineOfRow = ({ id, hash, values }: RegisterRow, names: readonly string[]): string =>
  JSON.stringify([id, hash, ...names.map((name) => values[name] ?? null)]);
