/** What a lab stores from one start to the next: `lab.json`, and `running.json` while it runs. */

import type { Ports } from "./servers/ports.ts";

/** A lab of another format is built again. */
export const LAB_FORMAT = 1;

/** How long the login users may log in, in ms. A start renews them after half of that time. */
export const USERS_LIVE = 30 * 24 * 3_600_000;

export interface LabState {
  format: typeof LAB_FORMAT;
  /** The folder in which it was built. A lab that was moved is built again, because its paths are in many files. */
  root: string;
  erp: "real" | "stand-in";
  /** Why it is the stand-in. */
  reason?: string;
  /** The Dolibarr that it was built from: its version and folder; absent with the stand-in. */
  dolibarr?: { version: string; home: string };
  /** A hash over what was built (`recipeOf`): where it changes, the lab is built again. */
  recipe: string;
  ports: Ports;
  /** The login users of this lab, named as Vault does, and until when they may log in. */
  users: { prod: string; sandbox: string; until: string };
}

/** Written when the servers start, and removed when they were stopped. */
export interface RunningRecord {
  /** The boot of the machine. A lab that ran when the machine went down is not trusted, because it never syncs its disk. */
  boot: string;
  startedAt: string;
  /** Whether it stays up until it is stopped. One that does not and still runs was left by a run that was killed. */
  keep: boolean;
}

/** The id of this boot of the machine. */
export const bootId = (): string => Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
