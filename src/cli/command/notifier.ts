/** Notifies of the result of a verb, also where it could not begin. No notification changes the result. */

import { asDrillError, exitStatusOf, messageOf } from "../../base/errors.ts";
import { verdictOfCode } from "../../base/verdict.ts";
import type { Config, NotifyConfig } from "../../config/config.ts";
import {
  type Due,
  dueAfter,
  type Earlier,
  type Facts,
  factsOf,
  factsOfError,
  faultsToTell,
  type NotifiedVerb,
  TOLD_BEFORE,
  verdictBefore,
} from "../../notify/message.ts";
import { sendNotifications } from "../../notify/send.ts";
import type { DrillResult, Notifications, Verdict } from "../../checks/result.ts";
import { readNewestDrills, type UnreadableDrill } from "../../store/records/drills.ts";
import { listProofs } from "../../store/records/proofs.ts";
import type { Store } from "../../store/store.ts";
import type { Shell } from "./shell.ts";

export interface Notifier {
  /** The given shell; through it the notifier learns of the configuration as soon as it is read. */
  shell: Shell;
  /** Sends what is due. Undefined where no address is configured. */
  notify(due: Due, facts: Facts): Promise<Notifications | undefined>;
  /** Notifies of a drill's result. `report`: where its page will be. */
  notifyOfResult(result: DrillResult, report: string, store: Store): Promise<Notifications | undefined>;
  /** Notifies of a verb that ended with an error. */
  notifyOfError(error: unknown): Promise<void>;
}

interface NotifierOptions {
  /** Of what people are notified (default: a drill). */
  verb?: NotifiedVerb;
  /** False with --no-notify. */
  notify: boolean;
  /** The environment that was asked for by name. */
  from?: string;
}

/** So many of the newest drills are read to find the one before: the newest may be this one. */
const DRILLS_READ = 3;

export function makeNotifier({ verb = "drill", notify, from }: NotifierOptions, shell: Shell): Notifier {
  let config: Config | undefined;
  const { reporter, signal } = shell;
  const send = async (due: Due, facts: () => Facts) => {
    const to = notify ? receiversOf(config?.notify, verb) : undefined;
    return to && await sendNotifications(to, due, facts(), { reporter, signal });
  };
  return {
    shell: {
      ...shell,
      about(known) {
        config = known;
        shell.about(known);
      },
    },
    notify: (due, facts) => send(due, () => facts),
    async notifyOfResult(result, report, store) {
      if (!notify || !config?.notify) return undefined;
      const before = result.verdict === "pass" ? await readBefore(store, result, shell) : undefined;
      const tells = result.culprit === "erp"
        ? faultsToTell(result, await readDrillBefore(store, result, shell))
        : undefined;
      const due = dueAfter(result, before, tells);
      const told = await send(due, () => factsOf(result, report, before, tells));
      return config.notify.webhook && tells && !due.webhook && !told?.webhook
        ? { ...told, webhook: TOLD_BEFORE }
        : told;
    },
    async notifyOfError(thrown) {
      const error = asDrillError(thrown, signal);
      const [verdict, exit] = [verdictOfCode(error.code), exitStatusOf(error.code)];
      const environment = from ?? config?.drill.from ?? "unknown";
      await send(dueAfter({ verdict, exit }, undefined), () => factsOfError(error, environment, verb));
    },
  };
}

/** The dead man's switch is the drill's alone: the job of a backup need not have its address. */
const receiversOf = (to: NotifyConfig | undefined, verb: NotifiedVerb): NotifyConfig | undefined =>
  verb === "drill" ? to : to?.webhook && { webhook: to.webhook };

/** The newest drill before this one; undefined where the store does not say: then all is told. */
async function readDrillBefore(store: Store, { from, startedAt }: DrillResult, { reporter }: Shell) {
  try {
    const drills = await readNewestDrills(
      store,
      from,
      DRILLS_READ,
      ({ error }) => reporter.warn(error.message),
    );
    return drills.find(({ found }) => Date.parse(found.startedAt) < Date.parse(startedAt))?.found;
  } catch (error) {
    reporter.warn(`Cannot find out which findings were told before: ${messageOf(error)}`);
    return undefined;
  }
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
