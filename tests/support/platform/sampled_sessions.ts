/** Asks a server, again and again while something runs, which of its sessions are encrypted. */

import type { Database } from "../../../src/postgres/connection/database.ts";
import { connect } from "../../../src/postgres/connection/session.ts";

/** @returns `tls dolibarr-drill`, `plain psql`: how the sessions in these databases came, each with its program; and what was done. */
export async function sampleSessions<T>(
  chief: Database,
  databases: readonly string[],
  does: () => Promise<T>,
): Promise<{ how: string[]; end: T }> {
  const seen = new Set<string>();
  await using session = await connect(chief);
  let running = true;
  const watching = (async () => {
    while (running) {
      const rows = await session.query<{ how: string }>(
        `SELECT CASE WHEN ssl THEN 'tls ' ELSE 'plain ' END || application_name AS how FROM pg_stat_ssl
           JOIN pg_stat_activity USING (pid) WHERE datname = ANY($1)`,
        [databases],
      );
      for (const { how } of rows) seen.add(how);
    }
  })();
  try {
    return { end: await does(), how: [...seen].sort() };
  } finally {
    running = false;
    await watching;
  }
}
