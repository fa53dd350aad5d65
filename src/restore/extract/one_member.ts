/** One file out of an archive by the system's tar: what is not wanted never comes into this process. */

import { removeFile, writeNewFile } from "../../base/files.ts";
import { feedTool, findTool, startTool } from "../../base/process/processes.ts";
import { type Bytes, type Digest, inPieces } from "../../base/streams.ts";
import { findCompressor } from "../../documents/archive/compressor.ts";

/** tar ends at the first file of that name; the compressor before it then has no reader, and ends too. */
const SCRIPT =
  '"$1" -d -c | "$2" --extract --to-stdout --occurrence=1 --no-wildcards --no-recursion --no-unquote --file=- -- "$3"';

/** As WIDENS_STDOUT, of the pipe that a program reads from. */
const WIDENS_STDIN = "fcntl(STDIN, 1031, 1 << 20); exec {$ARGV[0]} @ARGV; exit 127";

/**
 * Writes the file `wanted` of an archive to `staged`, where nothing is yet.
 *
 * @param archive its bytes as they are stored
 * @returns its digest; undefined, and nothing is written, where the bytes that tar gives are not those that are wanted. Why
 *   not, only `readEntries` can tell.
 * @throws DrillError `DISK_FULL`; what `archive` throws
 */
export async function extractMember(
  archive: AsyncIterable<Bytes>,
  wanted: Digest & { path: string },
  staged: string,
  { signal, hint }: { signal: AbortSignal; hint: string },
): Promise<Digest | undefined> {
  const [shell, tar] = [findTool("sh"), findTool("tar")];
  if (!shell || !tar) return undefined;
  const command = [shell, "-c", SCRIPT, "sh", findCompressor().path, tar, wanted.path];
  const perl = findTool("perl");
  const [program = shell, ...args] = perl ? [perl, "-e", WIDENS_STDIN, ...command] : command;
  await using tool = startTool(program, { args, stdin: "piped", signal });
  await using feeding = feedTool(tool, archive);
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

/** A file that is longer than recorded is another one: its rest is not written. */
async function* noMoreThan(bytes: number, source: AsyncIterable<Bytes>): AsyncGenerator<Bytes, void, void> {
  let read = 0;
  for await (const chunk of source) {
    if ((read += chunk.length) > bytes) return;
    yield chunk;
  }
}
