/** `lab up|down|status`: the embedded lab by hand. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { table } from "../base/text.ts";
import { labDown, type LabStatus, labStatus, labUp } from "../lab/lab.ts";
import { absolute } from "./command/context.ts";
import { LAB_FOLDER, labFolder, type Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export async function run(options: Options, shell: Shell): Promise<ExitStatus> {
  const { reporter, signal } = shell;
  const folder = absolute(labFolder(options) ?? LAB_FOLDER, Deno.cwd());
  if (options.action === "down") {
    const { stopped } = await labDown(folder);
    shell.out(stopped === 0 ? `No lab runs in ${folder}` : `The lab in ${folder} is stopped`);
    return shell.finish({ verdict: "pass", exit: EXIT.ok, folder, stopped });
  }
  if (options.action === "up") await labUp({ folder, reporter, signal, keep: true });
  const status = await labStatus(folder);
  for (const line of statusLines(status)) shell.out(line);
  return shell.finish({ verdict: "pass", exit: EXIT.ok, status });
}

/** What there is of a lab, for a person. */
export function statusLines(
  { state, folder, configFile, erp, reason, dolibarr, heldBy, servers }: LabStatus,
): string[] {
  const rows = [
    ["lab", `${state}, in ${folder}`],
    ["configuration", configFile],
    [
      "ERP",
      erp === "real"
        ? `Dolibarr ${dolibarr?.version ?? ""}`
        : erp && `stand-in, not Dolibarr: ${reason ?? "no reason known"}`,
    ],
    ["in use by", heldBy],
    ...servers.map((
      { name, running, url, port },
    ) => [name, running ? `up at ${url ?? `127.0.0.1:${port}`}` : "down"]),
  ].filter((row): row is [string, string] => row[1] !== undefined);
  return table(rows);
}
