import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { momentOf } from "../../../src/base/time.ts";
import { makeColours } from "../../../src/base/terminal/colours.ts";
import { statusEvent, statusLines } from "../../../src/cli/status.ts";
import { type StatusSummary, summarizeStatus } from "../../../src/report/status_summary.ts";
import { historyOf } from "../../../src/report/history.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import type { StoredDrill } from "../../../src/store/records/drill_schema.ts";
import type { UnreadableDrill } from "../../../src/store/records/drills.ts";
import type { Store } from "../../../src/store/store.ts";
import { nightly, TONIGHT } from "../../support/samples/history.ts";
import { emptyStore } from "../../support/retention/prune_store.ts";
import { putSet } from "../../support/store/sets.ts";

const NOW = new Date(TONIGHT.getTime() + 3_600_000);
const HOUR = 3_600_000;

/** The glance over a store that `fill` fills, and over these drills. */
async function glance(
  fill: (store: Store) => Promise<void>,
  drills: readonly StoredDrill[] = [nightly(0)],
  now = NOW,
  unreadableDrills: UnreadableDrill[] = [],
): Promise<StatusSummary> {
  await using folder = await emptyStore();
  await fill(folder.store);
  const inventory = await readInventory(folder.store, "prod", now);
  const history = historyOf(drills);
  return summarizeStatus({ inventory, history, unreadableDrills, now, maxAgeMs: 26 * HOUR });
}
const fresh = (store: Store) => putSet(store, "20261120T021500Z");
const codesOf = (
  { problems, verdict, exit }: StatusSummary,
) => [verdict, exit, ...problems.map(({ code }) => code)];

