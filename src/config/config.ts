/** The configuration as the rest of the program uses it: checked, complete, without the value of any secret. */

import { DrillError } from "../base/errors.ts";
import type { Duration } from "./durations.ts";
import { suggestion } from "../base/nearest.ts";
import type { Secret } from "./secrets.ts";

export type { Secret } from "./secrets.ts";

export interface Config {
  /** The file that it was read from. */
  file: string;
  /** Only in the file that the embedded lab writes, so that results say that they are from the lab. */
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
    /** How much is checked. */
    level: "fast" | "standard" | "deep";
    maxAgeMs: number;
    /** For how long nobody may have worked in the database that is backed up; undefined: for as long as they like. */
    maxQuietMs?: number;
    maxDurationMs: number;
    /** Every set is restored once within this time; 0: only the newest. */
    rotaMs: number;
    /** Parts of lines about errors on pages that are known to be harmless. */
    harmless: string[];
    /** Majors of Dolibarr that a sandbox may get though this tool was not proved on them. */
    versions: number[];
    /** After a PASS, whether the sandbox is broken in one way that a check must detect, and put back. */
    control: boolean;
  };
  /** Where the result of a drill is sent. */
  notify?: NotifyConfig;
}

/** Addresses are secrets: anybody who knows one can post to it. */
export interface NotifyConfig {
  webhook?: {
    url: Secret;
    /** A text may contain placeholders; a secret is sent as it is. */
    headers: Record<string, Secret | string>;
    /** Its texts may contain placeholders. */
    body: { json: Record<string, unknown> } | { text: string };
  };
  /** Requested after each PASS: a service that raises an alarm when no request comes. */
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
    /** Certificates of the company's own authorities, trusted there in addition to the known ones, each as PEM. */
    certificateAuthority?: readonly string[];
    user?: Secret;
    password?: Secret;
  };
  workload?: { command: { stop: string[]; start: string[] } } | { kubernetes: KubernetesWorkload };
  /** The folder of its PHP code, to be looked at; absolute, without a slash at the end. */
  htdocs?: string;
  /** Where what a run after a crash needs is kept; undefined where this user has no place for it. */
  state?: string;
  /** Further changes after a restore into it; only of a disposable environment. */
  neutralise?: NeutraliseRule[];
}

/**
 * One change that keeps a sandbox from acting on the outside world, and why. A constant is set in every entity; `*` in its
 * name stands for any text, and matches the constants that exist. In a table, a column of every row is set, or every row
 * is deleted.
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
interface DocumentsFolders {
  folder: string;
  /** Further folders that are backed up with it, by their names in the archive. */
  more?: Record<string, string>;
  /** Links of the documents that are followed, by their names, each with the folder to which it leads. */
  follow?: Record<string, string>;
  /** Patterns of what is not backed up, in place of the defaults. */
  exclude?: string[];
}

interface DatabaseConfig {
  host: string;
  port: number;
  name: string;
  /** The role that owns the ERP's tables. */
  owner: string;
  user: Secret;
  /** Without one it comes from .pgpass, or the server asks for none. */
  password?: Secret;
  /** The login for backups, which can read everything and write nothing. */
  reader?: { user: Secret; password?: Secret };
  /** How the connection is encrypted; paths are absolute. */
  tls: {
    mode: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
    rootCert?: string;
    clientCert?: string;
    clientKey?: string;
  };
}

interface KubernetesWorkload {
  namespace: string;
  deployment: string;
  /** `NAMESPACE/APPLICATION` */
  argocd?: string;
}

/**
 * The environment of that name.
 * @throws DrillError `ENVIRONMENT_UNKNOWN` with the names of all.
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
