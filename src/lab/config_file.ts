/** The configuration file of the lab, in the same form as that of any platform. */

import { DATABASES } from "./servers/cluster.ts";
import type { LabPaths } from "./paths.ts";
import { secretFile } from "./secrets.ts";
import type { LabState } from "./state.ts";

/** The text of the lab's `dolibarr-drill.yaml`. Strings are written as JSON, which YAML reads. */
export function configText(paths: LabPaths, { erp, reason, ports, users }: LabState): string {
  const environment = (env: "prod" | "sandbox") => {
    const { name, owner } = DATABASES[env];
    const command = (verb: string) => flow([paths.erpScript, verb, env]);
    return `${env === "sandbox" ? "    disposable: true\n" : ""}    database:
      host: 127.0.0.1
      port: ${ports.pooler}
      name: ${name}
      owner: ${owner}
      user: ${users[env]}
      password: ${JSON.stringify(`file:${secretFile(paths, env)}`)}
    documents: ${JSON.stringify(documentsOf(paths, env))}
    web: { url: ${JSON.stringify(webUrl(ports[env]))} }
    workload: { command: { stop: ${command("stop")}, start: ${command("start")} } }
`;
  };
  const about = erp === "real"
    ? "{ erp: real }"
    : `{ erp: stand-in, reason: ${JSON.stringify(reason ?? "unknown")} }`;
  return `# Written at each start of the embedded lab: changes in this file are lost.
lab: ${about}
store: { url: ${JSON.stringify(`file://${paths.store}`)} }
retention: { daily: 30d, monthly: 12mo, yearly: 10y }
environments:
  prod:
${environment("prod")}  sandbox:
${environment("sandbox")}state: ${JSON.stringify(paths.states)}
drill: { from: prod, into: sandbox, samples: 6, max_age: 26h, max_duration: 15m }
`;
}

const flow = (words: string[]): string => `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;

/** The documents folder of an environment. */
export const documentsOf = (paths: LabPaths, env: "prod" | "sandbox"): string =>
  `${paths.root}/${env}/documents`;

/** The web address of a server of the lab. */
export const webUrl = (port: number): string => `http://127.0.0.1:${port}`;
