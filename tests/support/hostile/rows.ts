/** Sets with a dump or a manifest that is broken: how each is made of a good one, and how it must be refused. */

import { gzipSync } from "node:zlib";
import type { Bytes } from "../../../src/base/streams.ts";
import type { ErrorCode, ExitStatus } from "../../../src/base/errors.ts";
import type { DrillLab, SetCopy } from "../lab/drill_lab.ts";
import { flipped, replaced, type Scratch } from "./dumps.ts";

export interface Hostile {
  what: string;
  /** Breaks the copy of a good set. */
  make(copy: SetCopy, scratch: Scratch, lab: DrillLab): Promise<void>;
  /** One, or where the bytes of a dump decide, one of these. */
  code: ErrorCode | ErrorCode[];
  /** The exit status; 1 by default. */
  exit?: ExitStatus;
  /** Of the message and its details. */
  says: RegExp;
}

/** What a command inside a dump would make, were it ever run. */
export const WAS_HERE = "/tmp/dolibarr-drill-hostile-was-here";

export const dumpFile = (copy: SetCopy) => copy.path(copy.manifest.db.objects[0]!.key);
export const archiveFile = (copy: SetCopy) => copy.path(copy.manifest.docs.objects[0]!.key);

export type Make = Hostile["make"];

/** The dump is what `bytes` returns, and recorded as such: its hash is right, and proves nothing. */
const dumpOf =
  (bytes: (scratch: Scratch, copy: SetCopy) => Promise<Bytes | string> | Bytes | string): Make =>
  async (copy, scratch) => {
    const made = await bytes(scratch, copy);
    await Deno.writeFile(dumpFile(copy), typeof made === "string" ? new TextEncoder().encode(made) : made);
    await copy.record("db");
  };
const good = async (copy: SetCopy): Promise<Bytes> => new Uint8Array(await Deno.readFile(dumpFile(copy)));
const part = (share: number, less = 0): Make =>
  dumpOf(async (_, copy) => {
    const bytes = await good(copy);
    return bytes.slice(0, Math.floor(bytes.length * share) - less);
  });
const fixture = (name: string): Make =>
  dumpOf(async () =>
    new Uint8Array(await Deno.readFile(new URL(`../../../fixtures/dumps/${name}`, import.meta.url)))
  );

const PLAIN = ["--format=plain"];
const MYSQL =
  "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\nCREATE TABLE `llx_facture` (`rowid` int);\n";

