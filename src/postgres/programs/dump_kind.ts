/** What a file is, by its first bytes, that is not a dump of `pg_dump -Fc`. Pure. */

import { constants, gunzipSync } from "node:zlib";
import { PROGRAM } from "../../base/program_name.ts";
import type { Bytes } from "../../base/streams.ts";

interface DumpKind {
  /** Behind "it is": `a mysqldump`. */
  what: string;
  /** What to do with it. */
  hint: string;
}

const AGAIN = `Dump it again with pg_dump --format=custom, or take another set: ${PROGRAM} list`;
const another = (what: string): DumpKind => ({ what, hint: AGAIN });
const packed = (how: string, program: string): DumpKind => ({
  what: `compressed with ${how}`,
  hint: `pg_dump -Fc compresses by itself: decompress it with ${program}, and check what is inside.`,
});

/** By the first bytes, in hex: what each of these programs begins a file with. */
const BY_BYTES: [string, DumpKind][] = [
  ["fd377a585a00", packed("xz", "xz -d")],
  ["28b52ffd", packed("zstd", "zstd -d")],
  ["04224d18", packed("lz4", "lz4 -d")],
  ["425a68", packed("bzip2", "bzip2 -d")],
  ["504b0304", packed("zip", "unzip")],
];

/** By how it begins. */
const BY_BEGINNING: [RegExp, DumpKind][] = [
  [
    /^(age-encryption\.org|-----BEGIN (PGP|AGE)|Salted__)/,
    { what: "encrypted", hint: "Decrypt it first." },
  ],
  [/^SQLite format 3/, another("a database of SQLite")],
  [
    /^\s*(<!doctype html|<html)/i,
    another("a page of HTML, perhaps what a server answered instead of the object"),
  ],
  [/^\s*<\?xml/i, another("XML, perhaps what a store answered instead of the object")],
  [/^toc\.dat.{250}ustar/s, another("a dump in tar format: pg_dump -Ft")],
  [/^.{257}ustar/s, another("a tar archive, but none of pg_dump's")],
];

/** By what its text says in its first lines. */
const BY_WORDS: [RegExp, DumpKind][] = [
  [
    /^-- (MySQL|MariaDB) dump |^-- phpMyAdmin SQL Dump|enable the sandbox mode|^-- Host: .*Database: /m,
    {
      what: "a mysqldump",
      hint: "A Dolibarr on MySQL or MariaDB cannot be restored into PostgreSQL: migrate it first.",
    },
  ],
  [
    /^-- PostgreSQL database cluster dump/m,
    {
      what: "a plain SQL script of pg_dumpall",
      hint: "Dump the one database: pg_dump --format=custom.",
    },
  ],
  [
    /^-- PostgreSQL database dump/m,
    {
      what: "a plain SQL script: pg_dump without -Fc",
      hint:
        "psql can load it into an empty database; from there, dump it again with pg_dump --format=custom.",
    },
  ],
  [
    /^\s*(CREATE|INSERT|DROP|ALTER|SET|BEGIN|COPY|SELECT|USE)\s[^;]*;/im,
    another("a plain SQL script, not of pg_dump"),
  ],
];

/** @param head the first KiB, fewer where the file has no more. */
export function dumpKindOf(head: Bytes): DumpKind {
  if (head.length === 0) return { what: "empty", hint: AGAIN };
  if (head.every((byte) => byte === 0)) return another("nothing but zeros");
  if (head[0] === 0x1f && head[1] === 0x8b) return gzipped(head);
  const hex = encodeHex(head.subarray(0, 6));
  const text = new TextDecoder("latin1").decode(head);
  return BY_BYTES.find(([begin]) => hex.startsWith(begin))?.[1] ??
    BY_BEGINNING.find(([pattern]) => pattern.test(text))?.[1] ??
    (head.every(isText)
      ? BY_WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? another("a text, not a dump")
      : another("binary data, not a dump"));
}

/** Spaces, escapes of a terminal, and whatever is a letter somewhere. */
const isText = (byte: number): boolean => byte >= 0x20 || byte === 0x1b || (byte >= 0x09 && byte <= 0x0d);

const encodeHex = (bytes: Bytes): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** A file that was compressed is mostly no custom dump: it is named by what is inside. */
function gzipped(head: Bytes): DumpKind {
  let inside: Bytes;
  try {
    inside = new Uint8Array(gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }));
  } catch {
    return another("gzip, and damaged"); // whatever zlib says of it
  }
  if (new TextDecoder().decode(inside.subarray(0, 5)) === "PGDMP") {
    return { what: "a dump of pg_dump -Fc, gzipped", hint: "Unpack it: gunzip." };
  }
  const { what, hint } = inside.length === 0 ? another("nothing") : dumpKindOf(inside);
  return { what: `gzipped, and inside it is ${what}`, hint };
}
