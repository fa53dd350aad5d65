/** What a database's own dump cannot bring back: refused before anything is dropped. */

import { DrillError } from "../../base/errors.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { extensionsNotMadeAgain } from "../../postgres/catalogue/extensions.ts";
import { rightsPassedOn, rightsTakenFrom } from "../../postgres/rights/rights_lost.ts";
import type { Ask } from "../../postgres/connection/session.ts";

type Owned = Pick<Database, "name" | "owner">;

/**
 * Before an earlier dump is put back. What came since then may go, but not the rights that others granted to the owner role.
 * @throws DrillError `TARGET_UNFIT` naming each right of the owner role that `DROP OWNED` would take for good.
 */
export async function refuseLostRights(ask: Ask, owned: Owned): Promise<void> {
  refuse(await rightsTakenFrom(ask, owned.owner), owned);
}

/**
 * Where what is there now must come back after a failure, outside of any transaction.
 * @throws DrillError `TARGET_UNFIT` naming those rights, those that only another role can give again, and the extensions
 *   that the owner role may not make again.
 */
export async function refuseIrreplaceable(ask: Ask, owned: Owned): Promise<void> {
  refuse([
    ...await rightsTakenFrom(ask, owned.owner),
    ...await rightsPassedOn(ask, owned.owner),
    ...await extensionsNotMadeAgain(ask, owned.owner),
  ], owned);
}

function refuse(lost: readonly string[], { name, owner }: Owned): void {
  if (lost.length === 0) return;
  throw new DrillError(
    "TARGET_UNFIT",
    `Cannot drop what ${owner} has in ${name} and put it back: ${owner} could not make all of it again`,
    `Nothing was changed. Grant rights on the objects of ${owner} as ${owner} itself, grant rights on those of others to a role that it is a member of, and let a superuser own such an extension.`,
    { details: lost },
  );
}
