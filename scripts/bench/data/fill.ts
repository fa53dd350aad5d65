/** Fills the prod of a lab: rows that are half random and half text, and files that are three quarters random, as PDFs are. */

import { startTool } from "../../../src/base/process/processes.ts";
import { connectionEnvironment } from "../../../src/postgres/connection/database.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import type { DataLab } from "./data_lab.ts";

/** The size of each half, in bytes. */
export interface Split {
  /** pg_database_size */
  database: number;
  /** The sizes of the files, summed. */
  documents: number;
}

/** 500 MB are 150 MB of database and 350 MB of documents, 2 GB are 400 MB and 1.6 GB: documents grow faster. */
export function splitOf(bytes: number): Split {
  const database = Math.round(bytes * (bytes < 1e9 ? 0.3 : 0.2));
  return { database, documents: bytes - database };
}

/** Makes prod as large as `split`, replacing what an earlier call made. */
export async function fill({ prod, programs }: DataLab, split: Split, signal: AbortSignal): Promise<void> {
  fillDocuments(`${prod.documents}/bench`, split.documents);
  await using session = await connect(prod.database);
  await session.query(
    `DROP TABLE IF EXISTS ${TABLE}; CREATE TABLE ${TABLE} (id bigint NOT NULL, tms timestamp NOT NULL, label text, note text)`,
  );
  const rows = Math.max(0, Math.floor((split.database - await sizeOf(session)) / ROW_BYTES));
  await using psql = startTool(programs.psql, {
    args: ["--no-psqlrc", "--quiet", `--command=COPY ${TABLE} FROM STDIN`],
    env: connectionEnvironment(prod.database),
    stdin: "piped",
    signal,
  });
  const writer = psql.stdin.getWriter();
  for (const chunk of copyRows(rows)) await writer.write(chunk);
  await writer.close();
  const { code, stderr } = await psql.ended;
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`psql could not fill ${TABLE}: ${stderr}`);
  await session.query(`ALTER TABLE ${TABLE} ADD PRIMARY KEY (id)`);
  await session.query(`VACUUM (ANALYZE) ${TABLE}`); // now, and not by the server during a run
}

const TABLE = "llx_bench";
/** A row takes an eighth of a page of 8 KiB in the table, and 22 bytes in the index. */
const ROW_BYTES = 8192 / 8 + 22;
/** One half of a row is Base64 of this number of random bytes, the other is text. */
const RANDOM_BYTES = 354;
const TEXT_BYTES = 472;
const TEXT = "Delivered as agreed; payable within thirty days of the date of this invoice. ".repeat(10);

async function sizeOf(session: Session): Promise<number> {
  const [row] = await session.query<{ bytes: string }>(
    "SELECT pg_database_size(current_database()) AS bytes",
  );
  return Number(row?.bytes);
}

/** Rows as COPY reads them, several in each chunk. */
export function* copyRows(rows: number): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const random = new Uint8Array(RANDOM_BYTES * 128);
  for (let at = 0; at < rows; at += 128) {
    crypto.getRandomValues(random);
    const lines = Array.from({ length: Math.min(128, rows - at) }, (_, row) => {
      const label = random.subarray(row * RANDOM_BYTES, (row + 1) * RANDOM_BYTES).toBase64();
      return `${at + row}\t2026-06-30 15:53:13\t${label}\t${TEXT.slice(row, row + TEXT_BYTES)}\n`;
    });
    yield encoder.encode(lines.join(""));
  }
}

const FILE_BYTES = 250_000;
/** Less than the 64 KiB that crypto.getRandomValues fills at once. Three quarters are random, the fourth is text. */
const QUARTER = FILE_BYTES / 4;
const FILES_PER_FOLDER = 20;

/** Replaces `folder` by one with files of 250 kB, twenty in each of its folders, `bytes` in all. */
export function fillDocuments(folder: string, bytes: number): void {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.removeSync(folder, { recursive: true });
  const file = new Uint8Array(FILE_BYTES);
  const text = new TextEncoder().encode(
    "BT /F1 12 Tf 72 712 Td (Total due) Tj ET\n".repeat(QUARTER / 41 + 1),
  );
  file.set(text.subarray(0, QUARTER), 3 * QUARTER);
  for (let at = 0; at * FILE_BYTES < bytes; at++) {
    const place = `${folder}/${String(Math.floor(at / FILES_PER_FOLDER)).padStart(4, "0")}`;
    if (at % FILES_PER_FOLDER === 0) Deno.mkdirSync(place, { recursive: true });
    for (const quarter of [0, 1, 2]) {
      crypto.getRandomValues(file.subarray(quarter * QUARTER, (quarter + 1) * QUARTER));
    }
    Deno.writeFileSync(`${place}/${at}.pdf`, file);
  }
}
