/** The rows of a `COPY ... FROM stdin` block as pg_dump writes it, and CSV as PostgreSQL's own COPY reads it. Pure. */

import type { Bytes } from "../../base/streams.ts";

/** A row: one value a column, as PostgreSQL prints it; null for NULL. */
type CopyRow = (string | null)[];

/** What one block holds. */
export interface CopyBlock {
  /** The names of the columns, unquoted. */
  columns: string[];
  rows: AsyncIterable<CopyRow>;
}

/**
 * Reads the only COPY block of `script`; undefined where there is none. `rows` must be read to its end: it reads the script
 * to its end too.
 */
export async function readCopyBlock(script: AsyncIterable<Bytes>): Promise<CopyBlock | undefined> {
  const lines = linesOf(script);
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const names = /^COPY .* \((.*)\) FROM stdin;$/.exec(next.value)?.[1];
    if (names !== undefined) return { columns: columnNames(names), rows: rowsOf(lines) };
  }
  return undefined;
}

async function* rowsOf(lines: AsyncGenerator<string, void, void>): AsyncGenerator<CopyRow, void, void> {
  let inside = true;
  for await (const line of lines) {
    if (inside && line === "\\.") inside = false;
    else if (inside) yield line.split("\t").map(valueOf);
  }
}

async function* linesOf(script: AsyncIterable<Bytes>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  const rest: string[] = [];
  for await (const chunk of script) {
    const [first = "", ...more] = decoder.decode(chunk, { stream: true }).split("\n");
    rest.push(first);
    for (const line of more) {
      yield rest.splice(0).join("");
      rest.push(line);
    }
  }
  if (rest.join("") !== "") yield rest.join("");
}

const ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** PostgreSQL's manual, COPY, Text Format. */
function valueOf(field: string): string | null {
  if (field === "\\N") return null;
  return field.includes("\\") ? field.replaceAll(/\\(.)/gs, (_, sign) => ESCAPES[sign] ?? sign) : field;
}

/** `rowid, "Sub", ref`: names as PostgreSQL quotes them. */
const columnNames = (list: string): string[] =>
  [...list.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(([name, quoted]) =>
    quoted?.replaceAll('""', '"') ?? name
  );

/** A line of CSV as PostgreSQL's COPY writes it: NULL is empty, an empty text is `""`. */
export const csvLine = (values: readonly (string | null)[]): string =>
  values.map((value) =>
    value === null
      ? ""
      : value === "" || /[",\r\n]|^\s|\s$|^\\\.$/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : value
  ).join(",");
