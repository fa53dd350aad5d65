/** The drill, breaking its own sandbox after a PASS: seen, missed, reset, interrupted. */

import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../src/base/terminal/reporter.ts";
import { waitUntil } from "../../src/base/time.ts";
import { protectedOnes } from "../../src/cli/command/clients.ts";
import { expectEqual } from "../../src/checks/check.ts";
import { allChecks, dataChecks } from "../../src/checks/all_checks.ts";
import { durationChecks, type DurationContext } from "../../src/checks/duration.ts";
import { chooseControl } from "../../src/report/control_choice.ts";
import { tryControl } from "../../src/drill/negative_control/attempt.ts";
import { saveSandbox } from "../../src/drill/negative_control/saved_sandbox.ts";
import { storedOf } from "../../src/report/json.ts";
import type { CheckResult, DrillResult } from "../../src/checks/result.ts";
import { connect } from "../../src/postgres/connection/session.ts";
import { breakRows } from "../../src/dolibarr/sandbox/breakages.ts";
import { readControlNote, writeControlNote } from "../../src/restore/checkpoint/control_note.ts";
import { putDrill } from "../../src/store/records/drills.ts";
import { takeLease } from "../../src/store/lease/lease.ts";
import { runCli, spawnCli } from "../support/cli.ts";
import { type DrillLab, startDrillLab } from "../support/lab/drill_lab.ts";
import { temporaryFolder } from "../support/folder.ts";
import { NOTHING_THERE } from "../support/lab/not_run.ts";
import { configWithStore } from "../support/lab/other_store.ts";

const signal = new AbortController().signal;
/** A whole quick drill comes before it, in ms. */
const MARK_COMES = 60_000;
const ID = "drill.negative_control";

