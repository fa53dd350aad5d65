import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readTarLine, type TarLine, unquote } from "../../../src/documents/archive/tar_lines.ts";

describe("what tar says while it packs", () => {
  // deno-fmt-ignore: a line each
  const lines: [line: string, read: TarLine][] = [
    [`-rw-r--r-- 33/33              16 2026-06-30 15:53 "facture/a b.pdf"`, { is: "member", member: { path: "facture/a b.pdf", type: "file", bytes: 16 } }],
    [`-rwsr-xr-x 4294967294/0 9663676416 2026-06-30 15:53 "-rf"`, { is: "member", member: { path: "-rf", type: "file", bytes: 9663676416 } }],
    [`drwxr-xr-x 33/33               0 2026-06-30 15:53 "facture/"`, { is: "member", member: { path: "facture", type: "directory", bytes: 0 } }],
    [`lrwxrwxrwx 33/33 0 2026-06-30 15:53 "new.pdf" -> "a \\"b\\" -> c"`, { is: "member", member: { path: "new.pdf", type: "link", bytes: 0, target: `a "b" -> c` } }],
    [`hrw-r--r-- 33/33 0 2026-06-30 15:53 "a" link to "b"`, { is: "foreign", text: `hrw-r--r-- 33/33 0 2026-06-30 15:53 "a" link to "b"` }],
    [`tar: "a": Cannot stat: No such file or directory`, { is: "moved", name: "a", text: "Cannot stat: No such file or directory" }],
    [`/usr/bin/tar: "a": file changed as we read it`, { is: "moved", name: "a", text: "file changed as we read it" }],
    [`/usr/bin/tar: Exiting with failure status due to previous errors`, { is: "summary" }],
    [`guitar: "a": file changed as we read it`, { is: "foreign", text: `guitar: "a": file changed as we read it` }],
    [`tar: "a/b": Cannot open: Not a directory`, { is: "moved", name: "a/b", text: "Cannot open: Not a directory" }],
    [`tar: "a\\nb": File removed before we read it`, { is: "moved", name: "a\nb", text: "File removed before we read it" }],
    [`tar: "a": file changed as we read it`, { is: "moved", name: "a", text: "file changed as we read it" }],
    [`tar: "a": File shrank by 1 byte; padding with zeros`, { is: "moved", name: "a", text: "File shrank by 1 byte; padding with zeros" }],
    [`tar: "a": File shrank by 90 bytes; padding with zeros`, { is: "moved", name: "a", text: "File shrank by 90 bytes; padding with zeros" }],
    [`tar: "a": socket ignored`, { is: "moved", name: "a", text: "socket ignored" }],
    [`tar: "a": Cannot open: Permission denied`, { is: "unreadable", text: "a: Cannot open: Permission denied" }],
    [`tar: "a": Cannot stat: Permission denied`, { is: "unreadable", text: "a: Cannot stat: Permission denied" }],
    [`tar: "a": Read error at byte 0, while reading 10240 bytes: Input/output error`, { is: "unreadable", text: "a: Read error at byte 0, while reading 10240 bytes: Input/output error" }],
    [`tar: "-": Cannot write: Broken pipe`, { is: "unknown", text: `"-": Cannot write: Broken pipe` }],
    [`tar: Error is not recoverable: exiting now`, { is: "unknown", text: "Error is not recoverable: exiting now" }],
    [`tar: unrecognized option '--verbatim-files-from'`, { is: "unknown", text: "unrecognized option '--verbatim-files-from'" }],
    [`tar: "error.log": file changed as we read it`, { is: "moved", name: "error.log", text: "file changed as we read it" }],
    [`tar: "no such error": a new message`, { is: "unknown", text: `"no such error": a new message` }],
    [`tar: Exiting with failure status due to previous errors`, { is: "summary" }],
    [`drill: tar ended with 2`, { is: "status", code: 2 }],
    [`igzip: cannot write`, { is: "foreign", text: "igzip: cannot write" }],
    [`Killed`, { is: "foreign", text: "Killed" }],
  ];
  for (const [line, read] of lines) it(line, () => assertEquals(readTarLine(line), read));
});

describe("a name in C quoting", () => {
  const names: [quoted: string, name: string][] = [
    ["plain.pdf", "plain.pdf"],
    [String.raw`a\nb\tc\"d\\e`, 'a\nb\tc"d\\e'],
    [String.raw`\303\251t\303\251`, "été"],
    ["été \\n", "été \n"],
    [String.raw`\001\177`, "\x01\x7f"],
    [String.raw`\\303`, "\\303"],
  ];
  for (const [quoted, name] of names) it(quoted, () => assertEquals(unquote(quoted), name));
});
