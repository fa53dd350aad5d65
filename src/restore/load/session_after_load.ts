/** Whatever a dump set in the session that loads it is set back before anything is asked: its answers are what counts. */

import { DrillError } from "../../base/errors.ts";
import { quoteIdentifier, quoteLiteral } from "../../postgres/connection/database.ts";
import type { Psql } from "../../postgres/programs/psql.ts";

/** Something in the database that another role than the owner role owns. */
interface OthersObject {
  what: string;
  owner: string;
}

/** Of every kind: pg_shdepend knows who owns what, but for what the server's first superuser owns. */
const othersSql = (owner: string): string => `
  SELECT coalesce(json_agg(json_build_object('what', pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid),
    'owner', pg_catalog.pg_get_userbyid(d.refobjid))), '[]'::json)
    FROM pg_catalog.pg_shdepend d
   WHERE d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
     AND d.deptype = 'o' AND d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
     AND d.refobjid <> (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)})`;

/** What is not the owner role's; asked before the load. */
export const readOthers = (
  { ask }: Pick<Psql, "ask">,
  owner: string,
): Promise<OthersObject[]> => ask(othersSql(owner));

/**
 * After the load: every setting is that of a new session again, with the owner role and no schema in the search path, so that
 * no function of the dump can stand in for one of the server's. A `RESET ROLE` in the dump makes what follows the login's.
 * @throws DrillError `RESTORE_FAILED` where something that was loaded is not the owner role's.
 */
export async function takeSessionBack(
  psql: Psql,
  owner: string,
  before: readonly OthersObject[],
  set: string,
): Promise<void> {
  await psql.run(
    `RESET ALL; SET ROLE ${quoteIdentifier(owner)}; SET client_encoding = 'UTF8'; SET search_path = ''`,
  );
  const known = new Set(before.map(({ what, owner }) => `${what} ${owner}`));
  const added = (await readOthers(psql, owner)).filter(({ what, owner }) => !known.has(`${what} ${owner}`));
  if (added.length === 0) return;
  throw new DrillError(
    "RESTORE_FAILED",
    `Cannot accept the restore of ${set}: ${added[0]!.what} came to belong to ${
      added[0]!.owner
    }, not to ${owner}`,
    "The dump changes the role that it is loaded as, which pg_dump never does. Nothing of the restore stays.",
    { details: added.slice(0, 10).map(({ what, owner }) => `${what} belongs to ${owner}`) },
  );
}
