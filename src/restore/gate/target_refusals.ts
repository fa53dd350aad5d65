/** Refuses a target that cannot be restored into, before anything is touched. */

import { DrillError } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { readBroughtSchemas } from "../../dolibarr/sandbox/brought_schemas.ts";
import { type Database, quoteLiteral } from "../../postgres/connection/database.ts";
import { foreignObjects, sentenceOf } from "../../postgres/rights/owners.ts";
import { refuseSharedConnections } from "../../postgres/connection/pooler.ts";
import type { Session } from "../../postgres/connection/session.ts";
import type { TocEntry } from "../dump/toc.ts";
import { refuseForeignDependants } from "./dependants.ts";
import {
  type ExtraSchema,
  type FitnessFacts,
  judgeFitness,
  type LockFacts,
  type LockVerdict,
} from "./fitness.ts";

/** What a dump brings, as far as fitness depends on it. */
interface IncomingEntries {
  included: readonly Pick<TocEntry, "kind" | "name">[];
}

/**
 * Asks in the session that the restore will use, outside of a transaction. Changes nothing.
 *
 * @param environment its name in the configuration, for hints.
 * @param plan what is to come; without it, as much as there is now.
 * @returns whether the locks allow one transaction.
 * @throws DrillError `POOLER_MODE`, `TARGET_UNFIT`, `FOREIGN_OWNED`, `DEPENDANTS_OF_OTHERS`, each with every reason.
 */
export async function refuseUnsuitableTarget(
  session: Session,
  database: Database,
  environment: string,
  plan?: IncomingEntries,
): Promise<LockVerdict> {
  await refuseSharedConnections(session, database);
  const fitness = judgeFitness(await readFitness(session, database, plan));
  if (!fitness.fit) throw targetError(database, environment, fitness.problems);
  await refuseForeignDependants(session.ask, database.owner);
  return fitness.locks;
}

function targetError(
  { name, owner }: Database,
  environment: string,
  problems: readonly { code: "TARGET_UNFIT" | "FOREIGN_OWNED"; sentence: string }[],
): DrillError {
  const details = problems.map(({ sentence }) => sentence);
  if (problems.every(({ code }) => code === "FOREIGN_OWNED")) {
    return new DrillError(
      "FOREIGN_OWNED",
      `Cannot restore into ${name}: ${formatCount(problems.length, "object")} of the ERP ${
        problems.length === 1 ? "is" : "are"
      } not ${owner}'s`,
      `Nothing was changed. See what can be corrected: ${PROGRAM} fix-ownership --env ${environment}`,
      { details },
    );
  }
  return new DrillError(
    "TARGET_UNFIT",
    `Cannot restore into ${name}: ${formatCount(problems.length, "problem")} must be solved first`,
    "Nothing was changed. Move or drop what is in the way, or grant what is missing.",
    { details },
  );
}

interface Asked extends Omit<FitnessFacts, "foreign" | "database" | "owner" | "incomingSchemas" | "locks"> {
  schemas: ExtraSchema[];
  locks: Omit<LockFacts, "made"> & { relations: number };
}

async function readFitness(
  session: Session,
  database: Database,
  plan?: IncomingEntries,
): Promise<FitnessFacts> {
  const { owner, name } = database;
  const asked = await session.ask<Asked>(fitnessSql(owner));
  const { foreign } = await foreignObjects(session, owner);
  const { relations, ...locks } = asked.locks;
  return {
    ...asked,
    database: name,
    owner,
    foreign: foreign.map(sentenceOf),
    ...(plan
      ? { incomingSchemas: schemasIn(plan), broughtSchemas: await readBroughtSchemas(session.ask) }
      : {}),
    locks: { ...locks, made: plan ? relationsIn(plan) : relations },
  };
}

/** The schemas that come with a dump, by name. */
export const schemasIn = ({ included }: IncomingEntries): string[] =>
  included.filter(({ kind }) => kind === "SCHEMA").map(({ name }) => name);

