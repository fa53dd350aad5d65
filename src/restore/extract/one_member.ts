/** One file out of an archive by the system's tar: what is not wanted never comes into this process. */

import { removeFile, writeNewFile } from "../../base/files.ts";
import { feedTool, findTool, startTool, type Tool, WIDENS_STDIN } from "../../base/process/processes.ts";
import { type Bytes, type Digest, inPieces } from "../../base/streams.ts";
import { findCompressor } from "../../documents/archive/compressor.ts";

/** An archive: a file of this machine, which the compressor reads itself, or its bytes as they are stored. */
export type PackedArchive = { file: string } | { bytes: AsyncIterable<Bytes> };

/** tar ends at the first file of that name; the compressor before it then has no reader, and ends too. */
const SCRIPT =
  '"$1" -d -c | "$2" --extract --to-stdout --occurrence=1 --no-wildcards --no-recursion --no-unquote --file=- -- "$3"';

/** The same of a file. The shell keeps it open with the compressor, so that how far it was read can be asked of the shell. */
const SCRIPT_OF_FILE = `exec <"$4" || exit; ${SCRIPT}`;

/**
 * Writes the file `wanted` of an archive to `staged`, where nothing is yet.
 *
 * @param onRead told how many bytes of a file were read so far; whoever gives the bytes can count them
 * @returns its digest; undefined, and nothing is written, where the bytes that tar gives are not those that are wanted. Why
 *   not, only `readEntries` can tell.
 * @throws DrillError `DISK_FULL`; what `archive` throws
 */
export async function extractMember(
  archive: PackedArchive,
  wanted: Digest & { path: string },
  staged: string,
  { signal, hint, onRead }: { signal: AbortSignal; hint: string; onRead(bytes: number): void },
): Promise<Digest | undefined> {
  const [shell, tar] = [findTool("sh"), findTool("tar")];
  if (!shell || !tar) return undefined;
  const words = ["sh", findCompressor().path, tar, wanted.path];
  await using tool = "file" in archive
    ? startTool(shell, { args: ["-c", SCRIPT_OF_FILE, ...words, archive.file], signal })
    : startFed([shell, "-c", SCRIPT, ...words], signal);
  await using feeding = "file" in archive ? watchReading(tool, onRead) : feedTool(tool, archive.bytes);
  const digest = await writeNewFile(staged, noMoreThan(wanted.bytes, inPieces(tool.stdout)), {
    signal,
    hint,
  });
  signal.throwIfAborted();
  if (digest.sha256 === wanted.sha256) return digest;
  await feeding.done;
  await removeFile(staged);
  return undefined;
}

function startFed(command: [string, ...string[]], signal: AbortSignal): Tool {
  const perl = findTool("perl");
  const [program, ...args] = perl ? [perl, "-e", WIDENS_STDIN, ...command] as const : command;
  return startTool(program, { args, stdin: "piped", signal });
}

/** Tells now and then how far a program has read the file that is its standard input. */
function watchReading(
  tool: Tool,
  onRead: (bytes: number) => void,
): AsyncDisposable & { done: Promise<void> } {
  const timer = setInterval(() => {
    const position = positionOf(`/proc/${tool.pid}/fdinfo/0`);
    if (position !== undefined) onRead(position);
  }, READ_EVERY_MS);
  return {
    done: Promise.resolve(),
    [Symbol.asyncDispose]() {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}

const READ_EVERY_MS = 200;

/** @returns undefined where the program has just ended. */
function positionOf(fdinfo: string): number | undefined {
  try {
    return Number(/^pos:\s*(\d+)$/m.exec(Deno.readTextFileSync(fdinfo))?.[1] ?? 0);
  } catch {
    return undefined; // its folder in /proc is gone: progress alone is shown by it
  }
}

/** A file that is longer than recorded is another one: its rest is not written. */
async function* noMoreThan(bytes: number, source: AsyncIterable<Bytes>): AsyncGenerator<Bytes, void, void> {
  let read = 0;
  for await (const chunk of source) {
    if ((read += chunk.length) > bytes) return;
    yield chunk;
  }
}
