/** Gives objects of other roles to the environment's owner role, as far as our login may; the provisioner does the rest. */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { formatCount } from "../../base/numbers.ts";
import { type ForeignObject, foreignObjects, giveSql, sentenceOf } from "../../postgres/rights/owners.ts";
import type { Session } from "../../postgres/connection/session.ts";

export interface OwnershipPlan {
  owner: string;
  /** How many objects were checked. */
  checked: number;
  /** What our login may give to the owner role. */
  mend: ForeignObject[];
  /** What only the provisioner may, each with its reason. */
  rest: ForeignObject[];
}

/** Which objects of the ERP in `session`'s database are not `owner`'s, and who may change that. In a read-only transaction. */
export async function planOwnership(session: Session, owner: string): Promise<OwnershipPlan> {
  await session.query("BEGIN READ ONLY");
  try {
    return await readPlan(session, owner);
  } finally {
    await session.query("ROLLBACK"); // nothing was written
  }
}

async function readPlan(session: Session, owner: string): Promise<OwnershipPlan> {
  const { checked, foreign } = await foreignObjects(session, owner);
  return {
    owner,
    checked,
    mend: foreign.filter(({ hindrance }) => hindrance === null),
    rest: foreign.filter(({ hindrance }) => hindrance !== null),
  };
}

/**
 * Does what `plan` says our login may, in one transaction, and checks again before it commits.
 * @returns what is left for the provisioner.
 * @throws DrillError `OWNERSHIP_DIFFERS` where an object did not change its owner, `DATABASE_LOCKED` where another session
 *   uses one of the tables; nothing was then changed.
 */
export async function mendOwnership(session: Session, plan: OwnershipPlan): Promise<OwnershipPlan> {
  if (plan.mend.length === 0) return plan;
  await session.query("BEGIN");
  try {
    await session.query("SET LOCAL ROLE NONE"); // the rights of both roles are the login's, not those of the role it acts as
    // as with a dump: it never stands in a queue for a lock, with the ERP behind it
    await session.query(`SET LOCAL lock_timeout = ${limits.dumpWaitsForLock}`);
    for (const object of plan.mend) await session.query(giveSql(object, plan.owner));
    const after = await readPlan(session, plan.owner);
    if (after.mend.length > 0) throw notMended(after);
    await session.query("COMMIT");
    return after;
  } catch (error) {
    await session.query("ROLLBACK").catch(() => undefined); // the session is gone, and the transaction with it
    throw error;
  }
}

/** Statements for the provisioner, ready to paste; nothing where nothing is left. */
export function provisionerSql(
  { owner, checked: _, ...plan }: OwnershipPlan,
  { database, whole }: { database: string; whole: boolean },
): string[] {
  const objects = whole ? [...plan.mend, ...plan.rest] : plan.rest;
  if (objects.length === 0) return [];
  return [
    `-- As a superuser, in the database ${database.replaceAll(/[\r\n]/g, " ")}.`,
    "BEGIN;",
    ...objects.map((object) => `${giveSql(object, owner)};`),
    "COMMIT;",
  ];
}

const notMended = ({ owner, mend }: OwnershipPlan) =>
  new DrillError(
    "OWNERSHIP_DIFFERS",
    `Cannot give everything to ${owner}: ${formatCount(mend.length, "object")} did not change the owner`,
    "Nothing was changed. An event trigger may have changed it back.",
    { details: mend.map(sentenceOf) },
  );
