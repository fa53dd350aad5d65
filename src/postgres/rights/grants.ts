/** The rights of other roles on what a role owns: read before it is dropped, and granted again on objects of the same names. */

import { quoteIdentifier } from "../connection/database.ts";
import { ownedSql, type Right, type RightsOn, rightsSql } from "./rights.ts";
import { rightsTakenFrom } from "./rights_lost.ts";
import type { Ask, Statements } from "../connection/session.ts";

/** `TABLE`, `public.llx_facture`, and its schema. */
type Owned = [on: string, name: string, schema: string | null];

export interface Grants {
  owner: string;
  rights: Right[];
  /** The objects that there were, by `keyOf`: a new one gets the role's default rights. */
  before: ReadonlySet<string>;
  /** The owner's own rights on objects of others, a sentence each without its end. */
  taken: string[];
}

export interface GrantedAgain {
  /** How many rights were given again: one for each role and thing. */
  restored: number;
  /** Those that could not be: `the right SELECT of reader on public.llx_old`, and why. */
  lost: { what: string; why: string }[];
}

/** What `grantAgain` needs; read before anything is dropped. */
export async function readGrants(ask: Ask, owner: string): Promise<Grants> {
  const rights = await ask<Right[]>(
    `SELECT coalesce(json_agg(r ORDER BY "on", name, "column", grantee), '[]'::json) FROM (${
      rightsSql(owner)
    }) AS r`,
  );
  const owned = await ask<Owned[]>(ownedSql(owner));
  return {
    owner,
    rights: rights.filter(({ on, grantee }) => isGivenAgain(on) && (grantee !== owner || isDefault(on))),
    before: new Set(owned.map(([on, name]) => keyOf(on, name))),
    taken: await rightsTakenFrom(ask, owner),
  };
}

/**
 * Grants them again, as the owner role, which must be the session's: by name, functions by the types of their arguments.
 * @returns what could not be given again, for the list of what the restore left out.
 */
export async function grantAgain(
  { run, ask }: Statements,
  { owner, rights, before, taken }: Grants,
): Promise<GrantedAgain> {
  const lost = taken.map((what) => ({
    what,
    why: "another role gave it, and only that one can give it again",
  }));
  if (rights.length === 0) return { restored: 0, lost };
  const owned = await ask<Owned[]>(ownedSql(owner));
  const there = await readThere(ask, owned, rights);
  const again: Right[] = [];
  for (const right of rights) {
    const why = whyLost(right, there);
    if (why === undefined) again.push(right);
    else if (right.given) lost.push({ what: describe(right), why });
  }
  const fresh = owned.filter(([on, name]) => !before.has(keyOf(on, name)));
  const statements = grantStatements([...again, ...defaultsOf(fresh, again)], owner);
  if (statements.length > 0) await run(statements.join(";\n"));
  return { restored: again.length, lost };
}

/** A large object or a server may be another one under the same number or name. */
const isGivenAgain = (on: RightsOn): boolean =>
  on !== "LARGE OBJECT" && on !== "FOREIGN SERVER" && on !== "FOREIGN DATA WRAPPER";
const isDefault = (on: RightsOn): boolean => on.startsWith("DEFAULT ");

const keyOf = (on: string, name: string): string => `${on} ${name}`;

/** The objects on which rights can be granted, and the roles to which. */
interface There {
  owned: ReadonlySet<string>;
  columns: ReadonlySet<string>;
  schemas: ReadonlySet<string>;
  roles: ReadonlySet<string>;
}

async function readThere(ask: Ask, owned: readonly Owned[], rights: readonly Right[]): Promise<There> {
  const all = (sql: string) =>
    ask<string[]>(`SELECT coalesce(json_agg(name), '[]'::json) FROM (${sql}) AS each(name)`);
  const some = rights.some(({ column }) => column !== null);
  return {
    owned: new Set(owned.map(([on, name]) => keyOf(on, name))),
    columns: new Set(
      some
        ? await all(
          `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' ' || a.attname FROM pg_catalog.pg_attribute a
           JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
        )
        : [],
    ),
    schemas: new Set(await all("SELECT quote_ident(nspname) FROM pg_catalog.pg_namespace")),
    roles: new Set(await all("SELECT rolname FROM pg_catalog.pg_roles")),
  };
}

function whyLost({ on, name, column, grantee }: Right, there: There): string | undefined {
  if (grantee !== null && !there.roles.has(grantee)) return "there is no such role any more";
  if (isDefault(on)) {
    return name === null || there.schemas.has(name) ? undefined : "there is no such schema any more";
  }
  if (!there.owned.has(keyOf(on, name!))) return `there is no such ${WORDS[on] ?? on.toLowerCase()} any more`;
  if (column !== null && !there.columns.has(`${name} ${column}`)) return "there is no such column any more";
  return undefined;
}

const WORDS: Partial<Record<RightsOn, string>> = { ROUTINE: "function" };

function describe({ on, name, column, grantee, privileges }: Right): string {
  const where = isDefault(on)
    ? `on ${on.slice("DEFAULT ".length).toLowerCase()} to come${name === null ? "" : ` in ${name}`}`
    : `on ${column === null ? "" : `${column} of `}${name}`;
  return `the right ${privileges.join(", ")} of ${grantee ?? "PUBLIC"} ${where}`;
}

/** The role's default rights on objects that the load created, before the default rights themselves were granted again. */
function defaultsOf(fresh: readonly Owned[], rights: readonly Right[]): Right[] {
  const kinds: Record<string, string> = {
    TABLE: "TABLES",
    SEQUENCE: "SEQUENCES",
    ROUTINE: "FUNCTIONS",
    TYPE: "TYPES",
    SCHEMA: "SCHEMAS",
  };
  return fresh.flatMap(([on, name, schema]) =>
    rights.filter((right) =>
      right.on === `DEFAULT ${kinds[on]}` && (right.name === null || right.name === schema)
    ).map((right) => ({ ...right, on: on as RightsOn, name }))
  );
}

/** One statement for each set of privileges and role, for all objects together. */
function grantStatements(rights: readonly Right[], owner: string): string[] {
  const groups = Map.groupBy(rights, ({ on, column, name, grantee, privileges, grantable, given }) =>
    // a column's name stands among the privileges, and a default's schema before them
    JSON.stringify([on, column, isDefault(on) ? name : null, grantee, privileges, grantable, given]));
  return [...groups.values()].map((group) => statementOf(group[0]!, group.map(({ name }) => name), owner));
}

function statementOf(
  { on, name, column, grantee, privileges, grantable, given }: Right,
  names: readonly (string | null)[],
  owner: string,
): string {
  const what = privileges.map((one) => column === null ? one : `${one} (${quoteIdentifier(column)})`).join(
    ", ",
  );
  const who = grantee === null ? "PUBLIC" : quoteIdentifier(grantee);
  const act = (where: string) =>
    given
      ? `GRANT ${what} ON ${where} TO ${who}${grantable ? " WITH GRANT OPTION" : ""}`
      : `REVOKE ${what} ON ${where} FROM ${who}`;
  if (!isDefault(on)) return act(`${on} ${names.join(", ")}`);
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(owner)}${
    name === null ? "" : ` IN SCHEMA ${name}`
  } ${act(on.slice("DEFAULT ".length))}`;
}
