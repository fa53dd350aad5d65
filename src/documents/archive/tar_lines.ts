/** The lines that GNU tar writes while it packs: its list of members, and its messages, classified. Pure. */

/** A member as its header in the archive has it. */
export interface TarMember {
  /** As it stands in the archive, without the slash that ends a folder's. */
  path: string;
  type: "file" | "directory" | "link" | "other";
  bytes: number;
  /** Where a link points to. */
  target?: string;
}

export type TarLine =
  | { is: "member"; member: TarMember }
  /** Something changed, shrank, vanished or became another thing while tar read it. `name` as in the list that tar was given. */
  | { is: "moved"; name: string; text: string }
  /** tar went on without the file, or with zeros in its place. */
  | { is: "unreadable"; text: string }
  /** tar's exit status, which the shell around it writes. */
  | { is: "status"; code: number }
  /** Says only that there was something to say before. */
  | { is: "summary" }
  /** Any other message of tar's: it is not known, so it is an error. */
  | { is: "unknown"; text: string }
  /** Not tar's: the compressor's or the shell's. Their exit status decides. */
  | { is: "foreign"; text: string };

/** How the shell around tar writes its exit status. */
export const STATUS_WORDS = "drill: tar ended with";

/** `-rw-r--r-- 33/33 16 2026-06-30 15:53 "facture/a.pdf"`, of `-vv --numeric-owner --quoting-style=c`. */
const MEMBER = /^(.)\S{9,10} \d+\/\d+ +(\d+) \S+ \S+ "((?:[^"\\]|\\.)*)"(?: -> "((?:[^"\\]|\\.)*)")?$/;
/** `"facture/a.pdf": Cannot stat: No such file or directory` */
const COMPLAINT = /^"((?:[^"\\]|\\.)*)": (.*)$/;
/** tar's name for itself is the path that it was started by. */
const BY_TAR = /^(?:\/[^":]*\/)?tar: /;
/** A tree that is in use: what tar missed or read in part is read again afterwards. */
const MOVED = new RegExp([
  "^file changed as we read it$",
  "^File removed before we read it$",
  "^File shrank by \\d+ bytes?; padding with zeros$",
  "^(Warning: )?Cannot (stat|open|readlink|read link|read symlink)[^:]*: (No such file or directory|Not a directory|Too many levels of symbolic links|Invalid argument)$",
  "^(socket|door) ignored$",
  "^Unknown file type; file ignored$",
].join("|"));
const UNREADABLE = /^(Warning: )?(Cannot (stat|open|read|readlink)\b|Read error\b)/;

export function readTarLine(line: string): TarLine {
  const member = MEMBER.exec(line);
  if (member) return { is: "member", member: memberOf(member) };
  if (line.startsWith(STATUS_WORDS)) return { is: "status", code: Number(line.slice(STATUS_WORDS.length)) };
  const message = line.replace(BY_TAR, "");
  if (message === line) return { is: "foreign", text: line };
  if (message === "Exiting with failure status due to previous errors") return { is: "summary" };
  const [, name = "", text = ""] = COMPLAINT.exec(message) ?? [];
  if (MOVED.test(text)) return { is: "moved", name: unquote(name), text };
  if (UNREADABLE.test(text)) return { is: "unreadable", text: `${unquote(name)}: ${text}` };
  return { is: "unknown", text: message };
}

const TYPES: Record<string, TarMember["type"]> = { "-": "file", d: "directory", l: "link" };

function memberOf([, type, bytes, path, target]: RegExpExecArray): TarMember {
  return {
    path: unquote(path ?? "").replace(/(.)\/+$/, "$1"),
    type: TYPES[type ?? ""] ?? "other",
    bytes: Number(bytes),
    ...(target === undefined ? {} : { target: unquote(target) }),
  };
}

const ESCAPES: Record<string, number> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** A text between quotes in the language C: `\n`, `\"`, `\303\251`. */
export function unquote(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes: number[] = [];
  for (const [, octal, escaped, plain] of text.matchAll(/\\([0-7]{3})|\\([^])|([^\\]+)/g)) {
    if (octal !== undefined) bytes.push(parseInt(octal, 8));
    else if (escaped !== undefined) bytes.push(ESCAPES[escaped] ?? escaped.charCodeAt(0));
    else bytes.push(...new TextEncoder().encode(plain));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
