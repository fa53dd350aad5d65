/** Puts what a drill found where it stays: into the store, whose drills together are the history, and into a folder. */

import { messageOf } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import {
  putDrill,
  putDrillPage,
  readNewestDrills,
  type UnreadableDrill,
} from "../../store/records/drills.ts";
import type { Store } from "../../store/store.ts";
import { type History, HISTORY_DRILLS, historyOf } from "../../report/history.ts";
import { storedOf } from "../../report/json.ts";
import { renderReports, type ReportPaths, tracesOf, writeReports } from "../../report/write.ts";
import type { DrillResult } from "../../checks/result.ts";

export interface StoredDrillResult {
  paths: ReportPaths;
  history: History;
  /** Its record's key in the store; undefined where the store would not take it. */
  record: string | undefined;
}

/**
 * Records the drill under its source's name, and writes its reports, with the drills before it, into `folder` and the page
 * into the store. Where the store cannot be written or read, that is a warning, and the result stays as it is.
 *
 * @throws DrillError `REPORT_NOT_WRITABLE`, `DISK_FULL`: the store has it all the same.
 */
export async function storeDrillResult(
  store: Store,
  result: DrillResult,
  { folder, reporter }: { folder: string; reporter: Reporter },
): Promise<StoredDrillResult> {
  const environment = result.from;
  const recorded = await recordDrill(store, result, reporter);
  const history = await readHistory(store, result, reporter);
  const reports = await renderReports(result, history);
  if (recorded) {
    await warned(
      reporter,
      "The page of this drill could not be written into the store",
      () => putDrillPage(store, environment, recorded.name, reports.html),
    );
  }
  return { paths: await writeReports(reports, folder, tracesOf(result)), history, record: recorded?.key };
}

/** Writes the record of a drill; undefined, with a warning, where the store would not take it. */
async function recordDrill(
  store: Store,
  result: DrillResult,
  reporter: Reporter,
): Promise<{ key: string; name: string } | undefined> {
  const what = "What this drill found could not be written into the store";
  if (isStoreGone(result)) { // it was tried for long enough
    reporter.warn(`${what}: ${result.error?.message}`);
    return undefined;
  }
  return await warned(reporter, what, () => putDrill(store, result.from, storedOf(result)));
}

/** The drills of the same source, with this one as the newest. Where they cannot be read: this one alone. */
async function readHistory(store: Store, result: DrillResult, reporter: Reporter): Promise<History> {
  const own = storedOf(result);
  if (isStoreGone(result)) return historyOf([own]);
  const onUnreadable = ({ error }: UnreadableDrill) =>
    reporter.warn(`A drill is left out of the history: ${error.message}`);
  const before = await warned(
    reporter,
    "The drills before this one could not be read",
    () => readNewestDrills(store, result.from, HISTORY_DRILLS, onUnreadable),
  );
  return historyOf([own, ...(before ?? []).map(({ found }) => found)]);
}

const GONE = ["STORE_UNREACHABLE", "STORE_LOGIN", "STORE_FORBIDDEN"];

const isStoreGone = ({ error }: DrillResult): boolean => error !== undefined && GONE.includes(error.code);

async function warned<T>(reporter: Reporter, what: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    reporter.warn(`${what}: ${messageOf(error)}`);
    return undefined;
  }
}
