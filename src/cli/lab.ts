/** `lab up|down|status`: the embedded lab by hand. */

import { PROGRAM } from "../base/program_name.ts";
import type { LabStatus } from "../lab/lab.ts";
import { absolute } from "./command/context.ts";
import { action, LAB_FOLDER, value } from "./command/options.ts";
import { verb } from "./command/verb.ts";

export const labVerb = verb({
  name: "lab",
  summary: "Start, stop or show the embedded lab.",
  options: {
    action: action({
      up: "Build the lab if there is none, start it, and leave it running.",
      down: "Stop the lab. What was built stays for the next time.",
      status: "Show what runs, and where.",
    }),
    lab: value("FOLDER", `the folder of the lab (default: ${LAB_FOLDER})`),
  },
  help: {
    about: `
The lab is a small platform on this machine: a PostgreSQL server, a pooler, a store, and Dolibarr with a demo company
as prod and an empty sandbox.`,
    examples: [
      [`${PROGRAM} lab up`, "build it once, start it, and leave it running"],
      [`${PROGRAM} lab status`, "show what runs, and where"],
      [`${PROGRAM} lab down --lab /srv/lab`, "stop a lab in another folder"],
    ],
  },
  async run(options, shell) {
    const { labDown, labStatus, labUp } = await import("../lab/lab.ts");
    const { reporter, signal } = shell;
    const folder = absolute(options.lab ?? LAB_FOLDER, Deno.cwd());
    if (options.action === "down") {
      const { stopped } = await labDown(folder);
      shell.out(stopped === 0 ? `No lab runs in ${folder}` : `The lab in ${folder} is stopped`);
      return shell.finish({ verdict: "pass", folder, stopped });
    }
    if (options.action === "up") await labUp({ folder, reporter, signal, stayUp: true });
    const status = await labStatus(folder);
    shell.table(labRows(status));
    return shell.finish({ verdict: "pass", status });
  },
});

/** What there is of a lab, a row each. Pure. */
function labRows(
  { state, folder, configFile, erp, reason, dolibarr, heldBy, servers }: LabStatus,
): [what: string, value: string][] {
  return [
    ["lab", `${state}, in ${folder}`],
    ["configuration", configFile],
    [
      "ERP",
      erp === "real"
        ? `Dolibarr ${dolibarr?.version ?? ""}`
        : erp && `stand-in, not Dolibarr: ${reason ?? "the reason is not known"}`,
    ],
    ["in use by", heldBy],
    ...servers.map((
      { name, running, url, port },
    ) => [name, running ? `up at ${url ?? `127.0.0.1:${port}`}` : "down"]),
  ].filter((row): row is [string, string] => row[1] !== undefined);
}
