/** A workload on this machine: two commands that stop and start it, and a web address that shows whether it runs. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { thisProcess } from "../../base/process/holder.ts";
import { limits } from "../../base/limits.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
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

interface LocalCommands {
  stop: string[];
  start: string[];
}

/** Its web address, and the authorities that are trusted there in addition to the known ones. */
type Web = Pick<OpenEnvironment["web"], "url" | "certificateAuthority">;

/**
 * Any answer below 500 of the web address counts as up. A certificate that is not trusted is an error, and nothing is
 * stopped.
 *
 * @param state what is kept of it: the note lies there while it is stopped.
 * @param startsWithin how long it may take until it answers, in ms.
 */
export function localWorkload(
  name: string,
  commands: LocalCommands,
  web: Web,
  reporter: Reporter,
  state: OwnFolder,
  startsWithin: number = limits.workloadStarts,
): Workload {
  const { url } = web;
  const start = async () => {
    await runCommand(name, "start", commands.start, startsWithin);
    if (!await waitUntil(() => answers(web), startsWithin)) {
      throw new DrillError(
        "WORKLOAD_FAILED",
        `Cannot start ${name}: ${url} does not answer after ${formatDuration(startsWithin)}`,
        `Check what ${JSON.stringify(commands.start)} starts, and read its log.`,
      );
    }
    removeStopped(state);
  };
  const stop = async (signal: AbortSignal) => {
    await runCommand(name, "stop", commands.stop, limits.workloadStops, signal);
    if (await waitUntil(async () => !await answers(web), limits.workloadStops, signal)) return;
    throw new DrillError(
      "WORKLOAD_FAILED",
      `Cannot stop ${name}: ${url} still answers after ${formatDuration(limits.workloadStops)}`,
      `Check what ${JSON.stringify(commands.stop)} stops. Nothing was changed.`,
    );
  };
  return {
    state: async () => await answers(web) ? "up" : "down",
    left: () => Promise.resolve(readStopped(state)),
    forget: () => Promise.resolve(removeStopped(state)),
    start,
    async stop(signal) {
      const record = noteOf(name, await isListening(web), readStopped(state));
      const note = writeStopped(state, record);
      const stopped = stoppedWorkload(record, note, start, () => removeStopped(state), reporter);
      try {
        await stop(signal);
        return stopped;
      } catch (error) {
        // the workload is still on the old state: start it again
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

/** A workload that a killed run had stopped counts as up before: it was not stopped by a person. */
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
      reporter.note(`${name} was down before and stays down`);
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
    `Run that command by hand to see why. It is environments.${name}.workload in the configuration.`,
    { details: end.stderr.trim().split("\n").slice(-4).filter((line) => line !== "") },
  );
}

/** An ERP that answers with an error counts as running: it is started again after the restore. */
const isListening = async (web: Web): Promise<boolean> => (await requestStatus(web)) !== "refused";

async function answers(web: Web): Promise<boolean> {
  const status = await requestStatus(web);
  return typeof status === "number" && status < 500;
}

/** The HTTP status; `silent` without an answer in time, `refused` where nothing listens. */
async function requestStatus(
  { url, certificateAuthority: caCerts = [] }: Web,
): Promise<number | "silent" | "refused"> {
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
      `Cannot request ${url}: ${messageOf(error)}`,
      "Check web.url in the configuration.",
      { cause: error },
    );
  }
}
