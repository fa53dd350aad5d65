/** What lies in a documents tree and no archive of documents holds: pipes, sockets, devices, and names that are not UTF-8. */

import { findTool } from "../../base/process/processes.ts";
import { type Folder, handlePath } from "./folder.ts";

export interface OddEntry {
  /** Below the root; of a name that is not UTF-8 each byte that is none as `\xE9`. */
  path: string;
  is: "pipe" | "socket" | "device" | "name";
  /** Where it lies, for messages. */
  at: string;
}

/** What is odd of it: a clause about its path. Pure. */
export const oddness = ({ is }: Pick<OddEntry, "is">): string =>
  is === "name" ? "has a name that is not UTF-8" : `is a ${is}`;

/**
 * The entries right in `folder` whose names are not UTF-8. The runtime has no way to such a name, neither to its bytes nor to
 * what lies there: `find` prints them. Where there is no `find`, it is one for all of them.
 *
 * @param prefix of the folder's entries: `facture/FA1/`
 */
export function oddNames(folder: Folder, prefix: string): OddEntry[] {
  const odd = (name: string): OddEntry => ({ path: prefix + name, is: "name", at: folder.pathOf(name) });
  const names = rawNames(folder)?.flatMap((name) => escapedName(name) ?? []);
  if (names !== undefined) return names.map(odd);
  return folder.names().filter((name) => name.includes("\uFFFD") && !folder.has(name)).map(odd);
}

/** A name in bytes, each that is not UTF-8 as `\xE9` and a backslash doubled; undefined where all of it is UTF-8. Pure. */
export function escapedName(name: Uint8Array): string | undefined {
  let text = "";
  let isOdd = false;
  for (let at = 0; at < name.length;) {
    const length = lengthAt(name, at);
    const sign = length === 0 ? undefined : decoded(name.subarray(at, at + length));
    if (sign === undefined) {
      isOdd = true;
      text += `\\x${name[at]!.toString(16).toUpperCase().padStart(2, "0")}`;
    } else text += sign === "\\" ? "\\\\" : sign;
    at += sign === undefined ? 1 : length;
  }
  return isOdd ? text : undefined;
}

/** How many bytes the sign at `at` has by its first one; 0 where none begins so. */
function lengthAt(name: Uint8Array, at: number): number {
  const first = name[at]!;
  return first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // the bytes are not UTF-8, which is what is asked
  }
}

function rawNames(folder: Folder): Uint8Array[] | undefined {
  const find = findTool("find");
  if (!find) return undefined;
  // the handle is this process's: the child reaches the folder as what this process has open
  const at = `${handlePath(folder.handle).replace("self", String(Deno.pid))}/`;
  const { success, stdout } = new Deno.Command(find, {
    args: [at, "-mindepth", "1", "-maxdepth", "1", "-printf", "%f\\0"],
    clearEnv: true,
    env: { LC_ALL: "C" },
    stderr: "null",
  }).outputSync();
  if (!success) return undefined;
  const names: Uint8Array[] = [];
  for (let from = 0, end; (end = stdout.indexOf(0, from)) >= 0; from = end + 1) {
    names.push(stdout.subarray(from, end));
  }
  return names;
}
