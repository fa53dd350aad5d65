/** What retention is told of the sets in a store. */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { retentionSetsOf } from "../../../src/retention/sets.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { type ProofBody, putProof } from "../../../src/store/records/proofs.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { putLegacy, putSet } from "../../support/store/sets.ts";

describe("a set as retention looks at it", () => {
  it("is verified by a proof that passed, one of the shell script only by that of a drill", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    const [old, ours] = ["20260501T020000Z", "20260601T020000Z"] as const;
    await putLegacy(store, old);
    await putSet(store, ours);
    const prove = (set: string, verb: ProofBody["verb"], verdict: ProofBody["verdict"], day: string) =>
      putProof(store, {
        environment: "prod",
        set,
        at: new Date(`2026-06-${day}T00:00:00Z`),
        verb,
        verdict,
        objects: [],
        proved: [],
        notProved: [],
        problems: [],
      });
    const verified = async () =>
      retentionSetsOf(await readInventory(store, "prod"), []).map(({ name, verified }) => [name, verified]);

    assertEquals(await verified(), [[ours, false], [old, false]]);
    for (const set of [old, ours]) await prove(set, "verify", "pass", "02");
    assertEquals(await verified(), [[ours, true], [old, false]]);
    await prove(old, "drill", "fail", "03");
    assertEquals(await verified(), [[ours, true], [old, false]]);
    await prove(old, "drill", "pass", "04");
    assertEquals(await verified(), [[ours, true], [old, true]]);
  });

  it("was seen when its older half was looked at", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    await putSet(store, "20260601T020000Z");
    await putSet(store, "20260610T020000Z", { docs: "20260601T020000Z" }); // taken over unseen: no fingerprint
    const seen = retentionSetsOf(await readInventory(store, "prod"), []).map(({ seen }) =>
      seen.toISOString()
    );
    assertEquals(seen, ["2026-06-01T02:00:00.000Z", "2026-06-01T02:00:00.000Z"]);
  });
});
