/** Fills an empty database and an empty documents folder with the stand-in's ERP. */

import { createHash, randomBytes } from "node:crypto";
import bcrypt from "bcryptjs";
import { DrillError, messageOf } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatCount } from "../../base/numbers.ts";
import { connect, type Session } from "../../postgres/connection/session.ts";
import type { DemoCompany } from "../demo_company.ts";
import { type Paper, type PaperFile, papersOf, pdfPathOf, type StandInRow, timeOf } from "./rows/papers.ts";
import { invoicePdf } from "./pdf.ts";
import { rowsOf } from "./rows/company_rows.ts";
import { hasColumn, schemaSql, sequencesSql, STAND_IN_TABLES } from "./tables/schema.ts";

/** A database, and a login whose role is to own everything in it. */
export interface StandInDatabase {
  host: string;
  port: number;
  name: string;
  user: string;
  password?: string;
}

export interface StandInFill {
  database: StandInDatabase;
  /** The documents folder, which is created. */
  documents: string;
  company: DemoCompany;
  /** Default: the company's logo in `fixtures/`. */
  logoFile?: string;
  signal: AbortSignal;
  reporter: Reporter;
}

/** The default of PHP. */
const BCRYPT_ROUNDS = 10;

/** See `fillStandIn`. */
export async function fillDatabase(
  { database, documents, company, logoFile, signal, reporter }: StandInFill,
): Promise<void> {
  using step = reporter.step("Filling the stand-in with the demo company", "steps");
  try {
    const logo = await Deno.readFile(
      logoFile ?? new URL(`../../../fixtures/${company.logo}`, import.meta.url),
    );
    const papers = papersOf(company);
    step.progress(0, 3);
    const files = await writeDocuments(papers, company, logo, documents, signal);
    step.progress(1, 3);
    const passwords = [phpPasswordHash(randomPassword()), phpPasswordHash(randomPassword())] as const;
    const rows = rowsOf(company, papers, files, passwords);
    step.progress(2, 3);
    await using session = await connect({ ...database, owner: "" });
    await writeDatabase(session, rows, `${papers.at(-1)!.date} 18:00:00`, signal);
    step.end(
      `${formatCount(STAND_IN_TABLES.size, "table")}, ${formatCount(papers.length, "invoice")}, ${
        formatCount(files.length, "PDF")
      }`,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DrillError && error.code !== "DATABASE_FAILED") throw error;
    throw new DrillError(
      "LAB_FAILED",
      `Cannot fill the stand-in: ${messageOf(error)}`,
      `Start again: ${PROGRAM} lab down, then lab up.`,
      { cause: error },
    );
  }
}

/** A bcrypt hash as PHP's `password_hash` writes it. */
export const phpPasswordHash = (password: string): string =>
  bcrypt.hashSync(password, BCRYPT_ROUNDS).replace(/^\$2[ab]\$/, "$2y$");

const randomPassword = (): string => randomBytes(18).toString("base64url");

async function writeDatabase(
  session: Session,
  rows: Map<string, StandInRow[]>,
  moment: string,
  signal: AbortSignal,
): Promise<void> {
  await session.query("BEGIN");
  try {
    await session.query(schemaSql());
    await session.query("SET CONSTRAINTS ALL DEFERRED");
    for (const [table, list] of rows) {
      signal.throwIfAborted();
      await insert(session, table, list, moment);
    }
    await session.query(sequencesSql());
    await session.query("COMMIT");
  } catch (error) {
    await session.query("ROLLBACK").catch(() => undefined); // the session ended, or is rolled back already; the cause is thrown
    throw error;
  }
}

/** Inserts all rows of a table by one statement; PostgreSQL converts each value to the type of its column. */
async function insert(
  session: Session,
  table: string,
  rows: readonly StandInRow[],
  moment: string,
): Promise<void> {
  const columns = STAND_IN_TABLES.get(table);
  if (!columns) throw new Error(`the stand-in has no table llx_${table}`);
  if (rows.length === 0) return;
  const dated = hasColumn(columns, "tms") ? rows.map((row) => ({ tms: moment, ...row })) : rows;
  const names = [...new Set(dated.flatMap((row) => Object.keys(row)))].join(", ");
  await session.query(
    `INSERT INTO public.llx_${table} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::public.llx_${table}, $1::json)`,
    [JSON.stringify(dated)],
  );
}

async function writeDocuments(
  papers: readonly Paper[],
  company: DemoCompany,
  logo: Uint8Array,
  documents: string,
  signal: AbortSignal,
): Promise<PaperFile[]> {
  const dot = company.logo.lastIndexOf(".");
  const thumbs = ["_small", "_mini"].map((size) =>
    `mycompany/logos/thumbs/${company.logo.slice(0, dot)}${size}${company.logo.slice(dot)}`
  );
  const opened = timeOf(company.invoices.first);
  for (const path of [`mycompany/logos/${company.logo}`, ...thumbs]) {
    await write(documents, path, logo, opened);
  }
  await write(documents, "install.lock", new TextEncoder().encode("The stand-in is installed.\n"), opened);
  const files: PaperFile[] = [];
  for (const paper of papers.filter((paper) => paper.state !== "draft")) {
    signal.throwIfAborted();
    const bytes = await invoicePdf(paper, company, logo);
    const path = pdfPathOf(paper);
    await write(documents, path, bytes, timeOf(paper.date));
    files.push({ paper, path, md5: createHash("md5").update(bytes).digest("hex") });
  }
  return files;
}

/** Writes a file with a fixed time, so that two fills write the same tree. */
async function write(documents: string, path: string, bytes: Uint8Array, moment: string): Promise<void> {
  const file = `${documents}/${path}`;
  await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(file, bytes);
  const time = new Date(`${moment.replace(" ", "T")}Z`);
  await Deno.utime(file, time, time);
}
