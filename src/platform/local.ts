/** A workload of this machine: two commands that stop and start it, and an address that tells whether it answers. */

import { DrillError, messageOf } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { runTool } from "../base/processes.ts";
import type { Reporter } from "../base/reporter.ts";
import { waitUntil } from "../base/time.ts";
import type { StoppedWorkload, Workload } from "./workload.ts";

export interface LocalCommands {
  stop: string[];
  start: string[];
}

/** `url` is the environment's web address; any answer below 500 counts as up. */
export function localWorkload(
  name: string,
  commands: LocalCommands,
  url: string,
  reporter: Reporter,
): Workload {
  const start = async () => {
    await runCommand(name, "start", commands.start, limits.workloadStarts);
    if (await waitUntil(() => answers(url), limits.workloadStarts)) return;
    throw new DrillError(
      "WORKLOAD_FAILED",
      `Cannot start ${name}: ${url} does not answer after ${limits.workloadStarts / 1000} s`,
      `Look at what ${JSON.stringify(commands.start)} starts, and at its log.`,
    );
  };
  const stop = async (signal: AbortSignal) => {
    await runCommand(name, "stop", commands.stop, limits.workloadStops, signal);
    if (await waitUntil(async () => !await answers(url), limits.workloadStops, signal)) return;
    throw new DrillError(
      "WORKLOAD_FAILED",
      `Cannot stop ${name}: ${url} still answers after ${limits.workloadStops / 1000} s`,
      `Look at what ${JSON.stringify(commands.stop)} stops. Nothing was changed.`,
    );
  };
  return {
    state: async () => await answers(url) ? "up" : "down",
    async stop(signal) {
      try {
        await stop(signal);
        return stopped(name, start, reporter);
      } catch (error) {
        // whatever it has stopped by now, it is on the old state, and comes back
        await start().catch((left) => reporter.warn(`${name} is still down: ${messageOf(left)}`));
        throw error;
      }
    },
  };
}

function stopped(name: string, start: () => Promise<void>, reporter: Reporter): StoppedWorkload {
  let state: "down" | "up" | "stays down" = "down";
  return {
    async start() {
      state = "up";
      await start();
    },
    stayDown(reason) {
      state = "stays down";
      reporter.warn(`${name} stays stopped: ${reason}`);
    },
    async [Symbol.asyncDispose]() {
      if (state !== "down") return;
      state = "up";
      await start();
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
  const what = tooLong.aborted ? `did not end within ${limit / 1000} s` : `ended with ${end.code}`;
  throw new DrillError(
    "WORKLOAD_FAILED",
    `Cannot ${verb} ${name}: ${command.join(" ")} ${what}`,
    "Run that command by hand. It is environments.<name>.workload in the configuration.",
    { details: end.stderr.trim().split("\n").slice(-4).filter((line) => line !== "") },
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.status < 500;
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false; // refused, reset or silent
    throw new DrillError(
      "WEB_UNREACHABLE",
      `Cannot ask ${url}: ${messageOf(error)}`,
      "Look at web.url in the configuration.",
      { cause: error },
    );
  }
}
