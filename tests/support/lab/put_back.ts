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

/** Copies a small folder; disposing puts its content back. */
export async function savedFolder(folder: string): Promise<AsyncDisposable> {
  const copy = await temporaryFolder();
  await run("cp", "-a", `${folder}/.`, copy.path);
  return {
    async [Symbol.asyncDispose]() {
      await run("find", folder, "-mindepth", "1", "-delete");
      await run("cp", "-a", `${copy.path}/.`, folder);
      await copy[Symbol.asyncDispose]();
    },
  };
}

async function run(program: string, ...args: string[]): Promise<void> {
  const end = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!end.success) throw new Error(`${program}: ${new TextDecoder().decode(end.stderr)}`);
}
