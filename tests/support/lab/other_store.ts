/** A lab's configuration with another store, for tests that break or fill one of their own. */

import type { DrillLab } from "./drill_lab.ts";

/** Writes it into `folder` and returns its path. `store`: the lines below `store:`, or a URL alone. */
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
