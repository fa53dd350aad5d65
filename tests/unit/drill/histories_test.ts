import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { allChecks } from "../../../src/checks/all_checks.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { addHistories } from "../../../src/drill/record/histories.ts";
import { DrillRecord } from "../../../src/drill/record/record.ts";
import { storedOf } from "../../../src/report/json.ts";
import { restorableSetOf } from "../../../src/store/sets/restorable_set.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import type { AnySet } from "../../../src/store/sets/sets.ts";
import { putDrill } from "../../../src/store/records/drills.ts";
import { putAcceptance, readAcceptances } from "../../../src/store/records/acceptances.ts";
import { type MemoryStore, memoryStore } from "../../support/store/memory_store.ts";
import {
  booksCheck,
  drillOf,
  lost,
  nightOf,
  PDF,
  putNight,
  unbalanced,
} from "../../support/findings/nights.ts";
import { rethrow } from "../../support/store/sets.ts";

const signal = new AbortController().signal;

/** A drill of the newest set that found these findings of documents.invoices, and its warnings. */
async function drilled(store: MemoryStore, findings: Finding[], { read = store, aborted = false } = {}) {
  const warnings: string[] = [];
  const reporter = { ...silentReporter, warn: (line: string) => void warnings.push(line) };
  const record = new DrillRecord({
    ...{ from: "prod", set: "latest", into: "sandbox", seed: "x", lab: undefined, level: "standard" },
    ...{ checks: allChecks, onCheck: () => {}, reporter },
  });
  const inventory = await readInventory(store, "prod");
  const set: AnySet = inventory.sets[0]!;
  record.setChosen(restorableSetOf(set));
  record.checks.acceptances = await readAcceptances(store, "prod", rethrow);
  const [check] = [booksCheck("documents.invoices", findings)];
  record.checks.add({ ...check, screenshots: [], findings: check.findings });
  store.read.length = 0;
  const options = { level: "standard" as const, reporter, signal: aborted ? AbortSignal.abort() : signal };
  await addHistories(record, { set, store: read, inventory }, options);
  return { result: storedOf(record.finish()), warnings };
}

const histories = ({ checks }: ReturnType<typeof storedOf>) =>
  checks.flatMap(({ findings = [] }) => findings).map(({ history }) => history);

/** Two nights with the PDF, two without. */
async function fourNights(): Promise<MemoryStore> {
  const store = memoryStore();
  for (const day of [1, 2, 3, 4]) {
    await putNight(
      store,
      nightOf(day),
      day <= 2 ? { [PDF]: "%PDF", [`a/${day}`]: "x" } : { [`a/${day}`]: "x" },
    );
  }
  return store;
}

const accept = async (store: MemoryStore, finding: Finding) =>
  void await putAcceptance(store, {
    ...{
      environment: "prod",
      finding,
      until: "never",
      reason: "gone",
      by: "anne",
      at: "2026-11-01T00:00:00Z",
    },
  }, crypto.randomUUID());

describe("what a drill adds to its findings", () => {
  it("is since when each is there, and where its subject is right, also of an accepted one", async () => {
    const store = await fourNights();
    const expected = [{ since: nightOf(3), stillRightIn: nightOf(2) }];
    assertEquals(histories((await drilled(store, [lost()])).result), expected);
    await accept(store, lost());
    const { result, warnings } = await drilled(store, [lost()]);
    assertEquals(histories(result), expected);
    assertEquals([result.checks[0]?.verdict, warnings], ["pass", []]);
  });

  it("is told by the next drill without reading more than that", async () => {
    const store = await fourNights();
    const { result } = await drilled(store, [lost()]);
    await putDrill(
      store,
      "prod",
      drillOf(nightOf(4), [booksCheck("documents.invoices", result.checks[0]!.findings)]),
    );
    await putNight(store, nightOf(5), { other: "x" });
    const next = await drilled(store, [lost()]);
    assertEquals(histories(next.result), [{ since: nightOf(3), stillRightIn: nightOf(2) }]);
    assertEquals(store.read.filter((key) => key.includes(".index.")).length, 1);
  });

  it("is what of the accepted is mended, once", async () => {
    const store = await fourNights();
    await accept(store, lost());
    await putDrill(store, "prod", drillOf(nightOf(3), [booksCheck("documents.invoices", [lost()])]));
    const { result } = await drilled(store, []);
    assertEquals(result.mended?.map(({ id, accepted }) => [id, accepted?.reason]), [[lost().id, "gone"]]);
    await putDrill(store, "prod", drillOf(nightOf(4), [booksCheck("documents.invoices")]));
    await putNight(store, nightOf(5));
    assertEquals((await drilled(store, [])).result.mended, undefined);
  });

  it("is nothing, and a warning, where the store fails: the verdict stays", async () => {
    const store = await fourNights();
    const failing = {
      ...store,
      list: () => {
        throw new Error("it does not answer");
      },
    };
    const { result, warnings } = await drilled(store, [unbalanced()], { read: failing });
    assertEquals([histories(result), result.checks[0]?.verdict], [[undefined], "fail"]);
    assertMatch(warnings.join(), /could not be found out: it does not answer/);
  });

  it("ends with the drill where that is interrupted", async () => {
    const store = await fourNights();
    await assertRejects(() => drilled(store, [lost()], { aborted: true }));
  });

  it("asks nothing of the store where nothing was found and nothing is accepted", async () => {
    const store = await fourNights();
    const failing = {
      ...store,
      list: () => {
        throw new Error("it does not answer");
      },
    };
    const { result, warnings } = await drilled(store, [], { read: failing });
    assertEquals([store.read, result.mended, warnings], [[], undefined, []]);
  });
});
