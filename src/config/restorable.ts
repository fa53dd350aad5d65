/** What of an environment's configuration a restore into it would lack. */

import type { Environment } from "./config.ts";

/**
 * Why production could not be restored in place after a disaster, a sentence each; empty for a disposable environment, whose
 * every drill shows it. Pure.
 */
export function lacksForRestore({ name, disposable, workload }: Environment): string[] {
  if (disposable) return [];
  const then = `a restore into ${name} after a disaster would be refused until it is`;
  if (!workload) {
    return [
      `environments.${name}.workload is not configured (how ${name} is stopped and started): ${then}. Two commands: workload: { command: { stop: [...], start: [...] } }`,
    ];
  }
  if ("command" in workload) return [];
  return [
    `environments.${name}.workload is a Deployment, which this version cannot stop: ${then} two commands: workload: { command: { stop: [...], start: [...] } }`,
  ];
}
