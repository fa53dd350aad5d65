/** What decides that two databases are one and the same. Pure. */

import type { Identity } from "./identity.ts";

/**
 * Whether both are one database, whatever they are called and however they are reached: the same server, by the identifier
 * that initdb gave it, and the same oid there (docs/facts.md, "Identity of a database"). A copy of a server's files has its
 * identifier too; a database that was dropped and created again is another one.
 *
 * @example
 * ```ts
 * const erp = { systemIdentifier: "7439", databaseOid: "16384" };
 * sameDatabase(erp, { ...erp }); // true
 * sameDatabase(erp, { ...erp, databaseOid: "16385" }); // false
 * ```
 */
export const sameDatabase = (
  one: Pick<Identity, "systemIdentifier" | "databaseOid">,
  other: Pick<Identity, "systemIdentifier" | "databaseOid">,
): boolean => one.systemIdentifier === other.systemIdentifier && one.databaseOid === other.databaseOid;
