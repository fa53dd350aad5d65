/** Whose results they are where they are not of a company's ERP. Imports nothing: every verb prints it. Pure. */

/** The first and the last line of a run that proves the tool and not a company's backup (docs/design.md, rule 9). */
export function labBanner(
  lab: { erp: "real" | "stand-in"; reason?: string } | undefined,
): string | undefined {
  if (!lab) return undefined;
  if (lab.erp === "real") return "embedded lab: a demo company on this machine, not your ERP";
  return `stand-in, not Dolibarr: 22.0.4 could not be had (${
    lab.reason ?? "no reason known"
  }); set DOLIBARR_HOME`;
}
