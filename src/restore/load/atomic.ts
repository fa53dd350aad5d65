/** A restore in one transaction: drop, load, compare, neutralise, and only then commit (docs/design.md, rule 2). */

import type { Database } from "../../postgres/connection/database.ts";
import { refuseOtherLargeObjects } from "../dump/large_objects.ts";
import { schemasIn } from "../gate/target_refusals.ts";
import { beginGuarded } from "./guarded_transaction.ts";
import { loadDump } from "./load_dump.ts";
import { readOthers } from "./others.ts";
import type { LoadPlan } from "./plan.ts";
import { type DatabaseProof, expectedOf, type ProofOptions, prove } from "./proof.ts";

interface RestoreDatabaseOptions extends ProofOptions {
  /** Called when everything is checked, just before the commit. */
  beforeCommit: () => Promise<void>;
  signal: AbortSignal;
}

/**
 * Restores the dump of `source` into `database`.
 * @throws DrillError `OBJECT_CORRUPT`, `DUMP_UNREADABLE`, `CONTENT_DIFFERS`, `TRANSACTION_BROKEN`, `DEPENDANTS_OF_OTHERS`,
 *   `RESTORE_FAILED`, `LEASE_HELD`: the transaction was rolled back and the target is what it was.
 */
export async function restoreDatabase(
  { source, plan, programs }: Pick<LoadPlan, "source" | "plan" | "programs">,
  database: Database,
  { beforeCommit, ...options }: RestoreDatabaseOptions,
): Promise<DatabaseProof> {
  const { name } = source;
  const { reporter, signal } = options;
  await using tx = await beginGuarded(database, programs, {
    action: `restore into ${database.name}`,
    source: name,
    signal,
  });
  const before = await readOthers(tx.ask, database.owner);
  await tx.dropOwned();
  const title = `Loading the database of ${name}`;
  const { read, rows, objects } = await loadDump(tx, source.dump, plan, programs, {
    title,
    reporter,
    signal,
  });
  await refuseOtherLargeObjects(tx.ask, name, plan, objects);
  const expected = source.tables ?? expectedOf(rows);
  const { hash } = source;
  const proof = await prove(
    tx,
    { name, dump: read, expected, hash, before, schemas: schemasIn(plan) },
    options,
  );
  await tx.commit(beforeCommit);
  return proof;
}
