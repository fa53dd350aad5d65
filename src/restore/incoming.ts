/** What is brought into an environment, wherever it comes from: the objects of a set, or production as it is now. */

import { listArchive, scriptOf } from "../postgres/programs/archive.ts";
import { extensionsOf } from "../postgres/catalogue/extensions.ts";
import { identify } from "../postgres/connection/identity.ts";
import { findPrograms, type Programs } from "../postgres/programs/programs.ts";
import type { Session } from "../postgres/connection/session.ts";
import type { Store } from "../store/store.ts";
import { countKinds, planRestore, refuseMissingExtensions, type RestorePlan } from "./dump/filter.ts";
import { type Unpacked, unpackSet, type UnpackSetOptions } from "./documents.ts";
import { checkingBytes, readable } from "./dump/bytes.ts";
import { refuseMissingRoles } from "./gate/policy_roles.ts";
import type { RestorableSet } from "../store/sets/restorable_set.ts";
import type { DatabaseFacts } from "./gate/judge.ts";
import { type DumpInput, refuseForeignDump } from "./load/transaction.ts";
import { parseContents } from "./dump/toc.ts";

export type Half = "db" | "docs";

/** One half, or both; what is not there stays as it is. */
export interface Incoming {
  /** For messages and the sandbox's banner: `prod/20260630T155313Z`, `prod as it is now`. */
  name: string;
  /** The database that it was taken from, where that is known. */
  identity?: DatabaseFacts;
  database?: IncomingDatabase;
  documents?: IncomingDocuments;
}

export interface IncomingDatabase extends DumpInput {
  /** `server_version_num` of the server that makes the dump now; a recorded dump says itself what can read it. */
  serverVersion?: number;
}

export interface IncomingDocuments {
  /** The folder below the target's documents that they take the place of; without it all of them. */
  below?: string;
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
      database: { name, dump: readable(store, source.dump), tables: source.tables },
    }),
    ...(half === "db" ? {} : {
      documents: { below, unpack: (root, options) => unpackSet(source, root, store, { ...options, below }) },
    }),
  };
}

/** How a dump is loaded: with which programs, and what of it. */
export interface LoadPlan {
  source: DumpInput;
  plan: RestorePlan;
  programs: Programs;
  /** How many entries of each kind come over. */
  kinds: Record<string, number>;
  /** What a person should know of it before it is loaded. */
  warnings: readonly string[];
}

/**
 * Reads the table of contents of `source` and decides what comes over; nothing is touched.
 *
 * @param session in the target
 * @throws DrillError `DUMP_UNREADABLE`, `DUMP_NEWER`, `DUMP_FOREIGN`, `OBJECT_CORRUPT`, `EXTENSION_MISSING`,
 *   `ROLE_MISSING`, `TOOL_MISSING`
 */
export async function planLoad(
  source: IncomingDatabase,
  session: Session,
  signal: AbortSignal,
): Promise<LoadPlan> {
  const { serverVersion, databaseName } = await identify(session);
  const programs = await findPrograms(Math.max(serverVersion, source.serverVersion ?? 0));
  const warnings: string[] = [];
  const read = async () =>
    parseContents(
      await listArchive(source.dump.open(), programs, signal, {
        server: serverVersion,
        onHeader: (_, found) => warnings.push(...found),
      }),
    );
  const entries = await checkingBytes(source.dump, signal, read);
  const extensions = await extensionsOf(session);
  const plan = planRestore(entries, { extensions });
  refuseForeignDump(plan, source.name);
  refuseMissingExtensions(plan, extensions, databaseName);
  const script = (list: readonly string[]) => scriptOf(source.dump.open(), list, programs, signal);
  await checkingBytes(
    source.dump,
    signal,
    () => refuseMissingRoles(session, plan.kept, databaseName, script),
  );
  return {
    source,
    plan,
    programs,
    kinds: countKinds(plan.kept),
    warnings: [...warnings, ...adoptions(plan)],
  };
}

/** `--no-owner` makes all of it the owner role's. */
function adoptions({ adopted }: RestorePlan): string[] {
  if (adopted.length === 0) return [];
  const [first] = adopted;
  return [
    `${adopted.length} of the dump's objects were of other roles (${first!.what} of ${first!.from}${
      adopted.length > 1 ? ", ..." : ""
    }): here they become the owner role's`,
  ];
}
