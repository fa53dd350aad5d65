/** What a database's own dump cannot bring back once it was dropped: said before anything is. */

import { DrillError } from "../../base/errors.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { extensionsNotMadeAgain } from "../../postgres/catalogue/extensions.ts";
import { rightsPassedOn, rightsTakenFrom } from "../../postgres/rights/rights_lost.ts";
import type { Ask } from "../../postgres/connection/session.ts";

type Whose = Pick<Database, "name" | "owner">;

/**
 * Where a dump that was taken before is put back, and what came since may go: the owner role keeps what others gave it.
 * @throws DrillError `TARGET_UNFIT` naming each right of the owner role that `DROP OWNED` would take for good.
 */
export async function refuseLostRights(ask: Ask, whose: Whose): Promise<void> {
  refuse(await rightsTakenFrom(ask, whose.owner), whose);
}

/**
 * Where what is there now must come back after a failure, outside of any transaction.
 * @throws DrillError `TARGET_UNFIT` naming those rights, those that only another role can give again, and the extensions
 *   that the owner role may not make again.
 */
export async function refuseIrreplaceable(ask: Ask, whose: Whose): Promise<void> {
  refuse([
    ...await rightsTakenFrom(ask, whose.owner),
    ...await rightsPassedOn(ask, whose.owner),
    ...await extensionsNotMadeAgain(ask, whose.owner),
  ], whose);
}

function refuse(lost: readonly string[], { name, owner }: Whose): void {
  if (lost.length === 0) return;
  throw new DrillError(
    "TARGET_UNFIT",
    `Cannot drop what ${owner} has in ${name} and put it back: ${owner} may not make all of it again`,
    `Nothing was changed. Give rights on what ${owner} has as ${owner} itself, and those on what others have to a role that it is a member of; let a superuser own such an extension.`,
    { details: lost },
  );
}
