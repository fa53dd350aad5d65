/** What the ERP's logins asked the lab's server, from the server's own log. */

import { until } from "../until.ts";
import type { DrillLab } from "./drill_lab.ts";

/** Statements of everybody but the lab's own helpers, while `run` runs, in their order. The setting ends with it. */
export async function statementsDuring(lab: DrillLab, run: () => Promise<void>): Promise<string[]> {
  await using provisioner = await lab.provisioner();
  const log = `${lab.folder}/postgres/log`;
  /** The server tells all its sessions at once; each has the setting with its next statement. */
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
  return statementsOf(new TextDecoder().decode((await Deno.readFile(log)).subarray(from)));
}

/** The statements of a log with the lab's `log_line_prefix`. Further lines of one begin with a tab. */
export function statementsOf(log: string): string[] {
  const entries = log.replaceAll("\n\t", "\n").split(/\n(?=\d{4}-\d\d-\d\d )/);
  return entries.flatMap((entry) => {
    const [, user, statement] = /\] (\S*)@\S* LOG: +(?:statement|execute [^:]*): ([^]*)/.exec(entry) ?? [];
    return statement === undefined || user === "provisioner" || user === "pgbouncer_auth"
      ? []
      : [statement.trim()];
  });
}

const LOOKS = [
  /^(SELECT|WITH|SHOW|VALUES|EXPLAIN)\b/i,
  /^(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SET|RESET|DISCARD|DEALLOCATE|FETCH|CLOSE)\b/i,
  /^DECLARE \w+ CURSOR\b/i,
  /^PREPARE \w+\([^)]*\) AS\s+SELECT\b/i,
  /^EXECUTE \w+/i,
  /^COPY .* TO stdout;?$/is,
  /^LOCK TABLE .* IN ACCESS SHARE MODE;?$/is,
];
const HIDDEN =
  /\b(nextval|setval|lo_put|lo_from_bytea|lo_creat\w*|lo_unlink|lo_import|pg_notify|txid_current|pg_current_xact_id)\s*\(|\b(INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|SELECT\s[^']*\sINTO\s|UPDATE\s+\S+\s+SET)\b|\bFOR\s+(NO\s+KEY\s+)?(UPDATE|(KEY\s+)?SHARE)\b/i;

/** Those that are not known to look only, by how they begin and by what hides in them. */
export const writesAmong = (statements: readonly string[]): string[] =>
  statements.filter((statement) =>
    !LOOKS.some((pattern) => pattern.test(statement)) || HIDDEN.test(statement)
  );
