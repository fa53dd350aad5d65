/** Dolibarr installed from its own command line and filled with the demo company through its own classes. */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { startTool } from "../../base/process/processes.ts";
import type { Reporter, Step } from "../../base/terminal/reporter.ts";
import { DATABASES } from "../servers/cluster.ts";
import { type Company, planInvoices } from "../company.ts";
import { documentsOf, webUrl } from "../config_file.ts";
import { writeConf } from "./htdocs.ts";
import { findPhp, phpSettings } from "./php_runtime.ts";
import type { Places } from "../places.ts";
import type { LabSecrets } from "../secrets.ts";
import { type LabState, writeWhole } from "../state.ts";

export interface DolibarrFill {
  places: Places;
  state: LabState;
  secrets: LabSecrets;
  company: Company;
  /** The logo's file. */
  logo: string;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Installs Dolibarr into the prod database, which is empty, and makes its documents folder (about 5 s). */
export async function installDolibarr(options: DolibarrFill): Promise<void> {
  const { places, state: { ports, users, dolibarr }, secrets, reporter, signal } = options;
  const htdocs = `${places.root}/prod/htdocs`;
  using step = reporter.step(`Installing Dolibarr ${dolibarr?.version}`, "steps");
  const run = (name: string, ...args: string[]) =>
    runPhp(places, "step.php", [], {
      action: `install Dolibarr (${name})`,
      env: { DRILL_LAB_ARGV: JSON.stringify([`${htdocs}/install/${name}`, ...args]) },
      limit: limits.dolibarrInstalls,
      signal,
    });
  writeWhole(`${htdocs}/conf/conf.php`, "<?php\n"); // the installer only fills one that is there
  await run(
    "step1.php",
    ...["set", "auto", htdocs, documentsOf(places, "prod"), webUrl(ports.prod), "", ""],
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
  // Before anything is encrypted: what is uses this file's instance id.
  writeConf(places, "prod", options.state, secrets);
  step.progress(1, 3);
  await run("step2.php", "set");
  step.progress(2, 3);
  await run("step5.php", "", "", "auto", "set", "admin", secrets.admin, secrets.admin, "444");
  step.end();
}

/** Sets the company, switches its modules on and makes its papers. */
export async function fillDolibarr({ places, company, logo, reporter, signal }: DolibarrFill): Promise<void> {
  const input = `${places.tmp}/company.json`;
  const plan = planInvoices(company);
  writeWhole(input, JSON.stringify({ htdocs: `${places.root}/prod/htdocs`, company, plan, logo }));
  {
    using step = reporter.step(`Setting up ${company.name}`, "steps");
    await runPhp(places, "prepare.php", [input], {
      action: "set up the company",
      limit: limits.dolibarrFills,
      signal,
      step,
    });
  }
  using step = reporter.step(`Making ${company.invoices.count} invoices with PDFs`, "files");
  await runPhp(places, "fill.php", [input], {
    action: "make the company's papers",
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
 * Runs one of our PHP scripts. Lines of its output that begin with `@` are progress; the rest is Dolibarr's pages.
 * @throws DrillError `LAB_FAILED` with what it said last, `TIME_LIMIT`.
 */
async function runPhp(places: Places, script: string, args: string[], options: PhpOptions): Promise<void> {
  const { action, env, limit, signal, step } = options;
  const file = new URL(`./php/${script}`, import.meta.url).pathname;
  const timeout = AbortSignal.timeout(limit);
  await using php = startTool(findPhp() ?? "php", {
    args: [...phpSettings(places, "build"), file, ...args],
    env,
    cwd: places.tmp,
    signal: AbortSignal.any([signal, timeout]),
  });
  let last = "";
  for await (const line of lines(php.stdout)) {
    const [mark, done, total] = line.split(" ");
    if (mark === "@") step?.progress(Number(done), Number(total));
    else if (line.trim() !== "") last = line.trim();
  }
  const end = await php.ended;
  signal.throwIfAborted();
  if (timeout.aborted) {
    throw new DrillError(
      "TIME_LIMIT",
      `Cannot ${action}: it took longer than ${limit / 1000} s`,
      "Is the machine busy? Run it again.",
    );
  }
  if (end.code === 0) return;
  const details = end.stderr.trim().split("\n").filter((line) => line !== "").slice(-5);
  const said = details.at(-1) ?? last.replaceAll(/<[^>]*>/g, " ").slice(0, 300);
  throw new DrillError(
    "LAB_FAILED",
    `Cannot ${action}: ${said || `PHP ended with ${end.code}`}`,
    `Look into ${places.log}/build-php.log`,
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
