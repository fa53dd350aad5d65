/** An environment with its secrets read: what the pipelines work on. Built by the command line alone. */

import type { NeutraliseRule } from "../config/config.ts";
import type { Database } from "../postgres/connection/database.ts";
import type { Workload } from "./workload.ts";

export interface OpenEnvironment {
  name: string;
  disposable: boolean;
  database: Database;
  /** Who logs in to it for a backup instead, where one is configured: may read everything, and write nothing. */
  reader?: { user: string; password: string };
  /** The documents folder. */
  documents: string;
  /** Further folders that are backed up with it, by the name that they have in the archive. */
  moreFolders?: Readonly<Record<string, string>>;
  /** Patterns of what is not backed up; without them the defaults of documents/tree/walk.ts. */
  excludes?: readonly string[];
  web: {
    url: string;
    /** Certificates of authorities that are trusted there besides the known ones, each as PEM. */
    certificateAuthority?: readonly string[];
    /** An account to sign in with; where there is none the drill makes its own. */
    account?: { login: string; password: string };
  };
  workload: Workload;
  /** What else must not act on the world after a restore into it. */
  neutralise?: readonly NeutraliseRule[];
}

/** Who reads an environment that must not be written to: the login that may only read, where there is one. */
export const readingLogin = (
  { database, reader }: Pick<OpenEnvironment, "database" | "reader">,
): Database => ({
  ...database,
  ...reader,
});
