/** A whole drill by the command line, as a person or a CI job runs it. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "../../../src/postgres/connection/session.ts";
import { type CliEnd, resultOf, spawnCli } from "../../support/cli.ts";
import { type DrillLab, startDrillLab, stateOf } from "../../support/lab/drill_lab.ts";
import type { ErpKind } from "../../support/lab/lab.ts";
import { assertWholePass, mayNotRun } from "../../support/lab/not_run.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { statementsDuring, writesAmong } from "../../support/lab/statements.ts";

export function describeWholeDrill(name: string, kind: ErpKind, { skip }: { skip?: string } = {}): void {
  describe(`a whole drill, with ${name}`, { skip }, () => {
    let lab: DrillLab;
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let end: CliEnd & { commandLines: Set<string> };
    let production: string;
    beforeAll(async () => {
      lab = await startDrillLab(kind);
      folder = await temporaryFolder();
      production = await stateOf(lab.prod);
      end = await watched(["drill", "--config", lab.configFile, "--report", `${folder.path}/report`]);
    });
    afterAll(async () => {
      await folder[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    });

    it("passes, and says so with every check", () => {
      assertEquals(end.code, 0, end.stdout + end.stderr);
      assertMatch(end.stdout, /✓ PASS {2}This backup can be brought back/);
      const notRun = Object.keys(mayNotRun(kind, "standard")).length;
      assertStringIncludes(end.stdout, `0 failed, ${notRun} not run`);
    });

    it("says in its first and its last line what it ran on", () => {
      const lines = end.stdout.trim().split("\n");
      const banner = kind === "real" ? /^embedded lab/ : /^stand-in, not Dolibarr/;
      assertMatch(lines[0]!, banner);
      assertMatch(lines.at(-1)!, banner);
    });

    it("leaves a report with pictures of an invoice and the logo, and the objects' hashes", async () => {
      const html = await Deno.readTextFile(`${folder.path}/report/report.html`);
      assertMatch(html, /alt="The newest invoice, FA[^"]+"/);
      assertMatch(html, /alt="The company(’|'|&#39;|&apos;)s page, with its logo"/);
      assert((html.match(/src="data:image\/jpeg;base64,/g) ?? []).length >= 4);
      const json = JSON.parse(await Deno.readTextFile(`${folder.path}/report/report.json`));
      for (const { sha256 } of json.set.objects) assertStringIncludes(html, sha256);
      assertEquals([json.verdict, json.lab, json.erp], ["pass", true, kind]);
      assertMatch(await Deno.readTextFile(`${folder.path}/report/junit.xml`), /failures="0"/);
    });

    it("shows no secret: not in its output, a command line, a manifest or a report", async () => {
      const secrets = await secretsOf(lab);
      assert(secrets.length >= 4);
      const texts: [string, string][] = [["stdout", end.stdout], ["stderr", end.stderr]];
      for (const line of end.commandLines) texts.push(["a command line", line]);
      for (const { name } of Deno.readDirSync(`${folder.path}/report`)) {
        texts.push([name, await Deno.readTextFile(`${folder.path}/report/${name}`)]);
      }
      for await (const { key } of lab.store.list("prod/manifests/")) {
        texts.push([key, await Deno.readTextFile(`${new URL(lab.store.url).pathname}/${key}`)]);
      }
      assert(end.commandLines.size > 5, "the process list was not looked at");
      for (const [where, text] of texts) {
        for (const secret of secrets) assert(!text.includes(secret), `a secret is in ${where}`);
      }
    });

    it("leaves production as it was, and nothing of its own in the sandbox or the store", async () => {
      assertEquals(await stateOf(lab.prod), production);
      await using session = await connect(lab.sandbox.database);
      const left = await session.query(
        "SELECT login FROM public.llx_user WHERE login LIKE 'dolibarr-drill%' UNION SELECT name FROM public.llx_const WHERE name = 'MAIN_HOME' AND value LIKE '%dolibarr-drill%'",
      );
      assertEquals(left, []);
      const keys = (await Array.fromAsync(lab.store.list(""))).map(({ key }) => key);
      assertEquals(keys.filter((key) => /\/(lease|runs)\//.test(key)), []);
      assertEquals([...Deno.readDirSync(`${new URL(lab.store.url).pathname}/.parts`)], []);
    });

    it("speaks NDJSON with --json, the result last", async () => {
      const { code, stdout } = await watched([
        "drill",
        "--config",
        lab.configFile,
        "--json",
        "--seed",
        "x",
        "--report",
        `${folder.path}/json`,
      ]);
      assertEquals(code, 0);
      const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
      const checks = events.filter(({ event }) => event === "check");
      assertWholePass(checks, kind);
      assert(checks.length >= 20);
      assertEquals(checks.filter(({ compared, verdict }) => verdict === "pass" && !compared?.with), []);
      const { event, verb, verdict, exit, lab: isLab, erp, report } = resultOf(stdout);
      assertEquals([event, verb, verdict, exit, isLab, erp, report], [
        "result",
        "drill",
        "pass",
        0,
        true,
        kind,
        `${folder.path}/json/report.html`,
      ]);
    });

    if (kind === "stand-in") {
      it("asks production nothing but questions: the server's own log of a backup shows no write", () =>
        readOnlyBackup(lab));
    }
  });
}

/** Runs the command line and looks at the command lines of all processes while it runs. */
async function watched(args: string[]): Promise<CliEnd & { commandLines: Set<string> }> {
  const commandLines = new Set<string>();
  const child = spawnCli(args);
  let running = true;
  const watching = (async () => {
    while (running) {
      for (const { name } of Deno.readDirSync("/proc")) {
        if (/^\d+$/.test(name)) commandLines.add(commandLineOf(name));
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const { code, stdout, stderr } = await child.output();
  running = false;
  await watching;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr), commandLines };
}

function commandLineOf(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
  } catch {
    return ""; // it ended while we looked
  }
}

async function secretsOf({ folder }: DrillLab): Promise<string[]> {
  const files = [...Deno.readDirSync(`${folder}/secrets`)].filter(({ isFile, name }) =>
    isFile && /password/.test(name)
  );
  return await Promise.all(
    files.map(async ({ name }) => (await Deno.readTextFile(`${folder}/secrets/${name}`)).trim()),
  );
}

async function readOnlyBackup(lab: DrillLab): Promise<void> {
  const statements = await statementsDuring(lab, async () => {
    const { code } = await watched(["backup", "--config", lab.configFile]);
    assertEquals(code, 0);
  });
  assert(
    statements.some((statement) => /pg_export_snapshot/.test(statement)),
    "the backup is not in the server's log",
  );
  assert(statements.some((statement) => /^SHOW transaction_read_only/i.test(statement)));
  assertEquals(writesAmong(statements), []);
}
