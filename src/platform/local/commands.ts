/** A workload of this machine: two commands that stop and start it, and an address that tells whether it answers. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { thisProcess } from "../../base/process/holder.ts";
import { limits } from "../../base/limits.ts";
import { runTool } from "../../base/process/processes.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { untrusted } from "../../base/web_errors.ts";
import { waitUntil } from "../../base/time.ts";
import { formatDuration } from "../../base/numbers.ts";
import type { OpenEnvironment } from "../environment.ts";
import {
  readStopped,
  removeStopped,
  type StoppedNote,
  type StoppedRecord,
  writeStopped,
} from "./stopped_note.ts";
import type { StoppedWorkload, Workload } from "../workload.ts";

export interface LocalCommands {
  stop: string[];
  start: string[];
}

/** Where it answers, and which authorities are trusted there besides the known ones. */
type Web = Pick<OpenEnvironment["web"], "url" | "certificateAuthority">;

/**
 * `web` is the environment's web address; any answer below 500 counts as up. What answers with a certificate that is not
 * trusted is neither up nor down: that is an error, and nothing is stopped.
 *
 * @param documents its documents folder, beside which it is noted that it was stopped.
 * @param startsWithin how long it may take until it answers, in ms.
 */
export function localWorkload(
  name: string,
  commands: LocalCommands,
  web: Web,
  reporter: Reporter,
  documents: string,
  startsWithin: number = limits.workloadStarts,
): Workload {
  const { url } = web;
  const start = async () => {
    await runCommand(name, "start", commands.start, startsWithin);
    if (!await waitUntil(() => answers(web), startsWithin)) {
      throw new DrillError(
        "WORKLOAD_FAILED",
        `Cannot start ${name}: ${url} does not answer after ${formatDuration(startsWithin)}`,
        `Look at what ${JSON.stringify(commands.start)} starts, and at its log.`,
      );
    }
    removeStopped(documents);
  };
  const stop = async (signal: AbortSignal) => {
    await runCommand(name, "stop", commands.stop, limits.workloadStops, signal);
    if (await waitUntil(async () => !await answers(web), limits.workloadStops, signal)) return;
    throw new DrillError(
      "WORKLOAD_FAILED",
      `Cannot stop ${name}: ${url} still answers after ${formatDuration(limits.workloadStops)}`,
      `Look at what ${JSON.stringify(commands.stop)} stops. Nothing was changed.`,
    );
  };
  return {
    state: async () => await answers(web) ? "up" : "down",
    left: () => Promise.resolve(readStopped(documents)),
    forget: () => Promise.resolve(removeStopped(documents)),
    start,
    async stop(signal) {
      const record = noteOf(name, await isThere(web), readStopped(documents));
      const note = await writeStopped(documents, record);
      const stopped = stoppedWorkload(record, note, start, () => removeStopped(documents), reporter);
      try {
        await stop(signal);
        return stopped;
      } catch (error) {
        // whatever it has stopped by now, it is on the old state, and comes back
        try {
          await stopped[Symbol.asyncDispose]();
        } catch (left) {
          reporter.warn(`${name} is still down: ${messageOf(left)}`);
        }
        throw error;
      }
    },
  };
}

/** What a killed run had stopped was up before that run: it must not be taken for one that somebody keeps down. */
const noteOf = (environment: string, up: boolean, earlier: StoppedRecord | undefined): StoppedRecord => ({
  environment,
  since: earlier?.since ?? new Date().toISOString(),
  holder: thisProcess(),
  wasUp: up || earlier?.wasUp === true,
});

function stoppedWorkload(
  record: StoppedRecord,
  note: StoppedNote,
  start: () => Promise<void>,
  forget: () => void,
  reporter: Reporter,
): StoppedWorkload {
  const { environment: name, wasUp } = record;
  let state: "down" | "up" | "stays down" = "down";
  return {
    async start() {
      state = "up";
      await start();
    },
    stayDown(reason) {
      state = "stays down";
      reporter.warn(`${name} stays stopped: ${reason}`);
      note.write({ ...record, staysDown: reason });
    },
    async [Symbol.asyncDispose]() {
      if (state !== "down") return;
      state = "up";
      if (wasUp) return await start();
      reporter.note(`${name} was down before, and is left so`);
      forget();
    },
  };
}

/** Runs a command to its end, for no longer than `limit` ms. */
async function runCommand(
  name: string,
  verb: string,
  command: string[],
  limit: number,
  signal?: AbortSignal,
): Promise<void> {
  const [program, ...args] = command;
  const tooLong = AbortSignal.timeout(limit);
  const end = await runTool(program ?? "", {
    args,
    signal: signal ? AbortSignal.any([signal, tooLong]) : tooLong,
  });
  signal?.throwIfAborted();
  if (end.code === 0) return;
  const what = tooLong.aborted ? `did not end within ${formatDuration(limit)}` : `ended with ${end.code}`;
  throw new DrillError(
    "WORKLOAD_FAILED",
    `Cannot ${verb} ${name}: ${command.join(" ")} ${what}`,
    `Run that command by hand. It is environments.${name}.workload in the configuration.`,
    { details: end.stderr.trim().split("\n").slice(-4).filter((line) => line !== "") },
  );
}

/** An ERP that answers with an error is a reason to restore it, and none to leave it stopped afterwards. */
const isThere = async (web: Web): Promise<boolean> => (await ask(web)) !== "refused";

async function answers(web: Web): Promise<boolean> {
  const status = await ask(web);
  return typeof status === "number" && status < 500;
}

/** The status of its answer; `silent` where none came in time, `refused` where nobody listens. */
async function ask({ url, certificateAuthority: caCerts = [] }: Web): Promise<number | "silent" | "refused"> {
  try {
    using client = Deno.createHttpClient({ caCerts: [...caCerts] });
    const response = await fetch(url, {
      client,
      redirect: "manual",
      signal: AbortSignal.timeout(limits.workloadAnswers),
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    const distrust = untrusted(url, error);
    if (distrust) throw distrust;
    if (error instanceof TypeError) return "refused"; // or reset
    if (error instanceof DOMException) return "silent";
    throw new DrillError(
      "WEB_UNREACHABLE",
      `Cannot ask ${url}: ${messageOf(error)}`,
      "Look at web.url in the configuration.",
      { cause: error },
    );
  }
}
