/** What would be lost when a database's own dump is put back into it: said before anything is dropped. */

import { DrillError } from "../base/errors.ts";
import type { Database } from "../postgres/database.ts";
import { extensionsNotMadeAgain } from "../postgres/extensions.ts";
import { rightsPassedOn, rightsTakenFrom } from "../postgres/rights_lost.ts";

/**
 * To be asked before what the owner role has is dropped, where a dump of it is to bring all of it back.
 * @throws DrillError `TARGET_UNFIT` naming each right that only another role can give again, and each extension that it cannot make again.
 */
export async function refuseIrreplaceable(
  ask: <T>(sql: string) => Promise<T>,
  { name, owner }: Pick<Database, "name" | "owner">,
): Promise<void> {
  const lost = [
    ...await rightsTakenFrom(ask, owner),
    ...await rightsPassedOn(ask, owner),
    ...await extensionsNotMadeAgain(ask, owner),
  ];
  if (lost.length === 0) return;
  throw new DrillError(
    "TARGET_UNFIT",
    `Cannot drop what ${owner} has in ${name} and put it back: ${owner} may not make all of it again`,
    `Nothing was changed. Give rights on what ${owner} has as ${owner} itself, and those on what others have to a role that it is a member of; let a superuser own such an extension.`,
    { details: lost },
  );
}
