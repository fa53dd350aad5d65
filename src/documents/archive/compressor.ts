/** gzip by the fastest program there is; the runtime's own does 33 MB/s (docs/facts.md, Deno). */

import { basename } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { feedTool, findTool, startTool, type ToolEnd } from "../../base/process/processes.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { type Bytes, inPieces } from "../../base/streams.ts";
import { formatBytes } from "../../base/numbers.ts";

interface Compressor {
  name: string;
  compress: string[];
  decompress: string[];
}

/** In the order of preference. igzip writes what any gzip reads. */
const COMPRESSORS: Compressor[] = [
  { name: "igzip", compress: ["-1", "-c"], decompress: ["-d", "-c"] },
  { name: "pigz", compress: ["-c"], decompress: ["-d", "-c"] },
  { name: "gzip", compress: ["-c"], decompress: ["-d", "-c"] },
];

/** Which program compresses here. @throws DrillError `TOOL_MISSING` when there is not even gzip. */
export function findCompressor(): { path: string } & Compressor {
  for (const compressor of COMPRESSORS) {
    const path = findTool(compressor.name);
    if (path) return { path, ...compressor };
  }
  throw new DrillError(
    "TOOL_MISSING",
    "Cannot compress the documents: there is no igzip, pigz or gzip",
    "Install one: apt-get install isal",
  );
}

/** A documents archive while it is read. */
export interface OpenArchive {
  /** For messages: `prod/docs/20261102T030000Z.tar.gz`. */
  name: string;
  /** Not compressed; to be read once. */
  tar: AsyncIterable<Bytes>;
}

/**
 * Opens the archive that is stored as `name`.
 * @param source its bytes as they are stored
 * @param program one of findCompressor's; only tests choose
 * @returns a tar whose reading throws DrillError `OBJECT_CORRUPT` where `source` is no whole gzip, and what `source` throws.
 */
export const openArchive = (
  name: string,
  source: AsyncIterable<Bytes>,
  signal: AbortSignal,
  program: { path: string; decompress: string[] } = findCompressor(),
): OpenArchive => ({ name, tar: decompress(name, source, signal, program) });

async function* decompress(
  name: string,
  source: AsyncIterable<Bytes>,
  signal: AbortSignal,
  { path, decompress }: { path: string; decompress: string[] },
): AsyncGenerator<Bytes, void, void> {
  let bytes = 0;
  async function* counted() {
    for await (const chunk of source) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  await using tool = startTool(path, { args: decompress, stdin: "piped", signal });
  await using feeding = feedTool(tool, counted());
  yield* inPieces(tool.stdout);
  await feeding.done;
  const end = await tool.ended;
  signal.throwIfAborted();
  if (end.code !== 0) throw failure(name, basename(path), end, bytes);
}

/** What each program writes about an archive that ends too early, tried with igzip 2.30, pigz 2.6 and gzip 1.12. */
const TRUNCATED = /complete gzip file|incomplete deflate data|missing trailer|unexpected end of file/;
/** And about bytes that do not begin as a gzip does. */
const NO_GZIP = /invalid gzip header|unrecognized format|<stdin> empty|not in gzip format/;
/** A gzip's head and end alone: of less, a program may say that it is no gzip. */
const SHORTEST = 18;

/** @param bytes so many of the archive were read, all of them where it ends too early */
function failure(
  name: string,
  program: string,
  { code, signal, stderr }: ToolEnd,
  bytes: number,
): DrillError {
  const words = stderr.trim();
  if (signal !== null) {
    return new DrillError(
      "TOOL_FAILED",
      `Cannot read ${name}: ${program} was ended by ${signal}`,
      "Nothing is known against the archive. Was there too little memory? Look at dmesg, and run it again.",
    );
  }
  const state = bytes === 0
    ? "the archive is empty"
    : TRUNCATED.test(words) || bytes < SHORTEST
    ? `the archive is truncated after ${formatBytes(bytes)}`
    : NO_GZIP.test(words)
    ? "it is not a gzip archive"
    : `the archive is damaged within its first ${formatBytes(bytes)}`;
  return new DrillError("OBJECT_CORRUPT", `Cannot read ${name}: ${state}`, TAKE_ANOTHER, {
    details: [words || `${program} ended with ${code}`],
  });
}

/** For an archive that cannot be read. */
export const TAKE_ANOTHER = `Take another set: ${PROGRAM} list`;
