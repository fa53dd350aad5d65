/**
 * GNU tar with a compressor behind it, joined by a pipe of the kernel's: of all that is packed only the compressed bytes
 * pass us. tar's own --use-compress-program would pass them through one more tar where the archive is no plain file.
 */

import { DrillError } from "../../base/errors.ts";
import { feedTool, findTool, requireTool, startTool, WIDENS_STDOUT } from "../../base/process/processes.ts";
import { type Bytes, inPieces } from "../../base/streams.ts";
import { findCompressor } from "./compressor.ts";
import { unreadableDocuments } from "../hash/file.ts";
import { type DocumentFolders, elsewhere } from "../folders.ts";
import { readTarLine, STATUS_WORDS, type TarMember } from "./tar_lines.ts";

/** What tar reported; complete once its output was read to the end. */
export interface TarAccount {
  members: TarMember[];
  /** Paths in the archive of what changed, shrank or vanished under tar's hands. */
  moved: Set<string>;
}

/** In C quoting, numbers for owners, and the names as they are in the archive: readable again without a doubt. */
const VERBOSE = [
  "--verbose",
  "--verbose",
  "--numeric-owner",
  "--quoting-style=c",
  "--show-transformed-names",
];
/** POSIX (pax), with no more extended headers than long names and large files need. */
const FORMAT = ["--format=posix", "--pax-option=delete=atime,delete=ctime,delete=mtime"];
/** In pieces of 128 KiB, where tar's own are of 10: each is a turn of the kernel's for tar and the compressor. */
const RECORDS = "--blocking-factor=256";
/** Each entry once, whole, and under the very name that we give: a hard link is one more file. */
const ENTRIES = [
  "--no-recursion",
  "--hard-dereference",
  "--absolute-names",
  "--no-unquote",
  "--null",
  "--verbatim-files-from",
];

/** For tar and the compressor, which wait for each other: through narrow pipes the same takes half as long again. */
const WIDE_PIPE = `perl -e '${WIDENS_STDOUT}'`;

/**
 * Packs the entries at `paths` (as in the archive) in their order.
 * @param onMember called at the start of each
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `TOOL_FAILED`; what merely moved is in `account`
 */
export async function* tarCompressed(
  { documents, moreFolders, follow }: DocumentFolders,
  paths: readonly string[],
  account: TarAccount,
  onMember: (member: TarMember) => void,
  signal: AbortSignal,
): AsyncGenerator<Bytes, void, void> {
  const { path: compressor, compress } = findCompressor();
  const tar = [requireTool("tar", "tar"), "--create", "--file=-", RECORDS, ...FORMAT, ...VERBOSE, ...ENTRIES];
  const further = Object.entries(elsewhere({ moreFolders, follow }));
  tar.push(`--directory=${documents}`, ...further.map(renaming), "--files-from=-");
  const wide = findTool("perl") ? WIDE_PIPE : "";
  const script = `{ ${wide} "$@"; echo "${STATUS_WORDS} $?" >&2; } | ${wide} "$0" ${compress.join(" ")}`;
  const messages = listener(further, account, onMember);
  await using tool = startTool("/bin/sh", {
    args: ["-c", script, compressor, ...tar],
    stdin: "piped",
    onStderr: messages.take,
    signal,
  });
  await using feeding = feedTool(tool, namesOf(further, paths));
  yield* inPieces(tool.stdout);
  await feeding.done;
  const { code } = await tool.ended;
  signal.throwIfAborted();
  messages.judge(code);
}

/** Further folders are named absolutely, and no other name in the list is: they alone get their name in the archive. */
const renaming = ([name, folder]: [string, string]): string =>
  `--transform=flags=r;s,^${folder.replaceAll(/[\\.[\]*^$,]/g, "\\$&")}\\(/\\|$\\),${name}\\1,`;

/** Names of further folders in the archive, each with the folder's own path. */
type Further = readonly (readonly [name: string, folder: string])[];

/** The list of what tar packs, in pieces of about 64 KiB; each name ends with a NUL. */
async function* namesOf(further: Further, paths: readonly string[]): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const folders = new Map(further);
  let names = "";
  for (const path of paths) {
    const top = path.split("/", 1)[0]!;
    const folder = folders.get(top);
    names += `${folder === undefined ? path : folder + path.slice(top.length)}\0`;
    if (names.length < 65_536) continue;
    yield encoder.encode(names);
    names = "";
  }
  if (names !== "") yield await Promise.resolve(encoder.encode(names));
}

/** The path in the archive of what stands as `listed` in that list. */
function archivePath(further: Further, listed: string): string {
  const path = listed.replace(/(.)\/+$/, "$1");
  for (const [name, folder] of further) {
    if (path === folder || path.startsWith(`${folder}/`)) return name + path.slice(folder.length);
  }
  return path;
}

/** Takes what tar, the compressor and the shell write to stderr, and judges it when all have ended. */
function listener(further: Further, account: TarAccount, onMember: (member: TarMember) => void) {
  const decoder = new TextDecoder();
  const unreadable: string[] = [];
  const unknown: string[] = [];
  const foreign: string[] = [];
  let status: number | undefined;
  let rest = "";
  const add = (list: string[], text: string) => list.length < 20 && list.push(text);
  const classify = (text: string) => {
    const line = readTarLine(text);
    if (line.is === "member") {
      account.members.push(line.member);
      onMember(line.member);
    } else if (line.is === "moved") account.moved.add(archivePath(further, line.name));
    else if (line.is === "status") status = line.code;
    else if (line.is === "unreadable") add(unreadable, line.text);
    else if (line.is === "unknown") add(unknown, line.text);
    else if (line.is === "foreign") add(foreign, line.text);
  };
  return {
    take(piece: Uint8Array) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) classify(line);
    },
    judge(compressorCode: number) {
      if (rest !== "") classify(rest);
      if (unreadable.length > 0) throw unreadableDocuments(unreadable[0]!, unreadable);
      const failed = compressorCode !== 0
        ? `the compressor ended with ${compressorCode}`
        : status === undefined
        ? "tar was killed"
        : unknown.length > 0 || status > 2 || status > 0 && account.moved.size === 0
        ? `tar ended with ${status}`
        : undefined;
      if (failed === undefined) return;
      throw new DrillError(
        "TOOL_FAILED",
        `Cannot pack the documents: ${failed}`,
        "No archive was made of it. Look at the lines above, and run it again.",
        { details: [...unknown, ...foreign] },
      );
    },
  };
}
