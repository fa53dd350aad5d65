/** What a file is that should be a dump, and whether our pg_restore can read it: by its first bytes alone. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { DrillError, exitStatusOf } from "../../../src/base/errors.ts";
import type { Bytes } from "../../../src/base/streams.ts";
import { readArchiveHeader } from "../../../src/postgres/programs/archive_header.ts";
import { HEAD_BYTES, refuseUnreadable } from "../../../src/postgres/programs/dump_judgement.ts";

const FIXTURES = new URL("../../../fixtures/dumps/", import.meta.url);
const fixture = (name: string): Bytes =>
  new Uint8Array(Deno.readFileSync(new URL(name, FIXTURES))).slice(0, HEAD_BYTES);
const encode = (text: string): Bytes => new TextEncoder().encode(text);

/** A header as pg_dump writes it (WriteHead in pg_backup_archiver.c). */
function header(
  { minor = 14, format = 1, compression = 1, server = "15.18", pgDump = "15.18" }: Record<
    string,
    number | string
  >,
): Bytes {
  const integer = (value: number) => [0, value & 255, value >> 8 & 255, 0, 0];
  const text = (value: string) => [...integer(value.length), ...encode(value)];
  return new Uint8Array([
    ...encode("PGDMP"),
    ...[1, Number(minor), 0, 4, 8, Number(format)],
    ...Number(minor) >= 15 ? [Number(compression)] : integer(Number(compression)),
    ...[13, 53, 15, 30, 5, 126, 1].flatMap(integer),
    ...["erp", String(server), String(pgDump)].flatMap(text),
    ...integer(3000),
  ]);
}

/** What is thrown for these first bytes. */
const refusal = (head: Bytes, pgRestore = "15.18"): DrillError =>
  assertThrows(() => refuseUnreadable("prod/db/it.dump", head, { pgRestore }), DrillError);

