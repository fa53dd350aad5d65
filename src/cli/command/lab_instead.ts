/** When the embedded lab may stand in for a configuration that is not there. Pure. */

import type { Shell } from "./shell.ts";

/** What the command line of the one verb that may have a lab instead says. */
export interface LabInsteadOptions {
  readonly orLab?: boolean;
  readonly config?: string;
  readonly from?: string;
  readonly into?: string;
  readonly report?: string;
  /** False with `--no-notify`. */
  readonly notify?: boolean;
}

/** Where these are set nobody looks on: a job there must never be green over a demo company. */
const UNATTENDED = ["CI", "KUBERNETES_SERVICE_HOST"];

/**
 * Why a missing configuration is an error and no reason for a lab; undefined where the lab may stand in: with `--or-lab`,
 * for somebody who tries the program out for the first time.
 */
export function whyNoLabInstead(
  options: LabInsteadOptions,
  env: Shell["env"],
  wasConfigured: boolean,
): string | undefined {
  if (!options.orLab) return "it was not asked for";
  const named = (["config", "from", "into", "report"] as const).find((name) => options[name] !== undefined);
  if (named) return `--${named} is for a configured drill`;
  if (options.notify === false) return "--no-notify is for a configured drill";
  const unattended = UNATTENDED.find((name) => env(name));
  if (unattended) return `${unattended} is set, so this is a job that nobody watches`;
  return wasConfigured ? "this user has worked with a configuration on this machine before" : undefined;
}
