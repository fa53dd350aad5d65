/** Production as it is now, streamed into a sandbox: it is only read, and nothing is stored on the way. */

import { DrillError } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { type Bytes, resumable } from "../base/streams.ts";
import { formatCount } from "../base/numbers.ts";
import { refuseUnfinishedRestore } from "../documents/swap/refuse_unfinished.ts";
import { copyDocuments } from "../documents/copy/copy.ts";
import { mainDocuments } from "../documents/index.ts";
import { furtherFolders, furtherLeftOut } from "./further_folders.ts";
import { type DocumentFolders, walkFolders } from "../documents/folders.ts";
import { globToPattern } from "../documents/tree/globs.ts";
import { DEFAULT_EXCLUDES, type Kept, keptWithFolders } from "../documents/tree/walk.ts";
import { readNamedPathsAmong } from "../dolibarr/papers/named_papers.ts";
import { type BackedUpState, lossesSince, suspectReasons } from "../dolibarr/tables/suspect_state.ts";
import { type OpenEnvironment, readingLogin } from "../platform/environment.ts";
import { dumpDatabase } from "../postgres/programs/dump.ts";
import { findPrograms } from "../postgres/programs/programs.ts";
import { refuseWriter } from "../postgres/rights/reader.ts";
import { readDatabaseSettings } from "../postgres/catalogue/database_settings.ts";
import { openSnapshot, type Snapshot } from "../postgres/connection/snapshot.ts";
import { prepareFurther, preparePlace, type Unpacked, type UnpackSetOptions } from "./unpack_set.ts";
import type { Half, Incoming } from "./incoming.ts";
import type { IncomingDump } from "./load/plan.ts";