/** Half of Dolibarr's tables have a TOAST table with its index. */
const MADE: Readonly<Record<string, number>> = {
  "TABLE": 2,
  "INDEX": 1,
  "CONSTRAINT": 1,
  "SEQUENCE": 1,
  "VIEW": 1,
  "MATERIALIZED VIEW": 2,
};

const relationsIn = ({ included }: IncomingEntries): number =>
  included.reduce((sum, { kind }) => sum + (MADE[kind] ?? 0), 0);

/** SQL whose one row and column is an `Asked`. The privilege `SET`, new in PostgreSQL 16, is asked for by the server's version. */
const fitnessSql = (owner: string): string => `
  WITH role AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)}),
  public AS (SELECT * FROM pg_catalog.pg_namespace WHERE nspname = 'public'),
  mine AS MATERIALIZED (SELECT c.oid, relkind FROM pg_catalog.pg_class c, role WHERE relowner = role.oid),
  extras AS (
    SELECT n.oid, n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner,
           (SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p') AND NOT EXISTS (
             SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) AS tables,
           (SELECT count(*) FROM pg_catalog.pg_class c, role WHERE c.relnamespace = n.oid AND c.relowner = role.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f'))
           + (SELECT count(*) FROM pg_catalog.pg_proc p, role WHERE p.pronamespace = n.oid AND p.proowner = role.oid) AS owned
      FROM pg_catalog.pg_namespace n
     WHERE n.nspname NOT IN ('public', 'information_schema') AND n.nspname !~ '^pg_' AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e'))
  SELECT json_build_object(
    'login', session_user,
    'ownerExists', EXISTS (SELECT FROM role),
    'mayAct', (SELECT pg_has_role(session_user, role.oid, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END) FROM role),
    'publicOwner', (SELECT pg_get_userbyid(nspowner) FROM public),
    'mayCreate', (SELECT (nspowner <> role.oid AND pg_has_role(role.oid, nspowner, 'USAGE')) OR EXISTS (
        SELECT FROM aclexplode(nspacl) a WHERE a.privilege_type = 'CREATE' AND a.grantee <> role.oid
           AND (a.grantee = 0 OR pg_has_role(role.oid, a.grantee, 'USAGE'))) FROM public, role),
    'lookupOwner', (SELECT pg_get_userbyid(proowner) FROM pg_catalog.pg_proc WHERE oid = to_regprocedure('public.user_lookup(text)')),
    'schemas', (SELECT coalesce(json_agg(json_build_object('name', name, 'owner', owner, 'tables', tables, 'owned', owned) ORDER BY name), '[]'::json) FROM extras),
    'prepared', (SELECT coalesce(json_agg(quote_literal(gid) || ' of ' || owner ORDER BY gid), '[]'::json) FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()),
    'locks', json_build_object(
      'each', current_setting('max_locks_per_transaction')::integer,
      'holders', (SELECT sum(setting::integer) FROM pg_catalog.pg_settings WHERE name IN (
        'max_connections', 'max_prepared_transactions', 'autovacuum_max_workers', 'max_worker_processes', 'max_wal_senders')),
      'held', (SELECT count(*) FROM pg_catalog.pg_locks WHERE NOT fastpath AND locktype IN ('relation', 'object')),
      'dropped', (SELECT count(*) FROM mine)
        + (SELECT count(*) FROM pg_catalog.pg_attrdef WHERE adrelid IN (SELECT oid FROM mine))
        + (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid IN (SELECT oid FROM mine))
        + (SELECT count(*) FROM pg_catalog.pg_constraint WHERE conrelid IN (SELECT oid FROM mine))
        + (SELECT count(*) FROM pg_catalog.pg_type t, role WHERE typowner = role.oid)
        + (SELECT count(*) FROM pg_catalog.pg_proc p, role WHERE proowner = role.oid),
      'relations', (SELECT count(*) FROM mine)))`;
