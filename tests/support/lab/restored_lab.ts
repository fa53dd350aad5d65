/** A lab into whose sandbox the newest set was restored, for tests of checks. */

import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { protectedOnes } from "../../../src/cli/command/clients.ts";
import { type DataContext, readDataContext } from "../../../src/checks/data/context.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { restore, type RestoreProof } from "../../../src/restore/restore.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { registeredOf } from "../../../src/store/sets/register.ts";
import { findSet } from "../store/sets.ts";
import { type DrillLab, startDrillLab } from "./drill_lab.ts";
import type { ErpKind } from "./lab.ts";
import type { Level } from "../../../src/checks/result.ts";

/** Its workload is still stopped. Disposing starts it again, and stops the lab. */
export interface RestoredLab extends AsyncDisposable {
  lab: DrillLab;
  proof: RestoreProof;
  /** The sandbox's database, as its login. */
  session: Session;
  /** A superuser's session in the same database. */
  provisioner: Session;
  /** The context of the checks on the data, as the database is now. */
  context(): Promise<DataContext>;
}

export interface RestoredLabOptions {
  level: Level;
  /** The number of invoices that are opened. */
  samples: number;
  /** The greatest age of the set, in ms. */
  maxAgeMs: number;
}

export const startRestoredLab = async (
  kind: ErpKind,
  options: RestoredLabOptions,
): Promise<RestoredLab> => await restoredLabOf(await startDrillLab(kind), options);

/** The same of a lab that was started; disposing stops it. */
export async function restoredLabOf(
  lab: DrillLab,
  { level, samples, maxAgeMs }: RestoredLabOptions,
): Promise<RestoredLab> {
  await using started = new AsyncDisposableStack();
  started.use(lab);
  const lease = started.use(await takeLease(lab.store, "sandbox", "drill"));
  const set = await findSet(lab.store, "prod", "latest");
  const proof = await restore(set, lab.sandbox, lab.store, {
    lease,
    protectedOnes: protectedOnes(lab.config, { from: "prod", into: "sandbox" }, silentReporter),
    reporter: silentReporter,
    signal: new AbortController().signal,
  });
  started.use(proof.workload);
  const provisioner = started.use(await lab.provisioner());
  const session = started.use(await connect(lab.sandbox.database));
  const resources = started.move();
  const vanished = { listed: 1, missing: [], exchanged: [] };
  const registered = registeredOf(set, lab.store);
  const known = { proof, registered, newer: [], vanished, sandbox: lab.sandbox, session, maxAgeMs, level };
  return {
    ...{ lab, proof, session, provisioner },
    context: () =>
      readDataContext({ ...known, choice: { count: samples, seed: "test" } }, () => contentOf(session)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
