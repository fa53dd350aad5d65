/** `verify`: reads every byte of a set, compares it with what was recorded, and says what that proves. */

import { DrillError } from "../base/errors.ts";
import { readSmall, sha256Of } from "../base/streams.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { formatBytes, formatCount, formatNumber } from "../base/numbers.ts";
import { verdictOfCode } from "../base/verdict.ts";
import { compareIndexes } from "../documents/archive/read.ts";
import { type DocumentsIndex, readIndex } from "../documents/index.ts";
import { countErpTables, TABLE_PREFIX } from "../dolibarr/tables/names.ts";
import { findPrograms, type Programs } from "../postgres/programs/programs.ts";
import type { RecordedTable, StoredObject } from "../store/records/manifest.ts";
import type { ProofBody } from "../store/records/proofs.ts";
import { countRegister, readRegister } from "../store/sets/register.ts";
import { type AnySet, isLegacy, missingHalves } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import {
  type ArchiveReading,
  type DumpReading,
  type ObjectReading,
  readDocuments,
  readDump,
} from "./read_objects.ts";

/** What was found of one set: what its proof will say. */
export interface Verification extends Omit<ProofBody, "at" | "verb"> {
  /** What is wrong with its register: nothing against the set, for no restore needs it. */
  register?: string;
}

export interface VerifyOptions {
  reporter: Reporter;
  signal: AbortSignal;
  /** The hash with which a legacy set's object was read before: none was recorded at its backup. */
  readBefore?: (key: string) => { sha256: string; at: Date } | undefined;
}

/** Verifies sets one after the other; an object that several of them name is read once. */
export function makeVerifier(store: Store, options: VerifyOptions) {
  const readings = new Map<string, Promise<ObjectReading>>();
  const once = <T extends ObjectReading>(key: string, read: () => Promise<T>): Promise<T> => {
    const known = readings.get(key) as Promise<T> | undefined;
    if (known) return known;
    const reading = read();
    readings.set(key, reading);
    return reading;
  };
  let programs: Promise<Programs> | undefined;
  const { reporter, signal } = options;

  async function dump(key: string, total: number): Promise<DumpReading> {
    using step = reporter.step(`Reading ${key}`, "bytes");
    const onBytes = (bytes: number) => step.progress(bytes, total);
    const reading = await readDump(store, key, await (programs ??= findPrograms(0)), { signal, onBytes });
    step.end(reading.problem ? "damaged" : formatCount(sum(reading.rows?.values() ?? []), "row"));
    return reading;
  }

  async function archive(key: string, total: number): Promise<ArchiveReading> {
    using step = reporter.step(`Reading ${key}`, "bytes");
    const onBytes = (bytes: number) => step.progress(bytes, total);
    const reading = await readDocuments(store, key, { signal, onBytes });
    step.end(reading.problem ? "damaged" : formatCount(reading.found?.files.length ?? 0, "file"));
    return reading;
  }

  return {
    /** @throws what the store or a program failed with, `DUMP_NEWER`; a set that is bad does not throw. */
    async verify(set: AnySet): Promise<Verification> {
      const found: Found = { objects: [], proved: [], notProved: [], problems: missingHalves(set) };
      const [db, docs] = halvesOf(set);
      if (db) {
        const reading = await once(db.key, () => dump(db.key, db.bytes));
        judgeObject(found, db, reading, options.readBefore?.(db.key));
        if (reading.unread && found.problems.length === 0) throw reading.unread;
        judgeRows(found, reading, isLegacy(set) ? undefined : set.manifest.db.content.tables);
      }
      const index = isLegacy(set)
        ? undefined
        : await readRecordedIndex(store, set.manifest.docs.index, found);
      if (docs) {
        const reading = await once(docs.key, () => archive(docs.key, docs.bytes));
        judgeObject(found, docs, reading, options.readBefore?.(docs.key));
        judgeFiles(found, reading, isLegacy(set) ? undefined : index);
      }
      const register = await judgeRegister(store, set, found);
      return {
        environment: set.environment,
        set: set.name,
        verdict: found.problems.length === 0 ? "pass" : "fail",
        ...found,
        ...(register === undefined ? {} : { register }),
      };
    },
  };
}

type Found = Pick<ProofBody, "objects" | "proved" | "notProved" | "problems">;
/** An object with what was recorded of it. */
type Wanted = Omit<StoredObject, "sha256"> & { sha256?: string };

function halvesOf(set: AnySet): [db: Wanted | undefined, docs: Wanted | undefined] {
  if (isLegacy(set)) return [set.legacy.db, set.legacy.docs];
  return [set.manifest.db.objects[0], set.manifest.docs.objects[0]];
}