describe("the header of a dump", () => {
  it("tells who made it, when, and of what", () => {
    const reading = readArchiveHeader(header({}));
    assertEquals(reading, {
      header: {
        archiveVersion: { major: 1, minor: 14 },
        format: "custom",
        compression: "gzip",
        createdAt: "2026-06-30 15:53:13",
        databaseName: "erp",
        dumpedFromServer: "15.18",
        pgDumpVersion: "15.18",
      },
    });
  });

  const made: [file: string, minor: number, compression: string, server: RegExp, pgDump: RegExp][] = [
    ["pg14.dump", 14, "gzip", /^14\.23$/, /^15\.18 \(Debian/],
    ["pg16.dump", 16, "gzip", /^16\.14$/, /^17\.11 \(Debian/],
    ["pg17.dump", 16, "gzip", /^17\.11 \(Debian/, /^17\.11 \(Debian/],
    ["pg17-zstd.dump", 16, "zstd", /^17\.11 \(Debian/, /^17\.11 \(Debian/],
  ];
  for (const [file, minor, compression, server, pgDump] of made) {
    it(`is read of a real one: ${file}`, () => {
      const reading = readArchiveHeader(fixture(file));
      assert("header" in reading);
      const { archiveVersion, databaseName, format, dumpedFromServer, pgDumpVersion } = reading.header;
      assertEquals([archiveVersion, databaseName, format, reading.header.compression], [
        { major: 1, minor },
        "erp",
        "custom",
        compression,
      ]);
      assertMatch(dumpedFromServer, server);
      assertMatch(pgDumpVersion, pgDump);
    });
  }

  it("is cut off wherever it is cut, and nothing else than that", () => {
    const whole = header({});
    for (let length = 1; length < whole.length - 5; length++) {
      assertEquals(readArchiveHeader(whole.slice(0, length)), { broken: "cut" }, `${length} bytes`);
    }
  });

  it("never throws, whatever bytes follow its magic", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      readArchiveHeader(new Uint8Array([...encode("PGDMP"), ...bytes]));
    }));
  });
});

describe("a dump", () => {
  const versions: [made: string, head: Bytes, pgRestore: string, answer: RegExp | "read"][] = [
    ["pg_dump 14", header({ server: "14.11", pgDump: "14.11" }), "15.18", "read"],
    ["pg_dump 15", header({}), "15.18", "read"],
    [
      "pg_dump 16",
      header({ minor: 15, server: "16.4", pgDump: "16.4" }),
      "15.18",
      /made by pg_dump 16\.4 .*pg_restore 15\.18 cannot/,
    ],
    ["pg_dump 16", header({ minor: 15, server: "16.4", pgDump: "16.4" }), "16.4", "read"],
    ["pg_dump 17", header({ minor: 16, server: "17.2", pgDump: "17.2" }), "16.4", /made by pg_dump 17\.2 /],
    ["pg_dump 17", header({ minor: 16, server: "17.2", pgDump: "17.2" }), "17.6", "read"],
    ["pg_dump 18", header({ minor: 16, server: "18.0", pgDump: "18.0" }), "17.6", "read"],
    ["pg_dump 19", header({ minor: 17, server: "19.1", pgDump: "19.1" }), "18.2", /made by pg_dump 19\.1 /],
    ["pg_dump 19", header({ minor: 17, server: "19.1", pgDump: "19.1" }), "19.1", "read"],
    ["pg_dump 17 itself", fixture("pg17.dump"), "15.18", /made by pg_dump 17\.11 /],
  ];
  for (const [made, head, pgRestore, answer] of versions) {
    it(`of ${made} is ${answer === "read" ? "read" : "refused"} by pg_restore ${pgRestore}`, () => {
      if (answer === "read") return void refuseUnreadable("prod/db/it.dump", head, { pgRestore });
      const error = refusal(head, pgRestore);
      assertMatch(error.message, answer);
      assertMatch(error.hint, /Nothing was changed\. Install postgresql-client-1\d /);
      assertEquals([error.code, exitStatusOf(error.code)], ["DUMP_NEWER", 2]);
    });
  }

  it("names the client to install", () => {
    assertMatch(refusal(header({ minor: 15, pgDump: "16.4" })).hint, /postgresql-client-16 /);
    assertMatch(refusal(header({ minor: 16, pgDump: "17.2" })).hint, /postgresql-client-17 /);
    assertMatch(refusal(header({ minor: 17, pgDump: "19.1" })).hint, /postgresql-client-19 /);
  });

  it("of a newer server than the target's is read, with a warning", () => {
    const warned = (server: string, target: number, pgRestore = "17.6") =>
      refuseUnreadable("prod/db/it.dump", header({ minor: 16, server }), { pgRestore, server: target })
        .warnings;
    assertMatch(warned("17.2 (Debian)", 150_018).join(), /of a PostgreSQL 17\.2 server, the target's is 15/);
    assertEquals(warned("17.2", 170_006), []);
    assertEquals(warned("14.11", 150_018), []);
    assertMatch(warned("17.2", 170_006, "17.5").join(), /CVE-2025-8714/);
  });
});

describe("what is no dump of pg_dump -Fc", () => {
  const tar = (name: string) => {
    const head = new Uint8Array(HEAD_BYTES);
    head.set(encode(name));
    head.set(encode("ustar  "), 257);
    return head;
  };
  const MYSQL =
    "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: localhost    Database: erp\n";
  const PLAIN = "--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n";
  const files: [what: string, head: Bytes, said: RegExp][] = [
    ["an empty file", new Uint8Array(), /it is empty/],
    ["a text", encode("All backups are fine.\n"), /a text, not a dump/],
    ["zeros", new Uint8Array(HEAD_BYTES), /nothing but zeros/],
    ["a plain SQL script", encode(PLAIN), /a plain SQL script: pg_dump without -Fc/],
    [
      "the script of another program",
      encode("CREATE TABLE a (b integer);\n"),
      /a plain SQL script, not of pg_dump/,
    ],
    ["a script of pg_dumpall", encode("--\n-- PostgreSQL database cluster dump\n--\n"), /pg_dumpall/],
    ["a gzipped script", new Uint8Array(gzipSync(PLAIN)), /gzipped, and inside it is a plain SQL script/],
    [
      "a gzipped mysqldump, cut",
      new Uint8Array(gzipSync(MYSQL.repeat(9))).slice(0, 60),
      /gzipped, and inside it is a mysqldump/,
    ],
    ["a gzipped dump", new Uint8Array(gzipSync(header({}))), /a dump of pg_dump -Fc, gzipped/],
    ["damaged gzip", new Uint8Array([0x1f, 0x8b, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]), /gzip, and damaged/],
    ["a mysqldump", encode(MYSQL), /a mysqldump/],
    [
      "one of MariaDB",
      encode("/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n"),
      /a mysqldump/,
    ],
    ["a dump in tar format", tar("toc.dat"), /tar format: pg_dump -Ft/],
    ["another tar", tar("mycompany/logo.png"), /a tar archive, but none of pg_dump's/],
    ["a directory's toc.dat", header({ format: 3 }), /toc\.dat\) of a dump in directory or tar format/],
    ["a header that is cut off", header({}).slice(0, 20), /header is truncated/],
    [
      "a header with nonsense in it",
      header({ format: 1 }).map((byte, at) => at === 8 ? 77 : byte),
      /header is damaged/,
    ],
    ["XML of a store", encode('<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'), /it is XML/],
    ["HTML of a proxy", encode("<!DOCTYPE html><title>504</title>"), /a page of HTML/],
    ["zstd", new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), /compressed with zstd/],
    ["xz", new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /compressed with xz/],
    ["something encrypted", encode("age-encryption.org/v1\n"), /encrypted/],
    ["other bytes", new Uint8Array(512).map((_, at) => at * 37 % 251), /binary data, not a dump/],
  ];
  for (const [what, head, said] of files) {
    it(`is named: ${what}`, () => {
      const error = refusal(head);
      assertMatch(error.message, said);
      assertMatch(error.message, /^Cannot read prod\/db\/it\.dump: /);
      assert(error.hint.length > 10);
    });
  }

  it("is named: a compression that there is none of", () => {
    assertMatch(
      refusal(header({ minor: 16, compression: 9 }), "17.6").message,
      /its header names an unknown compression/,
    );
  });

  it("is bad, and not only out of reach", () => {
    assertEquals(exitStatusOf(refusal(encode(MYSQL)).code), 1);
  });
});
