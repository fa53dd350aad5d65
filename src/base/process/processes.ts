/** Programs that we start: with a cleared environment, by their absolute path, and waited for. */

import { DrillError, messageOf } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Bytes, inPieces } from "../streams.ts";

/** The variables that a child inherits; a secret is added by name for the program that needs it. */
const INHERITED = ["HOME", "LANG", "PGPASSFILE", "TMPDIR", "TZ", "XDG_RUNTIME_DIR"];
/** How much of a program's stderr is remembered: its end, where the reason is. */
const STDERR_BYTES = 64 * 1024;
/** A program that writes a line for each of thousands of files is read in small pieces: a large buffer for each costs more. */
const STDERR_PIECE = 8 * 1024;

interface ToolOptions {
  args?: string[];
  /** Added to the cleared environment. Here, and only here, may a secret travel to a child. */
  env?: Record<string, string>;
  cwd?: string;
  uid?: number;
  gid?: number;
  stdin?: "null" | "piped";
  /** Gets stderr piece by piece, for a program that reports there what it does; `stderr` of its end is then empty. */
  onStderr?: (piece: Uint8Array) => void;
  signal?: AbortSignal;
}

export interface ToolEnd {
  code: number;
  signal: Deno.Signal | null;
  /** The last 64 KiB of stderr; empty where `onStderr` was given. */
  stderr: string;
}

/** A running program. Disposing ends it (SIGTERM, then SIGKILL) and waits until it has ended. */
export interface Tool extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when the program has ended and its stderr was read whole. Never rejects. */
  readonly ended: Promise<ToolEnd>;
  kill(signal: Deno.Signal): void;
}

/** The environment of a child: an allow-list of ours, messages in English, and `extra`. */
export function childEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const env: Record<string, string> = { PATH: searchPath(), LC_ALL: "C.UTF-8", LC_MESSAGES: "C" };
  for (const name of INHERITED) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...extra };
}

/** Our PATH, and the folders of Debian's server programs, which are not in an ordinary user's PATH. */
function searchPath(): string {
  const path = (Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(":");
  return [...new Set([...path, "/usr/local/sbin", "/usr/sbin", "/sbin"])].join(":");
}

/** The absolute path of the first of `names` that is installed, else undefined. */
export function findTool(...names: string[]): string | undefined {
  for (const name of names) {
    for (const folder of searchPath().split(":")) {
      const file = `${folder}/${name}`;
      if (isExecutable(file)) return file;
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    const info = Deno.statSync(file);
    return info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
  } catch {
    return false; // it does not exist, or may not be read: either way it cannot be run
  }
}

/** As `findTool`. @throws DrillError `TOOL_MISSING` with the Debian package to install. */
export function requireTool(name: string, debianPackage: string): string {
  const found = findTool(name);
  if (found) return found;
  throw new DrillError(
    "TOOL_MISSING",
    `Cannot find the program ${name}: it is not on the PATH`,
    `Install it: apt-get install ${debianPackage}. scripts/run does it on Debian.`,
  );
}

/**
 * For perl: enlarges the pipe that a program writes into, and becomes that program. 1031 is Linux's F_SETPIPE_SZ. With the
 * default 64 KiB a program that writes much often waits for its reader; without perl, or where the pipe may not be
 * enlarged, it is only slower.
 */
export const WIDENS_STDOUT = "fcntl(STDOUT, 1031, 1 << 20); exec {$ARGV[0]} @ARGV; exit 127";
/** The same of the pipe that a program reads from. */
export const WIDENS_STDIN = WIDENS_STDOUT.replace("STDOUT", "STDIN");

/**
 * Starts a program.
 * @throws DrillError `TOOL_MISSING` when it cannot be started at all.
 */
export function startTool(path: string, options: ToolOptions = {}): Tool {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(path, {
      args: options.args ?? [],
      cwd: options.cwd,
      uid: options.uid,
      gid: options.gid,
      clearEnv: true,
      env: childEnvironment(options.env),
      stdin: options.stdin ?? "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new DrillError(
      "TOOL_MISSING",
      `Cannot start ${path}: ${messageOf(error)}`,
      "Install it: scripts/run does it on Debian.",
      { cause: error },
    );
  }
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error; // it has already ended
    }
  };
  let killer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => {
    kill("SIGTERM");
    killer ??= setTimeout(() => kill("SIGKILL"), limits.processEnds);
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) onAbort();

  let over = false;
  const ended = (async (): Promise<ToolEnd> => {
    const [stderr, status] = await Promise.all([readStderr(child.stderr, options.onStderr), child.status]);
    over = true;
    clearTimeout(killer);
    options.signal?.removeEventListener("abort", onAbort);
    return { code: status.code, signal: status.signal, stderr };
  })();

  return {
    pid: child.pid,
    get stdin() {
      return child.stdin;
    },
    stdout: child.stdout,
    ended,
    kill,
    async [Symbol.asyncDispose]() {
      if (!over) onAbort();
      await Promise.all([drain(child.stdout), ended]);
      if (options.stdin === "piped") await closeQuietly(child.stdin);
    },
  };
}

