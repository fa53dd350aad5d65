/** The statements of the ERP's logins, from the log of the lab's server. */

import { until } from "../until.ts";
import type { DrillLab } from "./drill_lab.ts";

/**
 * The statements of all logins except the lab's own, while `run` runs, in their order.
 * @param database the statements in this one alone, by its name
 */
export async function statementsDuring(
  lab: DrillLab,
  run: () => Promise<void>,
  database?: string,
): Promise<string[]> {
  await using provisioner = await lab.provisioner();
  const log = `${lab.folder}/postgres/log`;
  /** The server signals all its sessions; each has the setting from its next statement on. */
  const reload = async (expected: "all" | "none") => {
    await provisioner.query("SELECT pg_reload_conf()");
    await until(`the server has log_statement = ${expected}`, async () => {
      const [row] = await provisioner.query<{ log_statement: string }>("SHOW log_statement");
      return row!.log_statement === expected;
    });
  };
  await provisioner.query("ALTER SYSTEM SET log_statement = 'all'");
  await reload("all");
  const from = (await Deno.stat(log)).size;
  try {
    await run();
  } finally {
    await provisioner.query("ALTER SYSTEM RESET log_statement");
    await reload("none");
  }
  return statementsOf(new TextDecoder().decode((await Deno.readFile(log)).subarray(from)), database);
}

/** The statements of a log with the lab's `log_line_prefix`. Further lines of one begin with a tab. */
export function statementsOf(log: string, database?: string): string[] {
  const entries = log.replaceAll("\n\t", "\n").split(/\n(?=\d{4}-\d\d-\d\d )/);
  return entries.flatMap((entry) => {
    const [, user, at, statement] = /\] (\S*)@(\S*) LOG: +(?:statement|execute [^:]*): ([^]*)/.exec(entry) ??
      [];
    const isElsewhere = database !== undefined && at !== database;
    return statement === undefined || isElsewhere || user === "provisioner" || user === "pgbouncer_auth"
      ? []
      : [statement.trim()];
  });
}

/** How statements begin that only read. */
const READS = [
  /^(SELECT|WITH|SHOW|VALUES|EXPLAIN)\b/i,
  /^(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|SET|RESET|DISCARD|DEALLOCATE|FETCH|CLOSE)\b/i,
  /^DECLARE \w+ CURSOR\b/i,
  /^PREPARE \w+\([^)]*\) AS\s+SELECT\b/i,
  /^EXECUTE \w+/i,
  /^COPY .* TO stdout;?$/is,
  /^LOCK TABLE .* IN ACCESS SHARE MODE;?$/is,
];
/** Writes within a statement that begins like a read. */
const HIDDEN_WRITES =
  /\b(nextval|setval|lo_put|lo_from_bytea|lo_creat\w*|lo_unlink|lo_import|pg_notify|txid_current|pg_current_xact_id)\s*\(|\b(INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|SELECT\s[^']*\sINTO\s|UPDATE\s+\S+\s+SET)\b|\bFOR\s+(NO\s+KEY\s+)?(UPDATE|(KEY\s+)?SHARE)\b/i;

/** The statements that are not known to only read. */
export const writesAmong = (statements: readonly string[]): string[] =>
  statements.filter((statement) =>
    !READS.some((pattern) => pattern.test(statement)) || HIDDEN_WRITES.test(statement)
  );
