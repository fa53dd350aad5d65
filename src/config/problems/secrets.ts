/** Every secret that a verb needs, tried before anything starts. */

import { DrillError } from "../../base/errors.ts";
import type { Config } from "../config.ts";
import type { Secret } from "../secrets.ts";

/**
 * Tries every secret that a verb will need, so that all that is missing is said at once and before anything starts.
 *
 * @param environments whose databases are used; the store's keys are always tried.
 * @param web of them, those whose web address is signed in to.
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
  const hint = "Set the variables and put the files there that are named above.";
  throw new DrillError(missing.code, `Cannot read ${problems.length} secrets`, hint, {
    details: problems.flatMap((problem) => problem.details),
  });
}
