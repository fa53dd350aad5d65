/**
 * The head of what `pg_dump -Fc` writes, read by ourselves: a pg_restore that is too old says only that the version is not
 * supported. The layout is that of ReadHead in PostgreSQL's pg_backup_archiver.c, the same from 8.0 (1.10) to 18 (1.16)
 * but for one field: since 1.15 the kind of compression is one byte, before it was its level, an integer. Pure.
 */

import type { Bytes } from "../../base/streams.ts";

export interface ArchiveHeader {
  /** Of the archive's own format, not PostgreSQL's: 1.14 is that of pg_dump 12 to 15, 1.15 of 16, 1.16 of 17 and 18. */
  archiveVersion: { major: number; minor: number };
  /** The table of contents of a directory says `tar` too. */
  format: "custom" | "tar" | "directory" | "unknown";
  compression: "none" | "gzip" | "lz4" | "zstd" | "unknown";
  /** By the clock of the machine that dumped, which did not say its time zone: `2026-06-30 15:53:13`. */
  createdAt: string;
  databaseName: string;
  /** As that server calls itself: `15.18 (Debian 15.18-0+deb12u1)`. */
  dumpedFromServer: string;
  pgDumpVersion: string;
  /** In which encoding that database holds its text, as its first entry has it: `UTF8`; absent where that is not in the head. */
  encoding?: string;
}

/** What the first bytes of a file are: an archive's header, one that ends or breaks in the middle, or no archive. */
type HeaderReading = { header: ArchiveHeader } | { broken: "cut" | "damaged" } | { other: true };

const MAGIC = "PGDMP";
const FORMATS: Record<number, ArchiveHeader["format"]> = { 1: "custom", 3: "tar", 5: "directory" };
const COMPRESSIONS = ["none", "gzip", "lz4", "zstd"] as const;
/** A name or a version is never longer; a length that is comes from a flipped bit. */
const LONGEST_TEXT = 10_000;

/** The newest whose layout is known. */
const NEWEST_MINOR = 16;

class Cut extends Error {}
class Damaged extends Error {}

/** @param head the file's first bytes; a few hundred hold a header. */
export function readArchiveHeader(head: Bytes): HeaderReading {
  const magic = new TextDecoder().decode(head.subarray(0, MAGIC.length));
  if (head.length === 0 || !MAGIC.startsWith(magic)) return { other: true };
  try {
    return { header: parseHeader(head) };
  } catch (error) {
    const isUnknown = head[5] !== undefined && head[6] !== undefined &&
      (head[5] > 1 || head[6] > NEWEST_MINOR);
    if (isUnknown && error instanceof Damaged) return { header: newer(head) };
    if (error instanceof Cut) return { broken: "cut" };
    if (error instanceof Damaged) return { broken: "damaged" };
    throw error;
  }
}

function parseHeader(head: Bytes): ArchiveHeader {
  let at = MAGIC.length;
  const byte = (): number => {
    const value = head[at++];
    if (value === undefined) throw new Cut();
    return value;
  };
  const [major, minor] = [byte(), byte()];
  byte(); // the revision, never used
  const integerBytes = byte();
  const offsetBytes = byte();
  if (![4, 8].includes(integerBytes) || ![4, 8].includes(offsetBytes)) throw new Damaged();
  const integer = (): number => {
    const sign = byte();
    if (sign > 1) throw new Damaged();
    let value = 0;
    for (let place = 0; place < integerBytes; place++) value += byte() * 256 ** place;
    return sign === 1 ? -value : value;
  };
  const text = (): string => {
    const length = integer();
    if (length > LONGEST_TEXT) throw new Damaged();
    if (length <= 0) return "";
    if (at + length > head.length) throw new Cut();
    at += length;
    return new TextDecoder().decode(head.subarray(at - length, at));
  };
  const format = FORMATS[byte()] ?? "unknown";
  const compression = minor >= 15
    ? COMPRESSIONS[byte()] ?? "unknown"
    : integer() === 0
    ? "none" as const
    : "gzip" as const;
  const [second, minute, hour, day, month, year] = Array.from({ length: 6 }, integer) as Six;
  integer(); // whether it was summer time
  const createdAt = `${year + 1900}-${two(month + 1)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
  const [databaseName, dumpedFromServer, pgDumpVersion] = [text(), text(), text()];
  const entries = new TextDecoder("latin1").decode(head.subarray(at));
  const encoding = /SET client_encoding = '([A-Za-z0-9_]+)'/.exec(entries)?.[1];
  return {
    archiveVersion: { major, minor },
    format,
    compression,
    createdAt,
    databaseName,
    dumpedFromServer,
    pgDumpVersion,
    ...(encoding === undefined ? {} : { encoding }),
  };
}

/** Of a format to come, with another layout, the version is all that can be told. */
const newer = (head: Bytes): ArchiveHeader => ({
  archiveVersion: { major: head[5]!, minor: head[6]! },
  format: "unknown",
  compression: "unknown",
  createdAt: "",
  databaseName: "",
  dumpedFromServer: "",
  pgDumpVersion: "",
});

type Six = [number, number, number, number, number, number];
const two = (number: number): string => String(number).padStart(2, "0");
