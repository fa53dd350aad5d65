/** What the command line may say, after commander has read it. */

import { DrillError } from "../../base/errors.ts";
import { isTimestamp } from "../../base/time.ts";

/** The verbs of this version. */
export const VERBS = [
  "drill",
  "backup",
  "list",
  "verify",
  "prune",
  "keep",
  "restore",
  "refresh",
  "refresh-from-prod",
  "sync-documents",
  "checkpoint",
  "reset",
  "rearm",
  "fix-ownership",
  "status",
  "lab",
] as const;
export type Verb = typeof VERBS[number];

export interface Options {
  /** A configuration file. */
  config?: string;
  /** NDJSON on stdout. */
  json?: boolean;
  /** The embedded lab: its folder, or true for the usual one. */
  lab?: string | true;
  /** The embedded lab where there is no configuration file. */
  orLab?: boolean;
  /** Stacks on stderr. */
  debug?: boolean;
  /** False: never. */
  color?: boolean;
  /** The verbs about one environment. */
  env?: string;
  /** `restore`, `drill` */
  from?: string;
  into?: string;
  /** `drill`: the report's folder. */
  report?: string;
  /** `drill`: decides which invoices are looked at. */
  seed?: string;
  /** `drill`, false: nobody is told how it ended. */
  notify?: boolean;
  /** `drill`, false: no older set is restored before the newest. */
  rota?: boolean;
  /** `drill`: whether the sandbox is broken after a PASS. */
  control?: boolean;
  /** `drill`: how deep it looks. */
  level?: "fast" | "standard" | "deep";
  /** `backup`: only this half is taken, the other one is that of the newest set. `restore`: only this one is restored. */
  half?: "db" | "docs";
  /** `restore`: a folder that gets the dump and the documents as files, instead of an environment. */
  to?: string;
  /** `restore`: the name of the protected database that is to be overwritten. */
  restoreProduction?: string;
  /** `restore`: no set of the present state is taken before production is overwritten. */
  withoutBackup?: boolean;
  /** What restores: ends strangers' sessions instead of waiting for them. */
  terminate?: boolean;
  /** What restores: loads in several transactions, with the sandbox's own state saved before. */
  staged?: boolean;
  /** `fix-ownership`: does it. */
  apply?: boolean;
  /** `backup`: uploads both halves, also where nothing changed. */
  force?: boolean;
  /** `backup`: reads every document, also those whose size and times are as before. */
  paranoid?: boolean;
  /** `backup`: why it is well that the ERP holds so much less than before. */
  accept?: string;
  /** `verify`: every set. `sync-documents`, `refresh`: all documents. */
  all?: boolean;
  /** `restore`, `verify`, `keep`, and instead of live production `refresh` and its parts: the set, as a person names it. */
  set?: string;
  /** `prune`: says what it would do, and does nothing. */
  dryRun?: boolean;
  /** `prune`: sets that are gone without a prune of ours are well so. */
  acceptMissing?: boolean;
  /** `keep`: a day, UTC, `2031-12-31`. */
  until?: string;
  /** `keep` */
  reason?: string;
  /** `keep`: ends the hold. */
  release?: boolean;
  /** `lab` */
  action?: "up" | "down" | "status";
}

/** Where the embedded lab lies when nobody says otherwise. */
export const LAB_FOLDER = ".lab";

/** The lab's folder that the options name, or undefined where they do not ask for the lab. */
export const labFolder = ({ lab }: Options): string | undefined => lab === true ? LAB_FOLDER : lab;

/**
 * Refuses options that say two things at once.
 * @throws DrillError `USAGE`.
 */
export function checkOptions(options: Options): void {
  const { config, lab } = options;
  if (config !== undefined && lab !== undefined) {
    throw usage("--config names a configuration and --lab asks for the embedded lab", "Give one of the two.");
  }
  if (typeof lab === "string" && (lab === "latest" || isTimestamp(lab.slice(lab.lastIndexOf("/") + 1)))) {
    throw usage(`--lab takes a folder, and ${lab} is a set`, `Put the set first: restore ${lab} --lab`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === "") throw usage(`--${name} is empty`, `Give a value, or leave --${name} out.`);
  }
}

/** A command line that cannot be understood. `hint` says what to write instead. */
export const usage = (state: string, hint: string): DrillError =>
  new DrillError("USAGE", `Cannot read the command line: ${state}`, hint);
