/** The configuration of a lab with another store, for tests that break or fill a store. */

import type { DrillLab } from "./drill_lab.ts";

/** Writes the configuration into `folder`. @returns its path. */
export async function configWithStore(
  { configFile }: Pick<DrillLab, "configFile">,
  folder: string,
  url: string,
): Promise<string> {
  const text = await Deno.readTextFile(configFile);
  const changed = text.replace(/^store: .*$/m, `store: { url: ${JSON.stringify(url)} }`);
  if (changed === text) throw new Error(`${configFile} has no store on a line of its own`);
  const file = `${folder}/dolibarr-drill-${crypto.randomUUID().slice(0, 8)}.yaml`;
  await Deno.writeTextFile(file, changed);
  return file;
}
