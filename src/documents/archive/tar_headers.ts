/** The headers of a tar archive: ustar, and of what does not fit in there the extended ones of POSIX (pax(1)). Pure. */

import type { Bytes } from "../../base/streams.ts";

export const BLOCK = 512;

export interface TarHeader {
  /** Below the root; no slash at its end. */
  path: string;
  type: "file" | "directory" | "link";
  /** Of a file. */
  bytes: number;
  /** Permission bits, with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** The archive has whole seconds. */
  mtimeMs: number;
  /** Where a link leads. */
  target?: string;
}

/** Of a field of so many octal digits. */
const most = (digits: number): number => 8 ** digits - 1;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const TYPES = { file: "0", link: "2", directory: "5" } as const;
const encoder = new TextEncoder();

/** The blocks that stand before the content of an entry. */
export function tarHeader(header: TarHeader): Bytes {
  const { path, type, bytes, mode, uid, gid, mtimeMs, target = "" } = header;
  const name = type === "directory" ? `${path}/` : path;
  const seconds = Math.floor(mtimeMs / 1000);
  const place = placeOf(name);
  const extended = [
    ...(place ? [] : [record("path", name)]),
    ...(isPlain(target) && target.length <= NAME_BYTES ? [] : [record("linkpath", target)]),
    ...(bytes <= most(11) ? [] : [record("size", bytes)]),
    ...(isIn(seconds, 11) ? [] : [record("mtime", seconds)]),
    ...(isIn(uid, 7) ? [] : [record("uid", uid)]),
    ...(isIn(gid, 7) ? [] : [record("gid", gid)]),
  ];
  const main = ustar({
    ...(place ?? { name: "long-name", prefix: "" }),
    mode,
    uid: isIn(uid, 7) ? uid : 0,
    gid: isIn(gid, 7) ? gid : 0,
    bytes: bytes <= most(11) ? bytes : 0,
    seconds: isIn(seconds, 11) ? seconds : 0,
    type: TYPES[type],
    target: isPlain(target) ? target.slice(0, NAME_BYTES) : "",
  });
  if (extended.length === 0) return main;
  const records = encoder.encode(extended.join(""));
  const before = ustar({
    name: "pax-header",
    prefix: "",
    mode: 0o644,
    uid: 0,
    gid: 0,
    bytes: records.length,
    seconds: 0,
    type: "x",
    target: "",
  });
  const all = new Uint8Array(BLOCK + padded(records.length) + BLOCK);
  all.set(before);
  all.set(records, BLOCK);
  all.set(main, all.length - BLOCK);
  return all;
}

/** The two empty blocks that an archive ends with. */
export const tarEnd = (): Bytes => new Uint8Array(2 * BLOCK);

/** So many bytes of an archive hold a content of `bytes`. */
export const padded = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK;

/** `23 path=facture/FA1.pdf\n`: the number counts the whole record in bytes, itself too. */
function record(key: string, value: string | number): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = encoder.encode(rest).length;
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length++;
  return `${length}${rest}`;
}

const isIn = (value: number, digits: number): boolean => value >= 0 && value <= most(digits);
/** What every reader takes as it is. Any other text is said in an extended header to be UTF-8. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** Where a name stands in a header; undefined where it has no room there. */
function placeOf(name: string): { name: string; prefix: string } | undefined {
  if (!isPlain(name)) return undefined;
  if (name.length <= NAME_BYTES) return { name, prefix: "" };
  const slash = name.indexOf("/", name.length - NAME_BYTES - 1);
  if (slash < 1 || slash > PREFIX_BYTES || slash === name.length - 1) return undefined;
  return { name: name.slice(slash + 1), prefix: name.slice(0, slash) };
}

interface Fields {
  name: string;
  prefix: string;
  mode: number;
  uid: number;
  gid: number;
  bytes: number;
  seconds: number;
  type: string;
  target: string;
}

/** By its places: name 0, mode 100, uid 108, gid 116, size 124, mtime 136, checksum 148, type 156, link 157, magic 257, prefix 345. */
function ustar({ name, prefix, mode, uid, gid, bytes, seconds, type, target }: Fields): Bytes {
  const block = new Uint8Array(BLOCK);
  const text = (at: number, value: string) => encoder.encodeInto(value, block.subarray(at));
  const octal = (at: number, digits: number, value: number) =>
    text(at, value.toString(8).padStart(digits, "0"));
  text(0, name);
  octal(100, 7, mode & 0o7777);
  octal(108, 7, uid);
  octal(116, 7, gid);
  octal(124, 11, bytes);
  octal(136, 11, seconds);
  text(148, "        "); // the checksum is computed with blanks in its place
  text(156, type);
  text(157, target);
  text(257, "ustar\x0000");
  text(345, prefix);
  octal(148, 6, block.reduce((sum, byte) => sum + byte, 0));
  block[154] = 0;
  return block;
}