describe("the status", () => {
  it("is well with a young good set and a young PASS", async () => {
    const well = await glance(fresh);
    assertEquals(codesOf(well), ["pass", 0]);
    const lines = statusLines(well, "prod", NOW, { colours: makeColours(false) });
    assertEquals(lines, [
      "PASS: prod is backed up, and the backup is proved",
      "Backup    20261120T021500Z, as of 5 h ago",
      "Drill     PASS 1 h ago, of prod/20261120T021500Z, in 41.2 s",
      "Next      Nothing is to be done until the next drill, due within 25 h.",
    ]);
  });

  it("is 2 without a set, without a drill, and after one that did not run or is too old", async () => {
    assertEquals(codesOf(await glance(() => Promise.resolve())), ["not_run", 2, "NO_SET"]);
    assertEquals(codesOf(await glance(fresh, [])), ["not_run", 2, "CHECK_NOT_RUN"]);
    const notRun = nightly(0, { verdict: "not_run", exit: 2 });
    assertEquals(codesOf(await glance(fresh, [notRun])), ["not_run", 2, "CHECK_NOT_RUN"]);
    const stopped = await glance(fresh, [nightly(2)]);
    assertEquals(codesOf(stopped), ["not_run", 2, "CHECK_NOT_RUN"]);
    assertMatch(stopped.problems[0]!.message, /2 d 1 h old|drills have stopped/);
  });

  it("says of a drill that a newer version recorded that it is not known here, and not that there is none", async () => {
    const newer = (at: string): UnreadableDrill => {
      const key = `prod/drills/${at}.json`;
      const error = new DrillError(
        "STORE_NEWER",
        `Cannot read ${key}: it is of format 3`,
        "Update this one.",
      );
      return { key, at: momentOf(at)!, error };
    };
    for (const [drills, at] of [[[], "20261101T061500Z"], [[nightly(1)], "20261120T061500Z"]] as const) {
      const unknown = await glance(fresh, drills, NOW, [newer(at)]);
      assertEquals(codesOf(unknown), ["not_run", 2, "STORE_NEWER"]);
      assertEquals(unknown.problems[0], {
        code: "STORE_NEWER",
        message: `what the newest drill of prod found, ${at}, is not known here: ` +
          `Cannot read prod/drills/${at}.json: it is of format 3`,
        hint: "Update this one.",
      });
      const lines = statusLines(unknown, "prod", NOW, { colours: makeColours(false) });
      assertMatch(lines.join("\n"), /^Drill +.* ago; its record cannot be read$/m);
    }
    assertEquals(codesOf(await glance(fresh, [nightly(0)], NOW, [newer("20261101T061500Z")])), ["pass", 0]);
  });

  it("is 1 after a FAIL, and tells since when nothing passed", async () => {
    const fail = (before: number) => nightly(before, { verdict: "fail", exit: 1, headline: "llx is short" });
    const bad = await glance(fresh, [fail(0), fail(1), nightly(2)]);
    assertEquals(codesOf(bad), ["fail", 1, "CHECK_FAILED"]);
    const lines = statusLines(bad, "prod", NOW, { colours: makeColours(false) });
    assertMatch(lines[0]!, /^FAIL: the newest drill is a FAIL: llx is short$/);
    assertMatch(lines[3]!, /^Last PASS 2 d ago; 2 drills without a PASS since then$/);
    assertMatch(lines.at(-1)!, /^Next {6}Read its page, prod\/drills\/20261120T061500Z\.html/);
  });

  it("sends to the store, and not to the ERP, where a newer set is damaged", async () => {
    const bad = await glance(async (store) => {
      await fresh(store);
      await putSet(store, "20261120T031500Z");
      await store.delete("prod/db/20261120T031500Z.dump");
    });
    const lines = statusLines(bad, "prod", NOW, { colours: makeColours(false) }).join("\n");
    assertMatch(lines, /20261120T031500Z is newer than the newest good set, and bad: .* is missing/);
    assertMatch(lines, /Look at the store, and take a new set/);
    assertEquals(/--accept/.test(lines), false);
  });

  it("says where to mend what is a fault of the ERP, and not of its backup", async () => {
    const fault = nightly(0, {
      verdict: "fail",
      exit: 1,
      culprit: "erp",
      headline:
        "prod/20261120T021500Z can be brought back. prod had a fault when it was backed up: a PDF is missing",
    });
    const bad = await glance(fresh, [fault, nightly(1)]);
    assertEquals(codesOf(bad), ["fail", 1, "CHECK_FAILED"]);
    const lines = statusLines(bad, "prod", NOW, { colours: makeColours(false) });
    assertMatch(lines[0]!, /can be brought back/);
    assertMatch(lines.at(-1)!, /^Next {6}Mend it in prod: the backup is right\. dolibarr-drill find NAME/);
  });

  it("is 1 where the newest good set is too old, or a newer one is suspect", async () => {
    const old = await glance((store) => putSet(store, "20261118T021500Z"));
    assertEquals(codesOf(old), ["fail", 1, "CHECK_FAILED"]);
    const suspect = await glance(async (store) => {
      await putSet(store, "20261119T221500Z");
      await putSet(store, "20261120T021500Z", { suspect: ["no users"] });
    });
    assertEquals(codesOf(suspect), ["fail", 1, "SET_SUSPECT"]);
    assertMatch(suspect.next, /--accept REASON$/);
    const followed = await glance(async (store) => {
      await putSet(store, "20261118T021500Z", { suspect: ["no users"] });
      await fresh(store);
    });
    assertEquals([codesOf(followed), followed.bad.length], [["pass", 0], 1]);
  });

  it("is 1 where a set is damaged, also an old one, and that wins over a drill that is missing", async () => {
    const damaged = await glance(async (store) => {
      await putSet(store, "20261001T021500Z");
      await store.delete("prod/db/20261001T021500Z.dump");
      await fresh(store);
    }, []);
    assertEquals(codesOf(damaged), ["fail", 1, "OBJECT_CORRUPT", "CHECK_NOT_RUN"]);
    assertMatch(damaged.next, /dolibarr-drill verify prod\/20261001T021500Z/);
    const none = await glance(async (store) => {
      await fresh(store);
      await store.delete("prod/db/20261120T021500Z.dump");
    });
    assertEquals(codesOf(none), ["fail", 1, "OBJECT_CORRUPT"]);
  });

  it("is one event for a program", async () => {
    const event = JSON.parse(JSON.stringify(statusEvent(await glance(() => Promise.resolve(), []), "prod")));
    assertEquals([event.event, event.set, event.drill, event.lastPass, event.troubles.length], [
      "status",
      null,
      null,
      null,
      2,
    ]);
  });
});
