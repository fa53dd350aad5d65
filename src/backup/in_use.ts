/** Whether people work in the database that is backed up, as one more thing that a backup sees of the ERP. */

import type { Reporter } from "../base/terminal/reporter.ts";
import { findingsOfFaults } from "../checks/findings/outcome.ts";
import { IN_USE_CHECK, IN_USE_COMPARED, otherVersionFault, quietFault } from "../checks/in_use.ts";
import { readShownVersion } from "../dolibarr/pages/shown_version.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { type SeenFindings, seenTogether } from "./findings.ts";
import type { Taken } from "./halves.ts";

interface UseOptions {
  started: Date;
  maxQuietMs?: number;
  reporter: Reporter;
  signal: AbortSignal;
}

/**
 * What was seen, with whether the database is in use: by its own rows, and by what the address of `source` shows to everybody.
 * As it was where the database was not read, or neither says anything.
 */
export async function withUse(
  { seen, lastChange, erpVersion }: Pick<Taken, "seen" | "lastChange" | "erpVersion">,
  { name, web }: Pick<OpenEnvironment, "name" | "web">,
  { started, maxQuietMs, reporter, signal }: UseOptions,
): Promise<SeenFindings | undefined> {
  const shown = erpVersion === undefined ? undefined : await readShownVersion(web, signal);
  if (shown && "why" in shown) {
    reporter.note(
      `That ${web.url} is the ERP of the database that is backed up was not compared: ${shown.why}`,
    );
  }
  const page = shown && "version" in shown ? shown.version : undefined;
  const covers = [...lastChange ? ["quiet"] : [], ...page === undefined ? [] : ["other-version"]];
  if (covers.length === 0) return seen;
  const faults = [
    quietFault(name, { lastChange, takenAt: started, maxQuietMs }),
    page === undefined ? undefined : otherVersionFault(name, { url: web.url, page, database: erpVersion! }),
  ].filter((fault) => fault !== undefined);
  return seenTogether(seen, {
    covers: covers.map((kind) => `${IN_USE_CHECK}/${kind}`),
    findings: findingsOfFaults(faults, { check: IN_USE_CHECK, with: IN_USE_COMPARED }),
  });
}
