/** How many rows each table has in a script of pg_restore, counted as its bytes pass by. */

import { type Bytes, joined } from "../../base/streams.ts";

const NEWLINE = 10;
/** A statement that begins a block is longer than this only where a table has thousands of columns. */
const LONGEST_HEAD = 1024 * 1024;

interface CountedScript {
  /** The script, unchanged. */
  stream: AsyncIterable<Bytes>;
  /** Rows by table, `public.llx_facture`; right once the stream was read to its end. */
  rows(): ReadonlyMap<string, number>;
}

/**
 * Counts the lines of each `COPY schema.table (...) FROM stdin;` block up to its `\.`. In pg_dump's COPY text a row is
 * one line: a newline inside a value is written as `\n` (PostgreSQL's manual, COPY, Text Format).
 */
export function countCopyRows(script: AsyncIterable<Bytes>): CountedScript {
  const counter = new CopyCounter();
  return {
    stream: (async function* (): AsyncGenerator<Bytes, void, void> {
      for await (const chunk of script) {
        counter.add(chunk);
        yield chunk;
      }
    })(),
    rows: () => counter.rows,
  };
}

/** Lines arrive in pieces; of each only what is needed to recognise it is stored. */
class CopyCounter {
  readonly rows = new Map<string, number>();
  /** The table whose block this is, while in one. */
  #table: string | undefined;
  #count = 0;
  /** The beginning of a line that a chunk cut; in a block its length alone matters beyond the first two bytes. */
  #rest: Bytes = new Uint8Array();
  readonly #decoder = new TextDecoder();

  add(chunk: Bytes): void {
    let at = 0;
    while (true) {
      const end = chunk.indexOf(NEWLINE, at);
      if (end < 0) break;
      if (this.#rest.length > 0) {
        this.#line(joined(this.#rest, chunk.subarray(at, end)));
        this.#rest = new Uint8Array();
      } else if (this.#table === undefined || isEnd(chunk, at, end)) this.#line(chunk.subarray(at, end));
      else this.#count++;
      at = end + 1;
    }
    if (at === chunk.length) return;
    const rest = chunk.subarray(at);
    const room = (this.#table === undefined ? LONGEST_HEAD : 3) - this.#rest.length;
    if (room > 0) this.#rest = joined(this.#rest, rest.subarray(0, room));
  }

  #line(line: Bytes): void {
    if (this.#table === undefined) {
      const table = tableOf(line, this.#decoder);
      if (table === undefined) return;
      this.#table = table;
      this.#count = 0;
    } else if (isEnd(line, 0, line.length)) {
      this.rows.set(this.#table, (this.rows.get(this.#table) ?? 0) + this.#count);
      this.#table = undefined;
    } else this.#count++;
  }
}

/** `\.` and nothing else. */
const isEnd = (bytes: Bytes, from: number, to: number): boolean =>
  to - from === 2 && bytes[from] === 0x5c && bytes[from + 1] === 0x2e;

/** The table of `COPY public.llx_facture (rowid, ref) FROM stdin;`; names as PostgreSQL quotes them. */
function tableOf(line: Bytes, decoder: TextDecoder): string | undefined {
  if (line[0] !== 0x43 || line[1] !== 0x4f) return undefined; // "CO": cheap for the thousands of other lines
  return /^COPY ((?:"(?:[^"]|"")+"|[^\s".]+)\.(?:"(?:[^"]|"")+"|[^\s".(]+)) (?:\(.*\) )?FROM stdin;$/
    .exec(decoder.decode(line))?.[1];
}
