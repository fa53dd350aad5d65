/** A sandbox whose own configuration leads to production: what its address then serves is production's. */

import type { DrillLab } from "./drill_lab.ts";

/** What of production the sandbox's ERP opens in place of its own. */
export type OfProduction = "database" | "documents";

/**
 * Writes the sandbox's conf.php (the stand-in's configuration) so that it opens `parts` of production, and starts its ERP on
 * it. Disposing puts the file back, and starts it again.
 */
export async function sandboxOpens(
  { kind, folder, prod, sandbox }: DrillLab,
  parts: readonly OfProduction[],
): Promise<AsyncDisposable> {
  const confOf = (env: string) =>
    kind === "real" ? `${folder}/${env}/htdocs/conf/conf.php` : `${folder}/run/${env}.json`;
  const [own, theirs] = await Promise.all(["sandbox", "prod"].map((env) => Deno.readTextFile(confOf(env))));
  const conf = kind === "real"
    ? phpWith(own!, theirs!, [
      ...parts.includes("database") ? ["main_db_name", "main_db_user", "main_db_pass"] : [],
      ...parts.includes("documents") ? ["main_data_root"] : [],
    ])
    : JSON.stringify({
      ...JSON.parse(own!),
      ...(parts.includes("database") ? { database: JSON.parse(theirs!).database } : {}),
      ...(parts.includes("documents") ? { documents: prod.documents } : {}),
    });
  if (conf === own) throw new Error(`nothing of ${sandbox.name} leads to production`);
  const startWith = async (text: string) => {
    const stopped = await sandbox.workload.stop(AbortSignal.timeout(60_000));
    await Deno.writeTextFile(confOf("sandbox"), text);
    await stopped.start();
  };
  await startWith(conf);
  return { [Symbol.asyncDispose]: () => startWith(own!) };
}

/** The settings `names` of `own` as they are in `theirs`. */
function phpWith(own: string, theirs: string, names: readonly string[]): string {
  const line = (name: string) => new RegExp(`^\\$dolibarr_${name}=.*$`, "m");
  return names.reduce((conf, name) => conf.replace(line(name), () => line(name).exec(theirs)![0]), own);
}
