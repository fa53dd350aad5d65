/** Which entries of a dump are restored, and why the others are left out. Pure: from its table of contents and the target. */

import { DrillError } from "../../base/errors.ts";
import type { TocEntry } from "./toc.ts";

export interface LeftOut {
  what: string;
  why: string;
}

export interface RestorePlan {
  included: TocEntry[];
  leftOut: LeftOut[];
  /** Large objects that are left out though their bytes are in one entry with those of others (before pg_dump 17). */
  leftOutObjects: ReadonlySet<string>;
  /** Restored entries that another role owned than the one that owns the tables: they become the owner role's. */
  adopted: { what: string; from: string }[];
  /** The extensions that restored entries are built on, with those entries. */
  needsExtensions: ReadonlyMap<string, string[]>;
}

/**
 * An extension in the target: `there`, and it stays whatever is restored, or `makeable` by the owner role, because it is
 * trusted. Any other cannot be had.
 */
export type ExtensionState = "there" | "makeable";

interface DumpTarget {
  /** By name. Without it nothing is known of them, and no extension is restored. */
  extensions?: ReadonlyMap<string, ExtensionState>;
}

/** Which kinds are never restored, and why. */
const NEVER: Record<string, string> = {
  "EVENT TRIGGER": "only a superuser may create it",
  "PUBLICATION": "replication belongs to the source",
  "PUBLICATION TABLE": "replication belongs to the source",
  "PUBLICATION TABLES IN SCHEMA": "replication belongs to the source",
  "SUBSCRIPTION": "replication belongs to the source",
  "SUBSCRIPTION TABLE": "replication belongs to the source",
  "SECURITY LABEL": "labels belong to the source's server",
  "DATABASE": "the database exists already",
  "DATABASE PROPERTIES": "the database exists already, and its settings are not the ERP's",
  "ACL": "rights are granted by the target's own roles",
  "DEFAULT ACL": "rights are granted by the target's own roles",
  "FOREIGN DATA WRAPPER": "only a superuser may create it",
  "SERVER": "it connects to another server",
  "USER MAPPING": "it holds a login to another server",
  "FOREIGN TABLE": "its rows are on another server",
  "STATISTICS DATA": "the target's server collects its own",
};

/** Left out, but in the target anyway, or nothing that another entry can be built on. */
const IN_THE_TARGET = ["SCHEMA", "FUNCTION", "EXTENSION", "DATABASE"];

/** What a comment, rights or a label are of: `FUNCTION user_lookup(text)`. */
const ON = ["ACL", "COMMENT", "SECURITY LABEL"];

const NOT_THE_ERPS = "it is pgbouncer's and the provisioner's, not the ERP's";
const NOT_RESTORED = "it belongs to what is not restored";

/**
 * Decides of each entry of the dump whether it is restored or left out, with a reason. An entry that no rule names is
 * restored. One that is built on something that is left out (a view on a foreign table) is left out too.
 */
export function planRestore(entries: readonly TocEntry[], target: DumpTarget = {}): RestorePlan {
  const owner = mainOwner(entries);
  const isOfLookup = lookupIn(entries);
  const included: TocEntry[] = [];
  const leftOut: LeftOut[] = [];
  const gone = new Map<number, string>();
  const leftOutObjects = new Set<string>();
  for (const entry of entries) {
    const base = entry.dependsOn.find((id) => gone.has(id));
    const why = (isOfLookup(entry) ? NOT_THE_ERPS : reasonToLeaveOut(entry, owner, target)) ??
      (base === undefined ? undefined : `it is built on ${gone.get(base)}, which is left out`);
    if (why === undefined) {
      included.push(entry);
      continue;
    }
    leftOut.push({ what: describe(entry), why });
    if (!IN_THE_TARGET.includes(entry.kind)) gone.set(entry.id, describe(entry));
    if (entry.kind === "BLOB") leftOutObjects.add(entry.name);
  }
  return {
    included,
    leftOut,
    leftOutObjects,
    adopted: included.filter((entry) => isForeign(entry, owner)).map((entry) => ({
      what: describe(entry),
      from: entry.owner,
    })),
    needsExtensions: neededExtensions(entries, included),
  };
}

const describe = ({ kind, schema, name }: TocEntry): string => `${kind} ${schema && `${schema}.`}${name}`;

