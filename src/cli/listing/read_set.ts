/** What the store has of one set beside what `list` reads of all. */

import type { AgedFinding } from "../../checks/findings/age.ts";
import { findingsOfSets } from "../../checks/findings/of_sets.ts";
import { readProof } from "../../store/records/proofs.ts";
import { readEach, readOrReport } from "../../store/records/stored_record.ts";
import type { Inventory } from "../../store/sets/inventory.ts";
import type { Store } from "../../store/store.ts";
import type { Context } from "../command/context.ts";
import { type KnownFindings, readKnownFindings } from "../findings/known.ts";
import type { WholeSet } from "./one_set.ts";
import type { ListedSet } from "./sets.ts";

/** Reads the proofs of a set, and since when what was found in it is there. A proof that cannot be read is warned of. */
export async function readWholeSet(
  listed: ListedSet,
  { inventory, known, now }: { inventory: Inventory; known: KnownFindings; now: Date },
  store: Store,
  context: Context,
): Promise<WholeSet> {
  const { set } = listed;
  const found = findingsOfSets({ sets: [set], drills: known.drills, acceptances: known.acceptances, now })
    .get(set.name);
  const asOf = found && found.length > 0
    ? (await readKnownFindings(store, inventory, context, { now, asOf: set.name })).standing
    : [];
  const findings = found?.map((finding): AgedFinding =>
    asOf.find((one) => one.finding.id === finding.id) ??
      { finding, check: "", since: undefined, nights: undefined, stillRightIn: undefined }
  );
  const proofs = inventory.proofs.get(set.name) ?? [];
  const bodies = await readEach(
    proofs,
    ({ key }) =>
      readOrReport(key, () => readProof(store, key), ({ error }) => context.reporter.warn(error.message)),
  );
  const name = `${set.environment}/${set.name}`;
  return {
    listed,
    findings,
    proofs: proofs.map((proof, at) => ({ ...proof, body: bodies[at] })),
    drills: known.drills.filter((drill) => drill.set?.name === name),
  };
}
