/** The page that says how to make a sandbox from nothing: its commands are run, and a drill passes in what they made. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { temporaryFolder } from "../../support/folder.ts";
import { asProvisioner, startDrillLab } from "../../support/lab/drill_lab.ts";
import { resultOf, runCli } from "../../support/cli.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { findFreePort } from "../../../src/lab/servers/ports.ts";

const skip = await whyNoDolibarr();
const PAGE = new URL("../../../docs/sandbox.md", import.meta.url);

/** The blocks of a language, without the indentation of the list that they stand in. */
const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`^( *)\`\`\`${language}\n([^]*?)^ *\`\`\`$`, "gm"))].map(([, indent, text]) =>
    text!.replaceAll(new RegExp(`^${indent}`, "gm"), "")
  );

/** The lab's configuration with another sandbox. */
const withSandbox = (config: string, sandbox: string): string =>
  config.replace(/^ {2}sandbox:\n[^]*?^(?=\S)/m, sandbox.replaceAll(/^(?=.)/gm, "  "));

describe("docs/sandbox.md", { skip }, () => {
  it("makes a sandbox from nothing, into which the newest set is restored and drilled", async () => {
    const page = await Deno.readTextFile(PAGE);
    const [settings = "", ...commands] = blocksOf(page, "sh");
    const [yaml = ""] = blocksOf(page, "yaml");
    assertEquals(commands.length, 3);
    await using lab = await startDrillLab("real");
    await using folder = await temporaryFolder();
    const sandbox = `${folder.path}/erp-sandbox`;
    const provisioner = await asProvisioner(lab.folder, lab.sandbox);
    const port = findFreePort();
    const url = `http://127.0.0.1:${port}`;
    const own = settings
      .replace("/var/www/html ", `${lab.folder}/prod/htdocs `)
      .replace("/srv/erp-sandbox ", `${sandbox} `)
      .replace("www-data ", `${Deno.uid()} `)
      .replace("http://127.0.0.1:8081", url);
    const env = {
      PGHOST: provisioner.host,
      PGPORT: String(provisioner.port),
      PGUSER: provisioner.user,
      PGPASSWORD: provisioner.password!,
    };
    const run = async (script: string) => {
      const { code, stderr } = await new Deno.Command("bash", {
        args: ["-euo", "pipefail", "-c", script],
        env,
      })
        .output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
    };
    const server = `${folder.path}/server`;
    await Deno.writeTextFile(
      server,
      `#!/bin/sh
case $1 in
  start) PHP_CLI_SERVER_WORKERS=4 setsid php -S 127.0.0.1:${port} -t ${sandbox}/htdocs >/dev/null 2>&1 & echo $! >${folder.path}/pid ;;
  stop) if [ -e ${folder.path}/pid ]; then kill $(cat ${folder.path}/pid); rm ${folder.path}/pid; fi ;;
esac
`,
      { mode: 0o755 },
    );
    await using made = new AsyncDisposableStack();
    made.defer(async () => {
      await run(`${server} stop`);
      await run(
        "dropdb --if-exists --force erp_sandbox_new; psql -q -d postgres -c 'DROP ROLE IF EXISTS erp_sandbox_login, erp_sandbox_owner'",
      );
    });
    await run([own, ...commands].join("\n"));

    const environment = yaml
      .replaceAll("/srv/erp-sandbox", sandbox)
      .replace("port: 5432", `port: ${provisioner.port}`)
      .replace("http://127.0.0.1:8081", url)
      .replace("[systemctl, stop, erp-sandbox]", `[${server}, stop]`)
      .replace("[systemctl, start, erp-sandbox]", `[${server}, start]`);
    const config = `${folder.path}/dolibarr-drill.yaml`;
    const text = await Deno.readTextFile(lab.configFile);
    await Deno.writeTextFile(config, withSandbox(text, environment));

    const judged = await runCli(["restore", "--dry-run", "--config", config]);
    assertEquals(judged.code, 0, judged.stderr);
    assertStringIncludes(judged.stdout, `${sandbox}/documents`);
    const report = `${folder.path}/report`;
    const drilled = await runCli([
      "drill",
      "--config",
      config,
      "--json",
      "--report",
      report,
      "--level",
      "fast",
    ]);
    const { verdict, message, set } = resultOf(drilled.stdout);
    assertEquals([verdict, message], ["pass", undefined], drilled.stdout);
    assertStringIncludes(String(set), "prod/");
  });
});
