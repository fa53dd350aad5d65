/**
 * Which files lie in a documents tree, by what the file system knows of each: the inode, and when its inode was last changed,
 * to the nanosecond. No program sets the latter, so two trees that share such a pair are one tree, or one is a clone of the
 * other's volume; a copy shares none. The runtime gives whole seconds alone (docs/facts.md, Deno), so `find` is asked.
 */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { requireTool, startTool } from "../../base/process/processes.ts";
import { isReplaced } from "./names.ts";

export interface ListedFile {
  /** Below the root that was listed. */
  path: string;
  bytes: number;
  inode: string;
  /** When its content and its inode last changed: nanoseconds since 1970, as decimal digits. */
  mtimeNs: string;
  ctimeNs: string;
}

/** GNU find's, each entry ended by a NUL: seconds have ten decimals, of which the last is always 0. */
const FORMAT = "%i %s %T@ %C@ %P\\0";
const ENTRY = /^(\d+) (\d+) (-?\d+)\.(\d{9})\d* (-?\d+)\.(\d{9})\d* ([^]*)$/;
/** What vanished while it was listed, as files in use do. */
const VANISHED = /No such file or directory|^$/;

/**
 * Every file below `root`, in no order, also what is no document; no link is followed. It writes nothing.
 * @throws DrillError `DOCUMENTS_UNREADABLE` where a part of the tree may not be looked at; `TOOL_MISSING`
 */
export async function* listFiles(root: string, signal?: AbortSignal): AsyncGenerator<ListedFile> {
  const limit = AbortSignal.timeout(limits.treeIsListed);
  await using tool = startTool(requireTool("find", "findutils"), {
    args: ["-P", ".", "-type", "f", "-printf", FORMAT],
    cwd: await Deno.realPath(root),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  let rest = "";
  for await (const piece of tool.stdout.pipeThrough(new TextDecoderStream())) {
    const entries = (rest + piece).split("\0");
    rest = entries.pop()!;
    for (const entry of entries) yield fileOf(entry);
  }
  const { code, stderr } = await tool.ended;
  signal?.throwIfAborted();
  const problems = stderr.split("\n").filter((line) => !VANISHED.test(line));
  if (code === 0 || code === 1 && problems.length === 0) return;
  throw new DrillError(
    "DOCUMENTS_UNREADABLE",
    limit.aborted
      ? `Cannot look at every file in ${root}: it took too long`
      : `Cannot look at every file in ${root}: ${problems[0] ?? `find ended with ${code}`}`,
    "Let this user read all of it, or run this as its owner or as root.",
    { details: problems.slice(0, 10) },
  );
}

function fileOf(entry: string): ListedFile {
  const [, inode, bytes, mtime, mtimeRest, ctime, ctimeRest, path] = ENTRY.exec(entry) ?? [];
  if (path === undefined) throw new TypeError(`find wrote ${JSON.stringify(entry)}`);
  return {
    path,
    bytes: Number(bytes),
    inode: inode!,
    mtimeNs: `${mtime}${mtimeRest}`,
    ctimeNs: `${ctime}${ctimeRest}`,
  };
}

/** How many files stand for a whole tree: of any thousand some have not changed since. */
export const SAMPLE = 1_000;

/** How many there are, and some of them from all parts of the tree: the same ones of the same tree. */
export async function sampleFiles(
  files: AsyncIterable<ListedFile>,
  most = SAMPLE,
): Promise<{ files: number; sample: ListedFile[] }> {
  let count = 0;
  let ranked: Ranked[] = [];
  let limit = Infinity;
  for await (const file of files) {
    if (!isReplaced(file.path)) continue;
    count++;
    const rank = scattered(file.inode);
    if (rank > limit) continue;
    ranked.push({ file, rank });
    if (ranked.length < 8 * most) continue;
    ranked = lowest(ranked, most);
    limit = ranked.at(-1)!.rank;
  }
  return { files: count, sample: lowest(ranked, most).map(({ file }) => file) };
}

interface Ranked {
  file: ListedFile;
  rank: number;
}

const lowest = (ranked: readonly Ranked[], most: number): Ranked[] =>
  ranked.toSorted((a, b) => a.rank - b.rank).slice(0, most);

/** Each of `folders`, with how many files are in it and some of them. @throws as `listFiles` */
export async function sampleFolders(folders: readonly string[], signal?: AbortSignal) {
  const sampled = [];
  for (const folder of folders) sampled.push({ folder, ...await sampleFiles(listFiles(folder, signal)) });
  return sampled;
}

/** Inodes lie close together where files were made together; their hashes (Knuth's multiplicative one, 32 bits) do not. */
const scattered = (inode: string): number => Number(BigInt.asUintN(32, BigInt(inode) * 2_654_435_761n));