describe("the negative control, with the stand-in", () => {
  let lab: DrillLab;

  beforeAll(async () => void (lab = await startDrillLab("stand-in")));
  afterAll(() => lab[Symbol.asyncDispose]());

  /** A quick drill on a store that has no drills yet, with the seed that makes it the turn of `id`. */
  async function drillWith(id: string): Promise<DrillResult> {
    await using copy = await lab.copyOfSet();
    const result = await drill({ store: copy.store, seed: seedOf(id) });
    assertEquals(result.control?.check, id);
    return result;
  }
  /** The seed that makes it the turn of `id`, where nothing was tried yet. */
  function seedOf(id: string): string {
    const ways = allChecks.filter((one) =>
      one.level === "fast" && !NOTHING_THERE["stand-in"].includes(one.id)
    );
    let at = 0;
    while (chooseControl(ways, [], `seed ${at}`)?.id !== id) at++;
    return `seed ${at}`;
  }
  const drill = (options: Parameters<DrillLab["drill"]>[0]) =>
    lab.drill({ control: true, level: "fast", maxDurationMs: 600_000, ...options });
  const of = ({ checks }: DrillResult): CheckResult | undefined => checks.find(({ id }) => id === ID);
  const notes = async () => {
    const names = [];
    for await (const { name } of Deno.readDir(lab.sandbox.state.make())) names.push(name);
    return names.filter((name) => name === "control");
  };

  it("is seen by the check in the browser whose turn it is, and nothing is left of it", async () => {
    const result = await drillWith("browser.invoices");
    assertEquals(result.verdict, "pass", result.headline);
    assertEquals(result.control?.verdict, "seen");
    assertEquals(of(result)?.required, true);
    assertEquals(of(result)?.compared, {
      expected: "fail",
      found: "fail",
      with: "a total raised by a cent in the database: browser.invoices",
    });
    assertEquals(await notes(), []);
    await using session = await connect(lab.sandbox.database);
    assertEquals(await session.query("SELECT 1 FROM llx_user WHERE login LIKE 'drill%'"), []);
  });

  it("is seen by the check of a mark in a NOT RUN: what looks like another ERP is not judged", async () => {
    const result = await drillWith("browser.documents_mark");
    assertEquals([result.verdict, result.control?.verdict], ["pass", "seen"], result.headline);
    assertEquals(of(result)?.compared, {
      expected: "MARK_NOT_SEEN",
      found: "MARK_NOT_SEEN",
      with: "the mark's picture changed: browser.documents_mark",
    });
  });

  it("ends in FAIL by the name of a check that is blind, and tries it again the next night", async () => {
    const blind = dataChecks.find(({ id }) => id === "data.rows")!;
    const { run } = blind;
    blind.run = () => Promise.resolve(expectEqual(1, 1, "nothing with nothing"));
    let result: DrillResult;
    try {
      result = await drillWith(blind.id);
    } finally {
      blind.run = run;
    }
    assertEquals([result.verdict, result.exit, result.control?.verdict], ["fail", 1, "missed"]);
    assertMatch(
      result.headline,
      /data\.rows did not fail on a broken sandbox \(a third party renamed\): it passed/,
    );
    assertEquals(of(result)!.compared, {
      expected: "fail",
      found: "pass",
      with: "a third party renamed: data.rows",
    });
    await using copy = await lab.copyOfSet();
    await putDrill(copy.store, "prod", storedOf(result));
    const next = await drill({ store: copy.store });
    assertEquals([next.verdict, next.control?.check, next.control?.verdict], ["pass", "data.rows", "seen"]);
    assertEquals(next.control?.lastTried, result.endedAt);
    assertEquals(await notes(), []);
  });

  it("is not tried after a drill that is no pass", async () => {
    const result = await drill({ opensPages: false });
    assertEquals([result.verdict, result.control, of(result)], ["not_run", undefined, undefined]);
    assertEquals(await notes(), []);
  });

  async function keep() {
    await using held = new AsyncDisposableStack();
    const lease = held.use(await takeLease(lab.store, "sandbox", "drill"));
    const options = {
      ...{ sandbox: lab.sandbox, store: lab.store, lease, reporter: silentReporter, signal },
      protectedOnes: protectedOnes(lab.config, { from: "prod", into: "sandbox" }, silentReporter),
    };
    const kept = await saveSandbox("documents", options);
    const released = held.move();
    return { kept, [Symbol.asyncDispose]: () => released.disposeAsync() };
  }
  async function breakBoth(): Promise<void> {
    await using session = await connect(lab.sandbox.database);
    await breakRows(session, "a third party renamed");
    await Deno.writeTextFile(`${lab.sandbox.documents}/mycompany/of-a-control.txt`, "x");
  }

  it("resets the sandbox to the hash, and leaves a person's checkpoint alone", async () => {
    const before = await lab.sandboxState();
    let during = before;
    const [check] = durationChecks;
    const way = {
      ...check!,
      twin: {
        by: "a row and a file",
        async apply(context: DurationContext) {
          await breakBoth();
          during = await lab.sandboxState();
          return { ...context, maxDurationMs: -1 };
        },
      },
    };
    await using held = await keep();
    {
      await using kept = held.kept;
      const look = () => Promise.resolve({ ms: 1, maxDurationMs: 2, phases: [], whole: true });
      const { control } = await tryControl(way, look, kept, { again: true, signal });
      assertEquals(control.verdict, "seen");
    }
    assertNotEquals(during, before);
    assertEquals(await lab.sandboxState(), before);
    assertEquals(await notes(), []);
  });

  it("is reset by rearm after a crash in the middle; after another restore it is of the past", async () => {
    const before = await lab.sandboxState();
    const rearmed = async () => {
      const { code, stdout, stderr } = await runCli(["rearm", "--json", "--config", lab.configFile]);
      assertEquals(code, 0, stderr);
      const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
      return events.find(({ step }) => step === "control");
    };
    {
      await using held = await keep();
      await held.kept.noteBroken("data.rows", "a third party renamed");
      await breakBoth();
    } // and nothing of it is disposed of
    assertNotEquals(await lab.sandboxState(), before);
    const { outcome, what } = await rearmed();
    assertEquals([outcome, await lab.sandboxState(), await notes()], ["done", before, []]);
    assertStringIncludes(
      what,
      "it was reset; a drill had broken it on purpose: a third party renamed, for the check data.rows",
    );
    await writeControlNote(lab.sandbox.state, {
      check: "data.rows",
      by: "something",
      restore: "another one",
    });
    assertStringIncludes((await rearmed()).what, "restored since then");
    assertEquals([(await rearmed()).outcome, await notes()], ["nothing", []]);
  });

  it("that is killed in the middle has said no PASS, kept none, and is reset by rearm", async () => {
    await using copy = await lab.copyOfSet();
    await using folder = await temporaryFolder();
    const config = await configWithStore(lab, folder.path, copy.url);
    const args = ["--level", "fast", "--control", "--seed", seedOf("data.rows"), "--report", folder.path];
    const child = spawnCli(["drill", "--config", config, "--json", ...args]);
    const output = child.output();
    const { state } = lab.sandbox;
    assert(await waitUntil(async () => await readControlNote(state) !== undefined, MARK_COMES, undefined, 5));
    {
      await using session = await connect(lab.sandbox.database);
      const broken = async () => {
        const renamed = await session.query("SELECT 1 FROM public.llx_societe WHERE nom LIKE '%!'");
        return renamed.length > 0;
      };
      assert(await waitUntil(broken, MARK_COMES, undefined, 5));
      child.kill("SIGKILL");
    }
    const { code, stdout } = await output;
    assertNotEquals(code, 0);
    assertEquals(/"event":"result"|negative_control/.test(new TextDecoder().decode(stdout)), false);
    const kept = (await Array.fromAsync(copy.store.list("prod/"))).map(({ key }) => key);
    assertEquals(kept.filter((key) => /\/(drills|verified)\//.test(key)), []);

    const rearmed = await runCli(["rearm", "--json", "--config", config]);
    assertEquals(rearmed.code, 0, rearmed.stdout + rearmed.stderr);
    assertMatch(
      rearmed.stdout,
      /"step":"control".*it was reset; .*: a third party renamed, for the check data\.rows/,
    );
    assertEquals([await notes(), await lab.sandbox.workload.state()], [[], "up"]);
    await using session = await connect(lab.sandbox.database);
    assertEquals(await session.query("SELECT 1 FROM public.llx_societe WHERE nom LIKE '%!'"), []);
  });
});
