/** An ERP to look at: the lab's "prod", with Dolibarr or with the stand-in, kept between runs. */

import { DrillError } from "../../src/base/errors.ts";
import { silentReporter } from "../../src/base/reporter.ts";
import { environmentOf } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createDrillAccount } from "../../src/dolibarr/drill_account.ts";
import { chooseDolibarr, lookLocally } from "../../src/lab/dolibarr_source.ts";
import { type Lab, labUp } from "../../src/lab/lab.ts";
import { whyNoPhp } from "../../src/lab/php_runtime.ts";
import { connect, type Session } from "../../src/postgres/session.ts";

export type ErpKind = "real" | "stand-in";

/** A running ERP with an account that may read. Disposing removes the account and stops what was started. */
export interface RunningErp extends AsyncDisposable {
  kind: ErpKind;
  url: string;
  /** Its documents folder. */
  documents: string;
  /** A session of the role that owns the ERP's tables. */
  session: Session;
  drillAccount: { login: string; password: string };
  /** Where the stand-in reads how it shall break. */
  faultsFile: string;
}

/** Why no real Dolibarr can be started here without the network, or undefined: it can. */
export async function whyNoDolibarr(): Promise<string | undefined> {
  const choice = chooseDolibarr({
    ...lookLocally(),
    php: await whyNoPhp(AbortSignal.timeout(10_000)),
    failed: "was not asked for",
  });
  return choice.erp === "real"
    ? undefined
    : choice.erp === "stand-in"
    ? choice.reason
    : "it would have to be downloaded";
}

/** Starts the lab of this kind in a folder of its own; the first time it is built. */
export async function startErp(kind: ErpKind): Promise<RunningErp> {
  await using started = new AsyncDisposableStack();
  const folder = new URL(`../../.lab-erp-${kind}`, import.meta.url).pathname;
  const signal = AbortSignal.timeout(5 * 60_000);
  const lab = started.use(
    await whenFree(
      signal,
      () =>
        labUp({ folder, reporter: silentReporter, signal, ...(kind === "stand-in" ? { erp: kind } : {}) }),
    ),
  );
  if (lab.erp !== kind) {
    throw new Error(`the lab has the ${lab.erp}, not the ${kind} one: ${lab.reason ?? "no reason is given"}`);
  }
  const { database, documents, web } = environmentOf(await loadConfig(lab.configFile), "prod");
  if (!("folder" in documents)) throw new Error("the lab keeps its documents in a folder");
  const session = started.use(
    await connect({
      ...database,
      user: await database.user.read(),
      password: await database.password.read(),
    }),
  );
  const account = started.use(await createDrillAccount(session));
  const kept = started.move();
  return {
    kind,
    url: web.url,
    documents: documents.folder,
    session,
    drillAccount: { login: account.login, password: account.password },
    faultsFile: `${lab.folder}/prod/faults.json`,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Another run of the tests may use the same lab: its turn ends within a minute or so. */
async function whenFree(signal: AbortSignal, start: () => Promise<Lab>): Promise<Lab> {
  while (true) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof DrillError && error.code === "LEASE_HELD")) throw error;
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
