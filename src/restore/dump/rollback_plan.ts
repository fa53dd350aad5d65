/**
 * Which entries of a dump of this same database go back into it, after what the owner role had there was dropped. Pure.
 * Unlike the plan of a restore (filter.ts) it must bring back everything: rights, extensions and publications too.
 */

import { commented, lookupIn } from "./filter.ts";
import type { TocEntry } from "./toc.ts";

interface RollbackFacts {
  /** The role whose objects were dropped. */
  owner: string;
  /** Names of the extensions that are in the database after that: those of other roles. */
  extensions: Iterable<string>;
}

export interface RollbackPlan {
  included: TocEntry[];
  /** Oids of large objects that were not dropped, though their bytes are in one entry with the others' (before pg_dump 17). */
  leftOutObjects: ReadonlySet<string>;
}

/** Includes what `DROP OWNED BY owner` dropped, and leaves out what it left. */
export function planRollback(entries: readonly TocEntry[], facts: RollbackFacts): RollbackPlan {
  const extensions = new Set(facts.extensions);
  const isOfLookup = lookupIn(entries);
  const stayed = new Set<number>();
  const included: TocEntry[] = [];
  for (const entry of entries) {
    if (!isOfLookup(entry) && wasDropped(entry, facts.owner, extensions, stayed)) included.push(entry);
    else if (entry.owner !== "") stayed.add(entry.id);
  }
  const ids = new Set(included.map(({ id }) => id));
  const objects = entries.filter(({ id, kind }) => kind === "BLOB" && !ids.has(id));
  return { included, leftOutObjects: new Set(objects.map(({ name }) => name)) };
}

/** An entry without an owner (some kinds, and some old versions of pg_dump) goes with what it is built on. */
function wasDropped(
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
  // a mapping belongs to the role that it is for, not to the owner of the server
  if (kind === "USER MAPPING" && name.startsWith(`USER MAPPING ${owner} SERVER `)) return true;
  if (entry.owner === "") return !entry.dependsOn.some((id) => stayed.has(id));
  return entry.owner === owner;
}

/** As a comment names it: `"uuid-ossp"`. */
const unquoted = (name: string): string =>
  /^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
