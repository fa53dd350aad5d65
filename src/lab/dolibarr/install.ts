/** Installs Dolibarr by its own installer, and fills it with the demo company by its own classes. */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { startTool } from "../../base/process/processes.ts";
import type { Reporter, Step } from "../../base/terminal/reporter.ts";
import { formatCount, formatDuration } from "../../base/numbers.ts";
import { DATABASES } from "../servers/cluster.ts";
import { type DemoCompany, planInvoices } from "../demo_company.ts";
import { documentsOf, webUrl } from "../config_file.ts";
import { writeConf } from "./htdocs.ts";
import { findPhp, phpSettings } from "./php_runtime.ts";
import type { LabPaths } from "../paths.ts";
import type { LabSecrets } from "../secrets.ts";
import type { LabState } from "../state.ts";
import { writeFileWhole } from "../files.ts";

interface DolibarrFill {
  paths: LabPaths;
  state: LabState;
  secrets: LabSecrets;
  company: DemoCompany;
  /** The logo's file. */
  logo: string;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Installs Dolibarr into the empty prod database, and creates its documents folder (about 5 s). */
export async function installDolibarr(options: DolibarrFill): Promise<void> {
  const { paths, state: { ports, users, dolibarr }, secrets, reporter, signal } = options;
  const htdocs = `${paths.root}/prod/htdocs`;
  using step = reporter.step(`Installing Dolibarr ${dolibarr?.version}`, "steps");
  const run = (name: string, ...args: string[]) =>
    runPhp(paths, "step.php", [], {
      action: `install Dolibarr (${name})`,
      env: { DRILL_LAB_ARGV: JSON.stringify([`${htdocs}/install/${name}`, ...args]) },
      limit: limits.dolibarrInstalls,
      signal,
    });
  writeFileWhole(`${htdocs}/conf/conf.php`, "<?php\n"); // the installer only fills an existing file
  await run(
    "step1.php",
    ...["set", "auto", htdocs, documentsOf(paths, "prod"), webUrl(ports.prod), "", ""],
    ...[
      "pgsql",
      "127.0.0.1",
      DATABASES.prod.name,
      users.prod,
      secrets.prod,
      String(ports.pooler),
      "llx_",
      "0",
      "0",
    ],
  );
  await Deno.remove(`${htdocs}/conf/conf.php.old`);
  // before anything is encrypted with the instance's id of this file
  writeConf(paths, "prod", options.state, secrets);
  step.progress(1, 3);
  await run("step2.php", "set");
  step.progress(2, 3);
  await run("step5.php", "", "", "auto", "set", "admin", secrets.admin, secrets.admin, "444");
  step.end();
}

/** Sets up the company, enables the modules and creates the invoices. */
export async function fillDolibarr({ paths, company, logo, reporter, signal }: DolibarrFill): Promise<void> {
  const input = `${paths.tmp}/company.json`;
  const plan = planInvoices(company);
  writeFileWhole(input, JSON.stringify({ htdocs: `${paths.root}/prod/htdocs`, company, plan, logo }));
  {
    using step = reporter.step(`Setting up ${company.name}`, "steps");
    await runPhp(paths, "prepare.php", [input], {
      action: "set up the company",
      limit: limits.dolibarrFills,
      signal,
      step,
    });
  }
  using step = reporter.step(`Creating ${formatCount(company.invoices.count, "invoice")} with PDFs`, "files");
  await runPhp(paths, "fill.php", [input], {
    action: "create the company's invoices",
    limit: Math.max(limits.dolibarrFills, plan.length * limits.dolibarrMakesInvoice),
    signal,
    step,
  });
  Deno.removeSync(input);
  step.end();
}

interface PhpOptions {
  /** "install Dolibarr (step2.php)" */
  action: string;
  env?: Record<string, string>;
  /** ms */
  limit: number;
  signal: AbortSignal;
  step?: Step;
}

/**
 * Runs one of our PHP scripts. Lines of its output that begin with `@` are progress, others are Dolibarr's pages.
 * @throws DrillError `LAB_FAILED` with its last message, `TIME_LIMIT`.
 */
async function runPhp(paths: LabPaths, script: string, args: string[], options: PhpOptions): Promise<void> {
  const { action, env, limit, signal, step } = options;
  const timeout = AbortSignal.timeout(limit);
  await using php = startTool(findPhp() ?? "php", {
    args: [
      ...phpSettings(paths, "build"),
      ...["-d", `auto_prepend_file=${scriptFile("install_log.php")}`],
      ...[scriptFile(script), ...args],
    ],
    env,
    cwd: paths.tmp,
    signal: AbortSignal.any([signal, timeout]),
  });
  let last = "";
  for await (const line of lines(php.stdout)) {
    const [sign, done, total] = line.split(" ");
    if (sign === "@") step?.progress(Number(done), Number(total));
    else if (line.trim() !== "") last = line.trim();
  }
  const end = await php.ended;
  signal.throwIfAborted();
  if (timeout.aborted) {
    throw new DrillError(
      "TIME_LIMIT",
      `Cannot ${action}: it took longer than ${formatDuration(limit)}`,
      "Run it again when the machine is less busy.",
    );
  }
  if (end.code === 0) return;
  const details = end.stderr.trim().split("\n").filter((line) => line !== "").slice(-5);
  const message = details.at(-1) ?? last.replaceAll(/<[^>]*>/g, " ").slice(0, 300);
  throw new DrillError(
    "LAB_FAILED",
    `Cannot ${action}: ${message || `PHP exited with status ${end.code}`}`,
    `Read ${paths.log}/build-php.log`,
    { details },
  );
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/** The scripts that install and fill a Dolibarr. */
export const SCRIPTS = ["step.php", "common.php", "prepare.php", "fill.php"];

/** The code of these scripts, without comments and white space. */
export const dolibarrRecipe = (): string[] =>
  SCRIPTS.map((name) => bareCode(Deno.readTextFileSync(scriptFile(name))));

const scriptFile = (name: string): string => new URL(`./php/${name}`, import.meta.url).pathname;

/** PHP without its comments, and without white space outside of texts. Pure. */
export const bareCode = (php: string): string =>
  php.replaceAll(
    /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\/\*[\s\S]*?\*\/|\/\/[^\n]*|#[^\n]*|\s+/g,
    (_, text) => text ?? "",
  );