function reasonToLeaveOut(entry: TocEntry, owner: string | undefined, target: DumpTarget) {
  const { kind, name } = entry;
  const { on, what = "" } = commented(entry);
  if (kind === "SCHEMA" && name === "public") return "every database has it";
  if (kind === "EXTENSION") return reasonAgainstExtension(target.extensions?.get(name));
  if (kind === "COMMENT") {
    if (on === "SCHEMA" && what === "public") return NOT_RESTORED;
    if (on === "EXTENSION" && target.extensions?.get(what) !== "makeable") return NOT_RESTORED;
  }
  if (isLargeObject(entry) && isForeign(entry, owner)) {
    return `it is a large object of ${entry.owner}, not of ${owner}, which owns the tables`;
  }
  return NEVER[kind];
}

/** Only `user_lookup(text)`, in whatever schema: one with other arguments is the ERP's own. */
const isUserLookup = ({ kind, name }: TocEntry): boolean =>
  kind === "FUNCTION" && name === "user_lookup(text)";

/**
 * Whether one of `entries` is the pooler's function itself, or its rights or comment: those name its arguments too,
 * `user_lookup(i_username text, OUT uname text)`.
 */
export function lookupIn(entries: readonly TocEntry[]): (entry: TocEntry) => boolean {
  const lookups = new Set(entries.filter(isUserLookup).map(({ id }) => id));
  return ({ id, kind, dependsOn }) =>
    lookups.has(id) || (ON.includes(kind) && dependsOn.some((of) => lookups.has(of)));
}

function reasonAgainstExtension(state: ExtensionState | undefined): string | undefined {
  if (state === "makeable") return undefined;
  return state === "there" ? "the target has it already" : "the owner role may not create it";
}

/** Of a comment, rights or a label on a schema or an extension: which. */
export function commented({ kind, name }: TocEntry): { on?: string; what?: string } {
  const [, on, what] = ON.includes(kind) ? /^(SCHEMA|EXTENSION) (.*)$/s.exec(name) ?? [] : [];
  return { on, what };
}

const isLargeObject = ({ kind, name }: TocEntry): boolean =>
  /^BLOB/.test(kind) || (kind === "COMMENT" && /^LARGE OBJECTS? /.test(name));

/** The bytes of all large objects have no owner; schema public belongs to pg_database_owner. */
const isForeign = (entry: TocEntry, owner: string | undefined): boolean =>
  owner !== undefined && ![owner, "", "pg_database_owner"].includes(entry.owner);

/** The role that owns most of the tables: the owner role where the dump was made. */
function mainOwner(entries: readonly TocEntry[]): string | undefined {
  const owners = new Map<string, number>();
  for (const { kind, owner } of entries) {
    if (kind === "TABLE") owners.set(owner, (owners.get(owner) ?? 0) + 1);
  }
  return [...owners].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function neededExtensions(
  entries: readonly TocEntry[],
  included: readonly TocEntry[],
): Map<string, string[]> {
  const extensions = new Map(
    entries.filter(({ kind }) => kind === "EXTENSION").map(({ id, name }) => [id, name]),
  );
  const needs = new Map<string, string[]>();
  for (const entry of included) {
    for (const id of new Set(entry.dependsOn)) {
      const name = extensions.get(id);
      if (name !== undefined) needs.set(name, [...needs.get(name) ?? [], describe(entry)]);
    }
  }
  return needs;
}

/**
 * @throws DrillError `EXTENSION_MISSING` where a restored entry is built on an extension that the target neither has nor lets
 *   the owner role create. What a function's text calls is not seen here, nor by PostgreSQL when it is loaded.
 */
export function refuseMissingExtensions(
  { needsExtensions }: RestorePlan,
  extensions: ReadonlyMap<string, ExtensionState>,
  database: string,
): void {
  const missing = [...needsExtensions].filter(([name]) => !extensions.has(name));
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name);
  throw new DrillError(
    "EXTENSION_MISSING",
    `Cannot restore into ${database}: it has no extension ${
      names.join(", ")
    }, and its owner role may not create it`,
    `Nothing was changed. Let a superuser create it there: ${
      names.map((name) => `CREATE EXTENSION "${name.replaceAll('"', '""')}";`).join(" ")
    }`,
    {
      details: missing.map(([name, users]) =>
        `${name} is needed by ${users.slice(0, 3).join(", ")}${
          users.length > 3 ? ` and ${users.length - 3} more` : ""
        }`
      ),
    },
  );
}

/** How many entries of each kind there are. */
export function countKinds(entries: readonly TocEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of entries) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
