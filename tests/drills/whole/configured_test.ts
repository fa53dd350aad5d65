/** A platform that the lab did not start: the same drill, by a configuration file alone. */

import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { chooseControl } from "../../../src/report/control_choice.ts";
import type { CheckResult, ControlResult } from "../../../src/checks/result.ts";
import { readJson } from "../../support/json.ts";
import { runCli } from "../../support/cli.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { assertWholePass, mayNotRun } from "../../support/lab/not_run.ts";
import {
  type ConfiguredPlatform,
  startConfiguredPlatform,
} from "../../support/platform/configured_platform.ts";
import { sampleSessions } from "../../support/platform/sampled_sessions.ts";
import { allChecks } from "../../../src/checks/all_checks.ts";

const skip = await whyNoDolibarr();

/** A seed by which it is the turn of that check's negative control. */
function seedOf(wanted: string): string {
  const left = mayNotRun("real", "standard");
  const ways = allChecks.filter(({ id }) => !(id in left));
  for (let at = 0;; at++) if (chooseControl(ways, [], `seed ${at}`)?.id === wanted) return `seed ${at}`;
}

describe("a drill of a configured platform", { skip }, () => {
  let platform: ConfiguredPlatform;
  beforeAll(async () => platform = await startConfiguredPlatform());
  afterAll(async () => await platform[Symbol.asyncDispose]());
  const run = (...args: string[]) => runCli(args, { cwd: platform.folder, env: platform.env });

  it("has nothing to drill before the first backup, and says so", async () => {
    const { code, stdout, stderr } = await run("drill");
    assertEquals(code, 2);
    assertMatch(
      (stdout + stderr).replaceAll(/\s+/g, " "),
      /Cannot find a good set of prod .*: there is none/,
    );
    assertMatch(stdout + stderr, /dolibarr-drill backup --env prod/);
  });

  /** Runs a verb with these settings of TLS; no session of ours in either database may be plain. */
  async function encrypted(tls: string, ...args: string[]) {
    const file = `${tls.replaceAll(/[^a-z]/g, "").slice(0, 30)}.yaml`;
    await platform.write((text) => text.replaceAll(/(password: env:\w+)/g, `$1, ${tls}`), file);
    const { port, chief } = platform.server;
    const database = { host: "127.0.0.1", port, name: "postgres", owner: chief, user: chief };
    const { how, end } = await sampleSessions(
      database,
      ["company", "practice"],
      () => run(...args, "--config", file),
    );
    assertEquals(how.filter((one) => one.endsWith("dolibarr-drill")), ["tls dolibarr-drill"]);
    return end;
  }

  it("takes a backup and proves it, encrypted throughout, without a word of a lab", async () => {
    const tls = `sslmode: verify-full, root_cert: ${platform.authority}`;
    const taken = await encrypted(tls, "backup", "--env", "prod");
    assertEquals(taken.code, 0, taken.stdout + taken.stderr);
    const { code, stdout, stderr } = await encrypted(tls, "drill", "--seed", seedOf("data.indexes"));
    assertEquals(code, 0, stdout + stderr);
    assertNotMatch(stdout, /embedded lab|stand-in/);
    const { verdict, lab, erp, versions, checks, control } = await readJson(
      `${platform.folder}/report/report.json`,
    );
    assertEquals([verdict, lab, erp], ["pass", false, "real"]);
    assertMatch((versions as Record<string, string>).TLS!, /^TLSv1\.[23] \(verify-full\)$/);
    // it makes a table, as a login that does not become the owner by itself
    const { check, verdict: was } = control as ControlResult;
    assertEquals([check, was], ["data.indexes", "seen"]);
    assertWholePass(checks as CheckResult[], "real");
  });

  it("proves it in stages where the server has too few locks, and tells once how many are enough", async () => {
    const { code, stdout, stderr } = await encrypted("sslmode: require", "drill", "--no-control");
    const said = (stdout + stderr).replaceAll(/\s+/g, " ");
    assertEquals(code, 0, said);
    assertMatch(
      said,
      /sandbox is restored in stages, and what it holds now is saved before: One transaction is not enough: .* \(max_locks_per_transaction = 64\)\. With max_locks_per_transaction = (128|192|256) in postgresql\.conf/,
    );
    assertEquals(said.split("max_locks_per_transaction = 64").length - 1, 1);
  });

  it("is told in one line that an address cannot be trusted, before anything is restored", async () => {
    await platform.write((text) => text.replace(/, certificate_authority: \S+/, ""), "untold.yaml");
    const { code, stdout, stderr } = await run("drill", "--config", "untold.yaml");
    assertEquals(code, 2);
    const said = (stdout + stderr).replaceAll(/\s+/g, " ");
    assertMatch(
      said,
      /Cannot reach https:.* its certificate was issued by an authority that is not trusted here/,
    );
    assertMatch(said, /web\.certificate_authority in the configuration/);
    assertNotMatch(said, /ERR_CERT|at file:/);
  });

  it("refuses a sandbox that is production's database under another name", async () => {
    await platform.write((text) => text.replace("name: practice", "name: company"), "twin.yaml");
    const { code, stdout, stderr } = await run("restore", "latest", "--config", "twin.yaml");
    assertEquals(code, 2);
    assertMatch(stdout + stderr, /share the database|is the database of prod/);
  });

  it("refuses it behind another address too, by the server's own identity", async () => {
    await platform.write(
      (text) =>
        text.replace(
          /host: 127\.0\.0\.1, port: (\d+), name: practice/,
          "host: 127.0.0.2, port: $1, name: company",
        ),
      "alias.yaml",
    );
    const { code, stdout, stderr } = await run("restore", "latest", "--config", "alias.yaml");
    assertEquals(code, 2);
    assertMatch(stdout + stderr, /sandbox is the database of prod, whatever it is called/);
  });
});
