/** Compares two parts of a register row by row, both in the order of their ids, without holding either. */

import { idOfLine } from "./rows.ts";

/** Lines of rows by rising ids, many at a time. */
export type RowLines = AsyncIterable<string[]>;

/** What is called for each row of either side. Both, where the row is there twice and differs. */
export interface OnRows {
  /** A row that is there now, as it was or not. */
  now?(line: string): void;
  differing(was: string | undefined, is: string | undefined): void;
}

/** Walks both sides. Rows that are the same text on both are not even parsed. */
export async function mergeRows(earlier: RowLines, now: RowLines, on: OnRows): Promise<void> {
  const [was, is] = [new Cursor(earlier), new Cursor(now)];
  await was.fill();
  await is.fill();
  for (;;) {
    if (was.line === undefined && was.drained()) await was.fill();
    if (is.line === undefined && is.drained()) await is.fill();
    const [before, after] = [was.line, is.line];
    if (before === undefined && after === undefined) return;
    if (before === after) {
      on.now?.(after!);
      was.step();
      is.step();
      continue;
    }
    const [idBefore, idAfter] = [before === undefined ? Infinity : idOfLine(before), idOf(after)];
    if (after !== undefined && idAfter <= idBefore) on.now?.(after);
    on.differing(idBefore <= idAfter ? before : undefined, idAfter <= idBefore ? after : undefined);
    if (idBefore <= idAfter) was.step();
    if (idAfter <= idBefore) is.step();
  }
}

const idOf = (line: string | undefined): number => line === undefined ? Infinity : idOfLine(line);

/** One side: the line that is looked at, undefined between two batches and after the last. */
class Cursor {
  line: string | undefined;
  #batch: string[] = [];
  #at = 0;
  #ended = false;
  readonly #source: AsyncIterator<string[]>;

  constructor(source: RowLines) {
    this.#source = source[Symbol.asyncIterator]();
  }

  step(): void {
    this.line = this.#batch[++this.#at];
  }

  drained(): boolean {
    return !this.#ended;
  }

  async fill(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#source.next();
      if (done) {
        this.#ended = true;
        this.line = undefined;
        return;
      }
      if (value.length === 0) continue;
      this.#batch = value;
      this.#at = 0;
      this.line = value[0];
      return;
    }
  }
}

/** A row of an earlier night that still stands against what is there now; null: there was none. */
interface Overlay {
  id: number;
  was: string | null;
}

/** The rows with those of earlier nights in their places. @param overlays of this part alone, in any order. */
export async function* overlaid(rows: RowLines, overlays: readonly Overlay[]): AsyncGenerator<string[]> {
  const waiting = overlays.toSorted((a, b) => a.id - b.id);
  if (waiting.length === 0) return yield* rows;
  let next = 0;
  for await (const lines of rows) {
    const out: string[] = [];
    for (const line of lines) {
      const id = idOfLine(line);
      for (; next < waiting.length && waiting[next]!.id < id; next++) push(out, waiting[next]!.was);
      if (waiting[next]?.id === id) push(out, waiting[next++]!.was);
      else out.push(line);
    }
    yield out;
  }
  const rest: string[] = [];
  for (; next < waiting.length; next++) push(rest, waiting[next]!.was);
  if (rest.length > 0) yield rest;
}

function push(out: string[], line: string | null): void {
  if (line !== null) out.push(line);
}
