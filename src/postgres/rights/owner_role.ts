/** Whether the role that the configuration names as the owner is there: much is compared with it. */

import { DrillError } from "../../base/errors.ts";
import type { Database } from "../connection/database.ts";
import type { Session } from "../connection/session.ts";

/**
 * Refuses a `database.owner` that the server does not know. What is proved by comparing with a role that is not there
 * would hold of everything.
 *
 * @throws DrillError `ROLE_MISSING`, with the roles that own the tables of this database.
 */
export async function requireOwnerRole(session: Session, { name, owner }: Database): Promise<void> {
  const [row] = await session.query<{ there: boolean; owners: string[] }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1) AS there,
            ARRAY(SELECT pg_catalog.pg_get_userbyid(relowner)::text FROM pg_catalog.pg_class
                   WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace('public')
                   GROUP BY relowner ORDER BY count(*) DESC LIMIT 3) AS owners`,
    [owner],
  );
  if (row!.there) return;
  const { owners } = row!;
  throw new DrillError(
    "ROLE_MISSING",
    `Cannot use the database ${name}: its owner as configured, ${owner}, is no role of the server`,
    `Nothing was read or changed. Correct database.owner in the configuration${
      owners.length === 0 ? "." : `: the tables of ${name} belong to ${owners.join(", ")}.`
    }`,
  );
}
