/** An environment with its secrets read: what the pipelines work on. Built by the command line alone. */

import type { Database } from "../postgres/database.ts";
import type { Workload } from "./workload.ts";

export interface OpenEnvironment {
  name: string;
  disposable: boolean;
  database: Database;
  /** The documents folder. */
  documents: string;
  web: {
    url: string;
    /** An account to sign in with; where there is none the drill makes its own. */
    account?: { login: string; password: string };
  };
  workload: Workload;
}
