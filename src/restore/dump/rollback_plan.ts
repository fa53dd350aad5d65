/**
 * What of a dump that was taken of this very database goes back into it, after what the owner role has there was dropped.
 * Pure. Unlike a restore's (filter.ts), it must bring back all of it: rights, extensions and publications too.
 */

import { commented, lookupIn } from "./filter.ts";
import type { TocEntry } from "./toc.ts";

export interface RollbackFacts {
  /** The role whose belongings were dropped. */
  owner: string;
  /** Names of the extensions that are in the database after that: those of other roles. */
  extensions: Iterable<string>;
}

export interface RollbackPlan {
  included: TocEntry[];
  /** Oids of large objects that were not dropped, though their bytes are in one entry with the others' (before pg_dump 17). */
  leftOutObjects: ReadonlySet<string>;
}

/** Keeps what `DROP OWNED BY owner` took, and leaves out what it left where it was. */
export function planRollback(entries: readonly TocEntry[], facts: RollbackFacts): RollbackPlan {
  const extensions = new Set(facts.extensions);
  const isOfLookup = lookupIn(entries);
  const stayed = new Set<number>();
  const included: TocEntry[] = [];
  for (const entry of entries) {
    if (!isOfLookup(entry) && wasTaken(entry, facts.owner, extensions, stayed)) included.push(entry);
    else if (entry.owner !== "") stayed.add(entry.id);
  }
  const ids = new Set(included.map(({ id }) => id));
  const objects = entries.filter(({ id, kind }) => kind === "BLOB" && !ids.has(id));
  return { included, leftOutObjects: new Set(objects.map(({ name }) => name)) };
}

/** Kinds of which a few old versions of pg_dump do not write the owner, and those that have none: what they are built on tells. */
function wasTaken(
  entry: TocEntry,
  owner: string,
  extensions: ReadonlySet<string>,
  stayed: ReadonlySet<number>,
): boolean {
  const { kind, name } = entry;
  const { on, what } = commented(entry);
  if (kind.startsWith("DATABASE")) return false;
  if (kind === "SCHEMA" ? name === "public" : on === "SCHEMA" && what === "public") return false;
  if (kind === "EXTENSION") return !extensions.has(name);
  if (on === "EXTENSION") return !extensions.has(unquoted(what ?? ""));
  // a mapping belongs to the role that it is for, whoever has the server
  if (kind === "USER MAPPING" && name.startsWith(`USER MAPPING ${owner} SERVER `)) return true;
  if (entry.owner === "") return !entry.dependsOn.some((id) => stayed.has(id));
  return entry.owner === owner;
}

/** As a comment names it: `"uuid-ossp"`. */
const unquoted = (name: string): string =>
  /^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
