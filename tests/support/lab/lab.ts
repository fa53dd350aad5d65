/** The labs of the tests: one of each kind, which is built once. */

import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { chooseDolibarr, findLocalDolibarr } from "../../../src/lab/dolibarr/release.ts";
import { type Lab, labUp } from "../../../src/lab/lab.ts";
import { whyPhpCannotRun } from "../../../src/lab/dolibarr/php_runtime.ts";

export type ErpKind = "real" | "stand-in";

/** Building it, and another run's turn with it, end well before. */
const TURN_ENDS = 5 * 60_000;

/** Why no real Dolibarr can be started here without the network; undefined where it can. */
export async function whyNoDolibarr(): Promise<string | undefined> {
  const choice = chooseDolibarr({
    ...findLocalDolibarr(),
    php: await whyPhpCannotRun(AbortSignal.timeout(10_000)),
    failed: "was not asked for",
  });
  return choice.erp === "real"
    ? undefined
    : choice.erp === "stand-in"
    ? choice.reason
    : "it would have to be downloaded";
}

/** The folder of a lab of the tests. */
export const folderOf = (name: string): string => new URL(`../../../.lab-${name}`, import.meta.url).pathname;

/** Starts the lab of this kind; disposing stops it. Where another run of the tests uses it, this waits for that run. */
export async function startLab(kind: ErpKind, folder = folderOf(`erp-${kind}`)): Promise<Lab> {
  const signal = AbortSignal.timeout(TURN_ENDS);
  const wanted = kind === "stand-in" ? { erp: kind } as const : {};
  const lab = await whenFree(signal, () => labUp({ folder, reporter: silentReporter, signal, ...wanted }));
  if (lab.erp === kind) return lab;
  await lab[Symbol.asyncDispose]();
  throw new Error(`the lab has the ${lab.erp}, not the ${kind} one: ${lab.reason ?? "no reason is given"}`);
}

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
