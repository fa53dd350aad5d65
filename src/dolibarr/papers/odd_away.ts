/** What no archive of documents holds, as the backup and the drill both tell it, with the command that mends it. Pure. */

import { shellWord } from "../../base/shell_words.ts";
import type { Fault } from "../fault.ts";
import { LINKS } from "./linked_away.ts";

/** What lies at a path; in that of a `name` each byte that is not UTF-8 stands as `\xE9`, and a backslash doubled. */
interface OddDocument {
  path: string;
  is: "pipe" | "socket" | "device" | "name";
}

/** What is wrong with it. The command is for the folder of the documents. */
export function oddAway({ path, is }: OddDocument): Fault {
  const what = is === "name" ? "has a name that is not UTF-8" : `is a ${is}`;
  const mend = is === "name"
    ? `rename it: mv -T -- "$(printf '${printfText(path)}')" ${shellWord(inUtf8(path))}`
    : `remove it: rm -- ${shellWord(path)}`;
  return {
    subject: path,
    kind: LINKS.kind,
    sentence: `${path} ${what}: it is in no backup. In the documents, ${mend}`,
    facts: { is },
  };
}

const ESCAPE = /\\x([0-9A-F]{2})|\\\\/g;

/** For printf(1) of any shell: bytes in octal. */
function printfText(path: string): string {
  const octal = (byte: number) => `\\${byte.toString(8).padStart(3, "0")}`;
  return path.replaceAll("%", "%%").replaceAll("'", octal(0x27))
    .replaceAll(ESCAPE, (_, hex?: string) => octal(hex === undefined ? 0x5c : parseInt(hex, 16)));
}

/** The name that it most likely was given: of a Windows of Western Europe. */
function inUtf8(path: string): string {
  const western = new TextDecoder("windows-1252");
  return path.replaceAll(
    ESCAPE,
    (_, hex?: string) => hex === undefined ? "\\" : western.decode(new Uint8Array([parseInt(hex, 16)])),
  );
}