/** The bytes: against the recorded hash, or against an earlier reading where none was recorded. */
function judgeObject(
  found: Found,
  wanted: Wanted,
  { key, bytes, sha256, problem }: ObjectReading,
  before: { sha256: string; at: Date } | undefined,
): void {
  const sentences: string[] = [];
  if (wanted.sha256 === undefined) {
    if (sha256 !== null && before && before.sha256 !== sha256) {
      sentences.push(`${key} has other bytes than when it was read on ${before.at.toISOString()}`);
    }
    found.notProved.push(
      `${key}: no hash was ever recorded${
        before?.sha256 === sha256 && before ? `; its bytes are those of ${before.at.toISOString()}` : ""
      }`,
    );
  } else if (sha256 !== null && bytes !== wanted.bytes) {
    sentences.push(`${key} has ${formatCount(bytes, "byte")}, recorded were ${formatNumber(wanted.bytes)}`);
  } else if (sha256 !== null && sha256 !== wanted.sha256) {
    sentences.push(
      `${key} has other bytes than were backed up: its SHA-256 is ${sha256.slice(0, 16)}…, recorded was ${
        wanted.sha256.slice(0, 16)
      }…`,
    );
  } else if (sha256 !== null) found.proved.push(`${key}: ${formatBytes(bytes)}, the SHA-256 of the backup`);
  if (problem && sentences.length === 0) sentences.push(problem); // where the bytes differ, that is the cause
  found.problems.push(...sentences);
  found.objects.push({ key, bytes, sha256, sound: sentences.length === 0 });
}

/** The rows of each table's block in the dump, against the counts of the snapshot that was dumped. */
function judgeRows(
  found: Found,
  { key, rows, problem }: DumpReading,
  recorded: readonly RecordedTable[] | undefined,
): void {
  if (!rows || problem) return;
  const total = sum(rows.values());
  if (countErpTables([...rows.keys()].map((table) => ({ table }))) === 0) {
    found.problems.push(`${key} holds ${formatCount(rows.size, "table")}, none of them ${TABLE_PREFIX} ones`);
    return;
  }
  if (!recorded) {
    found.proved.push(
      `${key}: pg_restore reads it to its end: ${formatCount(rows.size, "table")}, ${
        formatCount(total, "row")
      }`,
    );
    return;
  }
  const wrong = recorded.filter((table) => (rows.get(table.table) ?? 0) !== table.rows);
  for (const table of wrong.slice(0, 5)) {
    found.problems.push(
      `${key}: ${table.table} has ${formatCount(rows.get(table.table) ?? 0, "row")}, recorded were ${
        formatNumber(table.rows)
      }`,
    );
  }
  if (wrong.length === 0) {
    found.proved.push(
      `${key}: pg_restore reads it to its end; ${formatCount(recorded.length, "table")} with ${
        formatCount(total, "row")
      }, as counted at the backup`,
    );
  }
}

function judgeFiles(
  found: Found,
  { key, found: inside, problem }: ArchiveReading,
  recorded: DocumentsIndex | undefined,
): void {
  if (!inside || problem) return;
  if (!recorded) {
    found.proved.push(`${key}: tar reads it to its end: ${formatCount(inside.files.length, "file")}`);
    return;
  }
  const wrong = compareIndexes(recorded, inside);
  found.problems.push(...wrong.slice(0, 5).map((what) => `${key}: ${what}`));
  if (wrong.length === 0) {
    found.proved.push(
      `${key}: ${formatCount(inside.files.length, "file")}, each with the SHA-256 of the backup`,
    );
  }
}

async function readRecordedIndex(
  store: Store,
  recorded: StoredObject,
  found: Found,
): Promise<DocumentsIndex | undefined> {
  try {
    const bytes = await readSmall(store.get(recorded.key));
    const reading = { key: recorded.key, bytes: bytes.length, sha256: sha256Of(bytes) };
    judgeObject(found, recorded, reading, undefined);
    return reading.sha256 === recorded.sha256 ? readIndex(bytes, recorded.key) : undefined;
  } catch (error) {
    if (!(error instanceof DrillError) || error.code !== "OBJECT_MISSING") throw error;
    judgeObject(
      found,
      recorded,
      { key: recorded.key, bytes: 0, sha256: null, problem: `${recorded.key} is missing` },
      undefined,
    );
    return undefined;
  }
}

/** Reads the register to its end. @returns what is wrong with it. */
async function judgeRegister(store: Store, set: AnySet, found: Found): Promise<string | undefined> {
  const register = isLegacy(set) ? undefined : set.manifest.register;
  if (isLegacy(set) || !register) return undefined;
  try {
    const open = await readRegister(store, set);
    const rows = await countRegister(open!);
    found.proved.push(
      `${register.key}: ${formatBytes(register.bytes)}, the SHA-256 of the backup; ${
        formatCount(rows, "row")
      }, read to its end`,
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof DrillError) || verdictOfCode(error.code) !== "fail") throw error;
    found.notProved.push(`${register.key}, which no restore needs: ${error.message}`);
    return error.message;
  }
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);
