/** Builds a lab from nothing: the cluster with its roles, Dolibarr or the stand-in, the demo company. */

import { randomHex } from "../base/random.ts";
import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { createCluster, DATABASES, platformSql, runSql } from "./servers/cluster.ts";
import { readDemoCompany, withInvoiceCount } from "./demo_company.ts";
import { documentsOf } from "./config_file.ts";
import { fillDolibarr, installDolibarr } from "./dolibarr/install.ts";
import {
  chooseDolibarr,
  DOLIBARR_VERSION,
  type DolibarrChoice,
  downloadRelease,
  findLocalDolibarr,
} from "./dolibarr/release.ts";
import { copyHtdocs, writeConf } from "./dolibarr/htdocs.ts";
import { whyPhpCannotRun } from "./dolibarr/php_runtime.ts";
import type { LabPaths } from "./paths.ts";
import { choosePorts, findFreePort, isFreePort } from "./servers/ports.ts";
import { type LabSecrets, labSecrets } from "./secrets.ts";
import type { ServerUser } from "./servers/programs.ts";
import { FIXTURES, recipeOf } from "./recipe.ts";
import { startPlatform } from "./start.ts";
import { LAB_FORMAT, type LabState, USERS_LIVE } from "./state.ts";
import { stopProcesses } from "./servers/processes.ts";
import { writeFileWhole, writeJson } from "./files.ts";

interface BuildOptions {
  paths: LabPaths;
  user: ServerUser;
  /** Set where the stand-in was asked for, whatever Dolibarr is available. */
  erp?: "stand-in";
  /** The number of invoices, one a day, in place of the company's own. */
  invoices?: number;
  reporter: Reporter;
  signal: AbortSignal;
}

/**
 * Builds the lab into its empty folder, and stops its servers, so that what is stored was shut down cleanly.
 * The file that says that the build is complete is written last.
 */
export async function buildLab(options: BuildOptions): Promise<LabState> {
  const { paths, user, reporter, signal } = options;
  for (
    const folder of [paths.run, paths.log, paths.tmp, paths.cache, paths.store, `${paths.root}/bin`]
  ) {
    Deno.mkdirSync(folder, { recursive: true });
  }
  const choice = await choose(options);
  const secrets = labSecrets(paths);
  const state: LabState = {
    format: LAB_FORMAT,
    root: paths.root,
    erp: choice.erp,
    ...(choice.erp === "real"
      ? { dolibarr: { version: choice.version, home: choice.home } }
      : { reason: choice.reason }),
    recipe: await recipeOf(choice.erp),
    ports: choosePorts({}, isFreePort, findFreePort),
    users: {
      prod: `v-erp-${randomHex(5)}`,
      sandbox: `v-erp-sandbox-${randomHex(5)}`,
      until: new Date(Date.now() + USERS_LIVE).toISOString(),
    },
  };
  {
    using _step = reporter.step("Creating PostgreSQL, its roles and its databases");
    await allOrFirstError([
      createCluster(paths, user, secrets.provisioner, signal),
      ...(choice.erp === "real"
        ? (["prod", "sandbox"] as const).map((env) =>
          copyHtdocs(choice.home, choice.ours, paths, env, signal)
        )
        : []),
    ]);
    await startPlatform(paths, state, secrets, user, signal);
    await runSql(
      { port: state.ports.postgres, password: secrets.provisioner },
      platformSql(secrets, state.users),
      signal,
    );
  }
  await fill(options, state, secrets);
  makeSandbox(paths, state, secrets);
  await stopProcesses(paths);
  writeJson(paths.state, state);
  writeFileWhole(paths.filled, `${new Date().toISOString()}\n`, 0o644);
  return state;
}

/** Chooses the real Dolibarr, or the stand-in with the reason. */
async function choose(
  { erp, reporter, signal }: BuildOptions,
): Promise<Exclude<DolibarrChoice, { erp: "download" }>> {
  if (erp === "stand-in") return { erp, reason: "it was asked for" };
  const found = { ...findLocalDolibarr(), php: await whyPhpCannotRun(signal) };
  let choice = chooseDolibarr(found);
  if (choice.erp === "download") {
    const failed = await downloadRelease(reporter, signal);
    choice = chooseDolibarr({ ...findLocalDolibarr(), failed: failed ?? "contains no Dolibarr" });
  }
  if (choice.erp === "download") throw new Error("a download is tried only once");
  if (choice.erp === "stand-in") {
    reporter.warn(`stand-in, not Dolibarr: ${DOLIBARR_VERSION} could not be had (${choice.reason})`);
  } else if (choice.version !== DOLIBARR_VERSION) {
    reporter.warn(`${choice.home} is Dolibarr ${choice.version}; this was written for ${DOLIBARR_VERSION}`);
  }
  return choice;
}

async function fill(
  { paths, invoices, reporter, signal }: BuildOptions,
  state: LabState,
  secrets: LabSecrets,
): Promise<void> {
  const own = readDemoCompany(`${FIXTURES}company.json`);
  const company = invoices === undefined ? own : withInvoiceCount(own, invoices);
  Deno.mkdirSync(documentsOf(paths, "prod"), { recursive: true });
  if (state.erp === "real") {
    const options = { paths, state, secrets, company, logo: `${FIXTURES}${company.logo}`, reporter, signal };
    await installDolibarr(options);
    await fillDolibarr(options);
    return;
  }
  const { fillStandIn } = await import("./stand_in/stand_in.ts");
  const database = {
    host: "127.0.0.1",
    port: state.ports.pooler,
    name: DATABASES.prod.name,
    user: state.users.prod,
    password: secrets.prod,
  };
  await fillStandIn({ database, documents: documentsOf(paths, "prod"), company, signal, reporter });
}

/** Makes the documents of the sandbox: only the file that keeps Dolibarr from offering its installer. Its database is empty. */
function makeSandbox(paths: LabPaths, state: LabState, secrets: LabSecrets): void {
  const documents = documentsOf(paths, "sandbox");
  Deno.mkdirSync(documents, { recursive: true });
  Deno.writeTextFileSync(`${documents}/install.lock`, "", { mode: 0o444 });
  if (state.erp === "real") writeConf(paths, "sandbox", state, secrets);
}

/** Waits for all of them, so that nothing writes into the folder any more when the first error is thrown. */
async function allOrFirstError(works: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((end) => end.status === "rejected");
  if (failed) throw failed.reason instanceof Error ? failed.reason : new Error(messageOf(failed.reason));
}
