/** Notifies of the result of a drill, also where it could not begin. No notification changes the result. */

import { asDrillError, exitStatusOf, messageOf } from "../../base/errors.ts";
import { verdictOfCode } from "../../base/verdict.ts";
import type { Config } from "../../config/config.ts";
import { dueAfter, type Earlier, factsOf, factsOfError, verdictBefore } from "../../notify/message.ts";
import { sendNotifications } from "../../notify/send.ts";
import type { DrillResult, Notifications, Verdict } from "../../checks/result.ts";
import { readNewestDrills, type UnreadableDrill } from "../../store/records/drills.ts";
import { listProofs } from "../../store/records/proofs.ts";
import type { Store } from "../../store/store.ts";
import type { Shell } from "./shell.ts";

export interface Notifier {
  /** The given shell; through it the notifier learns of the configuration as soon as it is read. */
  shell: Shell;
  /** Notifies of a result. `report`: where its page will be. Undefined where no address is configured. */
  notifyOfResult(result: DrillResult, report: string, store: Store): Promise<Notifications | undefined>;
  /** Notifies of a drill that could not begin, or whose report could not be written. */
  notifyOfError(error: unknown): Promise<void>;
}

/** So many of the newest drills are read to find the one before: the newest may be this one. */
const DRILLS_READ = 3;

/** @param options `notify`: false with --no-notify. `from`: the environment that was asked for by name. */
export function makeNotifier(options: { notify: boolean; from?: string }, shell: Shell): Notifier {
  let config: Config | undefined;
  const { reporter, signal } = shell;
  const receivers = () => options.notify ? config?.notify : undefined;
  return {
    shell: {
      ...shell,
      about(known) {
        config = known;
        shell.about(known);
      },
    },
    async notifyOfResult(result, report, store) {
      const to = receivers();
      if (!to) return undefined;
      const before = result.verdict === "pass" ? await readBefore(store, result, shell) : undefined;
      return await sendNotifications(to, dueAfter(result, before), factsOf(result, report, before), {
        reporter,
        signal,
      });
    },
    async notifyOfError(thrown) {
      const to = receivers();
      if (!to) return;
      const error = asDrillError(thrown, signal);
      const [verdict, exit] = [verdictOfCode(error.code), exitStatusOf(error.code)];
      const environment = options.from ?? config?.drill.from ?? "unknown";
      await sendNotifications(to, dueAfter({ verdict, exit }, undefined), factsOfError(error, environment), {
        reporter,
        signal,
      });
    },
  };
}

/** The verdict of the drill before this one; undefined where the store does not say. */
async function readBefore(
  store: Store,
  { from, startedAt }: DrillResult,
  { reporter }: Shell,
): Promise<Verdict | undefined> {
  const onUnreadable = ({ error }: UnreadableDrill) => reporter.warn(error.message);
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
    reporter.warn(`Cannot find out whether this is the first PASS after a failure: ${messageOf(error)}`);
    return undefined;
  }
}
