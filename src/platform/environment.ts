/** An environment with its secrets read, for the pipelines. Only the command line builds it. */

import type { OwnFolder } from "../base/own_folder.ts";
import type { NeutraliseRule } from "../config/config.ts";
import type { Database } from "../postgres/connection/database.ts";
import type { Workload } from "./workload.ts";

export interface OpenEnvironment {
  name: string;
  disposable: boolean;
  database: Database;
  /** The login for backups, where one is configured: it can read everything and write nothing. */
  reader?: { user: string; password?: string };
  /** The documents folder. */
  documents: string;
  /** Further folders that are backed up with it, by the name that they have in the archive. */
  moreFolders?: Readonly<Record<string, string>>;
  /** Links of the documents that are followed, by name, each with the folder to which it leads. */
  follow?: Readonly<Record<string, string>>;
  /** Patterns of what is not backed up; without them the defaults of documents/tree/walk.ts. */
  excludes?: readonly string[];
  web: {
    url: string;
    /** Certificates of authorities that are trusted there in addition to the known ones, each as PEM. */
    certificateAuthority?: readonly string[];
    /** An account to sign in with; without one the drill creates its own. */
    account?: { login: string; password: string };
  };
  workload: Workload;
  /** The folder of its PHP code, where the configuration names it. */
  htdocs?: string;
  /** What a run after a crash needs: journals, notes, what was saved; and its checkpoint. */
  state: OwnFolder;
  /** Further changes after a restore into it, so that it does not act on the outside world. */
  neutralise?: readonly NeutraliseRule[];
  /** Majors of Dolibarr that may be restored into it though this tool was not proved on them. */
  admittedVersions?: readonly number[] | "any";
}

/** The login that reads a protected environment: the one for backups, where there is one. */
export const readingLogin = (
  { database, reader }: Pick<OpenEnvironment, "database" | "reader">,
): Database => ({
  ...database,
  ...(reader ? { user: reader.user, password: reader.password, loginKey: "database.reader" } : {}),
});