export const FILES: readonly Hostile[] = [
  { what: "an empty file", make: dumpOf(() => ""), code: "DUMP_UNREADABLE", says: /it is empty/ },
  {
    what: "a text",
    make: dumpOf(() => "All is well.\n"),
    code: "DUMP_UNREADABLE",
    says: /a text, not a dump/,
  },
  {
    what: "zeros",
    make: dumpOf(() => new Uint8Array(100_000)),
    code: "DUMP_UNREADABLE",
    says: /nothing but zeros/,
  },
  {
    what: "a plain SQL script",
    make: dumpOf((scratch) => scratch.dump({ args: PLAIN })),
    code: "DUMP_UNREADABLE",
    says: /a plain SQL script: pg_dump without -Fc/,
  },
  {
    what: "a gzipped SQL script",
    make: dumpOf(async (scratch) => new Uint8Array(gzipSync(await scratch.dump({ args: PLAIN })))),
    code: "DUMP_UNREADABLE",
    says: /gzipped, and inside it is a plain SQL script/,
  },
  { what: "a mysqldump", make: dumpOf(() => MYSQL), code: "DUMP_UNREADABLE", says: /a mysqldump/ },
  {
    what: "a dump in tar format",
    make: dumpOf((scratch) => scratch.dump({ args: ["--format=tar"] })),
    code: "DUMP_UNREADABLE",
    says: /tar format: pg_dump -Ft/,
  },
  {
    what: "a header alone",
    make: dumpOf(async (_, copy) => (await good(copy)).slice(0, 40)),
    code: "DUMP_UNREADABLE",
    says: /header is truncated/,
  },
  {
    what: "a tenth of a dump",
    make: part(0.1),
    code: "DUMP_UNREADABLE",
    says: /Cannot read prod\/db\/.*\.dump: the dump is truncated after \d/,
  },
  {
    what: "half of a dump",
    make: part(0.5),
    code: "DUMP_UNREADABLE",
    says: /Cannot read prod\/db\/.*\.dump: the dump is truncated after \d/,
  },
  {
    what: "99 % of a dump",
    make: part(0.99),
    code: "DUMP_UNREADABLE",
    says: /Cannot read prod\/db\/.*\.dump: the dump is truncated after \d/,
  },
  {
    what: "all but the last byte",
    make: part(1, 1),
    code: "DUMP_UNREADABLE",
    says: /Cannot read prod\/db\/.*\.dump: the dump is truncated after \d/,
  },
  {
    what: "one bit of its table of contents flipped, and recorded so",
    make: dumpOf(async (_, copy) =>
      replaced(await good(copy), "CREATE TABLE public.llx_facturedet ", "CREATE TABLE public.llx_facturedeu ")
    ),
    code: ["RESTORE_FAILED", "CONTENT_DIFFERS"],
    says: /llx_facturede/,
  },
  {
    what: "a few bits of its data flipped, and recorded so",
    make: dumpOf(async (_, copy) => flipped(await good(copy), 0.8, 64)),
    code: ["DUMP_UNREADABLE", "RESTORE_FAILED", "CONTENT_DIFFERS"],
    says: /./,
  },
  {
    what: "one bit of data that is not compressed flipped, and recorded so",
    make: dumpOf(async (scratch) =>
      replaced(
        await scratch.dump({ args: ["--format=custom", "--compress=0"] }),
        "MAIN_INFO_SOCIETE_NOM\t",
        "MAIN_INFO_SOCIETE_NON\t",
      )
    ),
    code: ["CONTENT_DIFFERS"],
    says: /public\.llx_const: \d+ rows, but their content differs/,
  },
  {
    what: "a dump that pg_restore is too old for",
    make: fixture("pg17.dump"),
    code: "DUMP_NEWER",
    exit: 2,
    says: /made by pg_dump 17\.11 .*pg_restore \S+ cannot read it/,
  },
  {
    what: "a dump of another application",
    make: dumpOf((scratch) => scratch.dump({ args: ["--format=custom", "--exclude-table=public.llx_*"] })),
    code: "DUMP_FOREIGN",
    says: /its dump has \d+ tables, none of them Dolibarr's/,
  },
];

const changing = (change: (copy: SetCopy) => void): Make => async (copy) => {
  change(copy);
  await copy.write();
};
const tablesOf = (copy: SetCopy) => copy.manifest.db.content.tables;
const invoices = (copy: SetCopy) => tablesOf(copy).find(({ table }) => table === "public.llx_facture")!;

export const MANIFESTS: readonly Hostile[] = [
  {
    what: "the hash is of another dump",
    make: async (copy, scratch) => await Deno.writeFile(dumpFile(copy), await scratch.dump()),
    code: "OBJECT_CORRUPT",
    says: /Cannot trust prod\/db\/.*\.dump/,
  },
  {
    what: "one bit of the version in the dump's header flipped",
    make: async (copy) => {
      const bytes = await good(copy);
      bytes[6]! ^= 16;
      await Deno.writeFile(dumpFile(copy), bytes);
    },
    code: "OBJECT_CORRUPT",
    says: /its SHA-256 is/,
  },
  {
    what: "a table's hash is another",
    make: changing((copy) => invoices(copy).hash = "12345"),
    code: "CONTENT_DIFFERS",
    says: /public\.llx_facture: \d+ rows, but their content differs/,
  },
  {
    what: "it names a table too many",
    make: changing((copy) => tablesOf(copy).push({ table: "public.llx_more", rows: 1, hash: "1" })),
    code: "CONTENT_DIFFERS",
    says: /public\.llx_more: missing/,
  },
  {
    what: "it names a table too few",
    make: changing((copy) => tablesOf(copy).splice(tablesOf(copy).indexOf(invoices(copy)), 1)),
    code: "CONTENT_DIFFERS",
    says: /public\.llx_facture: not in the backup/,
  },
];
