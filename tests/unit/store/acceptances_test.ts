/** Decisions about findings: which one counts, and when it ends. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bytesOf } from "../../../src/base/streams.ts";
import {
  type Acceptance,
  acceptedNow,
  putAcceptance,
  readAcceptances,
} from "../../../src/store/records/acceptances.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import type { UnreadableRecord } from "../../../src/store/records/stored_record.ts";
import type { Store } from "../../../src/store/store.ts";
import { emptyStore } from "../../support/retention/prune_store.ts";
import { lostPdf } from "../../support/store/nights.ts";
import { keysOf, rethrow } from "../../support/store/sets.ts";

const FINDING = lostPdf("FA1");
const NOW = new Date("2026-11-30T12:00:00Z");
/** The first and the last UUID there can be: of two keys of one second the order is that of these. */
const [FIRST, LAST] = ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"];

const decision = (at: string, more: Partial<Acceptance> = {}): Acceptance => ({
  environment: "prod",
  finding: FINDING,
  until: "2026-12-31",
  reason: "x",
  by: "anne@erp",
  at,
  ...more,
});

async function withStore<T>(body: (store: Store) => Promise<T>): Promise<T> {
  await using folder = await emptyStore();
  return await body(folder.store);
}

const reasonIn = async (store: Store) =>
  (await readAcceptances(store, "prod", rethrow)).get(findingHash(FINDING))?.reason;

describe("a decision about a finding", () => {
  it("is the newest of all, in whatever order they were written", () =>
    withStore(async (store) => {
      await putAcceptance(store, decision("2026-11-30T10:00:01.000Z", { reason: "newest" }), FIRST!);
      await putAcceptance(store, decision("2026-11-30T10:00:00.000Z", { reason: "before" }), LAST!);
      assertEquals([await reasonIn(store), (await keysOf(store)).length], ["newest", 2]);
    }));

  it("is the later one of two of one second, whatever their ids", async () => {
    for (const [accepted, withdrawn] of [[FIRST, LAST], [LAST, FIRST]] as const) {
      await withStore(async (store) => {
        await putAcceptance(store, decision("2026-11-30T10:00:00.100Z"), accepted!);
        const { until: _, ...back } = decision("2026-11-30T10:00:00.900Z", { reason: "taken back" });
        await putAcceptance(store, back, withdrawn!);
        const acceptances = await readAcceptances(store, "prod", rethrow);
        assertEquals([await reasonIn(store), acceptedNow(FINDING, acceptances, NOW)], [
          "taken back",
          undefined,
        ]);
      });
    }
  });

  it("counts as none where the newest, or one of its second, cannot be read", () =>
    withStore(async (store) => {
      await putAcceptance(store, decision("2026-11-30T10:00:00.000Z"), FIRST!);
      const key = `prod/findings/${findingHash(FINDING)}.20261130T100000Z.${LAST}.json`;
      for (const broken of [key, key.replace("T100000Z", "T110000Z")]) {
        await store.put(broken, bytesOf("{"));
        const unreadable: UnreadableRecord[] = [];
        const acceptances = await readAcceptances(store, "prod", (one) => void unreadable.push(one));
        assertEquals([acceptances.size, unreadable.map(({ key }) => key)], [0, [broken]]);
        await store.delete(broken);
      }
      assertEquals(await reasonIn(store), "x");
    }));

  it("is no decision about a finding that its key does not name", () =>
    withStore(async (store) => {
      const key = await putAcceptance(store, decision("2026-11-30T10:00:00.000Z"), FIRST!);
      const other = key.replace(findingHash(FINDING), findingHash({ ...FINDING, facts: { bytes: 3 } }));
      const text = await Array.fromAsync(store.get(key));
      await store.put(
        other,
        (async function* () {
          yield* text;
        })(),
      );
      const unreadable: UnreadableRecord[] = [];
      const acceptances = await readAcceptances(store, "prod", (one) => void unreadable.push(one));
      assertEquals(acceptances.size, 1);
      assertMatch(unreadable[0]!.error.message, /it is about another finding/);
    }));

  it("is in force to the end of its last day, UTC, and not over other facts", () =>
    withStore(async (store) => {
      await putAcceptance(store, decision("2026-11-30T10:00:00.000Z"), FIRST!);
      const acceptances = await readAcceptances(store, "prod", rethrow);
      const at = (text: string) => acceptedNow(FINDING, acceptances, new Date(text))?.until;
      assertEquals(
        ["2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z"].map(at),
        ["2026-12-31", undefined],
      );
      assertEquals(acceptedNow({ ...FINDING, facts: { bytes: 3 } }, acceptances, NOW), undefined);
      await putAcceptance(store, decision("2026-11-30T11:00:00.000Z", { until: "never" }), FIRST!);
      const forGood = await readAcceptances(store, "prod", rethrow);
      assert(acceptedNow(FINDING, forGood, new Date("2036-01-01T00:00:00Z")));
    }));
});
