/** What a restore must leave to other roles: their objects, the pooler's function, their rights. Read before, compared after. */

import { DrillError } from "../../base/errors.ts";
import { quoteLiteral } from "../../postgres/connection/database.ts";
import type { LookupFunction } from "../../postgres/connection/pooler.ts";
import type { Ask } from "../../postgres/connection/session.ts";
import { type Grants, readGrants } from "../../postgres/rights/grants.ts";

/** What there was before anything was dropped. */
export interface Others {
  /** The pooler's function; null where there is none. */
  lookup: LookupFunction | null;
  objects: readonly OthersObject[];
  /** What others might do with what the owner role had: given again where it has the same name. */
  grants: Grants;
}

/** Something in the database that another role than the owner role owns. */
interface OthersObject {
  what: string;
  owner: string;
}

export const readOthers = async (ask: Ask, owner: string): Promise<Others> => ({
  lookup: await readLookup(ask),
  objects: await ask<OthersObject[]>(objectsSql(owner)),
  grants: await readGrants(ask, owner),
});

/** Of every kind: pg_shdepend knows who owns what, except what the server's first superuser owns. */
const objectsSql = (owner: string): string => `
  SELECT coalesce(json_agg(json_build_object('what', pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid),
    'owner', pg_catalog.pg_get_userbyid(d.refobjid))), '[]'::json)
    FROM pg_catalog.pg_shdepend d
   WHERE d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
     AND d.deptype = 'o' AND d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
     AND d.refobjid <> (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)})`;

/**
 * After the load. A `RESET ROLE` in the dump makes what follows the login's.
 * @throws DrillError `RESTORE_FAILED` where something that was loaded is not the owner role's.
 */
export async function refuseOthersObjects(
  ask: Ask,
  { objects, grants: { owner } }: Others,
  set: string,
): Promise<void> {
  const known = new Set(objects.map(({ what, owner }) => `${what} ${owner}`));
  const found = await ask<OthersObject[]>(objectsSql(owner));
  const added = found.filter(({ what, owner }) => !known.has(`${what} ${owner}`));
  if (added.length === 0) return;
  throw new DrillError(
    "RESTORE_FAILED",
    `Cannot accept the restore of ${set}: ${added[0]!.what} belongs to ${added[0]!.owner}, not to ${owner}`,
    "The dump changes the role that it is loaded as, which pg_dump never does. The restore was undone.",
    { details: added.slice(0, 10).map(({ what, owner }) => `${what} belongs to ${owner}`) },
  );
}

/** `user_lookup(text)` of schema public, as pgbouncer calls it; null where there is none. */
const LOOKUP_SQL =
  `SELECT coalesce((SELECT json_build_object('owner', pg_get_userbyid(proowner), 'definition', md5(pg_get_functiondef(oid) || coalesce(proacl::text, '')
    || coalesce((SELECT string_agg(grantee::text || has_schema_privilege(grantee, pronamespace, 'USAGE')::text, ',' ORDER BY grantee)
         FROM aclexplode(proacl) WHERE grantee <> 0), '')))
  FROM pg_catalog.pg_proc WHERE oid = to_regprocedure('public.user_lookup(text)')), 'null'::json)`;

/** The pooler's function as it is now. */
export const readLookup = (ask: Ask): Promise<LookupFunction | null> => ask(LOOKUP_SQL);

/**
 * The owner of a schema may drop what is in it, also what another role owns; without the function no login gets through
 * the pooler.
 * @throws DrillError `RESTORE_FAILED`
 */
export function refuseOtherLookup(
  before: LookupFunction | null,
  after: LookupFunction | null,
  set: string,
): void {
  if (before?.owner === after?.owner && before?.definition === after?.definition) return;
  throw new DrillError(
    "RESTORE_FAILED",
    `Cannot accept the restore of ${set}: user_lookup(text), which the pooler calls, is not what it was`,
    "The dump drops or changes it, which pg_dump never does. The restore was undone.",
  );
}
