/**
 * A register as text: one JSON document, gzipped in members of some hundred kB, with each row on a line of its own, so that
 * it is written and read without ever being held whole.
 */

import { createGunzip, gzipSync } from "node:zlib";
import { Readable } from "node:stream";
import type { Bytes } from "../../../base/streams.ts";
import { damaged, damagedBy, readRecord, writeRecord } from "../../../base/versioned_record.ts";
import { partHead, type RegisterHead, type RegisterPart, registerRecord } from "./head.ts";

/** How much text one member of the gzip holds, in characters. */
const MEMBER = 512 * 1024;
/** More text no register has. A bomb of gzip has. */
const LONGEST = 4 * 1024 ** 3;

/** A register while it is written: parts in their order, and the head last, which is put before them. */
export class RegisterWriter {
  readonly #members: Bytes[] = [];
  #text: string[] = [];
  #length = 0;
  #parts = 0;
  #rows = 0;

  beginPart(part: RegisterPart): void {
    this.#add(`${this.#endOfPart()}${JSON.stringify(partHead.parse(part)).slice(0, -1)},"rows":[\n`);
    this.#parts++;
    this.#rows = 0;
  }

  /** A row of the part that was begun last: `[42,"-8123","FA2610-0004"]`. */
  row(line: string): void {
    this.#add(this.#rows++ === 0 ? line : `,\n${line}`);
  }

  /** Many of them, in their order. */
  rows(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#add(`${this.#rows === 0 ? "" : ",\n"}${lines.join(",\n")}`);
    this.#rows += lines.length;
  }

  /** The bytes that are stored. */
  finish(head: RegisterHead): Bytes {
    this.#add(`${this.#endOfPart()}]}\n`.replace(/^\n\]\},\n/, "\n]}\n"));
    this.#flush();
    const text = JSON.stringify(JSON.parse(writeRecord(registerRecord, head)));
    return concatenated([gzip(`{"register":${text},\n"parts":[\n`), ...this.#members]);
  }

  #endOfPart(): string {
    return this.#parts === 0 ? "" : "\n]},\n";
  }

  #add(text: string): void {
    this.#text.push(text);
    this.#length += text.length;
    if (this.#length >= MEMBER) this.#flush();
  }

  #flush(): void {
    this.#members.push(gzip(this.#text.join("")));
    this.#text = [];
    this.#length = 0;
  }
}

/** At once: one after the other would copy the first of them as often as there are others. */
function concatenated(pieces: readonly Bytes[]): Bytes {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

const gzip = (text: string): Bytes => new Uint8Array(gzipSync(text, { level: 1 }));

/** A register while it is read. */
export interface OpenRegister {
  head: RegisterHead;
  /** In their order; the rows of each before the next is asked for, or not at all. */
  parts(): AsyncGenerator<OpenPart>;
}

export interface OpenPart extends RegisterPart {
  /** The lines of its rows by rising ids, many at a time. */
  rows: AsyncGenerator<string[]>;
}

/**
 * Reads a register whose bytes were proved.
 * @param key for messages.
 * @throws DrillError `OBJECT_CORRUPT` when it is no register, `STORE_NEWER` when a newer version wrote it; also while it is read.
 */
export async function openRegister(data: Bytes, key: string): Promise<OpenRegister> {
  const lines = linesOf(data, key);
  const first = await lines.next();
  const [headLine = ""] = first.value ?? [];
  const begins = /^\{"register":(.*),$/.exec(headLine);
  if (!begins) throw damaged(registerRecord, key, "it is not a register of ours");
  const head = readRecord(registerRecord, begins[1]!, key);
  return { head, parts: () => partsOf((first.value ?? []).slice(1), lines, key) };
}

async function* partsOf(
  begun: string[],
  lines: AsyncGenerator<string[]>,
  key: string,
): AsyncGenerator<OpenPart> {
  const source = new Pushback(begun, lines);
  if (await source.next() !== '"parts":[') throw damaged(registerRecord, key, "it is not a register of ours");
  for (;;) {
    const line = await source.next();
    if (line === "]}") return;
    if (line === undefined) throw damaged(registerRecord, key, "it is cut off");
    if (!line.endsWith(',"rows":[')) throw damaged(registerRecord, key, "it is not a register of ours");
    const part = readPart(line.slice(0, -',"rows":['.length) + "}", key);
    const rows = rowsOf(source, key);
    yield { ...part, rows };
    for await (const _ of rows); // what the caller passed over
  }
}

function readPart(text: string, key: string): RegisterPart {
  try {
    return partHead.parse(JSON.parse(text));
  } catch (error) {
    throw damagedBy(registerRecord, key, error);
  }
}

async function* rowsOf(source: Pushback, key: string): AsyncGenerator<string[]> {
  for (;;) {
    const lines = await source.take();
    if (!lines) throw damaged(registerRecord, key, "it is cut off");
    const end = lines.findIndex((line) => line === "]}," || line === "]}");
    const rows = (end < 0 ? lines : lines.slice(0, end)).filter((line) => line !== "");
    if (rows.length > 0) yield rows.map((line) => line.endsWith(",") ? line.slice(0, -1) : line);
    if (end < 0) continue;
    source.push(lines.slice(end + 1));
    return;
  }
}

/** Lines that can be put back. */
class Pushback {
  constructor(private lines: string[], private readonly source: AsyncGenerator<string[]>) {}

  push(lines: string[]): void {
    this.lines = lines;
  }

  async take(): Promise<string[] | undefined> {
    if (this.lines.length > 0) {
      const { lines } = this;
      this.lines = [];
      return lines;
    }
    return (await this.source.next()).value ?? undefined;
  }

  async next(): Promise<string | undefined> {
    const [line, ...others] = await this.take() ?? [];
    this.push(others);
    return line;
  }
}

async function* linesOf(data: Bytes, key: string): AsyncGenerator<string[]> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const gunzip = Readable.from(pieces(data)).pipe(createGunzip({ chunkSize: PIECE }));
  let rest = "";
  let length = 0;
  try {
    for await (const chunk of gunzip) {
      length += chunk.length;
      if (length > LONGEST) throw new RangeError("it is far too long for a register");
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    throw damagedBy(registerRecord, key, error);
  }
  if (rest !== "") yield [rest];
}

/** So many bytes are unpacked at a time. */
const PIECE = 1 << 18;

function* pieces(data: Bytes): Generator<Bytes> {
  for (let at = 0; at < data.length; at += PIECE) yield data.subarray(at, at + PIECE) as Bytes;
}