interface CurrentStateOptions {
  /** Only this half; without it both. */
  half?: Half;
  /** Only this folder of the documents; without it all of them. */
  below?: string;
  /** What the newest good set holds of it, against which it is judged; without it there is none. */
  before?: BackedUpState;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Disposing closes production's snapshot; nothing can be read any more then. */
interface CurrentState extends AsyncDisposable {
  incoming: Incoming;
}

/**
 * Opens `source` for reading: its database as of one instant, in a read-only transaction, and its documents as they are
 * when they are copied. A state that looks lost is refused: a sandbox that still holds what production lost is not emptied too.
 * @throws DrillError `SET_SUSPECT`, `NOT_READ_ONLY`, `READER_CAN_WRITE`, `DATABASE_LOGIN`, `DATABASE_UNREACHABLE`, `DATABASE_LOCKED`
 */
export async function openCurrentState(
  source: OpenEnvironment,
  { half, below, before, reporter, signal }: CurrentStateOptions,
): Promise<CurrentState> {
  for (const told of await refuseUnfinishedRestore(source, "copy")) reporter.warn(told);
  await using opened = new AsyncDisposableStack();
  const name = `${source.name} as it is now`;
  const login = readingLogin(source);
  // also where only its documents are copied: the gate must know its identity
  const snapshot = opened.use(
    await openSnapshot(login, source.reader && ((session) => refuseWriter(session, login))),
  );
  const dump = half === "docs" ? undefined : opened.use(await dumpNow(source, snapshot, signal));
  const database = dump &&
    {
      ...dump.database,
      name,
      tables: await count(snapshot, reporter),
      settings: await readDatabaseSettings(snapshot.session.ask),
    };
  refuseLostState(source, { tables: database?.tables, countFiles: half !== "db" }, before, reporter);
  const kept = half === "db" || source.excludes ? undefined : await readKept(snapshot);
  const snapshotAndDump = opened.move();
  return {
    incoming: {
      name,
      identity: snapshot.identity,
      ...(database ? { database } : {}),
      ...(half === "db" ? {} : {
        documents: {
          below,
          further: () => Promise.resolve(below === undefined ? Object.keys(source.moreFolders ?? {}) : []),
          unpack: (root, options) =>
            copyBeside({ ...source, ...(kept ? { kept } : {}) }, root, below, options),
        },
      }),
    },
    [Symbol.asyncDispose]: () => snapshotAndDump.disposeAsync(),
  };
}

/**
 * Judges what is going to be copied, as a backup of it would be judged.
 *
 * @param now its tables, where they are copied; `countFiles`: whether its documents are.
 */
function refuseLostState(
  source: OpenEnvironment,
  { tables, countFiles }: { tables: BackedUpState["tables"] | undefined; countFiles: boolean },
  before: BackedUpState | undefined,
  reporter: Reporter,
): void {
  const files = before && countFiles ? countDocuments(source, reporter) : before?.files ?? 0;
  const state = { tables: tables ?? before?.tables ?? [], files };
  const reasons = [
    ...(tables ? suspectReasons(state) : []),
    ...(before ? lossesSince(state, before) : []),
  ];
  if (reasons.length === 0) return;
  const { name } = source;
  throw new DrillError(
    "SET_SUSPECT",
    `Cannot copy ${name} as it is now: its state looks lost: ${reasons.join("; ")}`,
    `Nothing was changed. Check ${name}. To copy its newest good set instead: --set latest. If nothing is lost, accept it first: ${PROGRAM} backup --env ${name} --accept "REASON"`,
  );
}

function countDocuments(source: OpenEnvironment, reporter: Reporter): number {
  using step = reporter.step(`Counting the documents of ${source.name}`);
  const files = walkFolders(source, () => {}).filter(({ type }) => type === "file").length;
  step.end(formatCount(files, "file"));
  return files;
}

/** What is copied although a default exclude fits it, because a row names it; undefined where the database cannot say it. */
async function readKept(snapshot: Snapshot): Promise<Kept | undefined> {
  const patterns = DEFAULT_EXCLUDES.map(globToPattern);
  const answer = await snapshot.attempt((session) => readNamedPathsAmong(session, patterns));
  return "found" in answer ? keptWithFolders(answer.found) : undefined;
}

async function copyBeside(
  source: OpenEnvironment & Pick<DocumentFolders, "kept">,
  root: string,
  folder: string | undefined,
  { id, alone, state, further, reporter, signal }: UnpackSetOptions,
): Promise<Unpacked> {
  using step = reporter.step(`Copying the documents of ${source.name}`, "bytes");
  using opened = new DisposableStack();
  const main = await preparePlace({ root, state }, id, alone, opened);
  const names = folder === undefined ? Object.keys(source.moreFolders ?? {}) : [];
  const { warnings, index, leftOut, ...copied } = await copyDocuments(source, main.folder, {
    folder,
    owner: main.owner,
    further: await prepareFurther(names, { further, state }, id, alone, opened),
    signal,
    onProgress: step.progress,
  });
  for (const warning of warnings) reporter.warn(warning);
  step.end(`${formatCount(copied.proof.files, "file")} read back`);
  return {
    ...copied,
    index: mainDocuments(index),
    further: furtherFolders(index, names, further),
    leftOut: [...leftOut, ...folder === undefined ? furtherLeftOut(source.name, names, further) : []],
    read: [],
  };
}

async function count(snapshot: Snapshot, reporter: Reporter) {
  using step = reporter.step("Counting and hashing every table of production", "tables");
  const tables = await snapshot.content(step.progress);
  step.end(formatCount(tables.length, "table"));
  return tables;
}

/**
 * The dump of that instant, not compressed, because it goes through a pipe and is not stored. Its head is read for the table
 * of contents, and the rest of the same pg_dump is what is loaded.
 */
async function dumpNow(
  source: OpenEnvironment,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<AsyncDisposable & { database: Omit<IncomingDump, "name" | "tables"> }> {
  const { serverVersion } = snapshot.identity;
  const programs = await findPrograms(serverVersion);
  const login = readingLogin(source);
  const stream = resumable((): AsyncIterable<Bytes> =>
    dumpDatabase(login, snapshot, programs, signal, { compressed: false })
  );
  return {
    database: { serverVersion, dump: { key: `the dump of ${source.name}`, open: stream.open } },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}
