/** What a person gets wrong, or what is not there: one message, what to do, exit status 2, and nothing changed. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type { CheckResult } from "../../../src/checks/result.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { manifestRecord } from "../../../src/store/records/manifest.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { runCli } from "../../support/cli.ts";
import { type DrillLab, startDrillLab, stateOf } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { assertNotRun, mayNotRun, notReached } from "../../support/lab/not_run.ts";

interface BadInput {
  name: string;
  args: string[];
  /** The lab's configuration, changed; as it is where absent, none at all where null. */
  config?: ((text: string) => string) | null;
  env?: Record<string, string>;
  message: RegExp;
  hint: RegExp;
}

const BAD_INPUTS: readonly BadInput[] = [
  {
    name: "no configuration and no --lab",
    args: ["drill"],
    config: null,
    message: /Cannot find a configuration/,
    hint: /--lab/,
  },
  {
    name: "a configuration that is not there",
    args: ["drill", "--config", "/none.yaml"],
    config: null,
    message: /\/none\.yaml/,
    hint: /--config|name/i,
  },
  {
    name: "a typo in the configuration",
    args: ["drill"],
    config: (text) => text.replace("retention:", "retentoin:"),
    message: /dolibarr-drill\.yaml/,
    hint: /retention/,
  },
  {
    name: "a password in plain text",
    args: ["drill"],
    config: (text) => text.replace(/password: .*prod-password"/, "password: hunter2"),
    message: /dolibarr-drill\.yaml/,
    hint: /env:|file:/,
  },
  {
    name: "prod and sandbox with the same folder",
    args: ["drill"],
    config: (text) => text.replaceAll("/sandbox/documents", "/prod/documents"),
    message: /dolibarr-drill\.yaml/,
    hint: /share documents/,
  },
  { name: "a mistyped verb", args: ["dril"], config: null, message: /dril/, hint: /drill/ },
  {
    name: "a mistyped option",
    args: ["drill", "--repport", "x"],
    config: null,
    message: /--repport/,
    hint: /--report/,
  },
  {
    name: "an unknown environment",
    args: ["backup", "--env", "produ"],
    message: /Cannot find the environment produ/,
    hint: /prod/,
  },
  {
    name: "a set that does not exist",
    args: ["restore", "20200101T000000Z"],
    message: /Cannot find the set 20200101T000000Z/,
    hint: /dolibarr-drill list/,
  },
  {
    name: "no store",
    args: ["list"],
    config: (text) => text.replace(/file:\/\/[^"]*store/, "file:///proc/none/store"),
    message: /Cannot open the store/,
    hint: /store\.url/,
  },
  {
    name: "an unreachable database",
    args: ["backup"],
    config: (text) => text.replaceAll(/port: \d+/g, "port: 1"),
    message: /Cannot reach erp at 127\.0\.0\.1:1/,
    hint: /database\.host/,
  },
  {
    name: "a wrong password",
    args: ["backup"],
    config: (text) => text.replace(/"file:.*prod-password"/, "env:DRILL_TEST_PASSWORD"),
    env: { DRILL_TEST_PASSWORD: "wrong-hunter2" },
    message: /Cannot log in to erp/,
    hint: /password is wrong or the login has expired/,
  },
  {
    name: "a secret that is not set",
    args: ["backup"],
    config: (text) => text.replace(/"file:.*prod-password"/, "env:DRILL_TEST_NONE"),
    message: /DRILL_TEST_NONE/,
    hint: /DRILL_TEST_NONE/,
  },
  {
    name: "a drill into production",
    args: ["drill", "--into", "prod", "--from", "prod"],
    message: /prod/,
    hint: /disposable|another/,
  },
  {
    name: "a restore into production",
    args: ["restore", "latest", "--into", "prod"],
    message: /Cannot restore into prod: it is protected/,
    hint: /--restore-production erp/,
  },
  {
    name: "a drill whose sandbox's database cannot be reached",
    args: ["drill"],
    config: (text) => text.replaceAll(/port: \d+/g, "port: 1"),
    message: /Cannot reach erp-sandbox/,
    hint: /database\.host/,
  },
  {
    name: "a report folder that cannot be written",
    args: ["drill", "--report", "/proc/none/report"],
    message: /report/,
    hint: /folder/,
  },
];

describe("bad input", () => {
  let lab: DrillLab;
  let config: string;
  let before: string[];
  const states = async () => [await stateOf(lab.prod), await stateOf(lab.sandbox)];

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    await lab.drill({ opensPages: false });
    config = await Deno.readTextFile(lab.configFile);
    before = await states();
  });
  afterAll(async () => await lab[Symbol.asyncDispose]());

  /** Runs the command line where the configuration, if any, lies. */
  async function run(input: Pick<BadInput, "args" | "config" | "env">) {
    await using folder = await temporaryFolder();
    if (input.config !== null) {
      await Deno.writeTextFile(
        `${folder.path}/dolibarr-drill.yaml`,
        (input.config ?? ((text) => text))(config),
      );
    }
    return await runCli(input.args, { cwd: folder.path, env: input.env });
  }

  for (const input of BAD_INPUTS) {
    it(`${input.name} ends with 2, and says why and what to do`, async () => {
      const { code, stdout, stderr } = await run(input);
      const said = unwrapped(stdout + stderr);
      assertEquals(code, 2, said);
      assertMatch(said, input.message);
      assertMatch(said, input.hint);
      assert(!/hunter2/.test(said), "a secret was printed");
      assert(!/ at \S*\.ts:\d+/.test(said), "a stack was printed");
      assertEquals(await lab.sandbox.workload.state(), "up");
    });
  }

  it("a manifest of a newer format ends with 2, and with the advice to update", async () => {
    await using copy = await lab.copyOfSet();
    await Deno.writeTextFile(
      copy.path(manifestKey("prod", "20991231T235959Z")),
      JSON.stringify({ format: manifestRecord.format + 1, more: true }),
    );
    const moved = (text: string) => text.replace(/file:\/\/[^"]*store/, copy.url);
    for (const args of [["list"], ["restore", "latest"], ["drill"]]) {
      const { code, stdout, stderr } = await run({ args, config: moved });
      assertEquals(code, 2, stdout + stderr);
      const { format } = manifestRecord;
      assertStringIncludes(
        unwrapped(stdout + stderr),
        `it is of format ${format + 1}, this version knows ${format}`,
      );
      assertMatch(stdout + stderr, /Update/);
    }
  });

  it("a second run at the same time ends with 2, and says who holds the lease since when", async () => {
    await using _held = await takeLease(lab.store, "sandbox", "drill");
    const { code, stdout, stderr } = await run({ args: ["restore", "latest"] });
    assertEquals(code, 2);
    assertMatch(
      stdout + stderr,
      /Cannot begin with sandbox: drill has been running there since .* \(process \d+ on /,
    );
  });

  it("no Chromium ends with 2: the data were checked, the browser's checks are NOT RUN", async () => {
    await using folder = await temporaryFolder();
    for (const { name } of Deno.readDirSync("/usr/bin")) {
      if (!/^(chrom|google-chrome)/.test(name)) {
        await Deno.symlink(`/usr/bin/${name}`, `${folder.path}/${name}`);
      }
    }
    const { code, stdout, stderr } = await run({
      args: ["drill", "--report", `${folder.path}/report`],
      env: { PATH: folder.path },
    });
    assertEquals(code, 2, stdout + stderr);
    assertMatch(stdout, /Chromium is not on the PATH/);
    assertMatch(stdout, /NOT RUN +\d+ checks: an error ended the drill before them \(in the browser \d+\)/);
    assertMatch(stdout, /PASS +Every table has the rows/);
    assertMatch(await Deno.readTextFile(`${folder.path}/report/report.html`), /Not proved/);
    const { verdict, checks } = JSON.parse(await Deno.readTextFile(`${folder.path}/report/report.json`));
    assertEquals([verdict, checks.filter((one: CheckResult) => one.verdict === "fail")], ["not_run", []]);
    assertNotRun(checks, mayNotRun("stand-in", "standard"), {
      ...notReached("CHECK_NOT_RUN", "standard"),
      "browser.sandbox": "BROWSER_MISSING",
    });
    const { hint } = checks.find(({ id }: CheckResult) => id === "browser.sandbox");
    assertMatch(hint, /apt-get install chromium/);
  });

  it("has changed nothing in production, and left nothing of its own in the sandbox", async () => {
    const [prod] = before;
    assertEquals((await states())[0], prod);
    const left = [...Deno.readDirSync(`${lab.sandbox.documents}/mycompany`)].filter(({ name }) =>
      name.startsWith("dolibarr-drill")
    );
    assertEquals(left, []);
  });
});

/** Lines as they were before they were broken to fit a terminal. */
const unwrapped = (text: string): string => text.replaceAll(/\s+/g, " ");
