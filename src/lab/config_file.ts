/** The lab as a configuration file: whatever reads it cannot tell it from a configured platform. */

import { DATABASES } from "./servers/cluster.ts";
import type { Places } from "./places.ts";
import { secretFile } from "./secrets.ts";
import type { LabState } from "./state.ts";

/** The text of the lab's `dolibarr-drill.yaml`. JSON strings are YAML strings, so nothing in them needs care. */
export function configText(places: Places, { erp, reason, ports, users }: LabState): string {
  const environment = (env: "prod" | "sandbox") => {
    const { name, owner } = DATABASES[env];
    const command = (verb: string) => flow([places.erpScript, verb, env]);
    return `${env === "sandbox" ? "    disposable: true\n" : ""}    database:
      host: 127.0.0.1
      port: ${ports.pooler}
      name: ${name}
      owner: ${owner}
      user: ${users[env]}
      password: ${JSON.stringify(`file:${secretFile(places, env)}`)}
    documents: ${JSON.stringify(documentsOf(places, env))}
    web: { url: ${JSON.stringify(webUrl(ports[env]))} }
    workload: { command: { stop: ${command("stop")}, start: ${command("start")} } }
`;
  };
  const about = erp === "real"
    ? "{ erp: real }"
    : `{ erp: stand-in, reason: ${JSON.stringify(reason ?? "unknown")} }`;
  return `# Written at each start of the embedded lab; a change in here is lost.
lab: ${about}
store: { url: ${JSON.stringify(`file://${places.store}`)} }
retention: { daily: 30d, monthly: 12mo, yearly: 10y }
environments:
  prod:
${environment("prod")}  sandbox:
${environment("sandbox")}drill: { from: prod, into: sandbox, samples: 6, max_age: 26h, max_duration: 15m }
`;
}

const flow = (words: string[]): string => `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;

export const documentsOf = (places: Places, env: "prod" | "sandbox"): string =>
  `${places.root}/${env}/documents`;

export const webUrl = (port: number): string => `http://127.0.0.1:${port}`;
