import { assertEquals, assertLessOrEqual, assertMatch, assertNotMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { momentOf } from "../../../src/base/time.ts";
import { makeColours } from "../../../src/base/terminal/colours.ts";
import { agesOf } from "../../../src/checks/findings/age.ts";
import { statusEvent } from "../../../src/cli/status.ts";
import { statusLines } from "../../../src/report/status/lines.ts";
import { type StatusSummary, summarizeStatus } from "../../../src/report/status/summary.ts";
import { historyOf } from "../../../src/report/history.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { putProof } from "../../../src/store/records/proofs.ts";
import type { StoredDrill } from "../../../src/store/records/drill_schema.ts";
import type { UnreadableDrill } from "../../../src/store/records/drills.ts";
import type { Store } from "../../../src/store/store.ts";
import { sampleCheck } from "../../support/samples/checks.ts";
import { sampleBooks } from "../../support/samples/culprits.ts";
import { nightly, TONIGHT } from "../../support/samples/history.ts";
import { emptyStore } from "../../support/retention/prune_store.ts";
import { lostPdf } from "../../support/store/nights.ts";
import { nightsBefore, putSet } from "../../support/store/sets.ts";

const NOW = new Date(TONIGHT.getTime() + 3_600_000);
const HOUR = 3_600_000;

/** The glance over a store that `fill` fills, and over these drills. */
async function glance(
  fill: (store: Store) => Promise<void>,
  drills: readonly StoredDrill[] = [nightly(0)],
  now = NOW,
  unreadableDrills: UnreadableDrill[] = [],
  findings: readonly Finding[] = [],
): Promise<StatusSummary> {
  await using folder = await emptyStore();
  await fill(folder.store);
  const inventory = await readInventory(folder.store, "prod", now);
  const history = historyOf(drills);
  return summarizeStatus({
    ...{ inventory, history, unreadableDrills, now },
    findings: agesOf(findings, now),
    maxAgeMs: 26 * HOUR,
  });
}
const PAGE = { environment: "prod", now: NOW, colours: makeColours(false) };
/** On a terminal of 80 columns. */
const onScreen = (summary: StatusSummary) => statusLines(summary, { ...PAGE, width: 80 });
const fresh = (store: Store) => putSet(store, "20261120T021500Z");
const codesOf = (
  { problems, verdict, exit }: StatusSummary,
) => [verdict, exit, ...problems.map(({ code }) => code)];

describe("the status", () => {
  it("is well with a young good set and a young PASS", async () => {
    const well = await glance(fresh);
    assertEquals(codesOf(well), ["pass", 0]);
    const lines = statusLines(well, PAGE);
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
      const lines = statusLines(unknown, PAGE);
      assertMatch(lines.join("\n"), /^Drill +.* ago; its record cannot be read$/m);
    }
    assertEquals(codesOf(await glance(fresh, [nightly(0)], NOW, [newer("20261101T061500Z")])), ["pass", 0]);
  });

  it("is 1 after a FAIL, and tells since when nothing passed", async () => {
    const fail = (before: number) => nightly(before, { verdict: "fail", exit: 1, headline: "llx is short" });
    const bad = await glance(fresh, [fail(0), fail(1), nightly(2)]);
    assertEquals(codesOf(bad), ["fail", 1, "CHECK_FAILED"]);
    const lines = statusLines(bad, PAGE);
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
    const lines = statusLines(bad, PAGE).join("\n");
    assertMatch(lines, /20261120T031500Z is newer than the newest good set, and bad: .* is missing/);
    assertMatch(
      lines,
      /\nNot in it +what was entered in 60 min|\nNot in it +what was entered in 1 h until 20261120T031500Z\n/,
    );
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
    const lines = statusLines(bad, PAGE);
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
    assertMatch(suspect.next, /accept-suspect prod\/\w+ --reason TEXT$/);
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

  const accepted = (until: string) => ({
    until,
    reason: "x",
    by: "anne@erp",
    at: "2026-11-01T00:00:00.000Z",
  });
  const since = (before: number) => ({ since: nightsBefore(TONIGHT, before) });
  const failed = (before: number, more: Parameters<typeof nightly>[1] = {}) =>
    nightly(before, {
      ...more,
      verdict: "fail",
      exit: 1,
      culprit: "erp",
      headline: "prod/X can be brought back. prod had a fault when it was backed up: FA1 is missing",
    });

  it("is 1 while a finding is open, which it tells once, with since when", async () => {
    const finding = lostPdf("FA2610-0004", { history: since(22) });
    const one = await glance(fresh, [failed(0), failed(1)], NOW, [], [finding]);
    assertEquals(codesOf(one), ["fail", 1, "CHECK_FAILED"]);
    const lines = statusLines(one, PAGE);
    assertEquals(
      lines[0],
      "FAIL: prod has 1 open finding: FA2610-0004: facture/FA2610-0004/FA2610-0004.pdf is missing",
    );
    assertMatch(lines[2]!, /^Drill +FAIL 1 h ago, .*; the backup is right, the ERP is at fault$/);
    assertEquals(lines.filter((line) => /^Finding/.test(line)), [
      "Finding   FA2610-0004, since 29 Oct, 23 nights",
    ]);
    assertEquals(lines.filter((line) => line.includes("facture/")).length, 1);
    assertMatch(
      lines.at(-1)!,
      /^Next +The backup is right: mend it in prod, or accept it\. .*dolibarr-drill findings/,
    );
    assertNotMatch(lines.join("\n"), /copy of the store/);

    const others = Array.from({ length: 9 }, (_, at) => lostPdf(`FA${at}`, { history: since(at) }));
    const many = statusLines(await glance(fresh, [failed(0)], NOW, [], others), PAGE);
    assertEquals(many[0], "FAIL: prod has 9 open findings, the oldest since 12 Nov, 9 nights");
    assertEquals(many.filter((line) => /^Finding/.test(line)).length, 4);
    assertMatch(many.join("\n"), /\n +and 5 more findings: dolibarr-drill findings\n/);

    // the drill passed over another: a backup saw it since
    assertEquals(codesOf(await glance(fresh, [nightly(0)], NOW, [], [finding])), ["fail", 1, "CHECK_FAILED"]);
  });

  it("tells an acceptance 30 days before it ends, and is well with it", async () => {
    const lines = async (...until: string[]) =>
      statusLines(
        await glance(
          fresh,
          [nightly(0)],
          NOW,
          [],
          until.map((day, at) => lostPdf(`FA${at}`, { history: since(9), accepted: accepted(day) })),
        ),
        PAGE,
      ).filter((line) => /^(PASS|Accepted)/.test(line)).slice(1);
    assertEquals(await lines(), []);
    assertEquals(await lines("never", "2026-12-21"), ["Accepted  2 findings"]);
    assertEquals(await lines("never", "2026-12-19"), ["Accepted  2 findings; that ends for FA1 in 30 days"]);
    assertEquals(await lines("2026-12-01", "2026-11-20", "2026-12-03"), [
      "Accepted  3 findings; that ends for FA1 in 1 day, FA0 in 12 days and 1 more within 30 days",
    ]);
  });

  it("says what else the drill that found it found, such as a sandbox that can act on the world", async () => {
    const mails = sampleCheck({
      id: "data.neutralised",
      part: "data",
      verdict: "fail",
      message: "mails go out",
    });
    const finding = lostPdf("FA2610-0004", { history: since(22) });
    const both = await glance(fresh, [failed(0, { checks: [mails, sampleBooks([finding])] })], NOW, [], [
      finding,
    ]);
    assertMatch(
      statusLines(both, PAGE).join("\n"),
      /\nAlso +of the newest drill: 1 other check failed: mails go out\n/,
    );
  });

  it("says that what a failed drill found is accepted since, and stays 1 until the next drill", async () => {
    const summary = await glance(fresh, [failed(0)], NOW, [], [
      lostPdf("FA1", { accepted: accepted("never") }),
    ]);
    assertEquals(codesOf(summary), ["fail", 1, "CHECK_FAILED"]);
    assertMatch(summary.next, /^What it found is accepted by now\. .*dolibarr-drill drill --from prod$/);
  });

  it("after 23 bad nights names each cause once, on one screen of 80 by 24", async () => {
    const bad = await glance(
      async (store) => {
        for (let before = 0; before < 23; before++) {
          await putSet(store, nightsBefore(TONIGHT, before), {
            suspect: ["11 tables of Dolibarr instead of 283"],
          });
        }
        await putSet(store, nightsBefore(TONIGHT, 23));
        for (let before = 24; before < 60; before++) {
          await putSet(store, nightsBefore(TONIGHT, before));
          await store.delete(`prod/db/${nightsBefore(TONIGHT, before)}.dump`);
        }
      },
      Array.from({ length: 23 }, (_, before) => failed(before)),
      NOW,
      [],
      [
        ...Array.from(
          { length: 40 },
          (_, at) => lostPdf(`FA2610-${1000 + at}`, { history: since(at), accepted: accepted("2026-12-01") }),
        ),
        ...Array.from(
          { length: 400 },
          (_, at) => lostPdf(`FA2610-${2000 + at}`, { history: since(at % 50) }),
        ),
      ],
    );
    const lines = onScreen(bad);
    assertLessOrEqual(lines.length, 22, lines.join("\n"));
    for (const line of lines) assertLessOrEqual(line.length, 80, line);
    const text = lines.join(" ").replaceAll(/ +/g, " ");
    assertMatch(
      text,
      /^FAIL: 20261120T020000Z and 22 more are newer than the newest good set, and bad: 11 tables/,
    );
    assertMatch(
      text,
      /Backup 20261028T020000Z, as of 23 d ago Not in it what was entered in 23 d until 20261120T/,
    );
    assertEquals(text.split("20261119T020000Z").length, 1, "a set of a known cause is named");
    assertMatch(text, /Finding FA2610-\S+: .*, since \d+ \w+, \d+ nights .*and 39\d more findings/);
    assertMatch(
      text,
      /Also 20261027T020000Z and 35 more are damaged: prod\/db\/20261027T020000Z\.dump is missing/,
    );
    assertNotMatch(text, /Also prod has/);
    assertMatch(text, /Next Look at the ERP: .*accept-suspect prod\/\w+ --reason TEXT$/);
  });

  it("proposes a copy of the store only for bytes that are lost, and not for what a drill could not restore", async () => {
    const [old, older] = [nightsBefore(TONIGHT, 1), nightsBefore(TONIGHT, 2)];
    const restored = await glance(async (store) => {
      await fresh(store);
      await putSet(store, old);
      await putProof(store, {
        ...{ environment: "prod", set: old, verb: "drill", verdict: "fail", at: TONIGHT },
        ...{ objects: [], proved: [], notProved: [], problems: ["llx_facture has other rows"], judged: true },
      });
    });
    assertMatch(restored.next, new RegExp(`^Newer sets are good\\. .*dolibarr-drill list prod/${old}$`));
    const lost = await glance(async (store) => {
      await fresh(store);
      await putSet(store, older);
      await store.delete(`prod/db/${older}.dump`);
    });
    assertMatch(lost.next, /^Put its objects back from a copy of the store/);
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
