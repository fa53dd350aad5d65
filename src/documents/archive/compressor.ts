/** gzip by the fastest program there is; the runtime's own does 33 MB/s (FACTS, Deno). */

import { DrillError } from "../../base/errors.ts";
import { feedTool, findTool, startTool } from "../../base/process/processes.ts";
import { type Bytes, inPieces } from "../../base/streams.ts";

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

/** @throws DrillError `OBJECT_CORRUPT` when the program says that it is no whole gzip. The source's own failure comes first. */
export async function* decompress(
  source: AsyncIterable<Bytes>,
  signal: AbortSignal,
): AsyncGenerator<Bytes, void, void> {
  const { path, decompress } = findCompressor();
  await using tool = startTool(path, { args: decompress, stdin: "piped", signal });
  await using feeding = feedTool(tool, source);
  yield* inPieces(tool.stdout);
  await feeding.done;
  const end = await tool.ended;
  signal.throwIfAborted();
  if (end.code !== 0) {
    throw new DrillError(
      "OBJECT_CORRUPT",
      `Cannot go through ${path}: ${end.stderr.trim() || `it ended with ${end.code}`}`,
      "The archive is truncated or damaged. Take another set: dolibarr-drill list",
    );
  }
}
