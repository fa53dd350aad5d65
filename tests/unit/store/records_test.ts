/** Every kind of record: as earlier versions wrote it, with what a newer one may add, and with what it may refuse. */

import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { gunzipSync, gzipSync } from "node:zlib";
import { DrillError } from "../../../src/base/errors.ts";
import { parseJson, readRecord, type RecordKind, writeRecord } from "../../../src/base/versioned_record.ts";
import { readSealed, writeSealed } from "../../../src/base/sealed_file.ts";
import { bytesOf, sha256Of } from "../../../src/base/streams.ts";
import { indexRecord, readIndex } from "../../../src/documents/index.ts";
import { OwnFolder } from "../../../src/base/own_folder.ts";
import {
  formerJournalRecord,
  JournalFile,
  journalRecord,
  journalsIn,
} from "../../../src/documents/swap/journal.ts";
import {
  readStopped,
  stoppedNote,
  type StoppedRecord,
  writeStopped,
} from "../../../src/platform/local/stopped_note.ts";
import { controlNote } from "../../../src/restore/checkpoint/control_note.ts";
import { savedDatabaseRecord } from "../../../src/restore/checkpoint/saved_database.ts";
import { readCheckpoint } from "../../../src/restore/checkpoint/folder.ts";
import {
  currentRecord,
  foundRecord,
  resetNote,
  savedDocumentsRecord,
} from "../../../src/restore/checkpoint/records.ts";
import { stagedNote } from "../../../src/restore/load/staged_rollback.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { claimRecord, readClaims } from "../../../src/store/lease/claims.ts";
import { acceptanceRecord, readAcceptances } from "../../../src/store/records/acceptances.ts";
import { acceptedSetRecord, readAcceptedSets } from "../../../src/store/records/accepted_sets.ts";
import { drillRecord } from "../../../src/store/records/drill_schema.ts";
import { readDrill } from "../../../src/store/records/drills.ts";
import { holdRecord, readHolds } from "../../../src/store/records/holds.ts";
import { manifestRecord } from "../../../src/store/records/manifest.ts";
import { proofRecord, readProof } from "../../../src/store/records/proofs.ts";
import { pruneRecord, readNewestPrune } from "../../../src/store/records/prunes.ts";
import { registerRecord } from "../../../src/store/records/register/head.ts";
import { openRegister } from "../../../src/store/records/register/text.ts";
import { rosterRecord } from "../../../src/store/records/rosters.ts";
import { checkRuns, runRecord } from "../../../src/store/records/runs.ts";
import { readTrees, treeRecord } from "../../../src/store/records/trees.ts";
import { getRecord } from "../../../src/store/records/stored_record.ts";
import { readSet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { readSources, withoutComments } from "../../support/imports.ts";
import { rethrow } from "../../support/store/sets.ts";

const FIXTURES = new URL("../../../fixtures/records/", import.meta.url);

/** One kind, where its records are in a folder of the fixtures, and how one is read where it usually lies. */
interface Row {
  name: string;
  kind: RecordKind;
  files: RegExp;
  /** The record without its numbers. `where`: the key or the path that messages are to name. */
  read(
    text: string,
    file: string,
  ): Promise<{ body: unknown; where: string } | { error: unknown; where: string }>;
  /** The text in which the body lies under `holds`, with a hash of it. */
  sealed?: boolean;
  /** Fields that earlier versions wrote and that are no longer read. */
  former?: (body: Record<string, unknown>) => void;
}

/** Kinds in the store: the text is put under its own key, and read from there. */
const stored = (
  name: string,
  kind: RecordKind,
  files: RegExp,
  readIn: (store: Store, key: string) => Promise<unknown>,
): Row => ({
  name,
  kind,
  files,
  async read(text, file) {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}/store`);
    const key = file.replace(/^.*?store\//, "");
    await store.put(key, bytesOf(text));
    return { ...await settled(readIn(store, key)), where: key };
  },
});

/** Kinds beside the documents: the text is written where `placeIn` says. */
const beside = (
  name: string,
  kind: RecordKind,
  files: RegExp,
  readAt: (path: string, folder: string) => unknown,
  placeIn = (folder: string) => `${folder}/record.json`,
): Row => ({
  name,
  kind,
  files,
  async read(text) {
    await using folder = await temporaryFolder();
    const path = placeIn(await Deno.realPath(folder.path));
    await Deno.writeTextFile(path, text);
    const reading = async () => await readAt(path, await Deno.realPath(folder.path));
    return { ...await settled(reading()), where: path };
  },
});

const sealed = (name: string, kind: RecordKind, files: RegExp): Row => ({
  ...beside(name, kind, files, (path) => readSealed(path, kind)),
  sealed: true,
});

const settled = (reading: Promise<unknown>): Promise<{ body: unknown } | { error: unknown }> =>
  reading.then((body) => ({ body }), (error) => ({ error }));

async function readDecision(store: Store): Promise<unknown> {
  const [decision] = (await readAcceptances(store, "prod", rethrow)).values();
  return decision;
}

async function readRun(store: Store, key: string): Promise<unknown> {
  await checkRuns(store, "prod", [key.slice("prod/runs/".length, -".json".length)], rethrow);
  return await getRecord(store, key, runRecord);
}

async function readClaim(store: Store, key: string): Promise<unknown> {
  const { others } = await readClaims(store, "prod", "none", { lives: 1e9, isRenewed: 1e9, isAskedFor: 1e9 });
  const claim = others.find((other) => other.key === key)?.claim;
  if (claim && "error" in claim) throw claim.error;
  return claim;
}

/** The MD5 of each file. */
function dropHashes({ files }: Record<string, unknown>): void {
  for (const file of files as { md5?: string }[]) delete file.md5;
}

/** By the name of the constant that declares it. */
const ROWS: readonly Row[] = [
  stored("manifestRecord", manifestRecord, /manifests\//, async (store, key) => {
    const set = await readSet(store, "prod", key.slice("prod/manifests/".length, -".json".length));
    return set?.manifest;
  }),
  stored("runRecord", runRecord, /runs\//, readRun),
  stored("proofRecord", proofRecord, /verified\//, (store, key) => readProof(store, key)),
  stored("holdRecord", holdRecord, /holds\//, async (store) => {
    const [hold] = (await readHolds(store, "prod", rethrow)).values();
    return hold;
  }),
  stored("acceptedSetRecord", acceptedSetRecord, /accepted\//, async (store) => {
    const [accepted] = (await readAcceptedSets(store, "prod", rethrow)).values();
    return accepted;
  }),
  stored("pruneRecord", pruneRecord, /prunes\//, (store) => readNewestPrune(store, "prod", rethrow)),
  stored("drillRecord", drillRecord, /drills\//, readDrill),
  stored("acceptanceRecord", acceptanceRecord, /findings\//, readDecision),
  stored("claimRecord", claimRecord, /lease\//, readClaim),
  {
    name: "indexRecord",
    kind: indexRecord,
    files: /docs\/.*\.index\.json\.gz$/,
    former: dropHashes,
    read: async (text, where) => ({
      ...await settled(Promise.resolve(gzipSync(text)).then((bytes) => readIndex(bytes, where))),
      where,
    }),
  },
  stored("rosterRecord", rosterRecord, /rosters\//, (store, key) => getRecord(store, key, rosterRecord)),
  stored("treeRecord", treeRecord, /trees\//, async (store) => {
    const [tree] = await readTrees(store, "prod", rethrow);
    return tree;
  }),
  {
    name: "registerRecord",
    kind: registerRecord,
    files: /registers\//,
    read: async (text, where) => {
      const line = text.replaceAll("\n", " ");
      const data = new Uint8Array(gzipSync(`{"register":${line},\n"parts":[\n]}\n`));
      return { ...await settled(openRegister(data, where).then(({ head }) => head)), where };
    },
  },
  beside(
    "stoppedNote",
    stoppedNote,
    /beside\/stopped/,
    (_, folder) => readStopped(new OwnFolder(`${folder}/states/sandbox`)),
    (folder) => `${new OwnFolder(`${folder}/states/sandbox`).make()}/stopped.json`,
  ),
  beside(
    "formerJournalRecord",
    formerJournalRecord,
    /beside\/journal/,
    async (path) => readRecord(formerJournalRecord, await Deno.readTextFile(path), path),
  ),
  beside(
    "journalRecord",
    journalRecord,
    /state\/swap/,
    async (_, folder) => (await journalsIn(new OwnFolder(`${folder}/states/sandbox`)))[0],
    (folder) => `${new OwnFolder(`${folder}/states/sandbox`).make()}/swap-0123456789abcdef.json`,
  ),
  sealed("stagedNote", stagedNote, /begun\.json/),
  sealed("controlNote", controlNote, /breaking\.json/),
  sealed("resetNote", resetNote, /reset-began/),
  sealed("currentRecord", currentRecord, /checkpoint\/current\.json/),
  sealed("savedDatabaseRecord", savedDatabaseRecord, /checkpoint\/.*\/database\.json/),
  sealed("savedDocumentsRecord", savedDocumentsRecord, /checkpoint\/.*\/documents\.json/),
  sealed("foundRecord", foundRecord, /checkpoint\/.*\/found\.json/),
];

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

function filesIn(folder: URL): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) =>
    isDirectory
      ? filesIn(new URL(`${name}/`, folder)).map((path) => `${name}/${path}`)
      : name === "README.md"
      ? []
      : [name]
  ).sort();
}

const FILES = filesIn(FIXTURES);

function textOf(file: string): string {
  const bytes = Deno.readFileSync(new URL(file, FIXTURES));
  return new TextDecoder().decode(file.endsWith(".gz") ? gunzipSync(bytes) : bytes);
}

interface Changes {
  /** The numbers of the record; undefined: none is written. */
  version: { format?: number; minReader?: number };
  /** Put into it, beside what it has; undefined takes a field out. */
  more?: Record<string, unknown>;
}

/** The text of the record `text` with other numbers and further fields. */
function changed({ sealed }: Row, text: string, { version, more = {} }: Changes): string {
  const { format: _, minReader: __, ...rest } = JSON.parse(text);
  if (!sealed) return JSON.stringify({ ...version, ...rest, ...more });
  const holds = { ...rest.holds, ...more };
  return JSON.stringify({ ...version, sha256: sha256Of(JSON.stringify(holds)), holds, surprise: [] });
}

/** What is in the record `text`, without its numbers. */
function bodyOf({ sealed, former }: Row, text: string): unknown {
  const { format: _, minReader: __, ...rest } = JSON.parse(text);
  const body = sealed ? rest.holds : rest;
  former?.(body);
  return body;
}

describe("a record", () => {
  it("is of a kind that this table has", async () => {
    const sources = await readSources(new URL("../../../src/", import.meta.url));
    const declared = sources.flatMap(({ text }) =>
      [...withoutComments(text).matchAll(/const (\w+)[^=\n]*= recordKind\(/g)].map(([, name]) => name!)
    );
    assertEquals(ROWS.map(({ name }) => name).sort(), declared.sort());
    for (const { name, files } of ROWS) {
      assert(FILES.some((file) => files.test(file)), `there is no ${name} of an earlier version`);
    }
    assertEquals(FILES.filter((file) => !ROWS.some(({ files }) => files.test(file))), []);
  });

  for (const row of ROWS) {
    const { name, kind } = row;
    const [newest = ""] = FILES.filter((file) => row.files.test(file)).slice(-1);

    for (const file of FILES.filter((file) => row.files.test(file))) {
      it(`is read as an earlier version wrote it: ${file}`, async () => {
        const text = textOf(file);
        const found = await row.read(text, file);
        assert("body" in found, String("error" in found && found.error));
        assertEquals(plain(found.body), bodyOf(row, text));
      });
    }

    it(`of a newer version is read without the fields that it added: ${name}`, async () => {
      const version = { format: kind.format + 5, minReader: kind.format };
      const text = changed(row, textOf(newest), { version, more: { surprise: { of: "a newer version" } } });
      const found = await row.read(text, newest);
      assert("body" in found, String("error" in found && found.error));
      assertEquals(plain(found.body), bodyOf(row, textOf(newest)));
    });

    it(`of a newer version that this one must not read is STORE_NEWER: ${name}`, async () => {
      const format = kind.format + 1;
      for (const version of [{ format }, { format: format + 4, minReader: format }]) {
        const { where, ...found } = await row.read(changed(row, textOf(newest), { version }), newest);
        assert("error" in found && found.error instanceof DrillError, JSON.stringify(found));
        assertEquals([found.error.code, found.error.message], [
          "STORE_NEWER",
          `Cannot read ${where}: it is of format ${version.format}, this version knows ${kind.format}`,
        ]);
        assertMatch(found.error.hint, /^A newer dolibarr-drill wrote it\. Update this one/);
      }
    });

    it(`that is damaged is an error with its place, and no newer version's: ${name}`, async () => {
      const [field = ""] = Object.keys(kind.fields.shape);
      const { format } = kind;
      const texts = [
        changed(row, textOf(newest), { version: { format }, more: { [field]: undefined } }),
        changed(row, textOf(newest), { version: {} }),
        changed(row, textOf(newest), { version: { format: 0 } }),
        textOf(newest).slice(0, -3),
        "",
        "null",
      ];
      for (const text of texts) {
        const { where, ...found } = await row.read(text, newest);
        assert("error" in found && found.error instanceof DrillError, `${text.slice(0, 200)}`);
        assertEquals(found.error.code, kind.damaged.code);
        assert(found.error.message.startsWith(`Cannot read ${where}: `), found.error.message);
      }
    });

    it(`says which reader it needs, and is read as it was written: ${name}`, async () => {
      const body = bodyOf(row, textOf(newest)) as Record<string, unknown>;
      await using folder = await temporaryFolder();
      const path = `${folder.path}/record.json`;
      if (row.sealed) await writeSealed(path, kind, body);
      const text = row.sealed ? await Deno.readTextFile(path) : writeRecord(kind, body);
      const { format, minReader } = parseJson(kind, text, path) as Record<string, unknown>;
      assertEquals([format, minReader], [kind.format, kind.minReader]);
      assert(kind.minReader <= kind.format);
      const found = await row.read(text, newest);
      assertEquals("body" in found && plain(found.body), body);
    });
  }

  it("is not written where a field is missing", async () => {
    await using folder = await temporaryFolder();
    const state = new OwnFolder(`${folder.path}/states/sandbox`);
    await assertRejects(
      () => new JournalFile({ root: "/srv/documents", state }).write({} as never),
      DrillError,
      "Cannot write the journal of a swap of documents: id: ",
    );
    const wrong = { environment: "sandbox", since: "now", wasUp: true } as StoppedRecord;
    assertThrows(() => writeStopped(state, wrong), DrillError, "holder: ");
  });
});

describe("a checkpoint of an earlier version", () => {
  it("is read with all its parts", async () => {
    for (
      const folder of new Set(FILES.filter((file) => /checkpoint\//.test(file)).map((f) => f.split("/")[0]))
    ) {
      const base = new URL(`${folder}/beside/checkpoint`, FIXTURES).pathname;
      const { database, documents, found } = await readCheckpoint({ root: "/", base }, "sandbox");
      assert(database.copies.length > 0 && documents.entries.length > 0);
      assert(Object.keys(found.files).length > 0, "what was found equal is not used");
    }
  });
});
