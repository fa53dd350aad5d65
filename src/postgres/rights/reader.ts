/** A login that only backs up: it must be able to read everything, and to write nothing. Looked at before each backup. */

import { DrillError } from "../../base/errors.ts";
import { type Database, quoteIdentifier } from "../connection/database.ts";
import { type ReaderFacts, readerFactsSql } from "./reader_facts.ts";
import type { Session } from "../connection/session.ts";

/**
 * Looks at what the login of `session` may do in the database that it is in.
 * @throws DrillError `READER_CAN_WRITE`, `READER_CANNOT_READ`, each with the statements that mend it.
 */
export async function refuseWriter(session: Session, database: Database): Promise<void> {
  const problem = judgeReader(await session.ask<ReaderFacts>(readerFactsSql(database.owner)), database);
  if (problem) throw problem;
}

/** What is wrong with it, or undefined. Pure. That it could write is said before that it cannot read everything. */
export function judgeReader(
  facts: ReaderFacts,
  database: Pick<Database, "name" | "owner">,
): DrillError | undefined {
  const writer = powers(facts, database.owner);
  if (writer.length > 0) {
    return new DrillError(
      "READER_CAN_WRITE",
      `Cannot back up ${database.name} as ${facts.user}: the login is there to read, and could write`,
      `As a superuser: ${writer.map(({ mend }) => mend).join("; ")}`,
      { details: writer.map(({ what }) => what) },
    );
  }
  const blind = gaps(facts);
  if (blind.length === 0) return undefined;
  return new DrillError(
    "READER_CANNOT_READ",
    `Cannot back up ${database.name} as ${facts.user}: the login cannot read everything`,
    `As a superuser: ${blind.map(({ mend }) => mend).join("; ")}`,
    { details: blind.map(({ what }) => what) },
  );
}

interface Finding {
  what: string;
  /** One statement, as a superuser or the owner gives it. */
  mend: string;
}

/** What makes it a writer. Where one reason gives all the others, it alone is told. */
function powers(facts: ReaderFacts, owner: string): Finding[] {
  const user = quoteIdentifier(facts.user);
  if (facts.superuser) return [{ what: "it is a superuser", mend: `ALTER ROLE ${user} NOSUPERUSER` }];
  const found: Finding[] = facts.memberOf.map((role) => ({
    what: role === owner
      ? `it is a member of ${role}, the owner`
      : `it is a member of ${role}, which may write`,
    mend: `REVOKE ${quoteIdentifier(role)} FROM ${user}`,
  }));
  if (facts.createsRoles) {
    found.push({
      what: "it may make roles, and give itself theirs",
      mend: `ALTER ROLE ${user} NOCREATEROLE`,
    });
  }
  if (facts.memberOf.length > 0) return found;
  if (facts.owns.length > 0) {
    found.push({
      what: `it owns ${named(facts.owns)}`,
      mend: `REASSIGN OWNED BY ${user} TO ${quoteIdentifier(owner)}`,
    });
  }
  for (const { on, names } of facts.writes) {
    found.push({
      what: `it may write to ${on.toLowerCase()} ${named(names)}`,
      mend: `REVOKE ALL ON ${on} ${names.slice(0, SHOWN).join(", ")} FROM PUBLIC, ${user}`,
    });
  }
  for (const where of facts.creates) {
    found.push({
      what: `it may create something in ${where.toLowerCase()}`,
      mend: `REVOKE CREATE ON ${where} FROM PUBLIC, ${user}`,
    });
  }
  return found;
}

/** What a dump needs and it does not get. */
function gaps(facts: ReaderFacts): Finding[] {
  const user = quoteIdentifier(facts.user);
  const found: Finding[] = [];
  if (facts.unreadable.length > 0) {
    found.push({
      what: `it may not read ${named(facts.unreadable)}`,
      mend:
        `GRANT pg_read_all_data TO ${user} (before PostgreSQL 14: USAGE on the schemas, SELECT on all tables and sequences)`,
    });
  }
  if (facts.hidden.length > 0) {
    found.push({
      what: `a row security policy may hide rows of ${named(facts.hidden)}`,
      mend: `ALTER ROLE ${user} BYPASSRLS`,
    });
  }
  if (facts.largeObjects.length > 0) {
    found.push({
      what: `it may not read the large objects ${named(facts.largeObjects)}`,
      mend: `GRANT SELECT ON LARGE OBJECT ${facts.largeObjects.slice(0, SHOWN).join(", ")} TO ${user}`,
    });
  }
  return found;
}

/** So many names are shown of a list. */
const SHOWN = 5;

const named = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "");
