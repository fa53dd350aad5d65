/** Who is told how a drill ended, also where it could not begin: nothing of that changes how it ended. */

import { asDrillError, type DrillError, exitStatusOf, messageOf } from "../../base/errors.ts";
import { verdictOfCode } from "../../base/verdict.ts";
import type { Config } from "../../config/config.ts";
import { dueAfter, type Earlier, factsOf, factsOfError, verdictBefore } from "../../drill/notify/message.ts";
import { sendNotifications } from "../../drill/notify/send.ts";
import type { DrillResult, Notifications, Verdict } from "../../checks/result.ts";
import { readNewestDrills } from "../../store/records/drills.ts";
import { listProofs } from "../../store/records/proofs.ts";
import type { Store } from "../../store/store.ts";
import type { Options } from "./options.ts";
import type { Shell } from "./shell.ts";

export interface Notifier {
  /** The shell, which from then on lets the teller know of the configuration as soon as it is read. */
  shell: Shell;
  /** Tells of a drill that came to an end. `report`: where its page will be. Undefined: nobody is to be told. */
  ended(result: DrillResult, report: string, store: Store): Promise<Notifications | undefined>;
  /** Tells of one that could not begin, or whose report could not be written. */
  brokeOff(error: unknown): Promise<void>;
}

/** So many of the newest drills are read to find the one before: the newest may be this one. */
const DRILLS_READ = 3;

export function makeNotifier(options: Options, shell: Shell): Notifier {
  let config: Config | undefined;
  const { reporter, signal } = shell;
  const notify = () => options.notify === false ? undefined : config?.notify;
  return {
    shell: {
      ...shell,
      about(known) {
        config = known;
        shell.about(known);
      },
    },
    async ended(result, report, store) {
      const who = notify();
      if (!who) return undefined;
      const before = result.verdict === "pass" ? await readBefore(store, result, shell) : undefined;
      return await sendNotifications(who, dueAfter(result, before), factsOf(result, report, before), {
        reporter,
        signal,
      });
    },
    async brokeOff(thrown) {
      const who = notify();
      if (!who) return;
      const error = asDrillError(thrown, signal);
      const [verdict, exit] = [verdictOfCode(error.code), exitStatusOf(error.code)];
      const environment = options.from ?? config?.drill.from ?? "unknown";
      await sendNotifications(who, dueAfter({ verdict, exit }, undefined), factsOfError(error, environment), {
        reporter,
        signal,
      });
    },
  };
}

/** How the drill before this one ended. Where the store does not say, this PASS is one like any other. */
async function readBefore(
  store: Store,
  { from, startedAt }: DrillResult,
  { reporter }: Shell,
): Promise<Verdict | undefined> {
  const onUnreadable = (error: DrillError) => reporter.warn(error.message);
  try {
    const [drills, proofs] = await Promise.all([
      readNewestDrills(store, from, DRILLS_READ, onUnreadable),
      listProofs(store, from),
    ]);
    const records: Earlier[] = drills.map(({ at, found: { verdict } }) => ({ at, verdict }));
    return verdictBefore(new Date(startedAt), {
      records,
      proofs: [...proofs.values()].flat().filter(({ verb }) => verb === "drill"),
    });
  } catch (error) {
    reporter.warn(`Whether this is the first PASS after a failure is not known: ${messageOf(error)}`);
    return undefined;
  }
}
