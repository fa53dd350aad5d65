/** Puts back what a test breaks: rows by a transaction that is rolled back, or by a copy; files by a copy. */

import type { Session } from "../../../src/postgres/connection/session.ts";
import { temporaryFolder } from "../folder.ts";

/**
 * Runs `body` with a session all of whose changes are rolled back afterwards: transactions of its own are savepoints in one
 * that is never committed.
 */
export async function rolledBack<T>(session: Session, body: (session: Session) => Promise<T>): Promise<T> {
  await session.query("BEGIN");
  try {
    return await body(withSavepoints(session));
  } finally {
    await session.query("ROLLBACK");
  }
}

function withSavepoints(session: Session): Session {
  const depth: string[] = [];
  return {
    encryption: session.encryption,
    query(sql, parameters) {
      if (/^BEGIN\b/i.test(sql)) {
        depth.push(`s${depth.length}`);
        return session.query(`SAVEPOINT ${depth.at(-1)}`);
      }
      if (/^(COMMIT|ROLLBACK)$/i.test(sql)) {
        const name = depth.pop()!;
        return session.query(`${/^C/i.test(sql) ? "RELEASE" : "ROLLBACK TO"} ${name}`);
      }
      return session.query(sql, parameters);
    },
    ask: session.ask,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Saves the columns of the setup, invoices, third parties and accounts that breakages change in the browser. Disposing puts them back. */
export async function savedRows(session: Session): Promise<AsyncDisposable> {
  const columnsOf: Record<string, string[]> = {
    llx_const: ["value"],
    llx_facture: ["entity", "total_ht", "total_ttc", "tms"],
    llx_facture_fourn: ["entity", "tms"],
    llx_societe: ["entity", "tms"],
    llx_user: ["pass_crypted", "pass"],
  };
  for (const table of Object.keys(columnsOf)) {
    await session.query(`CREATE TEMPORARY TABLE saved_${table} AS TABLE public.${table}`);
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const [table, columns] of Object.entries(columnsOf)) {
        const set = columns.map((column) => `${column} = s.${column}`).join(", ");
        const differs = columns.map((column) => `t.${column} IS DISTINCT FROM s.${column}`).join(" OR ");
        await session.query(
          `UPDATE public.${table} t SET ${set} FROM pg_temp.saved_${table} s WHERE s.rowid = t.rowid AND (${differs})`,
        );
        await session.query(`DROP TABLE pg_temp.saved_${table}`);
      }
    },
  };
}

/**
 * Copies a small folder; disposing puts back what is other than it was. What is not stays the very file that it was: by such
 * files a restore knows a tree that an earlier one filled.
 */
export async function savedFolder(folder: string): Promise<AsyncDisposable> {
  const copy = await temporaryFolder();
  await run("cp", "-a", `${folder}/.`, copy.path);
  return {
    async [Symbol.asyncDispose]() {
      await putBack(copy.path, folder);
      await copy[Symbol.asyncDispose]();
    },
  };
}

async function putBack(copy: string, folder: string): Promise<void> {
  const wanted = new Set(Array.from(Deno.readDirSync(copy), ({ name }) => name));
  for (const { name } of Array.from(Deno.readDirSync(folder))) {
    if (!wanted.has(name)) await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
  for (const name of wanted) {
    const [from, to] = [`${copy}/${name}`, `${folder}/${name}`];
    const [before, now] = [Deno.lstatSync(from), lstat(to)];
    if (before.isDirectory && now?.isDirectory) await putBack(from, to);
    else if (!isSame(from, before, to, now)) {
      if (now) await Deno.remove(to, { recursive: true });
      await run("cp", "-a", from, to);
    }
  }
  const { atime, mtime } = Deno.statSync(copy);
  await Deno.utime(folder, atime!, mtime!);
}

function isSame(from: string, before: Deno.FileInfo, to: string, now: Deno.FileInfo | undefined): boolean {
  if (before.isSymlink) return now?.isSymlink === true && Deno.readLinkSync(from) === Deno.readLinkSync(to);
  const of = ({ isFile, size, mode, mtime }: Deno.FileInfo) => [isFile, size, mode, mtime?.getTime()].join();
  return before.isFile && now !== undefined && of(now) === of(before) &&
    equalBytes(Deno.readFileSync(from), Deno.readFileSync(to));
}

const equalBytes = (one: Uint8Array, other: Uint8Array) => one.every((byte, at) => byte === other[at]);

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const end = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!end.success) throw new Error(`${program}: ${new TextDecoder().decode(end.stderr)}`);
}
