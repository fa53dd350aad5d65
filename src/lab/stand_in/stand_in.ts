/** The ERP of last resort: our own small server with Dolibarr's tables and pages, where no Dolibarr can be had. */

import type { StandInFill } from "./fill.ts";

export type { StandInDatabase, StandInFill } from "./fill.ts";
export { FAULT_MODES, type FaultMode } from "./faults.ts";
export type { SiteConfig } from "./site.ts";

/**
 * Fills an empty database and an empty documents folder with the demo company's ERP, in about a second. The same
 * every time, but for the passwords, which are random and told to nobody. The database's part is one transaction.
 *
 * @throws DrillError `LAB_FAILED` when the database is not empty or refuses, or the folder cannot be written.
 */
export async function fillStandIn(options: StandInFill): Promise<void> {
  const { fillDatabase } = await import("./fill.ts"); // with its libraries for PDFs, passwords and PostgreSQL
  await fillDatabase(options);
}

/**
 * The command that serves one stand-in ERP in the foreground until it is told to stop.
 * @param options.configFile JSON of the shape `SiteConfig`; it stands as an argument of its own.
 */
export function standInCommand({ configFile }: { configFile: string }): string[] {
  const server = new URL("./server.ts", import.meta.url).pathname;
  const project = new URL("../../../deno.json", import.meta.url).pathname;
  return [Deno.execPath(), "run", "-A", "--no-prompt", "--config", project, server, configFile];
}
