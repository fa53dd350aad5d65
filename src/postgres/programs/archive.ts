/** pg_restore on a pipe: the table of contents, and the script that makes the database again. */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { feedTool, startTool, type Tool, type ToolEnd } from "../../base/process/processes.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { type Bytes, joined } from "../../base/streams.ts";
import { within } from "../../base/time.ts";
import { formatBytes, formatDuration } from "../../base/numbers.ts";
import type { ArchiveHeader } from "./archive_header.ts";
import { countCopyRows } from "./copy_rows.ts";
import { HEAD_BYTES, refuseUnreadable } from "./dump_judgement.ts";
import { cause } from "./message_classes.ts";
import type { Programs } from "./programs.ts";

/** A dump as it is read. */
export interface DumpStream {
  /** For messages: `prod/db/20260630T155313Z.dump`. */
  name: string;
  bytes: AsyncIterable<Bytes>;
}

interface ContentsOptions {
  /** `server_version_num` of the server that it is to be restored into. */
  server?: number;
  /** Called with the dump's header, and with warnings for a person. */
  onHeader?: (header: ArchiveHeader, warnings: readonly string[]) => void;
}

/**
 * The lines of `pg_restore --list --verbose`: every entry, with the entries that it depends on. Only the head of `dump` is
 * read (docs/facts.md, "Dumps and their programs").
 * @throws DrillError `DUMP_UNREADABLE` naming what it is instead: an empty file, a text, SQL, a tar, a truncated head;
 *   `DUMP_NEWER` for one that this pg_restore is too old for.
 */
export async function listArchive(
  dump: DumpStream,
  programs: Programs,
  signal: AbortSignal,
  options: ContentsOptions = {},
): Promise<string> {
  await using tool = startTool(programs.pgRestore, { args: ["--list", "--verbose"], stdin: "piped", signal });
  const passing = judged(dump, programs, options);
  await using feeding = feedTool(tool, passing.bytes);
  const [list, end] = await Promise.all([new Response(tool.stdout).text(), tool.ended, feeding.done]);
  signal.throwIfAborted();
  if (end.code !== 0 || cause(end.stderr) !== undefined) throw unreadable(dump.name, end, passing.read());
  return list;
}

export interface LoadOptions {
  /** With rights: for a dump of this same database. */
  acl?: boolean;
}

/**
 * Owners, rights and tablespaces are those of the target: everything goes to its owner role, in its own tablespace. Only a
 * dump of the target itself has its rights.
 */
const withoutOwners = ({ acl = false }: LoadOptions): string[] => [
  "--no-owner",
  ...(acl ? [] : ["--no-acl"]),
  "--no-tablespaces",
];

/**
 * The SQL script for `list` (lines of `listArchive`), in the dump's own order.
 * @throws DrillError `DUMP_UNREADABLE` when pg_restore cannot read on, or is silent for too long.
 */
export async function* scriptOf(
  dump: DumpStream,
  list: readonly string[],
  programs: Programs,
  signal: AbortSignal,
  options: LoadOptions = {},
): AsyncGenerator<Bytes, void, void> {
  const listFile = await Deno.makeTempFile({ prefix: "dolibarr-drill-", suffix: ".list" });
  try {
    await Deno.writeTextFile(listFile, list.join("\n") + "\n");
    yield* script([...withoutOwners(options), `--use-list=${listFile}`], dump, programs, signal);
  } finally {
    await Deno.remove(listFile);
  }
}

/**
 * Reads the whole of `dump` through pg_restore, which decompresses every block of it.
 * @returns the rows of each table that has data in it.
 * @throws DrillError `DUMP_UNREADABLE`; also for a dump that makes pg_restore spin, or that has no end.
 */
export async function readThrough(
  dump: DumpStream,
  programs: Programs,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const limit = AbortSignal.timeout(limits.dumpIsRead);
  const counted = countCopyRows(script([], dump, programs, AbortSignal.any([signal, limit])));
  try {
    for await (const _ of counted.stream) { /* counted as it passes */ }
  } catch (error) {
    if (limit.aborted && !signal.aborted) throw endless(dump.name);
    throw error;
  }
  return counted.rows();
}

async function* script(
  args: readonly string[],
  dump: DumpStream,
  programs: Programs,
  signal: AbortSignal,
): AsyncGenerator<Bytes, void, void> {
  await using tool = startTool(programs.pgRestore, {
    args: [...args, "--file=-"],
    stdin: "piped",
    signal,
  });
  const passing = judged(dump, programs);
  await using feeding = feedTool(tool, passing.bytes, { whole: true });
  yield* withoutSilence(tool, dump.name);
  const [end] = await Promise.all([tool.ended, feeding.done]);
  signal.throwIfAborted();
  if (end.code !== 0 || end.stderr.trim() !== "") throw unreadable(dump.name, end, passing.read());
}

/** The dump, passed on once its first bytes are found to be those of one that pg_restore reads; and how many were. */
function judged(
  { name, bytes }: DumpStream,
  programs: Programs,
  { server, onHeader }: ContentsOptions = {},
): { bytes: AsyncIterable<Bytes>; read: () => number } {
  let read = 0;
  const judge = (head: Bytes) => {
    const { header, warnings } = refuseUnreadable(name, head, { pgRestore: programs.version, server });
    onHeader?.(header, warnings);
    return head;
  };
  async function* passing(): AsyncGenerator<Bytes, void, void> {
    let head: Bytes | undefined = new Uint8Array();
    for await (const chunk of bytes) {
      read += chunk.length;
      if (head === undefined) {
        yield chunk;
        continue;
      }
      head = joined(head, chunk);
      if (head.length < HEAD_BYTES) continue;
      yield judge(head);
      head = undefined;
    }
    if (head !== undefined) yield judge(head);
  }
  return { bytes: passing(), read: () => read };
}

/** The tool's output; one that writes nothing for too long is ended (one flipped bit made pg_restore spin for ever). */
async function* withoutSilence(tool: Tool, name: string): AsyncGenerator<Bytes, void, void> {
  const reader = tool.stdout.getReader();
  try {
    while (true) {
      const { value, done } = await within(limits.toolIsSilent, reader.read(), () => silent(name));
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

const silent = (name: string) =>
  new DrillError(
    "DUMP_UNREADABLE",
    `Cannot read ${name}: pg_restore wrote nothing for ${formatDuration(limits.toolIsSilent)}`,
    `The dump is damaged where pg_restore does not notice it. Take another set: ${PROGRAM} list`,
  );

const endless = (name: string) =>
  new DrillError(
    "DUMP_UNREADABLE",
    `Cannot read ${name}: pg_restore has not finished after ${formatDuration(limits.dumpIsRead)}`,
    `The dump is damaged, or larger than this tool supports. Take another set: ${PROGRAM} list`,
  );

/** What pg_restore writes of a dump that ends too early. */
const TRUNCATED = /end of file/;

/** @param read how many bytes of the dump it was given */
function unreadable(name: string, { code, stderr }: ToolEnd, read: number): DrillError {
  const reason = cause(stderr) ?? `pg_restore exited with status ${code}`;
  return new DrillError(
    "DUMP_UNREADABLE",
    `Cannot read ${name}: ${
      TRUNCATED.test(reason) ? `the dump is truncated after ${formatBytes(read)}` : reason
    }`,
    `It is truncated, damaged, or not a dump of pg_dump -Fc. Take another set: ${PROGRAM} list`,
    { details: stderr.trim().split("\n").slice(-4) },
  );
}
