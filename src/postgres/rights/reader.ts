/** A login that only backs up: it must be able to read everything, and to write nothing. Checked before each backup. */

import { DrillError } from "../../base/errors.ts";
import { type Database, quoteIdentifier } from "../connection/database.ts";
import { type ReaderFacts, readerFactsSql } from "./reader_facts.ts";
import type { Session } from "../connection/session.ts";

/**
 * Checks what the login of `session` may do in its database.
 * @throws DrillError `READER_CAN_WRITE`, `READER_CANNOT_READ`, each with the statements that correct it.
 */
export async function refuseWriter(session: Session, database: Database): Promise<void> {
  const problem = judgeReader(await session.ask<ReaderFacts>(readerFactsSql(database.owner)), database);
  if (problem) throw problem;
}

/** What is wrong with it, or undefined. Pure. A right to write is reported before a missing right to read. */
export function judgeReader(
  facts: ReaderFacts,
  database: Pick<Database, "name" | "owner">,
): DrillError | undefined {
  const writer = powers(facts, database.owner);
  if (writer.length > 0) {
    return new DrillError(
      "READER_CAN_WRITE",
      `Cannot back up ${database.name} as ${facts.user}: the login for backups can write`,
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

interface Problem {
  what: string;
  /** One statement, as a superuser or the owner gives it. */
  mend: string;
}

/** Why it can write. Where one reason includes all the others, only that one. */
function powers(facts: ReaderFacts, owner: string): Problem[] {
  const user = quoteIdentifier(facts.user);
  if (facts.superuser) return [{ what: "it is a superuser", mend: `ALTER ROLE ${user} NOSUPERUSER` }];
  const found: Problem[] = facts.memberOf.map((role) => ({
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

/** What a dump needs and the login may not read. */
function gaps(facts: ReaderFacts): Problem[] {
  const user = quoteIdentifier(facts.user);
  const found: Problem[] = [];
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

/** How many names of a list are shown. */
const SHOWN = 5;

const named = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "");
