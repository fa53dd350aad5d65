/** Runs a program and measures it: its time, the events of `--json`, and the most memory that the process held. */

import { DrillError, messageOf } from "../../../src/base/errors.ts";
import { readEvent, type TimedEvent } from "./events.ts";

export interface Measured {
  /** From the start of the process to its end. */
  ms: number;
  events: TimedEvent[];
  /** VmHWM of the process, without its children. */
  peakBytes: number;
  /** VmHWM of the largest of its descendants. */
  childrenBytes: number;
}

export interface MeasureOptions {
  signal: AbortSignal;
  cwd: string;
  env?: Record<string, string>;
}

const ROOT = new URL("../../../", import.meta.url).pathname;
/** How often VmHWM is read. It only grows, so at most the growth of the last moment is missed. */
const ASK_MS = 10;

/** The command that starts dolibarr-drill directly. */
export const oursDirectly = (...args: string[]): string[] => [
  Deno.execPath(),
  "run",
  "--config",
  `${ROOT}deno.json`,
  "-A",
  `${ROOT}src/main.ts`,
  ...args,
];

/** The command that starts it by the entry script. */
export const oursByScript = (...args: string[]): string[] => [`${ROOT}scripts/run`, ...args];

/** A pipeline of programs, which fails where one of them fails. */
export const shell = (script: string): string[] => ["bash", "-o", "pipefail", "-e", "-c", script];

/**
 * Runs a command to its end.
 * @throws DrillError `TOOL_FAILED` where it exits with another status than 0: what failed has no time.
 */
export async function measure(command: readonly string[], options: MeasureOptions): Promise<Measured> {
  const { signal, cwd, env } = options;
  signal.throwIfAborted();
  const began = performance.now();
  const child = new Deno.Command(command[0]!, {
    args: command.slice(1),
    cwd,
    env: { NO_COLOR: "1", DOLIBARR_DRILL_CONFIG: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  let [peakBytes, childrenBytes] = [0, 0];
  const asking = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
    childrenBytes = Math.max(childrenBytes, ...descendantsOf(child.pid).map(peakOf));
  }, ASK_MS);
  const [events, stderr, { code, at }] = await Promise.all([
    readEvents(child.stdout, began),
    new Response(child.stderr).text(),
    child.status.then(({ code }) => ({ code, at: performance.now() })),
  ]);
  clearInterval(asking);
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  if (code !== 0) throw failed(command, code, stderr);
  return { ms: at - began, events, peakBytes, childrenBytes };
}

async function readEvents(stdout: ReadableStream<Uint8Array>, began: number): Promise<TimedEvent[]> {
  const events: TimedEvent[] = [];
  let rest = "";
  for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const event of lines.map(readEvent)) {
      if (event) events.push({ at: performance.now() - began, event });
    }
  }
  return events;
}

/** 0 where the process has ended. */
function peakOf(pid: number): number {
  const status = unlessGone(() => Deno.readTextFileSync(`/proc/${pid}/status`));
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status ?? "")?.[1] ?? 0) * 1024;
}

function descendantsOf(pid: number): number[] {
  const threads = unlessGone(() => [...Deno.readDirSync(`/proc/${pid}/task`)]) ?? [];
  return threads.flatMap(({ name }) => {
    const children = unlessGone(() => Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`))?.trim() ??
      "";
    return children.split(" ").filter((one) => one !== "").map(Number).flatMap((
      one,
    ) => [one, ...descendantsOf(one)]);
  });
}

/** undefined where the process or its thread ended in the meantime. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // Deno gives an ESRCH in the middle of a read no code
    if (error instanceof Deno.errors.NotFound || /\(os error [23]\)/.test(messageOf(error))) return undefined;
    throw error;
  }
}

function failed(command: readonly string[], code: number, stderr: string): DrillError {
  return new DrillError(
    "TOOL_FAILED",
    `Cannot measure ${command.join(" ")}: it exited with status ${code}`,
    "Run it by hand.",
    { details: stderr.trim().split("\n").slice(-8) },
  );
}
