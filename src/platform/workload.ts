/** The workload that serves an environment's pages. Driver: platform/local/commands.ts. */

import type { StoppedRecord } from "./local/stopped_note.ts";

/**
 * A stopped workload. Disposing starts it again where it ran before, unless `stayDown` was called.
 */
export interface StoppedWorkload extends AsyncDisposable {
  /** Starts it, even if it was down before, and waits until it answers. @throws DrillError `WORKLOAD_FAILED`. */
  start(): Promise<void>;
  /** Keeps it stopped: it must not run on a state that was not checked (docs/design.md, rule 2). */
  stayDown(reason: string): void;
}

/**
 * What serves the pages of one environment.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { OwnFolder } from "../base/own_folder.ts";
 * import { silentReporter } from "../base/terminal/reporter.ts";
 * import { localWorkload } from "./local/commands.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const flag = `${folder}/up`; // the ERP of this example: it answers with 200 while this file is there
 * await Deno.writeTextFile(flag, "");
 * const status = () => Deno.stat(flag).then(() => 200, () => 503);
 * const server = Deno.serve({ port: 0, onListen() {} }, async () => new Response("", { status: await status() }));
 *
 * const workload: Workload = localWorkload(
 *   "sandbox",
 *   { stop: ["rm", flag], start: ["touch", flag] },
 *   { url: `http://localhost:${server.addr.port}` },
 *   silentReporter,
 *   new OwnFolder(`${folder}/states/sandbox`),
 * );
 * {
 *   await using _stopped = await workload.stop(AbortSignal.timeout(60_000));
 *   assertEquals(await workload.state(), "down");
 *   assertEquals((await workload.left())?.wasUp, true); // the note for the run after a crash
 * } // started again
 * assertEquals([await workload.state(), await workload.left()], ["up", undefined]);
 *
 * await server.shutdown();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export interface Workload {
  /** Stops it and waits until it no longer answers. A note is written first, so that `left` finds it after a crash. */
  stop(signal: AbortSignal): Promise<StoppedWorkload>;
  state(): Promise<"up" | "down">;
  /** The note of a run that did not end; undefined where we stopped nothing. */
  left(): Promise<StoppedRecord | undefined>;
  /** Starts it, waits until it answers, and removes the note. @throws DrillError `WORKLOAD_FAILED`. */
  start(): Promise<void>;
  /** Removes the note: the workload runs, or is meant to be down. */
  forget(): Promise<void>;
}
