/** What a check's twin broke is put back: rows by a transaction that is rolled back, files by a copy. */

import type { Session } from "../../../src/postgres/connection/session.ts";
import { temporaryFolder } from "../folder.ts";

/**
 * Runs `body` with a session all of whose changes are undone afterwards: transactions of its own are savepoints in one
 * that is never committed.
 */
export async function undone<T>(session: Session, body: (session: Session) => Promise<T>): Promise<T> {
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

/** Keeps what the twins in the browser change of the setup, the invoices, the third parties and the accounts; disposing puts it back. */
export async function keptRows(session: Session): Promise<AsyncDisposable> {
  const kept: Record<string, string[]> = {
    llx_const: ["value"],
    llx_facture: ["entity", "total_ht", "total_ttc", "tms"],
    llx_facture_fourn: ["entity", "tms"],
    llx_societe: ["entity", "tms"],
    llx_user: ["pass_crypted", "pass"],
  };
  for (const table of Object.keys(kept)) {
    await session.query(`CREATE TEMPORARY TABLE kept_${table} AS TABLE public.${table}`);
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const [table, columns] of Object.entries(kept)) {
        const set = columns.map((column) => `${column} = k.${column}`).join(", ");
        const differs = columns.map((column) => `t.${column} IS DISTINCT FROM k.${column}`).join(" OR ");
        await session.query(
          `UPDATE public.${table} t SET ${set} FROM pg_temp.kept_${table} k WHERE k.rowid = t.rowid AND (${differs})`,
        );
        await session.query(`DROP TABLE pg_temp.kept_${table}`);
      }
    },
  };
}

/** Keeps a copy of a small folder; disposing makes the folder what it was. */
export async function keptFolder(folder: string): Promise<AsyncDisposable> {
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
