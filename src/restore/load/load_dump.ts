/** A dump's script, run in one transaction: first all but the bytes of large objects, then those. */

import type { Reporter } from "../../base/terminal/reporter.ts";
import { type Bytes, hashed } from "../../base/streams.ts";
import { type LoadOptions, scriptOf } from "../../postgres/programs/archive.ts";
import { countCopyRows } from "../../postgres/programs/copy_rows.ts";
import { LARGE_OBJECT_DATA, withoutTransaction } from "../../postgres/programs/large_objects.ts";
import type { Programs } from "../../postgres/programs/programs.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import { refuseOtherBytes } from "../../store/sets/recorded_bytes.ts";
import { checkingBytes, type Readable } from "../dump/bytes.ts";
import type { TocEntry } from "../dump/toc.ts";
import type { GuardedTransaction } from "./guarded_transaction.ts";

/** What of a dump is loaded: a restore's plan, or that of a database's own dump. */
interface LoadedEntries {
  included: readonly TocEntry[];
  /** Large objects that are left out though their bytes are in one entry with those of others. */
  leftOutObjects: ReadonlySet<string>;
}

interface LoadDumpOptions extends LoadOptions {
  /** Of the step: `Loading the database of prod/20260630T155313Z`. */
  title: string;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What was loaded. */
interface LoadedDump {
  /** The dump as it was read. */
  read: StoredObject;
  /** The rows of each table's block. */
  rows: ReadonlyMap<string, number>;
  /** How many large objects were written. */
  objects: number;
}

/**
 * Loads `included` of `dump` into the transaction. It is read twice where it has the bytes of large objects: their script
 * must be changed (`withoutTransaction`), and no other may be, for only of theirs no line can be taken for another.
 * @throws DrillError `OBJECT_CORRUPT`, `DUMP_UNREADABLE`, `TRANSACTION_BROKEN`, `RESTORE_FAILED`, ...: the caller rolls back.
 */
export async function loadDump(
  tx: GuardedTransaction,
  dump: Readable,
  { included, leftOutObjects }: LoadedEntries,
  programs: Programs,
  options: LoadDumpOptions,
): Promise<LoadedDump> {
  const isBytes = ({ kind }: TocEntry) => kind === LARGE_OBJECT_DATA;
  const others = included.filter((entry) => !isBytes(entry));
  const bytes = included.filter(isBytes);
  const { read, script } = await pass(tx, dump, others, countCopyRows, programs, options);
  if (bytes.length === 0) return { read, rows: script.rows(), objects: 0 };
  const second = await pass(
    tx,
    dump,
    bytes,
    (script) => withoutTransaction(script, leftOutObjects),
    programs,
    { ...options, title: "Loading its large objects" },
  );
  // a legacy set has no recorded hash; a dump that is made again each time has its own time in it
  if (dump.bytes !== undefined) refuseOtherBytes(read, second.read);
  return { read, rows: script.rows(), objects: second.script.objects() };
}

/** Reads the whole dump for the script of `entries`, which is loaded as `change` makes it. */
async function pass<Script extends { stream: AsyncIterable<Bytes> }>(
  tx: GuardedTransaction,
  dump: Readable,
  entries: readonly TocEntry[],
  change: (script: AsyncIterable<Bytes>) => Script,
  programs: Programs,
  { title, acl, reporter, signal }: LoadDumpOptions,
): Promise<{ read: StoredObject; script: Script }> {
  using step = reporter.step(title, "bytes");
  const passing = hashed(dump.open(), (bytes) => step.progress(bytes, dump.bytes));
  const lines = entries.map(({ line }) => line);
  const stream = { name: dump.key, bytes: passing.stream };
  const script = change(scriptOf(stream, lines, programs, signal, { acl }));
  await checkingBytes(dump, signal, () => tx.load(script.stream));
  const read = { key: dump.key, ...passing.digest() };
  refuseOtherBytes(dump, read);
  step.end();
  return { read, script };
}
