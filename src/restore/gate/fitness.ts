/** Whether a target can be restored into. Pure: facts in, a judgement with every problem out. */

import { formatCount } from "../../base/numbers.ts";

/** What was found in the target's database, and what is to come. */
export interface FitnessFacts {
  database: string;
  owner: string;
  login: string;
  ownerExists: boolean;
  /** Whether the login may act as the owner role (SET ROLE). */
  mayAct: boolean;
  /** Whether the owner role may still create in schema public once DROP OWNED has taken away what was granted to it by name. */
  mayCreate: boolean;
  /** Of schema public; null where there is none. */
  publicOwner: string | null;
  /** Of user_lookup(text), which the pooler calls; null where there is none. */
  lookupOwner: string | null;
  /** What of the ERP another role owns, a sentence each. */
  foreign: readonly string[];
  schemas: readonly ExtraSchema[];
  /** The schemas that come with what is restored; undefined where that is not known. */
  incomingSchemas?: readonly string[];
  /** The schemas that the restore before brought: see `writeBroughtSchemasSql`. */
  broughtSchemas?: readonly string[];
  /** Prepared transactions, which no session holds any more (two-phase commit). */
  prepared: readonly string[];
  locks: LockFacts;
}

/** A schema besides public that is neither PostgreSQL's nor an extension's. */
export interface ExtraSchema {
  name: string;
  owner: string;
  /** How many tables are in it, of any role. */
  tables: number;
  /** How many tables, views, sequences and functions in it are the owner role's, and would be dropped. */
  owned: number;
}

/** All counts of locks. */
export interface LockFacts {
  /** max_locks_per_transaction */
  each: number;
  /** How many may hold locks at once: sessions, workers, prepared transactions. */
  holders: number;
  /** What others hold now in the shared table. */
  held: number;
  /** What the owner role has that is locked when it is dropped: relations, types, keys, defaults, triggers, functions. */
  dropped: number;
  /** How many relations are made: tables with what belongs to them, indexes, sequences. */
  made: number;
}

type TargetProblemCode = "TARGET_UNFIT" | "FOREIGN_OWNED";

interface TargetProblem {
  code: TargetProblemCode;
  sentence: string;
}

/** Whether one transaction can hold all the locks, or several are needed, and the numbers behind it. */
export interface LockVerdict {
  mode: "atomic" | "staged";
  needed: number;
  room: number;
  sentence: string;
}

type Fitness = { fit: true; locks: LockVerdict } | { fit: false; problems: TargetProblem[] };

/** Finds every problem, not only the first. */
export function judgeFitness(facts: FitnessFacts): Fitness {
  const problems = [
    ...judgeRoles(facts).map((sentence) => ({ code: "TARGET_UNFIT" as const, sentence })),
    ...facts.foreign.map((sentence) => ({ code: "FOREIGN_OWNED" as const, sentence })),
    ...judgeSchemas(facts).map((sentence) => ({ code: "TARGET_UNFIT" as const, sentence })),
    ...facts.prepared.map((name) => ({
      code: "TARGET_UNFIT" as const,
      sentence: `the prepared transaction ${name} holds its locks until it is ended: ROLLBACK PREPARED`,
    })),
  ];
  return problems.length > 0 ? { fit: false, problems } : { fit: true, locks: judgeLocks(facts.locks) };
}

function judgeRoles(
  { owner, login, ownerExists, mayAct, mayCreate, publicOwner, lookupOwner }: FitnessFacts,
): string[] {
  if (!ownerExists) return [`the owner role ${owner} does not exist on this server`];
  const found: string[] = [];
  if (!mayAct) found.push(`the login ${login} may not act as ${owner}: it must be a member of it`);
  if (publicOwner === null) found.push("there is no schema public");
  else if (publicOwner === owner) {
    found.push(
      `schema public belongs to ${owner} itself and would be dropped with all that is in it: ALTER SCHEMA public OWNER TO pg_database_owner`,
    );
  } else if (!mayCreate) {
    found.push(
      `${owner} could create nothing in schema public once what was granted to it by name is dropped: ALTER DATABASE ... OWNER TO ${owner}, with schema public owned by pg_database_owner`,
    );
  }
  if (lookupOwner === owner) {
    found.push(
      `user_lookup(text), which the pooler calls, belongs to ${owner} and would be dropped: give it back to the provisioner`,
    );
  }
  return found;
}

/** A schema that the restore brings again may be dropped, and one that the restore before brought; one that a person made may not. */
function judgeSchemas({ owner, schemas, incomingSchemas = [], broughtSchemas = [] }: FitnessFacts): string[] {
  return schemas.flatMap((schema) => {
    const { name, tables, owned } = schema;
    if (schema.owner === owner) {
      return [...incomingSchemas, ...broughtSchemas].includes(name) ? [] : [
        `the schema ${name} of ${owner} would be dropped, and what is restored has none of that name`,
      ];
    }
    if (owned > 0) {
      return [`${owned} objects of ${owner} in the schema ${name} of ${schema.owner} would be dropped`];
    }
    if (tables > 0) {
      return [
        `the schema ${name} of ${schema.owner} has ${formatCount(tables, "table")} that are not the ERP's`,
      ];
    }
    return incomingSchemas.includes(name)
      ? [`the schema ${name} belongs to ${schema.owner}, and what is restored has one of that name`]
      : [];
  });
}

/** A part of the table is left to others: to sessions that connect meanwhile, and to the server's own workers. */
const FOR_OTHERS = 0.1;

/**
 * One transaction holds a lock on each object that it drops, and on each relation that it makes (tried: 4,734 locks for
 * dropping 279 tables with 1,286 indexes, sequences and TOAST relations, 1,565 more for making them again). The server's
 * table has room for `each` times `holders` (lmgr/lock.c, NLOCKENTS).
 */
export function judgeLocks({ each, holders, held, dropped, made }: LockFacts): LockVerdict {
  const needed = dropped + made;
  const room = Math.max(0, Math.floor(each * holders * (1 - FOR_OTHERS)) - held);
  const numbers = `about ${needed} locks are needed, and there is room for ${room}`;
  return needed <= room
    ? { mode: "atomic", needed, room, sentence: `One transaction is enough: ${numbers}` }
    : {
      mode: "staged",
      needed,
      room,
      sentence:
        `One transaction is not enough: ${numbers} (max_locks_per_transaction = ${each}). With max_locks_per_transaction = ${
          enoughLocks({ holders, held }, needed)
        } in postgresql.conf, and a restart of the server, it is`,
    };
}

/** Settings are told in steps of PostgreSQL's own default. */
const STEP = 64;

/** The least setting, in whole steps, with which one transaction has room for so many locks. */
const enoughLocks = ({ holders, held }: Pick<LockFacts, "holders" | "held">, needed: number): number =>
  Math.ceil((needed + held + 1) / (holders * (1 - FOR_OTHERS)) / STEP) * STEP;
