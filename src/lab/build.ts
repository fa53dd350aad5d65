/** A lab from nothing: the cluster with its roles, Dolibarr or the stand-in, the demo company. */

import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { createCluster, DATABASES, platformSql, runSql } from "./servers/cluster.ts";
import { readDemoCompany, withInvoices } from "./company.ts";
import { documentsOf } from "./config_file.ts";
import { fillDolibarr, installDolibarr } from "./dolibarr/install.ts";
import {
  type Choice,
  chooseDolibarr,
  DOLIBARR_VERSION,
  downloadRelease,
  findLocalDolibarr,
} from "./dolibarr/release.ts";
import { copyHtdocs, writeConf } from "./dolibarr/htdocs.ts";
import { whyNoPhp } from "./dolibarr/php_runtime.ts";
import type { Places } from "./places.ts";
import { choosePorts, findFreePort, isFreePort } from "./servers/ports.ts";
import { type LabSecrets, labSecrets, randomHex } from "./secrets.ts";
import type { ServerUser } from "./servers/programs.ts";
import { startPlatform } from "./start.ts";
import { LAB_FORMAT, type LabState, USERS_LIVE, writeJson, writeWhole } from "./state.ts";
import { stopProcesses } from "./servers/processes.ts";

export interface BuildOptions {
  places: Places;
  user: ServerUser;
  /** Set: the stand-in is wanted, whatever Dolibarr there is. */
  erp?: "stand-in";
  /** So many, one a day, in place of the company's own. */
  invoices?: number;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What fills a lab. */
const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;
const SOURCES = {
  real: [new URL("./dolibarr/php/", import.meta.url).pathname],
  "stand-in": [new URL("./stand_in/", import.meta.url).pathname],
};

/** A hash over everything that decides what a built lab holds. */
export async function recipeOf(erp: LabState["erp"]): Promise<string> {
  const files = ["company.json", "logo.png"].map((name) => `${FIXTURES}${name}`);
  for (const folder of SOURCES[erp]) files.push(...filesBelow(folder));
  const bytes = await new Blob(files.map((file) => Deno.readFileSync(file))).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
}

/** All files in and below `folder` (with its last slash), sorted. */
const filesBelow = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].flatMap(({ name, isFile }) =>
    isFile ? [`${folder}${name}`] : filesBelow(`${folder}${name}/`)
  ).sort();

/**
 * Builds the lab into its empty folder, and stops it again: what is kept was ended cleanly.
 * The mark that it is whole is written last.
 */
export async function buildLab(options: BuildOptions): Promise<LabState> {
  const { places, user, reporter, signal } = options;
  for (
    const folder of [places.run, places.log, places.tmp, places.cache, places.store, `${places.root}/bin`]
  ) {
    Deno.mkdirSync(folder, { recursive: true });
  }
  const choice = await choose(options);
  const secrets = labSecrets(places);
  const state: LabState = {
    format: LAB_FORMAT,
    root: places.root,
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
    using _step = reporter.step("Making PostgreSQL, its roles and its databases");
    await allOrFirstError([
      createCluster(places, user, secrets.provisioner, signal),
      ...(choice.erp === "real"
        ? (["prod", "sandbox"] as const).map((env) =>
          copyHtdocs(choice.home, choice.ours, places, env, signal)
        )
        : []),
    ]);
    await startPlatform(places, state, secrets, user, signal);
    await runSql(
      { port: state.ports.postgres, password: secrets.provisioner },
      platformSql(secrets, state.users),
      signal,
    );
  }
  await fill(options, state, secrets);
  makeSandbox(places, state, secrets);
  await stopProcesses(places);
  writeJson(places.state, state);
  writeWhole(places.filled, `${new Date().toISOString()}\n`, 0o644);
  return state;
}

/** Real, or the stand-in with the reason why. */
async function choose(
  { erp, reporter, signal }: BuildOptions,
): Promise<Exclude<Choice, { erp: "download" }>> {
  if (erp === "stand-in") return { erp, reason: "it was asked for" };
  const found = { ...findLocalDolibarr(), php: await whyNoPhp(signal) };
  let choice = chooseDolibarr(found);
  if (choice.erp === "download") {
    const failed = await downloadRelease(reporter, signal);
    choice = chooseDolibarr({ ...findLocalDolibarr(), failed: failed ?? "holds no Dolibarr" });
  }
  if (choice.erp === "download") throw new Error("a download that was tried is not tried again");
  if (choice.erp === "stand-in") {
    reporter.warn(`stand-in, not Dolibarr: ${DOLIBARR_VERSION} could not be had (${choice.reason})`);
  } else if (choice.version !== DOLIBARR_VERSION) {
    reporter.warn(`${choice.home} is Dolibarr ${choice.version}; this was written for ${DOLIBARR_VERSION}`);
  }
  return choice;
}

async function fill(
  { places, invoices, reporter, signal }: BuildOptions,
  state: LabState,
  secrets: LabSecrets,
): Promise<void> {
  const own = readDemoCompany(`${FIXTURES}company.json`);
  const company = invoices === undefined ? own : withInvoices(own, invoices);
  Deno.mkdirSync(documentsOf(places, "prod"), { recursive: true });
  if (state.erp === "real") {
    const options = { places, state, secrets, company, logo: `${FIXTURES}${company.logo}`, reporter, signal };
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
  await fillStandIn({ database, documents: documentsOf(places, "prod"), company, signal, reporter });
}

/** The sandbox has an empty database, and of the documents only what keeps Dolibarr from offering its installer. */
function makeSandbox(places: Places, state: LabState, secrets: LabSecrets): void {
  const documents = documentsOf(places, "sandbox");
  Deno.mkdirSync(documents, { recursive: true });
  Deno.writeTextFileSync(`${documents}/install.lock`, "", { mode: 0o444 });
  if (state.erp === "real") writeConf(places, "sandbox", state, secrets);
}

/** Waits for all, so that nothing still writes into the folder when the first error is thrown. */
async function allOrFirstError(works: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((end) => end.status === "rejected");
  if (failed) throw failed.reason instanceof Error ? failed.reason : new Error(messageOf(failed.reason));
}