/** Runs a program to its end and returns its output; for small outputs. */
export async function runTool(
  path: string,
  options: ToolOptions = {},
): Promise<ToolEnd & { stdout: string }> {
  await using tool = startTool(path, options);
  const [stdout, end] = await Promise.all([new Response(tool.stdout).text(), tool.ended]);
  return { ...end, stdout };
}

/** A source that is written into a tool's stdin. Disposing stops it, ends the tool, and waits until the source has ended. */
interface ToolFeed extends AsyncDisposable {
  /** Resolves when the source was read to its end; rejects only with the source's own error. */
  readonly done: Promise<void>;
}

/**
 * Writes `source` into `tool`, which must be started with a piped stdin. When the tool stops reading, its end says why; with
 * `whole` the rest of the source is read all the same, for a hash of all its bytes.
 */
export function feedTool(tool: Tool, source: AsyncIterable<Uint8Array>, { whole = false } = {}): ToolFeed {
  let stopped = false;
  const feed = async () => {
    const writer = tool.stdin.getWriter();
    let listening = true;
    try {
      for await (const chunk of source) {
        if (listening) listening = await wrote(writer, chunk);
        if (stopped || !listening && !whole) break;
      }
    } finally {
      await writer.close().catch(() => undefined); // the tool has ended
    }
  };
  const done = feed();
  done.catch(() => tool.kill("SIGTERM")); // `done` rejects with it; the reader of the tool's output must not wait for the rest
  return {
    done,
    async [Symbol.asyncDispose]() {
      stopped = true;
      tool.kill("SIGTERM");
      await done.catch(() => undefined); // `done` has rejected with it, or it is no longer needed
    },
  };
}

async function wrote(writer: WritableStreamDefaultWriter<Uint8Array>, chunk: Uint8Array): Promise<boolean> {
  try {
    await writer.write(chunk);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return false;
    throw error;
  }
}

async function readStderr(
  stream: ReadableStream<Bytes>,
  take: ToolOptions["onStderr"],
): Promise<string> {
  if (!take) return await readTail(stream, STDERR_BYTES);
  for await (const piece of inPieces(stream, STDERR_PIECE)) take(piece);
  return "";
}

async function readTail(stream: ReadableStream<Uint8Array>, bytes: number): Promise<string> {
  let tail = new Uint8Array();
  for await (const chunk of stream) {
    const joined = new Uint8Array(tail.length + chunk.length);
    joined.set(tail);
    joined.set(chunk, tail.length);
    tail = joined.length > bytes ? joined.slice(-bytes) : joined;
  }
  return new TextDecoder().decode(tail);
}

/** Closes a pipe that has no reader; one with a reader is closed by that. */
async function drain(stream: ReadableStream<Uint8Array>): Promise<void> {
  if (!stream.locked) await stream.cancel();
}

async function closeQuietly(stream: WritableStream<Uint8Array>): Promise<void> {
  if (stream.locked) return;
  try {
    await stream.close();
  } catch {
    // it was closed before, or its reader has ended: nothing is left open
  }
}
