/** Reads every secret that a verb needs, before anything starts. */

import { explainDenied } from "../base/denied.ts";
import { DrillError } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import type { Config } from "./config.ts";
import type { Secret } from "./secrets.ts";

/**
 * Reads every secret that a verb needs, so that all that are missing are reported at once and before anything starts.
 *
 * @param environments whose databases are used; the store's keys are always tried.
 * @param web of them, those whose ERP is signed in to.
 * @throws DrillError `SECRET_MISSING`, a line each in `details`; `NOT_BUILT_YET` where that is all that is wrong.
 */
export async function checkSecrets(
  config: Config,
  environments: readonly string[],
  web: readonly string[] = [],
): Promise<void> {
  const secrets: (Secret | undefined)[] = [config.store.accessKey, config.store.secretKey];
  for (const name of environments) {
    const database = config.environments[name]?.database;
    secrets.push(database?.user, database?.password, database?.reader?.user, database?.reader?.password);
  }
  for (const name of web) {
    secrets.push(config.environments[name]?.web.user, config.environments[name]?.web.password);
  }

  const problems: DrillError[] = [];
  for (const secret of secrets) {
    try {
      await secret?.read();
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      problems.push(error);
    }
  }
  const [first, ...others] = problems;
  if (!first) return;
  if (others.length === 0) throw first;
  const missing = problems.find((problem) => problem.code === "SECRET_MISSING") ?? first;
  const hint = "Set the variables and create the files that are listed above.";
  throw new DrillError(missing.code, `Cannot read ${formatCount(problems.length, "secret")}`, hint, {
    details: problems.flatMap((problem) => explainDenied(problem).details),
  });
}
