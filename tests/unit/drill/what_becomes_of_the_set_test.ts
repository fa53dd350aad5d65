/** What becomes of the set that was drilled, by whose fault it is: what `list` says of it, and which set is `latest`. */

import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeColours } from "../../../src/base/terminal/colours.ts";
import { describeSets } from "../../../src/cli/listing/sets.ts";
import { listLines } from "../../../src/cli/listing/table.ts";
import { proofOf } from "../../../src/drill/record/proof.ts";
import { prepareResult } from "../../../src/checks/overall_verdict.ts";
import { putProof } from "../../../src/store/records/proofs.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { latestIn } from "../../../src/store/sets/latest.ts";
import { emptyStore, policy } from "../../support/retention/prune_store.ts";
import { culprits } from "../../support/samples/culprits.ts";
import { putSet } from "../../support/store/sets.ts";

const [OLDER, DRILLED] = ["20261119T020007Z", "20261120T020007Z"];
const NOW = new Date("2026-11-20T07:00:00Z");

describe("a set that was drilled", () => {
  for (const [name, result] of Object.entries(culprits)) {
    const drilled = prepareResult(result());
    it(`${name}: is listed and is latest as whose fault it is`, async () => {
      await using folder = await emptyStore();
      const { store } = folder;
      await putSet(store, OLDER);
      await putSet(store, DRILLED);
      const proof = proofOf(drilled, { environment: "prod", name: DRILLED });
      if (proof) await putProof(store, proof);
      const inventory = await readInventory(store, "prod", NOW);
      const lines = listLines(describeSets(inventory, [], policy, NOW), NOW, {
        width: 80,
        isTerminal: false,
        colours: makeColours(false),
      });
      const isBad = name === "damaged";
      assertEquals(proof?.verdict === "fail", isBad);
      assertEquals(latestIn(inventory)?.name, isBad ? OLDER : DRILLED);
      assertMatch(lines.find((line) => line.startsWith(DRILLED))!, isBad ? / bad / : / latest /);
    });
  }
});
