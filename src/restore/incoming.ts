/** What is brought into an environment, wherever it comes from: the objects of a set, or production as it is now. */

import type { RestorableSet } from "../store/sets/restorable_set.ts";
import type { Store } from "../store/store.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { furtherIn, type Unpacked, unpackSet, type UnpackSetOptions } from "./unpack_set.ts";
import { readable } from "./dump/bytes.ts";
import type { DatabaseFacts } from "./gate/judge.ts";
import type { IncomingDump } from "./load/plan.ts";

export type Half = "db" | "docs";

/** One half, or both; what is not there stays as it is. */
export interface Incoming {
  /** For messages and the sandbox's banner: `prod/20260630T155313Z`, `prod as it is now`. */
  name: string;
  /** The database that it was taken from, where that is known. */
  identity?: DatabaseFacts;
  database?: IncomingDump;
  documents?: IncomingDocuments;
}

interface IncomingDocuments {
  /** The folder below the target's documents that they take the place of; without it all of them. */
  below?: string;
  /** The names of the further folders that come with them. */
  further(options: { reporter: Reporter; signal: AbortSignal }): Promise<string[]>;
  /** Puts them beside `root`, which has to be there unless it is `below` the documents, each byte compared. */
  unpack(root: string, options: UnpackSetOptions): Promise<Unpacked>;
}

/** The objects of a set, or of one half of it; of its documents all, or those `below` a folder. */
export function setIncoming(
  source: RestorableSet,
  store: Store,
  { half, below }: { half?: Half; below?: string } = {},
): Incoming {
  const name = `${source.environment}/${source.name}`;
  return {
    name,
    identity: source.identity,
    ...(half === "docs" ? {} : {
      database: {
        name,
        dump: readable(store, source.dump),
        tables: source.tables,
        hash: source.hash,
        settings: source.settings,
      },
    }),
    ...(half === "db" ? {} : {
      documents: {
        below,
        further: (options) => below === undefined ? furtherIn(source, store, options) : Promise.resolve([]),
        unpack: (root, options) => unpackSet(source, root, store, { ...options, below }),
      },
    }),
  };
}
