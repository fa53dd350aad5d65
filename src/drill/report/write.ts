/** Puts the reports of a drill into a folder: each is there whole, or not at all. */

import { DrillError, messageOf } from "../../base/errors.ts";
import type { DrillResult } from "../result.ts";
import { renderHtml } from "./html.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";

export interface ReportPaths {
  html: string;
  json: string;
  junit: string;
}

/**
 * Writes `report.html`, `report.json` and `junit.xml` into `folder`, which is made where it is missing.
 * All three are written beside under other names first, and renamed when all are whole, so that a reader
 * never finds half a report, and a report of an earlier drill stays where this one cannot be written.
 *
 * @returns the paths of the three files.
 * @throws DrillError `REPORT_NOT_WRITABLE`, `DISK_FULL`.
 */
export async function writeReports(result: DrillResult, folder: string): Promise<ReportPaths> {
  const paths = {
    html: `${folder}/report.html`,
    json: `${folder}/report.json`,
    junit: `${folder}/junit.xml`,
  };
  const files = [
    { path: paths.html, text: renderHtml(result) },
    { path: paths.json, text: renderJson(result) },
    { path: paths.junit, text: renderJunit(result) },
  ].map((file) => ({ ...file, beside: besideOf(file.path) }));
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const { beside, text } of files) await writeWhole(beside, text);
    for (const { beside, path } of files) await Deno.rename(beside, path);
  } catch (error) {
    await Promise.all(files.map(({ beside }) => removeIfThere(beside)));
    throw notWritable(folder, error);
  }
  return paths;
}

/** In the same folder, so that the rename stays on one disk; hidden, and another one for each run. */
const besideOf = (path: string): string =>
  path.replace(/[^/]+$/, (name) => `.${name}.${crypto.randomUUID()}.part`);

async function writeWhole(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o644 });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.sync();
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch {
    // it was never made, was renamed, or lies where nothing can be removed: the error that is thrown says so
  }
}

function notWritable(folder: string, error: unknown): DrillError {
  const full = error instanceof Error && /No space left|os error 28|quota/i.test(error.message);
  return full
    ? new DrillError(
      "DISK_FULL",
      `Cannot write the report into ${folder}: the disk is full`,
      "Make room there, or have the report written into another folder.",
      { cause: error },
    )
    : new DrillError(
      "REPORT_NOT_WRITABLE",
      `Cannot write the report into ${folder}: ${messageOf(error)}`,
      "Make the folder writable for this user, or have the report written into another one.",
      { cause: error },
    );
}
