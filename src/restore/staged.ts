/**
 * A restore of a dump for which one transaction has no room. What the target holds is saved first; then it is dropped and
 * loaded in many transactions, checked in a last one, and on any failure what was saved goes back, also after a crash.
 */

import { join } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { type Bytes, hashed, readFile } from "../base/streams.ts";
import { removeTree } from "../platform/documents_journal.ts";
import { readThrough } from "../postgres/archive.ts";
import type { ExpectedTable } from "../postgres/content.ts";
import type { Database } from "../postgres/database.ts";
import { dropInPieces } from "../postgres/drop_in_pieces.ts";
import { restoreParallel } from "../postgres/parallel_restore.ts";
import { startPsql } from "../postgres/psql.ts";
import { connect } from "../postgres/session.ts";
import { askJson } from "../postgres/snapshot.ts";
import type { StoredObject } from "../store/manifest.ts";
import { beginWork, saveDatabase } from "./checkpoint_database.ts";
import { refuseForeignDependants } from "./dependants.ts";
import type { LoadPlan } from "./incoming.ts";
import { type Readable, refuseOtherBytes } from "./object_bytes.ts";
import {
  type DatabaseProof,
  expectedOf,
  type LookupFunction,
  type ProofOptions,
  prove,
  readLookup,
} from "./proof.ts";
import { writeSealed } from "./sealed_file.ts";
import { type Begun, begunFile, putBackAfter, stagedFolder } from "./staged_back.ts";

export interface StagedOptions extends ProofOptions {
  /** The target's documents folder, by its real path. */
  documents: string;
  /** Called when everything is checked, just before the last commit. */
  beforeCommit: () => Promise<void>;
  signal: AbortSignal;
}

/**
 * Restores the database half of `load` into `database` in stages. On any failure what was there before is put back.
 * @throws DrillError as `restoreDatabase`; `RESTORE_UNFINISHED` where it could not be put back: `finishStaged` does it later.
 */
export async function restoreStaged(
  load: LoadPlan,
  database: Database,
  options: StagedOptions,
): Promise<DatabaseProof> {
  const { source, programs } = load;
  const { documents, id, reporter, signal } = options;
  const folder = await stagedFolder(documents);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "incoming.dump");
  let expected: readonly ExpectedTable[];
  let dump: StoredObject;
  try {
    dump = await fetchDump(source.dump, file, reporter, signal);
    expected = source.tables ?? expectedOf(await readThrough(readFile(file), programs, signal));
    await saveDatabase(database, folder, { reporter, signal });
    await writeSealed(begunFile(folder), { id } satisfies Begun);
  } catch (error) {
    await removeTree(folder);
    throw error;
  }
  try {
    const before = await loadInStages(load, file, database, options);
    const loaded = { name: source.name, dump, expected, before };
    await using psql = await startPsql(database, programs, signal);
    await beginWork(psql, database);
    const proof = await prove(psql, loaded, options);
    await options.beforeCommit();
    await psql.run("COMMIT");
    await removeTree(folder);
    return proof;
  } catch (error) {
    await putBackAfter(error, database, folder, reporter);
    throw error;
  }
}

/** @returns the pooler's function as it was before. */
async function loadInStages(
  { source, plan, programs }: LoadPlan,
  file: string,
  database: Database,
  { reporter, signal }: StagedOptions,
): Promise<LookupFunction | null> {
  using step = reporter.step(`Loading the database of ${source.name} in stages`);
  await using session = await connect(database);
  await refuseForeignDependants((sql) => askJson(session, sql), database.owner);
  const before = await readLookup((sql) => askJson(session, sql));
  await dropInPieces(session, database.owner);
  await restoreParallel(file, plan.kept.map(({ line }) => line), database, programs, signal);
  step.end();
  return before;
}

async function fetchDump(
  dump: Readable,
  file: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<StoredObject> {
  using step = reporter.step(`Fetching ${dump.key}`, "bytes");
  const passing = hashed(dump.open(), (bytes) => step.progress(bytes, dump.bytes));
  await writeWhole(file, passing.stream, signal);
  const read = { key: dump.key, ...passing.digest() };
  refuseOtherBytes(dump, read);
  step.end();
  return read;
}

async function writeWhole(path: string, source: AsyncIterable<Bytes>, signal: AbortSignal): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  for await (const chunk of source) {
    signal.throwIfAborted();
    try {
      for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
    } catch (error) {
      throw new DrillError(
        "DISK_FULL",
        `Cannot keep the dump in ${path}: ${messageOf(error)}`,
        "A restore in stages keeps the dump, and what the target holds now, beside its documents. Nothing was changed.",
        { cause: error },
      );
    }
  }
}
