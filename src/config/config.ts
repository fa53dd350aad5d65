/** The configuration as the rest of the program sees it: checked, complete, without a single secret's value. */

import { DrillError } from "../base/errors.ts";
import type { Duration } from "./durations.ts";
import { suggestion } from "../base/nearest.ts";
import type { Secret } from "./secrets.ts";

export type { Secret } from "./secrets.ts";

export interface Config {
  /** The file that it was read from. */
  file: string;
  /** Only in the file that the embedded lab writes: results say that they are the lab's. */
  lab?: { erp: "real" | "stand-in"; reason?: string };
  store: StoreConfig;
  /** How long every set, one a month, and one a year are kept. */
  retention: { daily: Duration; monthly: Duration; yearly: Duration };
  environments: Record<string, Environment>;
  drill: {
    from: string;
    into: string;
    /** How many invoices are opened in the browser. */
    samples: number;
    /** How deep it looks. */
    level: "fast" | "standard" | "deep";
    maxAgeMs: number;
    maxDurationMs: number;
    /** Within that time every kept set is restored once; 0: the newest alone. */
    rotaMs: number;
    /** Parts of lines about what goes wrong on pages, and is known to be harmless. */
    harmless: string[];
    /** After a PASS the sandbox is broken in one way, and put back. */
    control: boolean;
  };
  /** Who is told how a drill ended. */
  notify?: NotifyConfig;
}

/** Addresses are secrets: whoever knows one may post to it. */
export interface NotifyConfig {
  webhook?: {
    url: Secret;
    /** A text may hold placeholders; a secret is sent as it is. */
    headers: Record<string, Secret | string>;
    /** Its texts may hold placeholders. */
    body: { json: Record<string, unknown> } | { text: string };
  };
  /** Asked for after each PASS: who no longer hears of it raises the alarm. */
  alive?: { url: Secret; method: "GET" | "POST" };
}

export interface StoreConfig {
  /** `s3://BUCKET/PREFIX` or `file:///FOLDER`, without a slash at the end. */
  url: string;
  endpoint?: string;
  accessKey?: Secret;
  secretKey?: Secret;
  region?: string;
}

export interface Environment {
  name: string;
  /** Only a disposable environment is ever restored into. */
  disposable: boolean;
  database: DatabaseConfig;
  documents: DocumentsFolders | { kubernetes: { claim: string } };
  web: {
    /** Without a slash at the end. */
    url: string;
    /** Certificates of the company's own authorities, trusted there besides the known ones, each as PEM. */
    certificateAuthority?: readonly string[];
    user?: Secret;
    password?: Secret;
  };
  workload?: { command: { stop: string[]; start: string[] } } | { kubernetes: KubernetesWorkload };
  /** What else must not act on the world after a restore into it; only of a disposable environment. */
  neutralise?: NeutraliseRule[];
}

/**
 * What stops one thing that a sandbox must not do, and why. A constant gets its value in every entity; its name may hold
 * `*` for any text, and stands then for those that are there. Of a table the column, or every row.
 */
export type NeutraliseRule =
  & { why: string }
  & (
    | { constant: string; value: string }
    | { constant: string; delete: true }
    | { table: string; column: string; value: string | number | null }
    | { table: string; delete: true }
  );

/** Paths are absolute, without a slash at the end. */
export interface DocumentsFolders {
  folder: string;
  /** Further folders that are backed up with it, by their names in the archive. */
  more?: Record<string, string>;
  /** Patterns of what is not backed up, in place of the defaults. */
  exclude?: string[];
}

export interface DatabaseConfig {
  host: string;
  port: number;
  name: string;
  /** The role that owns the ERP's tables. */
  owner: string;
  user: Secret;
  password: Secret;
  /** Who logs in for a backup instead: may read everything, and write nothing. */
  reader?: { user: Secret; password: Secret };
}

export interface KubernetesWorkload {
  namespace: string;
  deployment: string;
  /** `NAMESPACE/APPLICATION` */
  argocd?: string;
}

/**
 * The environment of that name.
 * @throws DrillError `ENVIRONMENT_UNKNOWN` with the names that there are.
 */
export function environmentOf(config: Config, name: string): Environment {
  const names = Object.keys(config.environments);
  const found = Object.hasOwn(config.environments, name) ? config.environments[name] : undefined;
  if (found) return found;
  throw new DrillError(
    "ENVIRONMENT_UNKNOWN",
    `Cannot find the environment ${name} in ${config.file}: ${suggestion(name, names)}`,
    `Name one of: ${names.join(", ")}`,
  );
}
