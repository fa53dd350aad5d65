/** The stand-in: our own small server with Dolibarr's tables and pages, for machines where no Dolibarr is available. */

import type { DemoCompany } from "../demo_company.ts";
import type { StandInFill } from "./fill.ts";

export type { StandInDatabase, StandInFill } from "./fill.ts";
export { FAULT_MODES, type FaultMode } from "./faults.ts";
export type { SiteConfig } from "./site.ts";

/**
 * Fills an empty database and an empty documents folder with the demo company's ERP, in about a second. The result is
 * always the same, except for the passwords, which are random and stored as hashes only. The database is filled in one
 * transaction.
 *
 * @throws DrillError `LAB_FAILED` where the database is not empty or refuses, or the folder cannot be written.
 */
export async function fillStandIn(options: StandInFill): Promise<void> {
  const { fillDatabase } = await import("./fill.ts"); // with its libraries for PDFs, passwords and PostgreSQL
  await fillDatabase(options);
}

/** Raise it where the PDFs or the other documents of the stand-in change, so that labs are built again. */
const DOCUMENTS_VERSION = 1;

/** Everything that `fillStandIn` writes, as data, without what is random. */
export async function standInRecipe(company: DemoCompany): Promise<unknown> {
  const [{ schemaSql, sequencesSql }, { rowsOf }, { papersOf, pdfPathOf }] = await Promise.all([
    import("./tables/schema.ts"),
    import("./rows/company_rows.ts"),
    import("./rows/papers.ts"),
  ]);
  const papers = papersOf(company);
  const files = papers.filter(({ state }) => state !== "draft")
    .map((paper) => ({ paper, path: pdfPathOf(paper), md5: "" }));
  return [DOCUMENTS_VERSION, schemaSql(), sequencesSql(), [...rowsOf(company, papers, files, ["", ""])]];
}

/**
 * The command that serves one stand-in ERP in the foreground until it is stopped.
 * @param options.configFile a file with JSON of the shape `SiteConfig`; it is an argument of its own.
 */
export function standInCommand({ configFile }: { configFile: string }): string[] {
  const server = new URL("./server.ts", import.meta.url).pathname;
  const project = new URL("../../../deno.json", import.meta.url).pathname;
  return [Deno.execPath(), "run", "-A", "--no-prompt", "--config", project, server, configFile];
}
