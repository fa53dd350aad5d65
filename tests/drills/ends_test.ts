/** Drills that must never be green: too slow, without a browser, without an answer, in front of another ERP. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../src/base/terminal/reporter.ts";
import { environmentOf } from "../../src/config/config.ts";
import type { DataContext } from "../../src/checks/data/context.ts";
import { indexContents } from "../../src/checks/data/keys.ts";
import type { CheckResult, DrillResult } from "../../src/checks/result.ts";
import { localWorkload } from "../../src/platform/local/commands.ts";
import type { OpenEnvironment } from "../../src/platform/environment.ts";
import { connect } from "../../src/postgres/connection/session.ts";
import type { Store } from "../../src/store/store.ts";
import { resultOf, runCli } from "../support/cli.ts";
import { type DrillLab, startDrillLab } from "../support/lab/drill_lab.ts";
import { temporaryFolder } from "../support/folder.ts";
import { assertNotRun, assertWholePass, mayNotRun, notReached } from "../support/lab/not_run.ts";
import { runCheck } from "../../src/checks/run.ts";
import { renderHtml } from "../../src/report/html/page.ts";
import { verdictSentence } from "../../src/report/words.ts";
import { listProofs } from "../../src/store/records/proofs.ts";
import { problemsOf, readInventory } from "../../src/store/sets/inventory.ts";
import { latestIn } from "../../src/store/sets/latest.ts";

const CLOSED = "http://127.0.0.1:9";
const isPage = (id: string) => id.startsWith("browser.");

describe("a drill that must not be green", () => {
  let lab: DrillLab;
  beforeAll(async () => void (lab = await startDrillLab("stand-in")));
  afterAll(() => lab[Symbol.asyncDispose]());
  const check = ({ checks }: DrillResult, id: string): CheckResult => checks.find((one) => one.id === id)!;
  const failed = ({ checks }: Pick<DrillResult, "checks">) =>
    checks.filter(({ verdict }) => verdict === "fail").map(({ id }) => id);

  /** In a session that is gone before the next restore, which waits for all others to leave. */
  async function asProvisioner(statement: string): Promise<void> {
    await using provisioner = await lab.provisioner();
    await provisioner.query(statement);
  }

  /** The sandbox, whose ERP stops as it should, and whose address nobody ever answers at. */
  function silent(): OpenEnvironment {
    const { workload } = environmentOf(lab.config, "sandbox");
    if (!workload || !("command" in workload)) throw new Error("the lab's ERP is stopped by a command");
    const commands = { stop: workload.command.stop, start: ["true"] };
    return {
      ...lab.sandbox,
      workload: localWorkload("sandbox", commands, { url: CLOSED }, silentReporter, lab.sandbox.state, 300),
    };
  }

  it("fails when it takes longer than it may, with status 1, and says which part took longest", async () => {
    await using folder = await temporaryFolder();
    const config = `${folder.path}/slow.yaml`;
    const text = await Deno.readTextFile(lab.configFile);
    await Deno.writeTextFile(config, text.replace("max_duration: 15m", "max_duration: 1s"));
    const args = ["drill", "--level", "fast", "--json", "--config", config, "--report", folder.path];
    const { code, stdout, stderr } = await runCli(args);
    const { verdict, exit, message } = resultOf(stdout);
    assertEquals([code, verdict, exit], [1, "fail", 1], stderr);
    assertMatch(
      String(message),
      /^the drill took [\d.]+ s, 1 s are allowed; longest was [A-Z][^:]+: [\d.]+ m?s$/,
    );
    const { checks } = JSON.parse(await Deno.readTextFile(`${folder.path}/report.json`)) as DrillResult;
    assertEquals(failed({ checks }), ["drill.duration"]);
    assertNotRun(checks, mayNotRun("stand-in", "fast"));
    const { details } = checks.find(({ id }) => id === "drill.duration")!;
    assertStringIncludes(String(message), `longest was ${details[0]}`);
    const parts = [
      "Restore into the sandbox",
      "Checks on the data",
      "Start of the sandbox",
      "Checks in the browser",
    ];
    assertEquals(parts.filter((part) => !details.some((line) => line.startsWith(`${part}: `))), []);
  });

  it("is NOT RUN where the sandbox never answers, with all that needs no page checked; too slow as well is FAIL", async () => {
    const result = await lab.drill({ sandbox: silent(), level: "fast" });
    assertEquals([result.verdict, result.exit], ["not_run", 2]);
    assertMatch(
      result.headline,
      /Cannot start sandbox: http:\/\/127\.0\.0\.1:9 does not answer after 300 ms/,
    );
    assertEquals(failed(result), []);
    const [first] = result.checks.filter(({ id }) => isPage(id));
    assertEquals([first?.id, first?.code], ["browser.sandbox", "WORKLOAD_FAILED"]);
    assertNotRun(result.checks, mayNotRun("stand-in", "fast"), {
      ...notReached("CHECK_NOT_RUN", "fast"),
      "browser.sandbox": "WORKLOAD_FAILED",
    });
    assertMatch(
      check(result, "drill.duration").message ?? "",
      /^the drill ended after .*, before it was complete/,
    );
    // and one that was too slow by then says both, what broke it first
    const slow = await lab.drill({ sandbox: silent(), level: "fast", maxDurationMs: 1 });
    await lab.sandbox.workload.start();
    assertEquals([slow.verdict, slow.exit, failed(slow)], ["fail", 1, ["drill.duration"]]);
    assertMatch(
      slow.headline,
      /: Cannot start sandbox: .*; and the drill took \S+ s until an error ended it, 1 ms are allowed/,
    );
    assertEquals([slow.error?.code, slow.checks.at(-1)?.id], ["WORKLOAD_FAILED", "drill.duration"]);
  });

  it("is NOT RUN page by page where the ERP runs and its address is another, at which nobody listens", async () => {
    const result = await lab.drill({ sandbox: { ...lab.sandbox, web: { url: CLOSED } }, level: "fast" });
    assertEquals([result.verdict, result.exit, failed(result)], ["not_run", 2, []]);
    assertStringIncludes(check(result, "browser.sandbox").hint ?? "", `curl -sv ${CLOSED}`);
    assertNotRun(result.checks, mayNotRun("stand-in", "fast"), notReached("WEB_UNREACHABLE", "fast", isPage));
    assertEquals(result.culprit, "sandbox");
  });

  it("is NOT RUN where the store takes no proof of what was restored: it may have lost the backup too", async () => {
    const put: Store["put"] = (key, body) =>
      key.includes("/verified/") ? Promise.reject(new Error("the store is gone")) : lab.store.put(key, body);
    const result = await lab.drill({ store: { ...lab.store, put }, level: "fast" });
    assertEquals([result.verdict, result.exit, failed(result)], ["not_run", 2, []]);
    assertEquals(check(result, "drill.kept").required, true);
    assertMatch(result.headline, /the store is gone/);
  });

  it("is NOT RUN where the account that is named cannot see what a drill looks at", async () => {
    const web = { ...lab.sandbox.web, account: { login: "nobody-here", password: "x" } };
    const result = await lab.drill({ sandbox: { ...lab.sandbox, web }, level: "fast" });
    assertEquals([result.verdict, result.exit, result.error?.code], ["not_run", 2, "CONFIG_INVALID"]);
    assertMatch(result.headline, /as nobody-here: there is no such account in it/);
  });

  it("is NOT RUN where another ERP answers there, and says nothing against the backup", async () => {
    await using copy = await lab.copyOfSet();
    const url = lab.prod.web.url.replace("127.0.0.1", "localhost"); // production, behind a name that nobody has compared
    const result = await lab.drill({
      store: copy.store,
      sandbox: { ...lab.sandbox, web: { url } },
      level: "fast",
    });
    assertEquals([result.verdict, result.exit, result.culprit, failed(result)], [
      "not_run",
      2,
      "sandbox",
      [],
    ]);
    assertMatch(result.headline, /the sign-in page does not have the mark: the address leads to another ERP/);
    assertEquals([result.marks.map(({ seen }) => seen), result.invoicesOpened], [[false, false], 0]);
    assertStringIncludes(renderHtml(result), "Nothing proves that it is the restored ERP.");
    assertNotRun(result.checks, mayNotRun("stand-in", "fast"), notReached("MARK_NOT_SEEN", "fast", isPage));
    assertMatch(check(result, "browser.sandbox").hint ?? "", /^The backup is not at fault\. Check web\.url/);
    assertEquals(check(result, "browser.sandbox").screenshots.length, 1, "a picture of what answered");
    const inventory = await readInventory(copy.store, "prod");
    assertEquals(latestIn(inventory)?.name, copy.manifest.set);
    assertEquals(inventory.sets.flatMap((set) => problemsOf(set, inventory)), []);
    const proofs = [...(await listProofs(copy.store, "prod")).values()].flat();
    assertEquals(proofs.map(({ verdict }) => verdict), ["pass"], "what was restored is what was backed up");
    assertEquals(
      verdictSentence(result),
      "Not proved: sandbox is at fault, not the backup",
    );
  });

  it("is NOT RUN where an account of the ERP's own may not see a page", async () => {
    await using provisioner = await lab.provisioner();
    const [user] = await provisioner.query<{ login: string }>(
      "SELECT login FROM llx_user WHERE admin = 1 AND statut = 1 ORDER BY rowid LIMIT 1",
    );
    await provisioner[Symbol.asyncDispose]();
    const web = { ...lab.sandbox.web, account: { login: user!.login, password: "not its password" } };
    const result = await lab.drill({ sandbox: { ...lab.sandbox, web }, level: "fast" });
    assertEquals([result.verdict, result.exit, result.culprit, failed(result)], [
      "not_run",
      2,
      "sandbox",
      [],
    ]);
    assertEquals(check(result, "browser.sandbox").verdict, "pass");
    assertEquals(check(result, "browser.sign_in").code, "ACCOUNT_REFUSED");
    assertMatch(check(result, "browser.sign_in").hint ?? "", /web\.password/);
  });

  it("passes without amcheck's answer: that is NOT RUN and optional, missing as well as withheld", async () => {
    {
      await using session = await connect(lab.sandbox.database);
      const missing = await runCheck(indexContents, { session } as DataContext, new AbortController().signal);
      assertNotRun([missing], { "data.index_contents": "CHECK_NOT_RUN" });
      assertMatch(
        missing.message ?? "",
        /amcheck is not in this database, and only a superuser may create it/,
      );
      assertMatch(missing.hint ?? "", /CREATE EXTENSION amcheck; GRANT EXECUTE ON FUNCTION bt_index_check/);
    }
    await asProvisioner("CREATE EXTENSION amcheck");
    try {
      const withheld = await lab.drill({ level: "deep", visitors: 2 });
      assertEquals([withheld.verdict, withheld.exit], ["pass", 0], withheld.headline);
      assertWholePass(withheld.checks, "stand-in", "deep");
      assertMatch(
        check(withheld, "data.index_contents").message ?? "",
        /may not execute amcheck's functions/,
      );
    } finally {
      await asProvisioner("DROP EXTENSION amcheck");
    }
  });
});
